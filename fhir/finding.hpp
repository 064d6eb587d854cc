// What a reader has to say about a document: codes that never change, a place, and never a value of the
// document.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditgate::fhir {

// fatal: nothing of the document can be used; error: a part of it cannot be used; warning: it was read on an
// assumption.
enum class severity { fatal, error, warning };

[[nodiscard]] std::string_view to_string(severity level);

struct finding {
    std::string code; // stable, kebab-case: invalid-json, duplicate-key, not-a-number ...
    severity level = severity::warning;
    std::string path;       // Bundle.entry[3].resource.status; empty when it speaks of the whole document
    std::size_t offset = 0; // of the first byte concerned, from the start of the document
    std::string text;       // for people: what is assumed or wrong, never the patient's value

    bool operator==(const finding&) const = default;
};

} // namespace auditgate::fhir
