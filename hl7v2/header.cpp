#include "hl7v2/header.hpp"

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

// The set that a header is hidden in, when the bytes do not show it.
std::optional<charset> hiding_charset(std::string_view received, const parse_options& options,
                                      std::string& mark) {
    const std::string_view head = received.substr(0, 2);
    if (head == "\xFE\xFF" || head == "\xFF\xFE") {
        mark = std::string(head);
        return charset::find(head == "\xFE\xFF" ? "UTF-16BE" : "UTF-16LE");
    }
    const std::optional<charset> set =
        charset::find(options.forced_charset.empty() ? options.default_charset : options.forced_charset);
    return set && !set->is_delimiter_safe() ? set : std::nullopt;
}

// Fills the fields from a header segment's text: number by number, no further than MSH-18.
void read_fields(std::string_view segment, message_header& header) {
    const auto wanted = std::to_array<std::string*>(
        {nullptr, &header.sending_application, &header.sending_facility, &header.receiving_application,
         &header.receiving_facility, nullptr, nullptr, &header.message_type, &header.message_control_id,
         &header.processing_id, &header.version_id, nullptr, nullptr, &header.accept_acknowledgment_type,
         &header.application_acknowledgment_type, nullptr, &header.character_set}); // from MSH-2 on
    const char separator = segment[header_name_size];
    std::string_view rest = segment.substr(header_name_size + 1);
    for (std::string* const field : wanted) {
        const std::size_t end = rest.find(separator);
        if (field != nullptr) {
            *field = std::string(rest.substr(0, end));
        }
        if (end == std::string_view::npos) {
            return;
        }
        rest.remove_prefix(end + 1);
    }
}

} // namespace

std::string_view message_header::component(std::string_view field, std::size_t number) const {
    field = field.substr(0, field.find(marks.repetition));
    for (; number > 1; --number) {
        const std::size_t end = field.find(marks.component);
        if (end == std::string_view::npos) {
            return {};
        }
        field.remove_prefix(end + 1);
    }
    return trimmed(field.substr(0, field.find(marks.component)));
}

message_header read_header(std::string_view received, const parse_options& options) {
    message_header header;
    std::string converted;
    std::optional<std::size_t> begin = detail::find_header(received);
    if (!begin) {
        header.hidden_in = hiding_charset(received, options, header.byte_order_mark);
        if (!header.hidden_in) {
            return header;
        }
        received.remove_prefix(header.byte_order_mark.size());
        converted = header.hidden_in->to_utf8(received.substr(0, hidden_bytes_max)).text;
        received = converted;
        begin = detail::find_header(received);
    }
    if (!begin) {
        return header;
    }
    const std::string_view rest = received.substr(*begin);
    const std::string_view segment = rest.substr(0, rest.find_first_of("\r\n"));
    const delimiters_result read = read_delimiters(segment);
    header.has_usable_delimiters = read.problem.empty();
    header.is_found = read.is_field_separator_usable;
    if (header.has_usable_delimiters) {
        header.marks = read.value;
    } else if (header.is_found &&
               header.marks.encoding_characters().find(segment[header_name_size]) == std::string::npos) {
        header.marks.field = segment[header_name_size];
    }
    if (header.is_found) {
        read_fields(segment, header);
    }
    return header;
}

bool is_known_version(std::string_view version) {
    return std::find(versions.begin(), versions.end(), version) != versions.end();
}

bool is_version_from(std::string_view version, int minor) {
    return is_known_version(version) && version[2] - '0' >= minor;
}

} // namespace auditgate::hl7v2
