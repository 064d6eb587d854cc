// A code in the one form in which codes are compared and go out; as they were sent they are a `coding`
// (event.hpp).
#pragma once

#include <compare>
#include <string>

namespace auditgate::mapping {

// Made by terminology::normalise(). Matching is always on system and code, never on display text.
struct concept_code {
    std::string system; // canonical URI; as sent when no terminology file knows it; may be empty
    std::string code;   // in written_form() of the system

    auto operator<=>(const concept_code&) const = default;
};

} // namespace auditgate::mapping
