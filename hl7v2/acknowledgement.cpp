#include "hl7v2/acknowledgement.hpp"

#include "hl7v2/message_type.hpp"

#include <algorithm>
#include <array>

namespace auditgate::hl7v2 {

namespace {

constexpr std::string_view version_without_header = "2.5";
constexpr std::size_t text_size_max = 80; // MSA-3

struct code_name {
    acknowledgement_code code;
    std::string_view name;
};
constexpr auto code_names = std::to_array<code_name>({
    {acknowledgement_code::AA, "AA"},
    {acknowledgement_code::AE, "AE"},
    {acknowledgement_code::AR, "AR"},
    {acknowledgement_code::CA, "CA"},
    {acknowledgement_code::CE, "CE"},
    {acknowledgement_code::CR, "CR"},
});

acknowledgement_code accept_code(acknowledgement_verdict verdict) {
    switch (verdict) {
    case acknowledgement_verdict::accepted:
        return acknowledgement_code::CA;
    case acknowledgement_verdict::error:
        return acknowledgement_code::CE;
    case acknowledgement_verdict::rejected:
        break;
    }
    return acknowledgement_code::CR;
}

acknowledgement_code application_code(acknowledgement_verdict verdict) {
    switch (verdict) {
    case acknowledgement_verdict::accepted:
        return acknowledgement_code::AA;
    case acknowledgement_verdict::error:
        return acknowledgement_code::AE;
    case acknowledgement_verdict::rejected:
        break;
    }
    return acknowledgement_code::AR;
}

// Table 0155.
bool is_wanted(std::string_view condition, acknowledgement_verdict verdict) {
    const bool success = verdict == acknowledgement_verdict::accepted;
    return condition == "AL" || (condition == "ER" && !success) || (condition == "SU" && success);
}

bool is_valued(std::string_view field) {
    return !field.empty() && field != "\"\"";
}

// Writes one answer segment by segment, in the delimiters of the message.
class acknowledgement_writer {
public:
    acknowledgement_writer(const message_header& to, const acknowledgement_content& content)
        : to_(to), content_(content), field_(to.marks.field), version_(to.component(to.version_id, 1)) {
        if (!to.is_found) {
            version_ = version_without_header;
        }
    }

    std::string run() {
        header();
        acknowledgment();
        if (!content_.errors.empty()) {
            errors();
        }
        return std::move(text_);
    }

private:
    // A version that nobody knows is answered in the newest form.
    bool is_from(int minor) const { return is_version_from(version_, minor) || !is_known_version(version_); }

    void header() {
        const std::string_view processing_id = to_.is_found ? std::string_view(to_.processing_id) : "P";
        text_ += "MSH";
        text_ += field_;
        text_ += to_.marks.encoding_characters();
        for (const std::string_view each :
             {std::string_view(to_.receiving_application), std::string_view(to_.receiving_facility),
              std::string_view(to_.sending_application), std::string_view(to_.sending_facility),
              content_.time, std::string_view()}) {
            add(each);
        }
        add(type());
        add(content_.control_id);
        add(processing_id);
        add(to_.is_found ? std::string_view(to_.version_id) : version_without_header);
        if (!to_.character_set.empty()) {
            text_.append(6, field_);
            text_ += to_.character_set;
        }
        text_ += '\r';
    }

    std::string type() const {
        const std::string_view trigger = to_.component(to_.message_type, 2);
        std::string type = "ACK";
        if (trigger.empty() || !is_from(3)) {
            return type;
        }
        (type += to_.marks.component) += trigger;
        if (is_from(4)) {
            (type += to_.marks.component) += "ACK";
        }
        return type;
    }

    void acknowledgment() {
        text_ += "MSA";
        add(to_string(content_.code));
        add(to_.message_control_id);
        const bool has_text_field = !is_version_from(version_, 7); // MSA-3 is withdrawn from 2.7 on
        if (has_text_field && !content_.errors.empty()) {
            add(encode(std::string_view(content_.errors.front().text).substr(0, text_size_max), to_.marks)
                    .bytes);
        }
        text_ += '\r';
    }

    void errors() {
        if (is_from(5)) {
            for (const acknowledgement_error& error : content_.errors) {
                error_segment(error);
            }
            return;
        }
        text_ += "ERR";
        char mark = field_;
        for (const acknowledgement_error& error : content_.errors) {
            text_ += mark;
            mark = to_.marks.repetition;
            old_error(error);
        }
        text_ += '\r';
    }

