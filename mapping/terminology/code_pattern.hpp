// How a row of a terminology file says which codes it speaks of.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// One code (`Y13.4`), all codes that begin alike (`V43.*`, `0P533*`; `V43.*` holds V43 itself too), or every
// code (`*`). Dots do not count where the code system says so: such codes are compared without them.
struct code_pattern {
    std::string system; // canonical; empty = any system
    std::string text;   // the code or its beginning, in the form that codes of the system are compared in
    bool prefix = false;

    [[nodiscard]] bool matches(std::string_view code_system, std::string_view comparable_code) const;

    // Greater is more specific: an exact code before a longer beginning before a shorter one; a named system
    // before any.
    [[nodiscard]] std::size_t specificity() const;

    bool operator==(const code_pattern&) const = default;
};

// Reads `CODE`, `BEGINNING*` or a range of three-character categories `C15-C26` (one pattern each). nullopt:
// none of these. `ignore_dots`: as the code system says.
[[nodiscard]] std::optional<std::vector<code_pattern>>
parse_code_patterns(std::string_view system, std::string_view text, bool ignore_dots);

} // namespace auditgate::mapping
