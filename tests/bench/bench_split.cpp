// How much of what the machine can do is left for reading HL7 v2: every field's bounds of every segment, materialised and
// summed, against an AVX2 index of the very same bounds (field separators and segment ends) over the same bytes, which knows
// nothing of MSH, character sets, findings or names. And whether time is linear: a document of 64 MB against one of 1 MB.
//
//   bench_split                   prints the table
//   bench_split --write FOLDER    writes the messages as files, for parsers of others
//   bench_split --against FILE    also compares with what parse_medplum.js has printed (tests/bench/parsers runs both)
//
// Exit code 1 when the ratio of the long message is below 0.3 against the index, or that of a result below 40 against the
// other parser, or time is not linear. "All levels" goes down to the subcomponents, as parsers that build a tree do.
//
// Rounds of all take turns, so that what disturbs the machine disturbs all of them; what is shown is the best round of each.
// One of 64 MB comes from memory, one of 1 MB from a cache: the 1 MB ones are 64 different ones in turn.
#include "hl7v2/message.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::test {
namespace {

constexpr double ratio_least = 0.3;
constexpr double against_least = 40;
constexpr double linear_most = 2; // times the time a byte: the second and third look come from memory, too
constexpr int rounds = 40;
constexpr std::clock_t round_time = CLOCKS_PER_SEC / 100; // of the processor: a machine has other work, too

// So that no compiler leaves the work out.
volatile std::size_t sink = 0;

struct named_messages {
    std::string name;
    std::vector<std::string> messages;
    bool counts = true; // against the index, for the exit code

    [[nodiscard]] std::size_t bytes() const {
        std::size_t sum = 0;
        for (const std::string& one : messages)
            sum += one.size();
        return sum;
    }
};

// A laboratory result with this many observations of a usual length.
std::string result_message(std::size_t observations) {
    std::string text =
        "MSH|^~\\&|LAB|RXX|GATE|AUDIT|20240131120000||ORU^R01^ORU_R01|4711|P|2.5.1||||||UNICODE UTF-8\r"
        "PID|1||9999999999^^^NHS^NH~123456^^^RXX^MR||TESTPATIENT^Ann^B^^Mrs||19700101|F|||1 High "
        "Street^^Town^^AB1 2CD\r"
        "PV1|1|I|WARD^101^A^RXX||||C1234^Surgeon^Sam|||ORT||||||||V7654321\r"
        "OBR|1|P1^PAS|F1^LAB|24323-8^Comprehensive panel^LN|||20240131110000\r";
    for (std::size_t i = 1; i <= observations; ++i)
        text += "OBX|" + std::to_string(i) + "|NM|2951-2^Sodium [Moles/volume]^LN||" +
                std::to_string(130 + i % 20) +
                "|mmol/L^millimole per litre^UCUM|133-146|N|||F|||20240131113000\r";
    return text;
}

std::string document_message(std::size_t bytes) {
    return "MSH|^~\\&|LAB|RXX|GATE|AUDIT|20240131120000||MDM^T02^MDM_T02|4711|P|2.5.1\rOBX|1|ED|PDF||^"
           "application^pdf^Base64^" +
           std::string(bytes, 'A') + "\r";
}

std::size_t parse_only(const std::string& bytes) {
    return hl7v2::message::parse(bytes).value->segment_count();
}

std::size_t full_split(const std::string& bytes) {
    const hl7v2::parse_result read = hl7v2::message::parse(bytes);
    std::size_t sum = 0;
    for (const hl7v2::segment_view segment : *read.value)
        for (const hl7v2::field_view field : segment.fields())
            sum += static_cast<std::size_t>(field.raw().data() - bytes.data()) + field.raw().size();
    return sum;
}

// Down to the subcomponents: what parsers that build a tree do.
std::size_t all_levels(const std::string& bytes) {
    const hl7v2::parse_result read = hl7v2::message::parse(bytes);
    std::size_t sum = 0;
    for (const hl7v2::segment_view segment : *read.value)
        for (const hl7v2::field_view field : segment.fields())
            for (const hl7v2::repetition_view repetition : field.repetitions())
                for (const hl7v2::component_view component : repetition.components())
                    for (const hl7v2::subcomponent_view part : component.subcomponents())
                        sum += part.raw().size();
    return sum;
}

// The positions of all `|` and CR, written down one after the other.
[[gnu::target("avx2,bmi")]] std::size_t avx2_index(const std::string& bytes,
                                                   std::vector<std::uint32_t>& index) {
    index.resize(bytes.size() + 64);
    std::uint32_t* out = index.data();
    const __m256i field = _mm256_set1_epi8('|');
    const __m256i end = _mm256_set1_epi8('\r');
    const auto matches = [&](const char* at) __attribute__((target("avx2,bmi"))) {
        const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
        const __m256i found = _mm256_or_si256(_mm256_cmpeq_epi8(block, field), _mm256_cmpeq_epi8(block, end));
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(found)));
    };
    std::size_t i = 0;
    for (; i + 64 <= bytes.size(); i += 64) {
        std::uint64_t mask = matches(bytes.data() + i) | matches(bytes.data() + i + 32) << 32U;
        for (; mask != 0; mask &= mask - 1)
            *out++ = static_cast<std::uint32_t>(i + static_cast<std::size_t>(std::countr_zero(mask)));
    }
    for (; i < bytes.size(); ++i)
        if (bytes[i] == '|' || bytes[i] == '\r')
            *out++ = static_cast<std::uint32_t>(i);
    std::size_t sum = 0;
    for (const std::uint32_t* one = index.data(); one != out; ++one)
        sum += *one;
    return sum;
}

