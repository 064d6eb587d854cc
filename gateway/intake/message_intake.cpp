#include "gateway/intake/message_intake.hpp"

#include "gateway/intake/source_choice.hpp"
#include "hl7v2/check.hpp"
#include "hl7v2/mllp_framer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

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

// Whether a source's `match` names the type itself, not by a wildcard: sender and receiver have agreed on it.
bool is_agreed(const source_config* source, std::string_view type) {
    return source != nullptr && !type.empty() &&
           std::any_of(
               source->message_types.begin(), source->message_types.end(),
               [&](std::string_view pattern) { return pattern.substr(0, pattern.find('^')) == type; });
}

acknowledgement_error strict_error(const hl7v2::finding& found) {
    const bool has_place = !found.path.empty();
    return {has_place ? error_condition::data_type_error : error_condition::segment_sequence_error,
            hl7v2::parse_path(found.path).value, "not accepted here: " + found.code + ": " + found.text};
}

bool has_text_outside(const hl7v2::batch_result& split) {
    return std::any_of(split.findings.begin(), split.findings.end(),
                       [](const hl7v2::finding& one) { return one.code == "text-outside-message"; });
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

// None: an unknown sender.
const source_config* source_of(const message_header& header, const std::string& message_type,
                               const frame_origin& from, const intake_rules& by) {
    if (!from.source.empty()) {
        const auto named = std::find_if(by.sources.begin(), by.sources.end(),
                                        [&](const source_config& one) { return one.name == from.source; });
        return named == by.sources.end() ? nullptr : &*named;
    }
    return choose_source(by.sources, {from.listener, header.component(header.sending_application, 1),
                                      header.component(header.sending_facility, 1), message_type});
}

bool is_answer_asked(std::string_view content, const frame_origin& from, const intake_rules& by) {
    const message_header header = hl7v2::read_header(content);
    const source_config* source = source_of(header, message_type_of(header), from, by);
    const auto mode = source == nullptr ? hl7v2::acknowledgement_mode::by_message : source->acknowledgement;
    const auto asked = [&](acknowledgement_verdict verdict) {
        const hl7v2::acknowledgement_plan plan = plan_acknowledgement(header, verdict, mode);
        return plan.accept || plan.application;
    };
    return asked(acknowledgement_verdict::accepted) || asked(acknowledgement_verdict::rejected);
}

} // namespace

message_intake::message_intake(std::span<const source_config> sources, observe::clock_function now,
                               std::function<std::string()> new_control_id, source_readings readings,
                               observe::finding_counts* found)
    : now_(std::move(now)), new_control_id_(std::move(new_control_id)), found_(found) {
    use({sources, std::move(readings), nullptr});
}

void message_intake::use(intake_rules rules) {
    auto next = std::make_shared<const intake_rules>(std::move(rules));
    const std::scoped_lock lock(rules_mutex_);
    rules_ = std::move(next);
}

message_intake::rules_pointer message_intake::rules() const {
    const std::scoped_lock lock(rules_mutex_);
    return rules_;
}

store::incoming_message message_intake::take_frame(std::string content, const frame_origin& from) const {
    return take_frame(std::move(content), from, *rules());
}

