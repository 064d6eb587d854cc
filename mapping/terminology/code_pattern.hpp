// How a row of a terminology file says which codes it speaks of.
#pragma once

#include "mapping/terminology/concept_code.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// The one form in which codes are compared and go out: without blanks around it and, where the system writes
// a dot after `dot_after` characters (3 for ICD-10 and OPCS-4), in capitals, with that dot, without a dagger
// or asterisk behind it and without the X that fills an empty fourth place (`c795` -> `C79.5`, `C61X` ->
// `C61`). 0: the code as it is.
[[nodiscard]] std::string written_form(std::string_view code, std::size_t dot_after);

// One code (`Y13.4`), all codes that begin alike (`V43.*`, `0P533*`; `V43.*` holds V43 itself too), or every
// code (`*`).
struct code_pattern {
    std::string system; // canonical; empty = any system
    std::string text;   // the code or its beginning, in written form
    bool prefix = false;
    bool of_range = false; // one category of a range

    [[nodiscard]] bool matches(const concept_code& code) const;

    // Greater is more specific: an exact code before a longer beginning before a shorter one,
    // a beginning that is written out before one of a range.
    [[nodiscard]] std::size_t specificity() const;

    bool operator==(const code_pattern&) const = default;
};

// Reads `CODE`, `BEGINNING*` or a range of three-character categories `C15-C26` (a pattern for each of them,
// where the system has a dot). nullopt: none of these.
[[nodiscard]] std::optional<std::vector<code_pattern>>
parse_code_patterns(std::string_view system, std::string_view text, std::size_t dot_after);

} // namespace auditgate::mapping