    // ERR-1 before 2.5: segment, sequence, field, code (identifier, text, name of the table).
    void old_error(const acknowledgement_error& error) {
        const char component = to_.marks.component;
        location(error.location, 3);
        const char part = to_.marks.subcomponent;
        text_ += component;
        text_ += std::to_string(static_cast<int>(error.condition));
        if (part != '\0') {
            (text_ += part) += to_string(error.condition);
            (text_ += part) += "HL70357";
        }
    }

    void error_segment(const acknowledgement_error& error) {
        const char component = to_.marks.component;
        text_ += "ERR";
        text_.append(2, field_);
        if (error.location) {
            location(error.location, 6);
        }
        add(std::to_string(static_cast<int>(error.condition)));
        (text_ += component) += to_string(error.condition);
        (text_ += component) += "HL70357";
        add("E");
        if (!error.text.empty()) {
            text_.append(3, field_);
            add(encode(error.text, to_.marks).bytes);
        }
        text_ += '\r';
    }

    // Segment, sequence, field, and up to `parts` repetition, component, subcomponent as far as they are given.
    void location(const std::optional<path>& where, std::size_t parts) {
        const char component = to_.marks.component;
        if (!where || where->steps.empty()) {
            text_.append(2, component);
            return;
        }
        const path::step& last = where->steps.back();
        text_ += last.segment;
        (text_ += component) += std::to_string(last.occurrence);
        (text_ += component) += std::to_string(where->field);
        if (parts > 3 && (where->repetition || where->component)) {
            (text_ += component) += std::to_string(where->repetition.value_or(1));
            if (where->component) {
                (text_ += component) += std::to_string(*where->component);
            }
            if (where->subcomponent) {
                (text_ += component) += std::to_string(*where->subcomponent);
            }
        }
    }

    void add(std::string_view raw) { (text_ += field_) += raw; }

