#include "gateway/pipeline/planner.hpp"

#include "gateway/pipeline/cluster_plan.hpp"
#include "gateway/pipeline/key_groups.hpp"
#include "mapping/read/read.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace auditgate::gateway::pipeline {

namespace {

constexpr std::string_view hl7v2_format = "hl7v2";
constexpr std::string_view charset_parameter = "hl7v2; charset=";

// What the transport said of an HL7 v2 message's characters; "" when it said nothing.
std::string charset_of(std::string_view format) {
    return format.starts_with(charset_parameter) ? std::string(format.substr(charset_parameter.size())) : "";
}

mapping::message_format format_of(const store::stored_message& message) {
    if (message.format == "fhir-json")
        return mapping::message_format::fhir_json;
    if (message.format == "fhir-xml")
        return mapping::message_format::fhir_xml;
    if (message.format == "table")
        return mapping::message_format::table;
    if (message.format.starts_with(hl7v2_format))
        return mapping::message_format::hl7v2;
    return mapping::format_of(message.bytes);
}

// One thing that belongs to some cluster: a stored cluster, or one event of a reading.
struct member {
    const store::cluster_snapshot* snapshot = nullptr;
    const reading* of = nullptr;
    const mapping::event* fact = nullptr;
};

std::vector<cluster_group> groups_of(std::span<const reading> readings,
                                     std::span<const store::cluster_snapshot> snapshots) {
    key_groups joined;
    std::vector<member> members;
    for (const store::cluster_snapshot& snapshot : snapshots) {
        joined.add(snapshot.keys);
        members.push_back({&snapshot, nullptr, nullptr});
    }
    for (const reading& one : readings) {
        for (const mapping::event& fact : one.events) {
            joined.add(mapping::cluster_keys(fact));
            members.push_back({nullptr, &one, &fact});
        }
    }
    std::set<store::cluster_id> to_recompute;
    std::set<store::message_id> read;
    for (const reading& one : readings) {
        if (one.cluster)
            to_recompute.insert(*one.cluster);
        if (one.replaces)
            read.insert(one.outcome->id);
    }

    std::vector<cluster_group> groups;
    for (const std::vector<std::size_t>& numbers : joined.groups()) {
        cluster_group group;
        for (const std::size_t number : numbers) {
            const member& one = members[number];
            if (one.snapshot != nullptr) {
                group.snapshots.push_back(one.snapshot);
                group.recompute = group.recompute || to_recompute.contains(one.snapshot->id);
                for (const store::message_events& of_message : one.snapshot->events)
                    if (read.contains(of_message.message))
                        group.read_again.insert(of_message.message);
            } else {
                group.new_events[one.of->outcome->id].push_back(*one.fact);
                group.received_on[one.of->outcome->id] = one.of->received_on;
            }
        }
        std::sort(group.snapshots.begin(), group.snapshots.end(),
                  [](const auto* left, const auto* right) { return left->id < right->id; });
        groups.push_back(std::move(group));
    }
    return groups;
}

void add(cluster_plan planned, store::write_set& changes) {
    changes.clusters.push_back(std::move(planned.write));
    std::move(planned.desired.begin(), planned.desired.end(), std::back_inserter(changes.desired));
    std::move(planned.closed.begin(), planned.closed.end(), std::back_inserter(changes.closed));
    for (store::message_outcome& outcome : planned.outcomes) {
        // What is known of a message of this batch stands in the list already: it is one message, with one state.
        const auto known = std::find_if(changes.messages.begin(), changes.messages.end(),
                                        [&](const auto& one) { return one.id == outcome.id; });
        if (known == changes.messages.end())
            changes.messages.push_back(std::move(outcome));
        else
            *known = std::move(outcome);
    }
}

} // namespace

reading read_work(const store::work& piece, const setup& with) {
    reading out;
    out.work = piece.id;
    if (piece.kind == store::work_kind::cluster) {
        out.cluster = piece.cluster;
        return out;
    }
    if (piece.message.damaged) {
        out.outcome = {piece.message.id, store::message_state::quarantined, "cannot-be-opened"};
        return out;
    }
    out.replaces = true;
    out.received_on = std::chrono::floor<std::chrono::days>(piece.message.received_at);
    const auto profile = with.profiles.find(piece.message.source);
    mapping::message_to_read message;
    message.bytes = piece.message.bytes;
    message.format = format_of(piece.message);
    message.charset = charset_of(piece.message.format);
    message.reference = std::to_string(piece.message.id);
    message.received_at = piece.message.received_at;
    mapping::read_result read = mapping::read_message(
        message, profile == with.profiles.end() ? with.default_profile : profile->second);

    out.source = piece.message.source;
    for (const mapping::read_finding& one : read.findings)
        ++out.findings[one.code];

    const bool says_something = !read.events.empty();
    std::erase_if(read.events,
                  [](const mapping::event& fact) { return mapping::cluster_keys(fact).empty(); });

    store::message_outcome outcome;
    outcome.id = piece.message.id;
    outcome.reason = std::string(read.unreadable_reason());
    if (!outcome.reason.empty()) {
        outcome.state = store::message_state::quarantined;
    } else if (!says_something) {
        outcome.state = store::message_state::not_relevant;
    } else if (read.events.empty()) {
        outcome.state = store::message_state::held;
        outcome.reason = "no-usable-identifier";
    } else {
        outcome.state = store::message_state::applied;
    }
    if (outcome.state == store::message_state::applied)
        out.events = std::move(read.events);
    out.outcome = std::move(outcome);
    return out;
}

std::vector<std::string> keys_of(std::span<const reading> readings) {
    std::set<std::string> keys;
    for (const reading& one : readings)
        for (const mapping::event& fact : one.events) {
            const std::vector<std::string> of_fact = mapping::cluster_keys(fact);
            keys.insert(of_fact.begin(), of_fact.end());
        }
    return {keys.begin(), keys.end()};
}

std::vector<store::message_id> messages_of(std::span<const reading> readings) {
    std::vector<store::message_id> messages;
    for (const reading& one : readings)
        if (one.replaces)
            messages.push_back(one.outcome->id);
    return messages;
}

result<store::write_set> plan(std::span<const reading> readings,
                              std::span<const store::cluster_snapshot> snapshots, const setup& with,
                              std::chrono::local_days today, bool may_erase) {
    store::write_set changes;
    for (const reading& one : readings) {
        changes.done.push_back(one.work);
        if (one.outcome)
            changes.messages.push_back(*one.outcome);
    }
    for (cluster_group& group : groups_of(readings, snapshots)) {
        auto planned = plan_cluster(group, with, today, may_erase);
        if (!planned)
            return planned.error();
        add(std::move(*planned), changes);
    }
    return changes;
}

} // namespace auditgate::gateway::pipeline
