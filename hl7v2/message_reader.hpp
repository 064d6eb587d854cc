// How a message is found in received bytes: the inside of message::parse(), not for users of the library.
#pragma once

#include "hl7v2/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2::detail {

struct segment_bounds {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::size_t name_size = 0;
    std::size_t occurrence = 0; // the how many-th segment of its name, from 1
};

struct message_state {
    message_state() = default;
    message_state(const message_state&) = delete; // `bytes` may look into `converted`
    message_state& operator=(const message_state&) = delete;

    // MSH-1 and MSH-2 are taken as they stand.
    [[nodiscard]] bool is_literal(std::string_view part) const {
        return part.data() == literal_begin || part.data() == literal_begin + 1;
    }

    std::string_view received;
    std::string converted; // UTF-8, when the character set is not delimiter-safe
    std::string_view bytes;
    std::size_t mark_size = 0;           // of the byte order mark left out of `converted`
    const char* literal_begin = nullptr; // of MSH-1
    delimiters marks;
    charset declared;
    escape_options escapes;
    std::vector<segment_bounds> segments;
};

// Fills `state`; false when nothing can be used, with a fatal finding.
bool read_message(std::string_view received, const parse_options& options, message_state& state,
                  std::vector<finding>& findings);

// Where the header segment begins: after a byte order mark and blank or control characters; none when there
// is no MSH.
std::optional<std::size_t> find_header(std::string_view bytes);

// The set that hides the header of bytes which do not begin with MSH, and how many bytes its mark has: by a byte order mark
// of UTF-16 or UTF-32, by the settings, or because MSH stands there in UTF-16 or UTF-32.
struct hiding_charset {
    charset set;
    std::size_t mark_size = 0;
    bool is_declared = true; // by a mark or the settings, not by the look of the bytes
};
std::optional<hiding_charset> find_hiding_charset(std::string_view received, const parse_options& options);

// Whether there are letters in the header segment that may hold half a delimiter, if its set has such.
bool may_hide_delimiters(std::string_view header_segment);

// MSH-18 as written (empty when there is none), and the set that it names. In a set that is not delimiter-safe a letter of
// MSH-3 to MSH-6 may hold half a delimiter, which moves all fields behind it: `where_ascii` is the header segment without its
// letters (charset::only_ascii), to find fields by. Empty: the bytes themselves will do.
struct declared_charset {
    std::string_view written;
    std::optional<charset> found;
    bool is_blank = true;
    bool is_unknown = false; // one of the names is known to nobody
    std::string where_ascii;
};
declared_charset find_declared_charset(std::string_view header_segment, const delimiters& marks);

// Fills state.segments by the rule for segment ends. False with a fatal finding when there are too many.
bool find_segments(const parse_options& options, std::size_t header_offset, message_state& state,
                   std::vector<finding>& findings);

} // namespace auditgate::hl7v2::detail
