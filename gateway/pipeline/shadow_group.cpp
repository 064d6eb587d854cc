#include "gateway/pipeline/shadow_group.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

namespace auditgate::gateway::pipeline {

namespace {

constexpr std::size_t keys_at_once = 200; // looked up in one call of the store

} // namespace

key_digest digest_of(std::string_view key) {
    return std::hash<std::string_view>{}(key);
}

void said_keys::finish() {
    std::sort(said_.begin(), said_.end());
    said_.erase(std::unique(said_.begin(), said_.end()), said_.end());
    said_.shrink_to_fit();
}

std::vector<store::message_id> said_keys::messages_with(key_digest key) const {
    std::vector<store::message_id> messages;
    for (auto one = std::lower_bound(said_.begin(), said_.end(), std::pair(key, store::message_id{0}));
         one != said_.end() && one->first == key; ++one)
        messages.push_back(one->second);
    return messages;
}

result<message_reader::read_again> message_reader::read(store::message_id id, shadow_counts& count) {
    auto stored = store_.message(id);
    if (!stored)
        return stored.error();
    ++count.messages;
    if (!*stored) {
        ++count.erased_messages;
        return read_again{};
    }
    store::stored_message& message = **stored;
    const store::utc_time received_at = message.received_at;
    if (message.damaged) {
        ++count.damaged_messages;
        return read_again{std::nullopt, received_at};
    }
    if (!sources_.contains(message.source)) {
        ++count.orphaned_messages;
        return read_again{std::nullopt, received_at};
    }
    store::work piece;
    piece.kind = store::work_kind::message;
    piece.message = std::move(message);
    return read_again{read_work(piece, with_), received_at};
}

result<shadow_group> group_gatherer::gather(std::optional<store::cluster_id> cluster,
                                            std::vector<std::string> keys) {
    if (cluster) {
        auto first = store_.cluster(*cluster);
        if (!first)
            return first.error();
        if (*first)
            take_cluster(std::move(**first));
    }
    for (const std::string& key : keys)
        take_key(key);
    while (!is_too_large() && (!pending_.empty() || !new_keys_.empty() || !to_look_up_.empty())) {
        if (const auto read = read_pending(); !read)
            return read.error();
        join_events();
        if (pending_.empty())
            if (const auto found = find_clusters(); !found)
                return found.error();
    }
    group_.too_large = is_too_large();
    keep_what_is_joined();
    return std::move(group_);
}

void group_gatherer::take_cluster(store::cluster_snapshot cluster) {
    stored_keys_.insert(cluster.keys.begin(), cluster.keys.end());
    for (const std::string& key : cluster.keys)
        take_key(key);
    for (const store::message_events& of_message : cluster.events)
        if (known_.insert(of_message.message).second)
            pending_.push_back(of_message.message);
    group_.clusters.insert_or_assign(cluster.id, std::move(cluster));
}

void group_gatherer::take_key(const std::string& key) {
    if (!keys_.insert(key).second)
        return;
    const key_digest digest = digest_of(key);
    group_.keys.insert(digest);
    is_too_joined_ = is_too_joined_ || too_joined_.contains(digest);
    new_keys_.push_back(key);
    to_look_up_.push_back(key);
    for (const store::message_id message : said_.messages_with(digest))
        if (known_.insert(message).second)
            pending_.push_back(message);
}

result<void> group_gatherer::read_pending() {
    for (const store::message_id id : std::exchange(pending_, {})) {
        shadow_counts counted_before;
        shadow_counts& counts = is_counted_(id) ? counted_before : group_.counts;
        auto read = reader_.read(id, counts);
        if (!read)
            return read.error();
        if (!read->now)
            continue;
        const std::vector<mapping::event>& events = read->now->events;
        for (std::size_t place = 0; place < events.size(); ++place) {
            loose_event one{id, place, mapping::cluster_keys(events[place]), false};
            bool is_joined = false;
            for (const std::string& key : one.keys) {
                events_by_key_[key].push_back(events_.size());
                is_joined = is_joined || keys_.contains(key);
            }
            events_.push_back(std::move(one));
            if (is_joined)
                new_keys_.push_back(*std::find_if(events_.back().keys.begin(), events_.back().keys.end(),
                                                  [&](const auto& key) { return keys_.contains(key); }));
        }
        group_.received_at.emplace(id, read->received_at);
        readings_.emplace(id, std::move(*read->now));
    }
    return {};
}

// What shares a key with the group belongs to it, with all of its keys.
void group_gatherer::join_events() {
    while (!new_keys_.empty()) {
        const std::string key = std::move(new_keys_.back());
        new_keys_.pop_back();
        const auto with_key = events_by_key_.find(key);
        if (with_key == events_by_key_.end())
            continue;
        for (const std::size_t place : with_key->second) {
            loose_event& one = events_[place];
            if (std::exchange(one.joined, true))
                continue;
            for (const std::string& other : one.keys)
                take_key(other);
        }
    }
}

result<void> group_gatherer::find_clusters() {
    std::vector<std::string> keys;
    while (!to_look_up_.empty() && keys.size() < keys_at_once) {
        const std::string key = std::move(to_look_up_.back());
        to_look_up_.pop_back();
        if (!stored_keys_.contains(key))
            keys.push_back(key);
    }
    if (keys.empty())
        return {};
    auto found = store_.clusters_with(keys, {});
    if (!found)
        return found.error();
    for (store::cluster_snapshot& one : *found)
        take_cluster(std::move(one));
    return {};
}

bool group_gatherer::is_too_large() const {
    return is_too_joined_ || group_.clusters.size() > options_.joined_clusters_max ||
           known_.size() > options_.joined_messages_max;
}

void group_gatherer::keep_what_is_joined() {
    std::map<store::message_id, std::vector<bool>> joined;
    for (const loose_event& one : events_) {
        std::vector<bool>& of_message = joined[one.message];
        of_message.resize(std::max(of_message.size(), one.place + 1), false);
        of_message[one.place] = one.joined;
    }
    for (auto& [id, read] : readings_) {
        const std::vector<bool>& of_message = joined[id];
        std::vector<mapping::event> kept;
        for (std::size_t place = 0; place < read.events.size(); ++place)
            if (of_message[place])
                kept.push_back(std::move(read.events[place]));
        if (kept.size() == read.events.size())
            group_.whole.insert(id);
        read.events = std::move(kept);
        group_.readings.push_back(std::move(read));
    }
}

} // namespace auditgate::gateway::pipeline
