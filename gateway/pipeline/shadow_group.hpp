// Which stored clusters and messages belong together when messages are read with another setup.
#pragma once

#include "gateway/pipeline/planner.hpp"
#include "gateway/pipeline/setup.hpp"
#include "gateway/pipeline/shadow_run.hpp"
#include "gateway/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace auditgate::gateway::pipeline {

// A key by which things are joined, short: two keys that share one are looked at together, and told apart by plan().
using key_digest = std::size_t;
[[nodiscard]] key_digest digest_of(std::string_view key);

// Which messages say a key with the other setup: the store knows only what they said before.
class said_keys {
public:
    void add(std::string_view key, store::message_id message) { said_.emplace_back(digest_of(key), message); }
    void finish(); // before the first question
    [[nodiscard]] std::vector<store::message_id> messages_with(key_digest key) const;

private:
    std::vector<std::pair<key_digest, store::message_id>> said_;
};

// Messages, read again one at a time.
class message_reader {
public:
    message_reader(store::store& from, const setup& with, const std::set<std::string>& sources)
        : store_(from), with_(with), sources_(sources) {}

    struct read_again {
        std::optional<reading> now; // none: it cannot be read again
        store::utc_time received_at{};
    };
    // Counts the message, and why it cannot be read.
    [[nodiscard]] result<read_again> read(store::message_id id, shadow_counts& count);

private:
    store::store& store_;
    const setup& with_;
    const std::set<std::string>& sources_;
};

struct shadow_group {
    std::map<store::cluster_id, store::cluster_snapshot> clusters;
    std::vector<reading> readings; // each with those of its events that belong here
    std::map<store::message_id, store::utc_time> received_at; // of those
    std::set<store::message_id> whole;                        // messages all of whose events belong here
    std::set<key_digest> keys;                                // all that is joined here
    bool too_large = false;                                   // more would belong to it
    shadow_counts counts;                                     // of its messages that were not counted before
};

// Gathers one group from a first cluster, or from the keys of a first event.
class group_gatherer {
public:
    // What is referred to must outlive it. `too_joined`: keys that have made a group too large before.
    group_gatherer(store::store& from, message_reader& reader, const said_keys& said,
                   const std::unordered_set<key_digest>& too_joined, const shadow_options& options,
                   std::function<bool(store::message_id)> is_counted)
        : store_(from), reader_(reader), said_(said), too_joined_(too_joined), options_(options),
          is_counted_(std::move(is_counted)) {}

    [[nodiscard]] result<shadow_group> gather(std::optional<store::cluster_id> cluster,
                                              std::vector<std::string> keys);

private:
    struct loose_event {
        store::message_id message{};
        std::size_t place = 0; // in the message
        std::vector<std::string> keys;
        bool joined = false;
    };

    void take_cluster(store::cluster_snapshot cluster);
    void take_key(const std::string& key);
    [[nodiscard]] result<void> read_pending();
    void join_events();
    [[nodiscard]] result<void> find_clusters();
    [[nodiscard]] bool is_too_large() const;
    void keep_what_is_joined();

    store::store& store_;
    message_reader& reader_;
    const said_keys& said_;
    const std::unordered_set<key_digest>& too_joined_;
    const shadow_options& options_;
    const std::function<bool(store::message_id)> is_counted_;

    shadow_group group_;
    std::vector<store::message_id> pending_;
    std::set<store::message_id> known_;
    std::map<store::message_id, reading> readings_;
    std::vector<loose_event> events_;
    std::map<std::string, std::vector<std::size_t>> events_by_key_;
    std::set<std::string> stored_keys_;   // of the clusters
    std::set<std::string> keys_;          // that are joined
    std::vector<std::string> new_keys_;   // of those: events are to be joined by
    std::vector<std::string> to_look_up_; // and clusters to be found by
    bool is_too_joined_ = false;
};

} // namespace auditgate::gateway::pipeline
