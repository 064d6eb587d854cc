// What a dataset definition can say, and what a case has shown of it.
#pragma once

#include "gateway/acceptance/coverage.hpp"
#include "mapping/cases/cases.hpp"
#include "mapping/definition/definition.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {

// A part of a definition with what shows that a case exercises it: a fact of its records (see facts_of), or codes of its
// messages: of each set one.
struct definition_part {
    part_kind kind{};
    std::string of, name;
    std::string fact;
    std::vector<const mapping::code_set*> codes{}; // live as long as the definition
    std::vector<std::string> place{};              // in the file: keys, and names of what stands in lists
};

[[nodiscard]] std::vector<definition_part> parts_of(const mapping::compiled_definition& definition);

// Facts of the cases of one dataset: `procedure.access` (it has a value), `procedure.access=percutaneous`,
// `selection.ecog=null`, `efficacy@M1` (something was observed), `efficacy.pain[NRS].worst`, `excluded=benign-only`.
[[nodiscard]] std::set<std::string> facts_of(const mapping::case_result& one);

// All codes of an event, with what they lead to.
[[nodiscard]] std::set<mapping::concept_code> codes_of(const mapping::event& one,
                                                       const mapping::terminology& codes);

// The line of a place; where a step leads nowhere that of the last one that did.
[[nodiscard]] mapping::yaml::position locate(const mapping::yaml::node& root,
                                             std::span<const std::string> place);

} // namespace auditgate::gateway::acceptance
