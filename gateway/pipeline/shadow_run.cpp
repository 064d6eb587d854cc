#include "gateway/pipeline/shadow_run.hpp"

#include "gateway/pipeline/planner.hpp"
#include "gateway/pipeline/shadow_group.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <vector>

namespace auditgate::gateway::pipeline {

namespace {

constexpr int found_at_once = 1'000; // clusters or messages looked at in one call of the store
// Somebody wrote while clusters were read: then they are read again, so often.
constexpr int attempts_max = 3;

// A message of the time that is looked at.
struct message_of_time {
    store::message_id id{};
    bool gives_events = false; // with the other setup
};

// What the stored state says of how the message was read; what became of its case since is another matter.
message_reading reading_of(const store::found_message& stored) {
    const bool waits_with_case =
        stored.state == store::message_state::held && stored.reason != "no-usable-identifier";
    const bool is_of_closed_case =
        stored.state == store::message_state::not_relevant && stored.reason == "case-closed";
    if (waits_with_case || is_of_closed_case)
        return {store::message_state::applied, ""};
    return {stored.state, stored.state == store::message_state::not_relevant ? "" : stored.reason};
}

// The readings that make plan() compute these clusters, whatever else it is given.
std::vector<reading> recomputations(const std::vector<store::cluster_snapshot>& clusters) {
    std::vector<reading> all;
    for (const store::cluster_snapshot& one : clusters)
        all.emplace_back().cluster = one.id;
    return all;
}

// When the oldest message came that says something else than what is stored of it.
std::optional<store::utc_time> says_otherwise_since(const shadow_group& group) {
    std::map<store::message_id, std::vector<std::string_view>> stored;
    for (const auto& [id, cluster] : group.clusters)
        for (const store::message_events& of_message : cluster.events)
            stored[of_message.message].push_back(of_message.events);
    std::optional<store::utc_time> since;
    for (const reading& one : group.readings) {
        const store::message_id id = one.outcome->id;
        const auto before = stored.find(id);
        const bool is_same = before == stored.end() ? one.events.empty()
                                                    : before->second.size() == 1 &&
                                                          before->second[0] == mapping::to_bytes(one.events);
        if (is_same)
            continue;
        const store::utc_time received_at = group.received_at.at(id);
        since = since ? std::min(*since, received_at) : received_at;
    }
    return since;
}

class shadow {
public:
    shadow(store::store& from, const setup& with, const shadow_options& options, const shadow_watch& watch)
        : store_(from), with_(with), options_(options), watch_(watch), reader_(from, with, options.sources) {}

    result<shadow_counts> run() {
        for (const auto step : {&shadow::list_messages, &shadow::list_clusters, &shadow::read_messages,
                                &shadow::compare_clusters, &shadow::compare_messages_without_cluster})
            if (const result<void> done = (this->*step)(); !done)
                return done.error();
        return counts_;
    }

private:
    result<void> list_messages() {
        store::replay_filter which;
        which.states = {store::message_state::applied, store::message_state::not_relevant,
                        store::message_state::held, store::message_state::quarantined};
        which.received_from = options_.received_from;
        which.received_before = options_.received_before;
        store::message_id from = 0;
        do {
            auto step = store_.find_messages(which, from, found_at_once);
            if (!step)
                return step.error();
            for (store::found_message& one : step->found) {
                messages_.push_back({one.id, false});
                read_as_.push_back(reading_of(one));
            }
            from = step->next;
        } while (from != 0);
        return {};
    }

    result<void> list_clusters() {
        store::cluster_id from = 0;
        do {
            auto step = store_.find_clusters(std::chrono::floor<std::chrono::days>(options_.received_from),
                                             from, found_at_once);
            if (!step)
                return step.error();
            clusters_.insert(clusters_.end(), step->found.begin(), step->found.end());
            from = step->next;
        } while (from != 0);
        return {};
    }

    // What the messages of the time say now: the store can be asked only for what they said before.
    result<void> read_messages() {
        for (std::size_t i = 0; i < messages_.size(); ++i) {
            tell_progress();
            auto read = reader_.read(messages_[i].id, counts_);
            if (!read)
                return read.error();
            if (!read->now)
                continue;
            const store::message_outcome& outcome = *read->now->outcome;
            message_reading now{outcome.state, outcome.reason};
            if (now != read_as_[i])
                ++counts_.read_otherwise[{read_as_[i], std::move(now)}];
            messages_[i].gives_events = !read->now->events.empty();
            for (const mapping::event& one : read->now->events)
                for (const std::string& key : mapping::cluster_keys(one))
                    said_.add(key, messages_[i].id);
        }
        read_as_ = {};
        said_.finish();
        return {};
    }

    result<void> compare_clusters() {
        for (const store::cluster_id id : clusters_) {
            tell_progress();
            if (!seen_clusters_.contains(id))
                if (const auto done = compare(id, {}); !done)
                    return done.error();
        }
        return {};
    }

    result<void> compare_messages_without_cluster() {
        for (const message_of_time& one : messages_) {
            if (!one.gives_events || whole_.contains(one.id))
                continue;
            shadow_counts counted_before;
            auto read = reader_.read(one.id, counted_before);
            if (!read)
                return read.error();
            if (!read->now)
                continue;
            for (const mapping::event& fact : read->now->events) {
                if (whole_.contains(one.id)) // by now
                    break;
                const std::vector<std::string> keys = mapping::cluster_keys(fact);
                if (!seen_keys_.contains(digest_of(keys.front())))
                    if (const auto done = compare(std::nullopt, keys); !done)
                        return done.error();
            }
        }
        return {};
    }

