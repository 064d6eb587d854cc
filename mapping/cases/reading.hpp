// Which facts the definition reads at all: they count as contact with the patient and name the feeds of a record.
#pragma once

#include "mapping/cases/context.hpp"

#include <set>
#include <string>

namespace auditgate::mapping {

// Whether a definition has a use for the fact: an observation, condition, procedure or drug of its codes, a visit, an
// adverse event.
[[nodiscard]] bool is_read(const compiled_definition& definition, const fact& one);
[[nodiscard]] inline bool is_read(const case_context& context, const fact& one) {
    return is_read(context.definition, one);
}

// The feeds of all messages that gave the record a value, used or not (dataset.md section 3, source_feeds).
[[nodiscard]] std::set<std::string> feeds_of(const case_context& context);

} // namespace auditgate::mapping
