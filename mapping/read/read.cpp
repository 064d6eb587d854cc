#include "mapping/read/read.hpp"

#include "mapping/read/reading.hpp"
#include "mapping/read/table_reading.hpp"

#include <algorithm>
#include <iterator>

namespace auditgate::mapping {

std::string_view read_result::unreadable_reason() const {
    for (const read_finding& each : findings) {
        if (each.level == finding_level::fatal) {
            return each.code;
        }
    }
    return {};
}

message_format format_of(std::string_view bytes) {
    bytes = without_byte_order_mark(bytes);
    const std::size_t first = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
    const std::string_view content = bytes.substr(first);
    if (content.starts_with('{')) {
        return message_format::fhir_json;
    }
    if (content.starts_with('<')) {
        return message_format::fhir_xml;
    }
    return is_table_message(bytes) ? message_format::table : message_format::hl7v2;
}

read_result read_message(const message_to_read& message, const source_profile& profile) {
    const std::optional<civil_time> zone = civil_time::in_zone(profile.time_zone);
    if (!zone) {
        read_result refused;
        refused.findings.push_back({"unknown-time-zone", finding_level::fatal, "",
                                    "the time zone of the source profile is not known here"});
        return refused;
    }
    read_result result;
    switch (message.format) {
    case message_format::hl7v2:
        result = read_hl7v2(message, profile, *zone);
        break;
    case message_format::table:
        result = read_table(message, profile, *zone);
        break;
    case message_format::fhir_json:
    case message_format::fhir_xml:
        result = read_fhir(message, profile, *zone);
    }
    if (!result.unreadable_reason().empty()) {
        result.events.clear();
    }
    return result;
}

void reading::add(event fact) {
    if (result_.events.size() < events_of_a_message_max) {
        result_.events.push_back(std::move(fact));
    } else if (!is_refused_) {
        add(read_finding{"too-many-events", finding_level::fatal, fact.path,
                         "one message may give " + std::to_string(events_of_a_message_max) + " facts"});
    }
}

void reading::add(part_report part) {
    part.notes.insert(part.notes.end(), std::make_move_iterator(notes_.begin()),
                      std::make_move_iterator(notes_.end()));
    notes_.clear();
    result_.parts.push_back(std::move(part));
}

void reading::add(read_finding finding) {
    is_refused_ = is_refused_ || finding.level == finding_level::fatal;
    result_.findings.push_back(std::move(finding));
}

std::string reading::numbered(const std::string& key) {
    const int use = ++uses_[key];
    return use == 1 ? key : key + "|" + std::to_string(use);
}

std::string escaped(std::string_view name) {
    std::string result;
    result.reserve(name.size());
    for (const char c : name) {
        if (c == '#') {
            result += "%23";
        } else if (c == '%') {
            result += "%25";
        } else {
            result += c;
        }
    }
    return result;
}

std::string_view without_byte_order_mark(std::string_view bytes) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    return bytes.substr(bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
}

std::string without_blanks(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](char c) { return c == ' ' || c == '\t'; });
    return result;
}

std::string upper_cased(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return result;
}

bool is_one_of(std::string_view word, const std::vector<std::string>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string nhs_key(std::string_view number) {
    const std::string digits = without_blanks(number);
    return digits.empty() ? "" : "nhs|" + digits;
}

std::string local_key(std::string_view organisation, std::string_view number) {
    const std::string digits = without_blanks(number);
    return digits.empty() || organisation.empty() ? "" : "local|" + std::string(organisation) + "|" + digits;
}

} // namespace auditgate::mapping
