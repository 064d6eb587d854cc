// What is remembered of a case at a destination between two computations.
#pragma once

#include "mapping/cases/cases.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auditgate::gateway::pipeline {

struct case_note {
    std::string destination;
    std::string dataset;
    mapping::case_state state{};
    std::string reason; // of held and excluded
    std::string wanted; // wanted_digest() of what was last asked of the outbox; "": nothing should be there

    bool operator==(const case_note&) const = default;
};

[[nodiscard]] std::string wanted_digest(const std::string& content, const std::string& gate_facts);

[[nodiscard]] std::string to_bytes(const case_note& note);
// None when the bytes are not what to_bytes() gave.
[[nodiscard]] std::optional<case_note> case_note_from_bytes(std::string_view bytes);

} // namespace auditgate::gateway::pipeline
