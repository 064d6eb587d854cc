#include "gateway/pipeline/shadow_states.hpp"

#include "gateway/pipeline/case_note.hpp"

#include <utility>
#include <vector>

namespace auditgate::gateway::pipeline {

namespace {

result<case_note> note_of(const store::case_row& row) {
    auto note = case_note_from_bytes(row.content);
    if (!note)
        return error{errc::store_corrupt, "the case of record " + row.record_id + " cannot be decoded"};
    return std::move(*note);
}

// Those of the records that are not there yet, but whose case was closed once.
result<std::set<store::record_name>> closed_among(store::store& from, const record_states& records,
                                                  const stored_states& before) {
    std::vector<store::record_name> unknown;
    for (const auto& [name, state] : records)
        if (!before.records.contains(name))
            unknown.push_back(name);
    std::set<store::record_name> closed;
    if (unknown.empty())
        return closed;
    const auto views = from.desired(unknown);
    if (!views)
        return views.error();
    for (const store::desired_view& one : *views)
        if (one.closed)
            closed.insert({one.desired.destination, one.desired.record_id});
    return closed;
}

} // namespace

result<stored_states> states_before(store::store& from, std::span<const store::cluster_snapshot> clusters) {
    stored_states before;
    std::vector<store::record_name> names;
    std::map<store::record_name, std::string> wanted; // digest
    for (const store::cluster_snapshot& cluster : clusters) {
        for (const store::case_row& row : cluster.cases) {
            auto note = note_of(row);
            if (!note)
                return note.error();
            const store::record_name name{note->destination, row.record_id};
            if (!note->wanted.empty())
                wanted.emplace(name, note->wanted);
            before.records.emplace(name,
                                   record_state{note->dataset, note->state, note->reason, std::nullopt, {}});
            names.push_back(name);
        }
    }
    auto views = from.desired(names);
    if (!views)
        return views.error();
    for (store::desired_view& one : *views) {
        const store::record_name name{one.desired.destination, one.desired.record_id};
        if (one.closed)
            before.closed.insert(name);
        if (one.damaged)
            before.damaged.insert(name);
        const auto note = wanted.find(name);
        if (note == wanted.end() || !one.desired.content)
            continue;
        if (wanted_digest(*one.desired.content, one.desired.gate_facts) != note->second && !one.closed)
            before.fits = false;
        before.records.at(name).content = std::move(one.desired.content);
        before.records.at(name).gate_facts = std::move(one.desired.gate_facts);
    }
    return before;
}

result<record_states> states_after(store::store& from, const store::write_set& planned,
                                   const stored_states& before) {
    record_states after;
    for (const store::cluster_write& cluster : planned.clusters) {
        for (const store::case_row& row : cluster.cases) {
            auto note = note_of(row);
            if (!note)
                return note.error();
            record_state state{note->dataset, note->state, note->reason, std::nullopt, {}};
            const store::record_name name{note->destination, row.record_id};
            const auto known = before.records.find(name);
            if (!note->wanted.empty() && known != before.records.end()) { // held: what is there stays
                state.content = known->second.content;
                state.gate_facts = known->second.gate_facts;
            }
            after.insert_or_assign(name, std::move(state));
        }
    }
    for (const store::desired_record& one : planned.desired) {
        record_state& state = after[{one.destination, one.record_id}];
        state.content = one.content;
        state.gate_facts = one.content ? one.gate_facts : "";
    }
    const auto closed = closed_among(from, after, before);
    if (!closed)
        return closed.error();
    for (const store::record_name& name : *closed)
        after.erase(name);
    for (const store::record_name& name : before.closed)
        after.insert_or_assign(name, before.records.at(name));
    return after;
}

} // namespace auditgate::gateway::pipeline
