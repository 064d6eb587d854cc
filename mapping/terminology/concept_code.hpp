// A code with the system that gives it its meaning.
#pragma once

#include <compare>
#include <string>

namespace auditgate::mapping {

// Matching is always on system and code, never on display text.
struct concept_code {
    std::string system; // canonical URI after terminology::normalise(), else as sent; may be empty
    std::string code;

    auto operator<=>(const concept_code&) const = default;
};

} // namespace auditgate::mapping