// Bytes for each second of the processor, of one round.
double rate(const named_messages& of, const std::function<std::size_t(const std::string&)>& read) {
    const std::clock_t begun = std::clock();
    std::size_t bytes = 0;
    std::clock_t took = 0;
    do {
        for (const std::string& one : of.messages)
            sink = sink + read(one);
        bytes += of.bytes();
        took = std::clock() - begun;
    } while (took < round_time);
    return static_cast<double>(bytes) * CLOCKS_PER_SEC / static_cast<double>(took);
}

using rates = std::map<std::string, double>; // bytes a second, by the messages' name

bool compare(const named_messages& of, const rates& others) {
    std::vector<std::uint32_t> index;
    double best_index = 0;
    double best_split = 0;
    double best_levels = 0;
    double best_parse = 0;
    for (int round = 0; round < rounds; ++round) {
        best_index =
            std::max(best_index, rate(of, [&](const std::string& one) { return avx2_index(one, index); }));
        best_split = std::max(best_split, rate(of, full_split));
        best_levels = std::max(best_levels, rate(of, all_levels));
        best_parse = std::max(best_parse, rate(of, parse_only));
    }
    std::printf("%-24s %9.0f MB/s index %9.0f MB/s segments %9.0f MB/s split %9.0f MB/s all levels   "
                "split/index %.2f\n",
                of.name.c_str(), best_index / 1e6, best_parse / 1e6, best_split / 1e6, best_levels / 1e6,
                best_split / best_index);
    const bool is_quick = !of.counts || best_split / best_index >= ratio_least;
    const auto other = others.find(of.name);
    if (other == others.end())
        return is_quick;
    const double times = best_split / other->second;
    std::printf("%-24s %9.1f MB/s @medplum/core: split %.0f times as quick, all levels %.0f times\n", "",
                other->second / 1e6, times, best_levels / other->second);
    return is_quick && (of.messages.size() > 1 || times >= against_least);
}

bool is_linear() {
    const named_messages small{"documents of 1 MB", std::vector(64, document_message(1 << 20)), false};
    const named_messages large{"document of 64 MB", {document_message(64 << 20)}, false};
    double best_small = 0;
    double best_large = 0;
    for (int round = 0; round < rounds / 4; ++round) {
        best_small = std::max(best_small, rate(small, full_split));
        best_large = std::max(best_large, rate(large, full_split));
    }
    const double times = best_small / best_large;
    std::printf(
        "OBX-5 of 64 MB: %.0f MB/s, of 1 MB: %.0f MB/s; 64 times the bytes take %.1f times the time\n",
        best_large / 1e6, best_small / 1e6, 64 * times);
    return times <= linear_most;
}

std::vector<named_messages> all_messages() {
    const std::chrono::sys_days day_zero{std::chrono::year{2026} / 3 / 2};
    return {{"sample journey", sample_journey(0, day_zero), false},
            {"result, 10 values", {result_message(10)}, false},
            {"result, 100 values", {result_message(100)}, false},
            {"result, 1000 values", {result_message(1000)}}};
}

int write_messages(const std::filesystem::path& folder) {
    for (const named_messages& set : all_messages()) {
        std::filesystem::create_directories(folder / set.name);
        for (std::size_t i = 0; i < set.messages.size(); ++i)
            write_file(folder / set.name / (std::to_string(i) + ".hl7"), set.messages[i]);
    }
    return 0;
}

rates read_rates(const std::filesystem::path& file) {
    rates read;
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);)
        if (const std::size_t tab = line.find('\t'); tab != std::string::npos)
            read[line.substr(0, tab)] = std::stod(line.substr(tab + 1));
    return read;
}

int run(const rates& others) {
    bool good = true;
    for (const named_messages& set : all_messages())
        good = compare(set, others) && good;
    good = is_linear() && good;
    return good ? 0 : 1;
}

} // namespace
} // namespace auditgate::test

int main(int count, char** arguments) {
    const std::vector<std::string_view> given(arguments + 1, arguments + count);
    if (given.size() == 2 && given[0] == "--write")
        return auditgate::test::write_messages(given[1]);
    if (!__builtin_cpu_supports("avx2")) {
        std::fputs("bench_split: this processor has no AVX2\n", stderr);
        return 1;
    }
    const bool has_others = given.size() == 2 && given[0] == "--against";
    return auditgate::test::run(has_others ? auditgate::test::read_rates(given[1])
                                           : auditgate::test::rates());
}
