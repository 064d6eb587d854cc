// The characters that structure one message, as its MSH-1 and MSH-2 declare them (HL7 v2.8.2 section 2.5.4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditgate::hl7v2 {

struct delimiters {
    char field = '|';
    char component = '^';
    char repetition = '~';
    char escape = '\\';
    char subcomponent = '&'; // NUL when MSH-2 has three characters: the message then has no subcomponents
    char truncation = '\0';  // NUL when MSH-2 has fewer than five characters; '#' by custom (from v2.7)

    bool operator==(const delimiters&) const = default;

    // MSH-2 as it is written: three to five characters.
    [[nodiscard]] std::string encoding_characters() const;
};

// What reading MSH-1 and MSH-2 gave. `problem` is empty when `value` can be used, else says for people what
// is wrong.
struct delimiters_result {
    delimiters value;
    std::string_view problem;
    bool is_field_separator_usable = false;   // it may be when the encoding characters are not
    std::size_t encoding_characters_size = 0; // bytes of MSH-2
};

// Reads the delimiters from bytes that begin with a header segment's name (MSH, FHS or BHS). Refused are
// letters, digits, blanks, control characters, bytes over 127, a character in two roles, and fewer than three
// or more than five encoding characters.
[[nodiscard]] delimiters_result read_delimiters(std::string_view header_segment);

} // namespace auditgate::hl7v2
