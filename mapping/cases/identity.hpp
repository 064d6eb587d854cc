// Second stage of cases(): who is who inside a cluster (dataset.md section 1, Identity and Merges).
#pragma once

#include "mapping/cases/facts.hpp"

#include <cstddef>
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

// Shares out all events to persons. The persons are in the order of their lowest identity key.
[[nodiscard]] std::vector<person> identify(std::span<const distinct_event> events,
                                           const compiled_definition& definition);

} // namespace auditgate::mapping
