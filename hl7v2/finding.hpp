// What a reader has to say about a message: codes that never change, a place, and never a value of the
// message.
#pragma once

#include <cstddef>
#include <span>
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

// Where a code comes from: message::parse() and check_content() of one message, or split_batch() of what is around messages.
enum class finding_scope { message, batch };

struct finding_kind {
    std::string_view code;
    severity level = severity::warning;
    finding_scope scope = finding_scope::message;
    std::string_view meaning; // what was assumed or is wrong
    std::string_view advice;  // what who runs the sender can do about it
};

// Every code that the library gives, by code. Codes are for settings, metrics and searches: none is ever renamed.
[[nodiscard]] std::span<const finding_kind> finding_kinds();

// None: no such code.
[[nodiscard]] const finding_kind* find_finding_kind(std::string_view code);

} // namespace auditgate::hl7v2
