// One round of a mapper: claim, read, compute, commit; again with fresh snapshots when somebody was faster.
#pragma once

#include "gateway/pipeline/setup.hpp"
#include "gateway/store/store.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace auditgate::gateway::pipeline {

struct round_outcome {
    std::size_t pieces = 0;    // of work finished
    std::size_t conflicts = 0; // commits that had to be computed again
    bool records_changed = false;
    bool is_outdated =
        false; // another configuration is active than this: nothing, or not all of it, was committed
    std::map<std::pair<std::string, std::string>, std::size_t>
        findings{}; // of messages finished: source and code
};

inline constexpr int conflicts_max = 8; // in one round; then the work is left to its lease

// Finishes the given work, all of it in one write set; piece by piece when one of them turns out to be gone (a cluster
// that was absorbed, or is to be computed under another configuration by now), so that its neighbours do not wait. Work
// that cannot be computed for a reason of its own (events that do not decode) fails the round with store_corrupt or
// wrong_key, so callers take such work one by one. An unknown commit counts as unfinished: its work is claimed again if it
// was not carried out. `may_erase`: see cluster_plan.hpp.
[[nodiscard]] result<round_outcome> work_round(store::store& store, std::span<const store::work> claimed,
                                               const setup& with, std::chrono::local_days today,
                                               bool may_erase);

} // namespace auditgate::gateway::pipeline
