#include "hl7v2/acknowledgement.hpp"
#include "hl7v2/batch.hpp"
#include "hl7v2/mllp_framer.hpp"
#include "tests/fuzz/targets/targets.hpp"

#include <algorithm>
#include <vector>

namespace auditgate::fuzz {

namespace {

constexpr hl7v2::mllp_limits limits{.frame_bytes_max = 40,
                                    .kept_bytes_max = 8,
                                    .junk_bytes_max = 1'000'000,
                                    .discarded_bytes_max = 1'000'000};

std::vector<hl7v2::mllp_event> fed(std::string_view bytes, std::size_t part_size) {
    hl7v2::mllp_framer framer(limits);
    std::vector<hl7v2::mllp_event> events;
    while (!bytes.empty()) {
        framer.feed(bytes.substr(0, part_size));
        bytes.remove_prefix(std::min(part_size, bytes.size()));
        while (std::optional<hl7v2::mllp_event> event = framer.next()) {
            events.push_back(std::move(*event));
        }
    }
    framer.close();
    while (std::optional<hl7v2::mllp_event> event = framer.next()) {
        events.push_back(std::move(*event));
    }
    return events;
}

} // namespace

void run_framer(std::string_view bytes) {
    const std::size_t part_size = bytes.empty() ? 1 : 1 + static_cast<unsigned char>(bytes.front()) % 16;
    const auto whole = fed(bytes, bytes.size() + 1);
    const auto parts = fed(bytes, part_size);
    require(whole.size() == parts.size());
    std::size_t counted = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        require(whole[i].kind == parts[i].kind && whole[i].bytes == parts[i].bytes &&
                whole[i].size == parts[i].size);
        const bool is_frame = whole[i].kind == hl7v2::mllp_event_kind::frame;
        require(whole[i].bytes.size() ==
                (is_frame ? whole[i].size : std::min(whole[i].size, limits.kept_bytes_max)));
        require(!is_frame || whole[i].size <= limits.frame_bytes_max);
        counted += whole[i].size;
    }
    require(counted <= bytes.size());
}

void run_batch(std::string_view bytes) {
    const hl7v2::batch_result split = hl7v2::split_batch(bytes);
    std::size_t end = 0;
    for (const hl7v2::batch_message& each : split.messages) {
        require(each.offset >= end && each.size >= 4 && each.offset + each.size <= bytes.size());
        require(bytes.substr(each.offset, 3) == "MSH");
        require(each.batch <= split.batches);
        end = each.offset + each.size;
    }
    for (const hl7v2::finding& each : split.findings) {
        require(each.offset <= bytes.size());
        const hl7v2::finding_kind* const kind = hl7v2::find_finding_kind(each.code);
        require(kind != nullptr && kind->scope == hl7v2::finding_scope::batch && kind->level == each.level);
    }
    require(split.headers.size() == split.batches);
    require(hl7v2::is_batch(bytes) ==
            (split.messages.size() > 1 || split.batches > 0 || split.has_file_header));
    if (!split.headers.empty()) {
        const hl7v2::batch_header header = hl7v2::read_batch_header(bytes.substr(split.headers.front()));
        const std::string own = "MSH|^~\\&|||||||ACK|1|P|2.5\rMSA|AA|1\r";
        const std::string answer =
            build_batch_acknowledgement(header, {{&own, 1}, "1", "20240101", "text\rFTS|"});
        const hl7v2::batch_result again = hl7v2::split_batch(answer);
        // Fields of the header may hold frame bytes, and are written as they came.
        require(again.batches == 1 && again.messages.size() == 1 && again.findings.empty());
    }
}

void run_acknowledgement(std::string_view bytes) {
    static_cast<void>(hl7v2::read_acknowledgement(bytes));
    const hl7v2::message_header header = hl7v2::read_header(bytes);
    std::vector<hl7v2::acknowledgement_error> errors;
    if (std::optional<hl7v2::acknowledgement_error> error = hl7v2::header_check(header)) {
        errors.push_back(std::move(*error));
    }
    const auto verdict =
        errors.empty() ? hl7v2::acknowledgement_verdict::accepted : hl7v2::acknowledgement_verdict::rejected;
    const hl7v2::acknowledgement_plan plan = hl7v2::plan_acknowledgement(header, verdict);
    const auto code = plan.application.value_or(hl7v2::acknowledgement_code::CA);
    const std::string answer = hl7v2::build_acknowledgement(header, {code, errors, "1", "20240101"});
    const auto read = hl7v2::read_acknowledgement(answer);
    // An answer in another character set than it says of itself is for its sender alone to read.
    const bool is_plain = !header.hidden_in && header.character_set.empty();
    require(!is_plain || (read && read->code == code));
    require(!is_plain || !header.has_usable_delimiters ||
            read->message_control_id == header.message_control_id);
}

} // namespace auditgate::fuzz