    // What belongs to the cluster, or to the keys: before and after.
    result<void> compare(std::optional<store::cluster_id> cluster, const std::vector<std::string>& keys) {
        for (int attempt = 1;; ++attempt) {
            auto group = group_gatherer(store_, reader_, said_, too_joined_, options_, [&](auto id) {
                             return is_of_the_time(id);
                         }).gather(cluster, keys);
            // A key may have been erased after its cluster was read.
            if (!group && group.error().code == errc::wrong_key && attempt < attempts_max)
                continue;
            if (!group)
                return group.error();
            if (group->too_large) {
                leave_out(*group);
                return {};
            }
            const auto fits = compare(*group, attempt == attempts_max);
            if (!fits)
                return fits.error();
            if (*fits) {
                note_as_seen(*group);
                return {};
            }
        }
    }

    // False: what was read does not fit together.
    result<bool> compare(const shadow_group& group, bool is_last_attempt) {
        std::vector<store::cluster_snapshot> snapshots;
        for (const auto& [id, one] : group.clusters)
            snapshots.push_back(one);
        auto before = states_before(store_, snapshots);
        if (!before)
            return before.error();
        if (!before->fits && !is_last_attempt)
            return false;
        shadow_part part;
        part.says_otherwise_since = says_otherwise_since(group);
        std::vector<reading> readings = recomputations(snapshots);
        auto computed = after(readings, snapshots, *before);
        if (!computed)
            return computed.error();
        part.computed = std::move(*computed);
        part.read_again = part.computed;
        if (part.says_otherwise_since) {
            readings.insert(readings.end(), group.readings.begin(), group.readings.end());
            auto read_again = after(readings, snapshots, *before);
            if (!read_again)
                return read_again.error();
            part.read_again = std::move(*read_again);
        }
        for (const store::record_name& name : before->damaged)
            for (record_states* const states : {&before->records, &part.computed, &part.read_again})
                states->erase(name);
        counts_.damaged_records += static_cast<std::int64_t>(before->damaged.size());
        counts_.closed_records += static_cast<std::int64_t>(before->closed.size());
        part.before = std::move(before->records);
        watch_.part(std::move(part));
        return true;
    }

    result<record_states> after(const std::vector<reading>& readings,
                                const std::vector<store::cluster_snapshot>& snapshots,
                                const stored_states& before) {
        const auto planned = plan(readings, snapshots, with_, options_.today, false);
        if (!planned)
            return planned.error();
        return states_after(store_, *planned, before);
    }

    void note_as_seen(const shadow_group& group) {
        counts_.clusters += static_cast<std::int64_t>(group.clusters.size());
        for (const auto& [id, one] : group.clusters) {
            seen_clusters_.insert(id);
            if (one.next_change_on &&
                *one.next_change_on <= std::chrono::sys_days{options_.today.time_since_epoch()})
                ++counts_.clusters_due;
        }
        counts_.messages += group.counts.messages;
        counts_.erased_messages += group.counts.erased_messages;
        counts_.damaged_messages += group.counts.damaged_messages;
        counts_.orphaned_messages += group.counts.orphaned_messages;
        whole_.insert(group.whole.begin(), group.whole.end());
        // Messages of several patients are told apart by the keys that have been seen.
        if (group.whole.size() != group.readings.size())
            seen_keys_.insert(group.keys.begin(), group.keys.end());
    }

    void leave_out(const shadow_group& group) {
        for (const auto& [id, one] : group.clusters)
            counts_.clusters_not_joined += seen_clusters_.insert(id).second ? 1 : 0;
        whole_.insert(group.whole.begin(), group.whole.end());
        seen_keys_.insert(group.keys.begin(), group.keys.end());
        too_joined_.insert(group.keys.begin(), group.keys.end());
    }

    [[nodiscard]] bool is_of_the_time(store::message_id id) const {
        return std::binary_search(messages_.begin(), messages_.end(), message_of_time{id},
                                  [](const auto& left, const auto& right) { return left.id < right.id; });
    }

    void tell_progress() {
        if (watch_.progress)
            watch_.progress(done_, messages_.size() + clusters_.size());
        ++done_;
    }

    store::store& store_;
    const setup& with_;
    const shadow_options& options_;
    const shadow_watch& watch_;
    message_reader reader_;
    said_keys said_;
    shadow_counts counts_;
    std::vector<message_of_time> messages_; // by id
    std::vector<message_reading> read_as_;  // each of them, before
    std::vector<store::cluster_id> clusters_;
    std::unordered_set<store::cluster_id> seen_clusters_;
    std::unordered_set<store::message_id> whole_; // nothing of them is left to be looked at
    std::unordered_set<key_digest> seen_keys_;
    std::unordered_set<key_digest> too_joined_;
    std::uint64_t done_ = 0;
};

} // namespace

result<shadow_counts> shadow_run(store::store& from, const setup& with, const shadow_options& options,
                                 const shadow_watch& watch) {
    return shadow(from, with, options, watch).run();
}

} // namespace auditgate::gateway::pipeline
