// Escape sequences in values (HL7 v2.8.2 section 2.7). Values are split first and decoded once, left to
// right; MSH-1 and MSH-2 are never decoded.
#pragma once

#include "hl7v2/charset.hpp"
#include "hl7v2/delimiters.hpp"
#include "hl7v2/finding.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2 {

// How a sender means \Xdd..\: the standard says bytes in the message's character set; some send UTF-8
// whatever the set is, some code points of four digits.
enum class hex_reading { charset_bytes, utf8_bytes, code_points };

struct escape_options {
    charset bytes_charset; // of the bytes outside of escape sequences
    charset hex_charset;   // of the bytes in \X..\ under charset_bytes
    hex_reading hex = hex_reading::charset_bytes;
};

struct decoded_text {
    std::string text;              // UTF-8
    std::vector<finding> findings; // offsets from the start of `raw`, no path
};

// Decodes a raw value:
//   \F\ \S\ \T\ \R\ \E\ \P\   the field, component, subcomponent, repetition, escape, truncation character
//   \Xdd..\                   bytes (`hex_reading`); ASCII ones that are no text in their set (\X0D\ in UTF-16) are ASCII
//   \.br\ \.ce\               a line break; \.spN\ N line breaks (1 without N)
//   \.skN\ \.inN\ \.tiN\      N blanks (1 without N; none for a negative indent)
//   \.fi\ \.nf\ \H\ \N\       nothing: they only say how to show the text
//   \Cxxyy\ \Mxxyy..\         kept as written (finding charset-switch-kept)
//   \Z..\ and unknown ones    kept as written (finding unknown-escape)
//   a lone escape character   kept as written (finding lone-escape)
// Wrong bytes become U+FFFD, each a finding wrong-bytes.
[[nodiscard]] decoded_text decode(std::string_view raw, const delimiters& marks,
                                  const escape_options& options = {});

struct encoded_text {
    std::string bytes;
    std::size_t wrong_count = 0; // characters that the set lacks, written as '?'
};

// The reverse: UTF-8 text to a raw value. Delimiters become their letters, and every control character (CR
// and LF, VT and FS among them) becomes \Xdd\, so that no text can end a segment or a frame. A character
// without escape sequence in `marks` is a plain one. decode(encode(t)) is t for every valid UTF-8 text that
// the set can write.
[[nodiscard]] encoded_text encode(std::string_view text, const delimiters& marks, const charset& target = {});

} // namespace auditgate::hl7v2