    const message_header& to_;
    const acknowledgement_content& content_;
    char field_;
    std::string_view version_;
    std::string text_;
};

bool is_valued(const message_header& header, const std::string& field) {
    return is_valued(header.component(field, 1));
}

acknowledgement_error header_error(error_condition condition, std::size_t field, std::string text) {
    path place;
    place.steps.push_back({"MSH", 1});
    place.field = field;
    return {condition, std::move(place), std::move(text)};
}

std::optional<acknowledgement_error> type_check(const message_header& header) {
    const std::string_view type = header.component(header.message_type, 1);
    const std::string_view event = header.component(header.message_type, 2);
    if (is_valued(type) && !is_standard_message_type(type)) {
        return header_error(error_condition::unsupported_message_type, 9,
                            "The message type is not of the standard and not agreed on");
    }
    if (is_valued(event) && !is_trigger_event(event)) {
        return header_error(error_condition::unsupported_event_code, 9, "The trigger event is not known");
    }
    return std::nullopt;
}

received_error read_error(const segment_view& segment) {
    received_error error;
    const bool is_old = segment.field(3).state() != presence::present;
    if (is_old) {
        const component_view code = segment.field(1).component(4);
        error.condition = code.text();
        error.location = std::string(segment.field(1).raw());
        error.text = code.subcomponent(2).text();
        return error;
    }
    error.condition = segment.field(3).text();
    error.location = std::string(segment.field(2).raw());
    error.severity = segment.field(4).text();
    error.text =
        segment.field(8).has_value() ? segment.field(8).text() : segment.field(3).component(2).text();
    return error;
}

} // namespace

std::string_view to_string(acknowledgement_code code) {
    return std::find_if(code_names.begin(), code_names.end(),
                        [code](const code_name& each) { return each.code == code; })
        ->name;
}

std::optional<acknowledgement_code> acknowledgement_code_from(std::string_view text) {
    for (const code_name& each : code_names) {
        if (each.name == text) {
            return each.code;
        }
    }
    return std::nullopt;
}

bool is_positive(acknowledgement_code code) {
    return code == acknowledgement_code::AA || code == acknowledgement_code::CA;
}

acknowledgement_plan plan_acknowledgement(const message_header& to, acknowledgement_verdict verdict,
                                          acknowledgement_mode mode) {
    const std::string_view accept = to.component(to.accept_acknowledgment_type, 1);
    const std::string_view application = to.component(to.application_acknowledgment_type, 1);
    const bool asks_enhanced = is_valued(accept) || is_valued(application);
    acknowledgement_plan plan;
    if (mode == acknowledgement_mode::original ||
        (mode == acknowledgement_mode::by_message && !asks_enhanced)) {
        plan.application = application_code(verdict);
        return plan;
    }
    if (is_wanted(asks_enhanced ? accept : "AL", verdict)) {
        plan.accept = accept_code(verdict);
    }
    if (is_wanted(application, verdict)) {
        plan.application = application_code(verdict);
    }
    return plan;
}

std::string_view to_string(error_condition condition) {
    switch (condition) {
    case error_condition::message_accepted:
        return "Message accepted";
    case error_condition::segment_sequence_error:
        return "Segment sequence error";
    case error_condition::required_field_missing:
        return "Required field missing";
    case error_condition::data_type_error:
        return "Data type error";
    case error_condition::table_value_not_found:
        return "Table value not found";
    case error_condition::value_too_long:
        return "Value too long";
    case error_condition::unsupported_message_type:
        return "Unsupported message type";
    case error_condition::unsupported_event_code:
        return "Unsupported event code";
    case error_condition::unsupported_processing_id:
        return "Unsupported processing id";
    case error_condition::unsupported_version_id:
        return "Unsupported version id";
    case error_condition::unknown_key_identifier:
        return "Unknown key identifier";
    case error_condition::duplicate_key_identifier:
        return "Duplicate key identifier";
    case error_condition::application_record_locked:
        return "Application record locked";
    case error_condition::application_error:
        break;
    }
    return "Application error";
}

std::string build_acknowledgement(const message_header& to, const acknowledgement_content& content) {
    std::string text = acknowledgement_writer(to, content).run();
    if (to.hidden_in) {
        text = to.byte_order_mark + to.hidden_in->from_utf8(text).text;
    }
    return text;
}

std::optional<acknowledgement_error> header_check(const message_header& header, const header_rules& rules) {
    if (!header.is_found) {
        return acknowledgement_error{error_condition::segment_sequence_error, std::nullopt,
                                     "The bytes do not begin with an MSH segment"};
    }
    if (!header.has_usable_delimiters) {
        return header_error(error_condition::segment_sequence_error, 2,
                            "The encoding characters cannot be used");
    }
    if (rules.require_message_type && !is_valued(header, header.message_type)) {
        return header_error(error_condition::required_field_missing, 9, "The message type is missing");
    }
    if (rules.require_control_id && !is_valued(header, header.message_control_id)) {
        return header_error(error_condition::required_field_missing, 10, "The message control id is missing");
    }
    const std::string_view processing_id = header.component(header.processing_id, 1);
    if (!is_valued(processing_id)) {
        if (rules.require_processing_id) {
            return header_error(error_condition::required_field_missing, 11, "The processing id is missing");
        }
    } else if (processing_id.size() != 1 ||
               rules.processing_ids.find(processing_id) == std::string_view::npos) {
        return header_error(error_condition::unsupported_processing_id, 11,
                            "The processing id is not accepted here");
    }
    const std::string_view version = header.component(header.version_id, 1);
    if (!is_valued(version)) {
        if (rules.require_version) {
            return header_error(error_condition::required_field_missing, 12, "The version is missing");
        }
    } else if (!is_known_version(version)) {
        return header_error(error_condition::unsupported_version_id, 12, "The version is not known");
    }
    return rules.require_standard_type ? type_check(header) : std::nullopt;
}

std::optional<received_acknowledgement> read_acknowledgement(std::string_view received) {
    const parse_result parsed = message::parse(received);
    if (!parsed.value) {
        return std::nullopt;
    }
    const segment_view answer = parsed.value->segment("MSA");
    const std::optional<acknowledgement_code> code = acknowledgement_code_from(answer.field(1).text());
    if (!code) {
        return std::nullopt;
    }
    received_acknowledgement acknowledgement;
    acknowledgement.code = *code;
    acknowledgement.message_control_id = std::string(answer.field(2).raw());
    acknowledgement.text = answer.field(3).text();
    for (const segment_view& segment : parsed.value->segments("ERR")) {
        acknowledgement.errors.push_back(read_error(segment));
    }
    return acknowledgement;
}

} // namespace auditgate::hl7v2
