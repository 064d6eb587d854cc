#include "gateway/intake/message_intake.hpp"

#include "gateway/intake/source_choice.hpp"
#include "hl7v2/acknowledgement.hpp"
#include "hl7v2/mllp_framer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace auditgate::gateway::intake {
namespace {

using hl7v2::acknowledgement_error;
using hl7v2::acknowledgement_verdict;
using hl7v2::error_condition;
using hl7v2::message_header;

// Codes of the reasons to refuse, as `auditgate status` and the journal show them.
std::string refusal_reason(error_condition condition) {
    switch (condition) {
    case error_condition::required_field_missing:
        return "required-field-missing";
    case error_condition::unsupported_version_id:
        return "unsupported-version";
    case error_condition::unsupported_processing_id:
        return "unsupported-processing-id";
    case error_condition::unsupported_message_type:
    case error_condition::unsupported_event_code:
        return "unsupported-message-type";
    default:
        return "header-error";
    }
}

bool is_code(std::string_view text) {
    constexpr std::size_t code_bytes_max = 8;
    const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= code_bytes_max && std::all_of(text.begin(), text.end(), allowed);
}

// ADT^A08; only what looks like codes, because the type is stored and shown in clear.
std::string message_type_of(const message_header& header) {
    const std::string_view type = header.component(header.message_type, 1);
    const std::string_view trigger = header.component(header.message_type, 2);
    if (!is_code(type))
        return {};
    return is_code(trigger) ? std::string(type) + "^" + std::string(trigger) : std::string(type);
}

// The answers in their frames; none when they cannot be framed.
std::optional<std::string> framed_answers(const message_header& header, acknowledgement_verdict verdict,
                                          hl7v2::acknowledgement_mode mode,
                                          std::span<const acknowledgement_error> errors,
                                          const std::string& time,
                                          const std::function<std::string()>& new_control_id) {
    const hl7v2::acknowledgement_plan plan = plan_acknowledgement(header, verdict, mode);
    std::string frames;
    for (const std::optional<hl7v2::acknowledgement_code>& code : {plan.accept, plan.application}) {
        if (!code)
            continue;
        const std::string control_id = new_control_id();
        const std::optional<std::string> frame =
            hl7v2::encode_frame(build_acknowledgement(header, {*code, errors, control_id, time}));
        if (!frame)
            return std::nullopt;
        frames += *frame;
    }
    return frames;
}

} // namespace

message_intake::message_intake(std::span<const source_config> sources, observe::clock_function now,
                               std::function<std::string()> new_control_id)
    : sources_(sources), now_(std::move(now)), new_control_id_(std::move(new_control_id)) {}

const source_config* message_intake::source_of(const message_header& header, const std::string& message_type,
                                               const std::string& listener) const {
    return choose_source(sources_, {listener, header.component(header.sending_application, 1),
                                    header.component(header.sending_facility, 1), message_type});
}

store::incoming_message message_intake::take_frame(std::string content, const frame_origin& from) const {
    const message_header header = hl7v2::read_header(content);
    store::incoming_message message;
    message.transport = "mllp";
    message.peer = from.peer;
    message.format = "hl7v2";
    message.received_at = now_();
    message.message_type = message_type_of(header);
    const source_config* source = source_of(header, message.message_type, from.listener);
    if (source != nullptr)
        message.source = source->name;

    std::vector<acknowledgement_error> errors;
    if (std::optional<acknowledgement_error> refused = header_check(header))
        errors.push_back(std::move(*refused));
    if (!header.is_found || !header.has_usable_delimiters) {
        message.state = store::message_state::quarantined;
        message.reason = header.is_found ? "bad-delimiters" : "no-msh";
    } else if (!errors.empty()) {
        message.state = store::message_state::refused;
        message.reason = refusal_reason(errors.front().condition);
    } else {
        message.state = source == nullptr ? store::message_state::held : store::message_state::waiting;
        message.reason = source == nullptr ? "unknown-source" : "";
        message.control_id = header.message_control_id;
    }
    const source_config defaults;
    const source_config& rules = source == nullptr ? defaults : *source;
    message.duplicate_horizon = rules.duplicate_horizon;
    const auto verdict =
        errors.empty() ? acknowledgement_verdict::accepted : acknowledgement_verdict::rejected;
    const std::string time = hl7_time(message.received_at);
    std::optional<std::string> answer =
        framed_answers(header, verdict, rules.acknowledgement, errors, time, new_control_id_);
    if (!answer) { // the header holds bytes that would end the frame of an answer
        message.state = store::message_state::quarantined;
        message.reason = "control-character-in-header";
        message.control_id.clear();
        const acknowledgement_error error{error_condition::data_type_error, std::nullopt,
                                          "MSH holds a control character"};
        answer = framed_answers({}, acknowledgement_verdict::rejected, hl7v2::acknowledgement_mode::original,
                                {&error, 1}, time, new_control_id_);
    }
    message.answer = answer.value_or("");
    message.bytes = std::move(content);
    return message;
}

store::incoming_message message_intake::take_too_large(std::string beginning,
                                                       const frame_origin& from) const {
    store::incoming_message message = take_frame(std::move(beginning), from);
    const message_header header = hl7v2::read_header(message.bytes);
    const acknowledgement_error error{error_condition::value_too_long, std::nullopt,
                                      "the message is larger than this listener takes"};
    message.state = store::message_state::refused;
    message.reason = "frame-too-large";
    message.control_id.clear();
    const source_config defaults;
    const source_config* source = source_of(header, message.message_type, from.listener);
    const source_config& rules = source == nullptr ? defaults : *source;
    message.answer = framed_answers(header, acknowledgement_verdict::rejected, rules.acknowledgement,
                                    {&error, 1}, hl7_time(message.received_at), new_control_id_)
                         .value_or("");
    return message;
}

std::string hl7_time(store::utc_time at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss<std::chrono::milliseconds> time(at - day);
    std::array<char, 40> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d%02u%02u%02d%02d%02d.%03d+0000", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return std::string(text.data(), static_cast<std::size_t>(length));
}

} // namespace auditgate::gateway::intake
