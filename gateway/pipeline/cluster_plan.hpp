// What becomes of one patient's cluster when messages arrive or time passes: its keys, events, cases, and what each
// destination should hold of it. Pure.
#pragma once

#include "gateway/pipeline/setup.hpp"
#include "gateway/store/store.hpp"
#include "mapping/event.hpp"

#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace auditgate::gateway::pipeline {

using events_by_message = std::map<store::message_id, std::vector<mapping::event>>;

// Clusters and new events that are of one patient, as far as keys tell.
struct cluster_group {
    std::vector<const store::cluster_snapshot*> snapshots;          // by id; more than one: they become one
    events_by_message new_events;                                   // of each message in its order
    std::map<store::message_id, std::chrono::sys_days> received_on; // of those messages
    std::set<store::message_id> read_again; // what the snapshots hold of these messages is void
    bool recompute = false; // asked for without a message: what the release gate says may have changed too
};

struct cluster_plan {
    store::cluster_write write;
    std::vector<store::desired_record> desired;
    std::vector<store::closed_case> closed;
    // Messages that cannot count until somebody acts, with the reason; and those for which that is over.
    std::vector<store::message_outcome> outcomes;
};

// A cluster that is computed again without a message lets go of the events that nobody needs any more. It is looked at
// again in a week at the soonest: each time, all that stays is sealed anew.
inline constexpr std::chrono::days review_interval{7};

// `may_erase`: as the eraser says (eraser.hpp). Without it no case is closed and no event let go of, because `today` or
// the definitions may be wrong; the cluster is marked for a review, which the eraser asks for as soon as it may erase.
// store_corrupt: the events of a snapshot are not what this program wrote.
[[nodiscard]] result<cluster_plan> plan_cluster(const cluster_group& group, const setup& with,
                                                std::chrono::local_days today, bool may_erase);

} // namespace auditgate::gateway::pipeline
