// What a batch of work comes to: reading messages, finding which belong to one patient, computing their cases, and the
// write set that stores it all. Pure: no store, no clock; may be called from several threads at once.
#pragma once

#include "gateway/pipeline/setup.hpp"
#include "gateway/store/store.hpp"
#include "mapping/event.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace auditgate::gateway::pipeline {

// A piece of work, read. A message gives events (or none); a cluster to compute again gives its id.
struct reading {
    store::work_id work{};
    std::optional<store::message_outcome> outcome; // of a message
    std::chrono::sys_days received_on{};           // of a message
    bool replaces = false; // whether what the message gave before, if anything, is void now
    std::vector<mapping::event> events;
    std::optional<store::cluster_id> cluster;
    std::string source;                            // of a message
    std::map<std::string, std::size_t> findings{}; // of a message: how often each code
};

// Reads a message with the profile of its source. What cannot be read becomes `quarantined` with the code of the fatal
// finding, what gives no event `not_relevant`. Events that no key joins to a patient can never be used: they are left out,
// and a message with no others is `held` (no-usable-identifier) until the profile knows its identifiers and it is replayed.
// What the store could not open becomes `quarantined` (cannot-be-opened); had it been mapped before, what it gave stays.
[[nodiscard]] reading read_work(const store::work& piece, const setup& with);

// All keys of the events, each once, and the messages: what store::clusters_with() must be asked for. A message may have
// been read before, with another profile: what it gave then lies in clusters that its keys of now need not lead to.
[[nodiscard]] std::vector<std::string> keys_of(std::span<const reading> readings);
[[nodiscard]] std::vector<store::message_id> messages_of(std::span<const reading> readings);

// Everything that follows from the readings, given all clusters that hold one of their keys or events of their messages
// (and those that are to be computed again), as of `today` in the calendar of the deployment; `may_erase` as in cluster_plan.hpp. A snapshot whose events
// cannot be decoded is a store_corrupt error: nothing is written then.
[[nodiscard]] result<store::write_set> plan(std::span<const reading> readings,
                                            std::span<const store::cluster_snapshot> snapshots,
                                            const setup& with, std::chrono::local_days today, bool may_erase);

} // namespace auditgate::gateway::pipeline
