#include "hl7v2/header.hpp"

#include "hl7v2/mark_scanner.hpp"
#include "hl7v2/message_reader.hpp"

#include <algorithm>
#include <array>

namespace auditgate::hl7v2 {

namespace {

constexpr std::size_t hidden_bytes_max = 64 * 1024; // of a converted header
constexpr std::size_t header_name_size = 3;
constexpr auto versions =
    std::to_array<std::string_view>({"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7",
                                     "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9"});

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Fills the fields from a header segment's text, cut where `delimited` has its separators: number by number, no further than
// MSH-18.
void read_fields(std::string_view segment, std::string_view delimited, message_header& header) {
    const auto wanted = std::to_array<std::string*>(
        {nullptr, &header.sending_application, &header.sending_facility, &header.receiving_application,
         &header.receiving_facility, nullptr, nullptr, &header.message_type, &header.message_control_id,
         &header.processing_id, &header.version_id, nullptr, nullptr, &header.accept_acknowledgment_type,
         &header.application_acknowledgment_type, nullptr, &header.character_set}); // from MSH-2 on
    const char separator = segment[header_name_size];
    std::size_t begin = header_name_size + 1;
    for (std::string* const field : wanted) {
        const std::size_t end = delimited.find(separator, begin);
        if (field != nullptr) {
            *field = std::string(segment.substr(begin, end - begin));
        }
        if (end == std::string_view::npos) {
            return;
        }
        begin = end + 1;
    }
}

} // namespace

std::string_view message_header::component(std::string_view field, std::size_t number) const {
    const std::string letters_apart = letters_in ? letters_in->only_ascii(field) : std::string();
    std::string_view delimited = letters_in ? std::string_view(letters_apart) : field;
    delimited = delimited.substr(0, delimited.find(marks.repetition));
    std::size_t begin = 0;
    for (; number > 1; --number) {
        const std::size_t end = delimited.find(marks.component, begin);
        if (end == std::string_view::npos) {
            return {};
        }
        begin = end + 1;
    }
    const std::size_t end = std::min(delimited.find(marks.component, begin), delimited.size());
    return trimmed(field.substr(begin, end - begin));
}

message_header read_header(std::string_view received, const parse_options& options) {
    message_header header;
    std::string converted;
    std::optional<std::size_t> begin = detail::find_header(received);
    if (!begin) {
        const std::optional<detail::hiding_charset> hiding = detail::find_hiding_charset(received, options);
        if (!hiding) {
            return header;
        }
        header.hidden_in = hiding->set;
        header.byte_order_mark = received.substr(0, hiding->mark_size);
        received.remove_prefix(hiding->mark_size);
        converted = header.hidden_in->to_utf8(received.substr(0, hidden_bytes_max)).text;
        received = converted;
        begin = detail::find_header(received);
    }
    if (!begin) {
        return header;
    }
    const std::string_view rest = received.substr(*begin);
    const std::string_view segment = rest.substr(0, detail::find_either(rest, '\r', '\n'));
    const delimiters_result read = read_delimiters(segment);
    header.has_usable_delimiters = read.problem.empty();
    header.is_found = read.is_field_separator_usable;
    if (header.has_usable_delimiters) {
        header.marks = read.value;
    } else if (header.is_found &&
               header.marks.encoding_characters().find(segment[header_name_size]) == std::string::npos) {
        header.marks.field = segment[header_name_size];
    }
    if (!header.is_found) {
        return header;
    }
    detail::declared_charset declared;
    if (!header.hidden_in && detail::may_hide_delimiters(segment)) {
        declared = detail::find_declared_charset(segment, header.marks);
    }
    if (!declared.where_ascii.empty()) {
        header.letters_in = declared.found;
    }
    read_fields(segment, declared.where_ascii.empty() ? segment : declared.where_ascii, header);
    return header;
}

bool is_known_version(std::string_view version) {
    return std::find(versions.begin(), versions.end(), version) != versions.end();
}

bool is_version_from(std::string_view version, int minor) {
    return is_known_version(version) && version[2] - '0' >= minor;
}

} // namespace auditgate::hl7v2
