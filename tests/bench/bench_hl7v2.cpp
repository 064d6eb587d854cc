// What it costs to read HL7 v2: the index of segments, every field's bounds, every value's text, and framing, against memchr
// over the same bytes. Only ratios of lines of one run mean something.
#include "hl7v2/acknowledgement.hpp"
#include "hl7v2/message.hpp"
#include "hl7v2/mllp_framer.hpp"

#include <benchmark/benchmark.h>

#include <cstring>
#include <string>

namespace {

using namespace auditgate;

// A laboratory result with this many observations of a usual length.
std::string result_message(std::size_t observations) {
    std::string text =
        "MSH|^~\\&|LAB|RXX|GATE|AUDIT|20240131120000||ORU^R01^ORU_R01|4711|P|2.5.1||||||UNICODE UTF-8\r"
        "PID|1||9999999999^^^NHS^NH~123456^^^RXX^MR||TESTPATIENT^Ann^B^^Mrs||19700101|F|||1 High "
        "Street^^Town^^AB1 2CD\r"
        "PV1|1|I|WARD^101^A^RXX||||C1234^Surgeon^Sam|||ORT||||||||V7654321\r"
        "OBR|1|P1^PAS|F1^LAB|24323-8^Comprehensive panel^LN|||20240131110000\r";
    for (std::size_t i = 1; i <= observations; ++i) {
        text += "OBX|" + std::to_string(i) + "|NM|2951-2^Sodium [Moles/volume]^LN||" +
                std::to_string(130 + i % 20) +
                "|mmol/L^millimole per litre^UCUM|133-146|N|||F|||20240131113000\r";
    }
    return text;
}

// One observation with a document of this many bytes in it.
std::string document_message(std::size_t bytes) {
    return "MSH|^~\\&|LAB|RXX|GATE|AUDIT|20240131120000||MDM^T02^MDM_T02|4711|P|2.5.1\rOBX|1|ED|PDF||^"
           "application^pdf^Base64^" +
           std::string(bytes, 'A') + "\r";
}

// The least that any reader must do: look at each field separator once.
void memchr_index(benchmark::State& state) {
    const std::string bytes = result_message(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::size_t sum = 0;
        const char* position = bytes.data();
        const char* const end = position + bytes.size();
        while (const void* found = std::memchr(position, '|', static_cast<std::size_t>(end - position))) {
            sum += static_cast<std::size_t>(static_cast<const char*>(found) - position);
            position = static_cast<const char*>(found) + 1;
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(memchr_index)->Arg(10)->Arg(1000);

void segment_index(benchmark::State& state) {
    const std::string bytes = result_message(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        const hl7v2::parse_result read = hl7v2::message::parse(bytes);
        benchmark::DoNotOptimize(read.value->segment_count());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(segment_index)->Arg(10)->Arg(1000);

void full_split(benchmark::State& state) {
    const std::string bytes = result_message(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        const hl7v2::parse_result read = hl7v2::message::parse(bytes);
        std::size_t sum = 0;
        for (const hl7v2::segment_view segment : *read.value) {
            for (const hl7v2::field_view field : segment.fields()) {
                sum += field.raw().size();
            }
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(full_split)->Arg(10)->Arg(1000);

void every_text(benchmark::State& state) {
    const std::string bytes = result_message(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        const hl7v2::parse_result read = hl7v2::message::parse(bytes);
        std::size_t sum = 0;
        for (const hl7v2::segment_view segment : *read.value) {
            for (const hl7v2::field_view field : segment.fields()) {
                sum += field.text().size();
            }
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(every_text)->Arg(10)->Arg(1000);

// Linear time: the bytes a second of 1 and of 64 MB should be the same.
void large_document(benchmark::State& state) {
    const std::string bytes = document_message(static_cast<std::size_t>(state.range(0)) << 20U);
    for (auto _ : state) {
        const hl7v2::parse_result read = hl7v2::message::parse(bytes);
        benchmark::DoNotOptimize(read.value->segment("OBX").field(5).component(5).raw().size());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(large_document)->Arg(1)->Arg(64);

void framed_and_answered(benchmark::State& state) {
    const std::string frame = hl7v2::encode_frame(result_message(10)).value();
    hl7v2::mllp_framer framer;
    for (auto _ : state) {
        framer.feed(frame);
        const hl7v2::message_header header = hl7v2::read_header(framer.next()->bytes);
        hl7v2::acknowledgement_content content;
        content.control_id = "1";
        content.time = "20240131120000";
        benchmark::DoNotOptimize(hl7v2::build_acknowledgement(header, content));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(framed_and_answered);

} // namespace