store::incoming_message message_intake::take_frame(std::string content, const frame_origin& from,
                                                   const intake_rules& by) const {
    const message_header header = hl7v2::read_header(content);
    store::incoming_message message;
    message.transport = "mllp";
    message.peer = from.peer;
    message.format = "hl7v2";
    message.received_at = now_();
    message.message_type = message_type_of(header);
    const source_config* source = source_of(header, message.message_type, from, by);
    if (source != nullptr)
        message.source = source->name;

    std::vector<acknowledgement_error> errors;
    hl7v2::header_rules needed;
    needed.require_standard_type = !is_agreed(source, header.component(header.message_type, 1));
    if (std::optional<acknowledgement_error> refused = header_check(header, needed))
        errors.push_back(std::move(*refused));
    std::optional<hl7v2::finding> strict;
    if (errors.empty() && source != nullptr)
        strict = find_strict(content, *source, by);
    if (strict)
        errors.push_back(strict_error(*strict));
    if (!header.is_found || !header.has_usable_delimiters) {
        message.state = store::message_state::quarantined;
        message.reason = header.is_found ? "bad-delimiters" : "no-msh";
    } else if (!errors.empty()) {
        message.state = store::message_state::refused;
        message.reason = strict ? strict->code : refusal_reason(errors.front().condition);
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

std::optional<hl7v2::finding> message_intake::find_strict(std::string_view content,
                                                          const source_config& source,
                                                          const intake_rules& by) const {
    if (source.strict.empty())
        return std::nullopt;
    const auto reading = by.readings.find(source.name);
    const hl7v2::parse_result read = hl7v2::message::parse(
        content, reading == by.readings.end() ? hl7v2::parse_options() : reading->second);
    std::vector<hl7v2::finding> findings = read.findings;
    if (read.value)
        std::ranges::move(hl7v2::check_content(*read.value), std::back_inserter(findings));
    const auto refused = std::find_if(findings.begin(), findings.end(), [&](const hl7v2::finding& one) {
        return std::binary_search(source.strict.begin(), source.strict.end(), one.code);
    });
    if (refused == findings.end())
        return std::nullopt;
    // Nothing else will ever read this message.
    if (found_ != nullptr)
        for (const hl7v2::finding& one : findings)
            found_->add(source.name, one.code);
    return *refused;
}

store::incoming_message message_intake::take_too_large(std::string beginning,
                                                       const frame_origin& from) const {
    return refuse(
        std::move(beginning), from, "frame-too-large",
        {error_condition::value_too_long, std::nullopt, "the message is larger than this listener takes"});
}

store::incoming_message message_intake::refuse(std::string content, const frame_origin& from,
                                               std::string reason, const acknowledgement_error& error) const {
    const rules_pointer by = rules();
    store::incoming_message message = take_frame(std::move(content), from, *by);
    const message_header header = hl7v2::read_header(message.bytes);
    message.state = store::message_state::refused;
    message.reason = std::move(reason);
    message.control_id.clear();
    const source_config defaults;
    const source_config* source = source_of(header, message.message_type, from, *by);
    const source_config& rules = source == nullptr ? defaults : *source;
    message.answer = framed_answers(header, acknowledgement_verdict::rejected, rules.acknowledgement,
                                    {&error, 1}, hl7_time(message.received_at), new_control_id_)
                         .value_or("");
    return message;
}

batch_frame message_intake::take_batch(std::string content, const frame_origin& from) const {
    batch_frame batch;
    const std::string_view bytes = content;
    hl7v2::batch_result split = hl7v2::split_batch(bytes);
    if (split.messages.size() + split.headers.size() > batch_messages_max) {
        batch.answers = batch_answers({{std::nullopt, "", 1, ""}}, {});
        batch.messages.push_back(refuse(std::move(content), from, "batch-too-large",
                                        {error_condition::value_too_long, std::nullopt,
                                         "more than " + std::to_string(batch_messages_max) +
                                             " messages in one frame: send smaller batches"}));
        return batch;
    }
    batch.answers = answers_of(bytes, split, from);
    batch.messages.reserve(split.messages.size());
    for (const hl7v2::batch_message& one : split.messages)
        batch.messages.push_back(take_frame(std::string(bytes.substr(one.offset, one.size)), from));
    if (has_text_outside(split)) // a message whose MSH is damaged, perhaps: nobody may take it for safe
        batch.messages.push_back(refuse(std::string(bytes), from, "batch-text-outside",
                                        {error_condition::segment_sequence_error, std::nullopt,
                                         "lines stand outside of any message: they are not read"}));
    if (found_ != nullptr)
        for (const hl7v2::finding& one : split.findings)
            found_->add(batch.messages.empty() ? "" : batch.messages.front().source, one.code);
    batch.findings = std::move(split.findings);
    return batch;
}

batch_answers message_intake::answers_of(std::string_view content, const hl7v2::batch_result& split,
                                         const frame_origin& from) const {
    const rules_pointer by = rules();
    const bool is_asked =
        split.messages.empty() ||
        std::any_of(split.messages.begin(), split.messages.end(), [&](const hl7v2::batch_message& one) {
            return is_answer_asked(content.substr(one.offset, one.size), from, *by);
        });
    const std::string comment = split.findings.empty() ? "" : split.findings.front().text;
    std::vector<batch_answers::group> groups;
    std::size_t batches = 0; // begun so far
    const auto begin_batch = [&] {
        batch_answers::group next;
        if (is_asked) {
            next.header = hl7v2::read_batch_header(content.substr(split.headers.at(batches)));
            next.control_id = new_control_id_();
            next.comment = comment;
        }
        groups.push_back(std::move(next));
        ++batches;
    };
    std::size_t standing_in = 0; // batch of the last message
    for (const hl7v2::batch_message& one : split.messages) {
        while (batches < one.batch)
            begin_batch();
        if (one.batch == 0 && (groups.empty() || standing_in != 0))
            groups.emplace_back();
        standing_in = one.batch;
        ++groups.back().messages;
    }
    while (batches < split.headers.size())
        begin_batch();
    if (has_text_outside(split)) {
        if (groups.empty())
            groups.emplace_back();
        ++groups.back().messages;
    }
    batch_answers::envelope around;
    around.time = hl7_time(now_());
    if (split.has_file_header && is_asked) {
        around.file = hl7v2::read_batch_header(content.substr(split.file_header));
        around.control_id = new_control_id_();
    }
    return {std::move(groups), std::move(around)};
}

store::incoming_message message_intake::take_broken(std::string beginning, const frame_origin& from,
                                                    std::string_view reason) const {
    store::incoming_message message = take_frame(std::move(beginning), from);
    message.state = store::message_state::refused;
    message.reason = reason;
    message.control_id.clear();
    message.answer.clear();
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
