// A shadow run: what the stored messages would come to with another setup, before that is in force.
//
// It begins at the clusters that hold something received lately, and at the messages of that time which gave nothing so far.
// All stored messages of such a cluster are read again. What belongs together is found anew, over the clusters and over what
// the messages say now; then the mapper's own plan() says what would follow. Of a message whose bytes are gone, what it said
// before counts. Nothing is erased, no case is closed.
//
// The store is read in short calls, a few clusters at a time, and others write meanwhile; nothing is written.
#pragma once

#include "gateway/pipeline/shadow_states.hpp"

#include "gateway/pipeline/setup.hpp"
#include "gateway/store/store.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace auditgate::gateway::pipeline {

struct shadow_options {
    std::set<std::string> sources; // whose messages can be read: those of the other configuration
    store::utc_time received_from{};
    store::utc_time received_before{};
    std::chrono::local_days today{};
    // What would become one patient. Beyond it, the identifiers are read wrongly, and the rest would be guesswork.
    std::size_t joined_clusters_max = 200;
    std::size_t joined_messages_max = 20'000;
};

// Clusters that belong together, as far as keys tell, and the records of them.
struct shadow_part {
    record_states before;     // as last computed and stored
    record_states computed;   // of the stored events
    record_states read_again; // after the messages have been read again, too
    // When the oldest message came that says something else now; none: all say what they said.
    std::optional<store::utc_time> says_otherwise_since{};
};

// What mapping makes of a message: a state, and its reason when it is held or in quarantine.
struct message_reading {
    store::message_state state{};
    std::string reason; // code

    auto operator<=>(const message_reading&) const = default;
};

struct shadow_counts {
    std::int64_t clusters = 0; // compared
    std::int64_t messages = 0; // looked at: received in the time, or of one of the clusters
    // Of messages received in the time, what they were read as, and would be.
    std::map<std::pair<message_reading, message_reading>, std::int64_t> read_otherwise;
    // What could not be compared, or not as a whole.
    std::int64_t erased_messages = 0;     // bytes are gone: what they said counts
    std::int64_t damaged_messages = 0;    // cannot be opened: likewise
    std::int64_t orphaned_messages = 0;   // their source is no longer configured: likewise
    std::int64_t damaged_records = 0;     // cannot be opened
    std::int64_t closed_records = 0;      // take no more facts: stay as they are
    std::int64_t clusters_not_joined = 0; // too many of them would become one patient
    std::int64_t clusters_due = 0;        // the day has come on which they change by time alone
};

struct shadow_watch {
    std::function<void(shadow_part)> part;                                 // each, in no particular order
    std::function<void(std::uint64_t done, std::uint64_t total)> progress; // in steps of the work
};

// Errors are the store's.
[[nodiscard]] result<shadow_counts> shadow_run(store::store& from, const setup& with,
                                               const shadow_options& options, const shadow_watch& watch);

} // namespace auditgate::gateway::pipeline
