// What is known of each record of some clusters, as it is stored and as it would be after a write set. Nothing is written.
#pragma once

#include "gateway/store/store.hpp"
#include "mapping/cases/cases.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace auditgate::gateway::pipeline {

struct record_state {
    std::string dataset;
    mapping::case_state state{};
    std::string reason;                 // of held and excluded: code
    std::optional<std::string> content; // what should be at the destination; none: nothing
    std::string gate_facts; // of that content: what the release gate goes by; identifies the patient

    bool operator==(const record_state&) const = default;
};

using record_states = std::map<store::record_name, record_state>;

struct stored_states {
    record_states records;
    std::set<store::record_name> closed;  // take no more facts
    std::set<store::record_name> damaged; // nobody can tell what is stored of them
    // What the clusters and the outbox say fits together: nobody has changed either in between.
    bool fits = true;
};

// The records that the clusters name. store_corrupt: what is stored cannot be decoded.
[[nodiscard]] result<stored_states> states_before(store::store& from,
                                                  std::span<const store::cluster_snapshot> clusters);

// The same after the write set, which must desire all of its records again (cluster_group::recompute). A record that takes no
// more facts stays as it is, or does not come back.
[[nodiscard]] result<record_states> states_after(store::store& from, const store::write_set& planned,
                                                 const stored_states& before);

} // namespace auditgate::gateway::pipeline
