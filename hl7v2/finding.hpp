// What a reader has to say about a message: codes that never change, a place, and never a value of the
// message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditgate::hl7v2 {

// fatal: nothing of the message can be used; error: a part of it cannot be used; warning: it was read on an
// assumption.
enum class severity { fatal, error, warning };

[[nodiscard]] std::string_view to_string(severity level);

struct finding {
    std::string code; // stable, kebab-case: no-msh, bad-delimiters, line-feed-ends-segment ...
    severity level = severity::warning;
    std::string path;       // PID-3[2].5; empty when it speaks of the whole message
    std::size_t offset = 0; // of the first byte concerned, from the start of the message
    std::string text;       // for people: what is assumed or wrong, never the patient's value

    bool operator==(const finding&) const = default;
};

} // namespace auditgate::hl7v2
