#include "gateway/cli/send_messages.hpp"

#include "hl7v2/batch.hpp"
#include "hl7v2/header.hpp"

#include <algorithm>
#include <array>

namespace auditgate::gateway::cli {
namespace {

using hl7v2::error_condition;

struct advice {
    error_condition condition;
    std::string_view text; // what to do
};

// HL7 v2.5.1 section 2.15.5, table 0357.
constexpr auto advices = std::to_array<advice>({
    {error_condition::segment_sequence_error, "a segment is missing, or not where the receiver expects it"},
    {error_condition::required_field_missing,
     "a field that must be there is empty: let the sender fill it in"},
    {error_condition::data_type_error,
     "a field does not hold what its type allows, such as a date or a number"},
    {error_condition::table_value_not_found, "the receiver does not know a code: let it be mapped or added"},
    {error_condition::value_too_long, "split the message, or raise the receiver's limit"},
    {error_condition::unsupported_message_type, "the receiver takes no messages of this type (MSH-9.1)"},
    {error_condition::unsupported_event_code, "the receiver takes no messages of this event (MSH-9.2)"},
    {error_condition::unsupported_processing_id, "MSH-11 must be P, T or D, as the receiver is set up"},
    {error_condition::unsupported_version_id, "the receiver does not take the version in MSH-12"},
    {error_condition::unknown_key_identifier, "it speaks of something that the receiver does not have"},
    {error_condition::duplicate_key_identifier, "the receiver has what it adds already"},
    {error_condition::application_record_locked, "send it again later"},
    {error_condition::application_error, "the receiver failed: its log tells why; send it again then"},
});

std::string meaning_of_code(std::string_view answer) {
    if (answer == "AR" || answer == "CR")
        return "refused: it will never be accepted as it is";
    if (answer == "AE" || answer == "CE")
        return "not taken: send it again when the cause is mended";
    return "";
}

// MSH^1^10, of ERR-2 or of ERR-1, whose fourth component is the code; "" when it is none.
std::string place_of(std::string_view location) {
    constexpr std::size_t segment_name_size = 3;
    std::size_t end = 0;
    while (end < location.size() && end < segment_name_size &&
           ((location[end] >= 'A' && location[end] <= 'Z') || (location[end] >= '0' && location[end] <= '9')))
        ++end;
    if (end < segment_name_size)
        return {};
    while (end < location.size() && location[end] == '^') {
        const std::size_t digits = location.find_first_not_of("0123456789", end + 1);
        const std::size_t next = std::min(digits, location.size());
        if (next == end + 1 || (next < location.size() && location[next] != '^'))
            break;
        end = next;
    }
    return std::string(location.substr(0, end));
}

std::string meaning_of_error(const hl7v2::received_error& error) {
    const auto known = std::find_if(advices.begin(), advices.end(), [&](const advice& one) {
        return error.condition == std::to_string(static_cast<int>(one.condition));
    });
    const std::string place = place_of(error.location);
    const std::string at = place.empty() ? "" : " at " + place;
    if (known == advices.end())
        return "error" + at + " with a code that is not of table 0357: ask the receiver";
    return "error " + error.condition + " (" + std::string(to_string(known->condition)) + ")" + at + ": " +
           std::string(known->text);
}

} // namespace

std::string meaning_of(std::string_view answer, std::span<const hl7v2::received_error> errors) {
    std::string text = meaning_of_code(answer);
    for (const hl7v2::received_error& one : errors)
        text += (text.empty() ? "" : "; ") + meaning_of_error(one);
    return text;
}

void add_messages(std::vector<outgoing_message>& to, const std::filesystem::path& file,
                  std::string_view content) {
    if (!hl7v2::is_batch(content)) {
        to.push_back({file, 1, std::string(content)});
        return;
    }
    std::size_t number = 0;
    for (const hl7v2::batch_message& one : hl7v2::split_batch(content).messages)
        to.push_back({file, ++number, std::string(content.substr(one.offset, one.size))});
}

bool wants_answer(std::string_view message) {
    const hl7v2::message_header header = hl7v2::read_header(message);
    const auto plan = plan_acknowledgement(header, hl7v2::acknowledgement_verdict::accepted);
    return plan.accept || plan.application;
}

answer_search::answer_search(std::string_view message)
    : control_id_(hl7v2::read_header(message).message_control_id) {}

std::optional<hl7v2::received_acknowledgement> answer_search::feed(std::string_view bytes) {
    framer_.feed(bytes);
    while (const std::optional<hl7v2::mllp_event> event = framer_.next()) {
        if (event->kind != hl7v2::mllp_event_kind::frame)
            continue;
        std::optional<hl7v2::received_acknowledgement> answer = hl7v2::read_acknowledgement(event->bytes);
        if (answer && answer->message_control_id == control_id_)
            return answer;
    }
    return std::nullopt;
}

} // namespace auditgate::gateway::cli
