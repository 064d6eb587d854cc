// Second stage of cases(): who is who inside a cluster (dataset.md section 1, Identity and Merges).
#pragma once

#include "mapping/cases/facts.hpp"

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// One person as far as is known.
struct person {
    std::string key;                 // source key; "": none that could be one
    std::string nhs_number;          // of the key, else ""
    bool merged = false;             // a merge is in force
    std::string hold_reason;         // identity-conflict, identity-cluster-too-large; "": none
    std::vector<std::size_t> events; // places in the list given
};

// Gives what was told of a visit until it was moved (A45: identity_change::visit) to the patient it was moved to, move by
// move in the order of `events` (recorded time). `moved` keeps the changed events; pointers into it stay valid.
void move_visits(std::vector<distinct_event>& events, std::deque<event>& moved);

// Shares out all events to persons. The persons are in the order of their lowest identity key.
[[nodiscard]] std::vector<person> identify(std::span<const distinct_event> events,
                                           const compiled_definition& definition);

} // namespace auditgate::mapping
