#include "gateway/pipeline/cluster_plan.hpp"

#include "gateway/pipeline/case_note.hpp"
#include "mapping/cases/cases.hpp"
#include "mapping/cases/retention.hpp"
#include "mapping/release/gate.hpp"
#include "mapping/release/record.hpp"

#include <algorithm>
#include <set>

namespace auditgate::gateway::pipeline {

namespace {

using notes_by_record = std::map<std::string, case_note>;
using days_by_message = std::map<store::message_id, std::chrono::sys_days>;

// When each message of the group arrived.
days_by_message arrivals(const cluster_group& group) {
    days_by_message days = group.received_on;
    for (const store::cluster_snapshot* snapshot : group.snapshots)
        for (const store::message_events& of_message : snapshot->events) {
            const auto [known, is_new] = days.try_emplace(of_message.message, of_message.received_on);
            known->second = std::min(known->second, of_message.received_on);
        }
    return days;
}

// The stored events that stay in force. A message may have events in several clusters that become one; a cluster holds
// one list of each message, so they become one list.
result<events_by_message> stored_events(const cluster_group& group) {
    events_by_message stored;
    for (const store::cluster_snapshot* snapshot : group.snapshots) {
        for (const store::message_events& of_message : snapshot->events) {
            if (group.read_again.contains(of_message.message))
                continue;
            auto events = mapping::events_from_bytes(of_message.events);
            if (!events)
                return error{errc::store_corrupt, "the events of message " +
                                                      std::to_string(of_message.message) +
                                                      " cannot be decoded: they are damaged, or of a later "
                                                      "version of auditgate: run that version, "
                                                      "or restore a backup"};
            std::vector<mapping::event>& all = stored[of_message.message];
            all.insert(all.end(), std::make_move_iterator(events->begin()),
                       std::make_move_iterator(events->end()));
        }
    }
    return stored;
}

std::vector<mapping::event> all_events(const events_by_message& stored, const events_by_message& now) {
    std::vector<mapping::event> all;
    for (const events_by_message* some : {&stored, &now})
        for (const auto& [message, events] : *some)
            all.insert(all.end(), events.begin(), events.end());
    return all;
}

store::cluster_write write_of(const cluster_group& group, const events_by_message& stored,
                              const days_by_message& received_on) {
    store::cluster_write write;
    std::set<std::string> keys;
    std::set<store::message_id> taken_over; // messages with events in a cluster that ceases to exist
    for (const store::cluster_snapshot* snapshot : group.snapshots) {
        keys.insert(snapshot->keys.begin(), snapshot->keys.end());
        if (!write.id) {
            write.id = snapshot->id;
            write.expected_revision = snapshot->revision;
            continue;
        }
        write.absorbs.emplace_back(snapshot->id, snapshot->revision);
        for (const store::message_events& of_message : snapshot->events)
            taken_over.insert(of_message.message);
    }
    for (const auto& [message, events] : stored)
        if (taken_over.contains(message))
            write.put_events.push_back({message, mapping::to_bytes(events), received_on.at(message)});
    for (const auto& [message, events] : group.new_events) {
        write.put_events.push_back({message, mapping::to_bytes(events), received_on.at(message)});
        for (const mapping::event& fact : events) {
            const std::vector<std::string> of_fact = mapping::cluster_keys(fact);
            keys.insert(of_fact.begin(), of_fact.end());
        }
    }
    for (const store::message_id message : group.read_again)
        if (!group.new_events.contains(message))
            write.remove_events_of.push_back(message);
    write.keys.assign(keys.begin(), keys.end());
    return write;
}

result<notes_by_record> notes_before(const cluster_group& group) {
    notes_by_record notes;
    for (const store::cluster_snapshot* snapshot : group.snapshots) {
        for (const store::case_row& row : snapshot->cases) {
            auto note = case_note_from_bytes(row.content);
            if (!note)
                return error{errc::store_corrupt,
                             "the case of record " + row.record_id + " cannot be decoded"};
            notes.emplace(row.record_id, std::move(*note));
        }
    }
    return notes;
}

// The name of a case at a destination. A case that is held for want of a usable patient key has no record yet: its note
// is kept under an id of its own kind, which is never sent.
std::string id_of(const mapping::case_result& one, const std::string& dataset, const destination& to) {
    const std::string patient = one.patient_key.empty() ? "no-patient-key" : one.patient_key;
    return mapping::record_id(to.keys.record_key, dataset, patient, one.procedure_date);
}

class group_planner {
public:
    group_planner(const cluster_group& group, const setup& with, std::chrono::local_days today,
                  bool may_erase)
        : group_(group), with_(with), today_(today), may_erase_(may_erase) {}

    result<cluster_plan> plan() {
        const auto stored = stored_events(group_);
        if (!stored)
            return stored.error();
        auto before = notes_before(group_);
        if (!before)
            return before.error();
        before_ = std::move(*before);
        received_on_ = arrivals(group_);
        planned_.write = write_of(group_, *stored, received_on_);
        const std::vector<mapping::event> events = all_events(*stored, group_.new_events);
        for (const auto& definition : with_.definitions)
            compute(events, *definition);
        retract_what_is_gone();
        if (!may_erase_)
            planned_.write.review_on = std::chrono::sys_days{};
        else if (is_review())
            let_go(*stored, events);
        else
            review_in_time();
        for (const auto& [id, note] : now_)
            planned_.write.cases.push_back({id, to_bytes(note)});
        settle_messages();
        return std::move(planned_);
    }

private:
    void compute(std::span<const mapping::event> events, const mapping::compiled_definition& definition) {
        const mapping::cases_result computed = mapping::cases(events, definition, today_);
        if (computed.next_change_on) {
            const std::chrono::sys_days on{computed.next_change_on->time_since_epoch()};
            auto& next = planned_.write.next_change_on;
            next = next ? std::min(*next, on) : on;
        }
        for (const mapping::case_result& one : computed.cases)
            for (const destination& to : with_.destinations)
                if (to.dataset.empty() || to.dataset == definition.dataset)
                    place(one, definition, to);
    }

    void place(const mapping::case_result& one, const mapping::compiled_definition& definition,
               const destination& to) {
        if (to.settings.procedures_from && one.procedure_date < *to.settings.procedures_from)
            return;
        const std::string id = id_of(one, definition.dataset, to);
        if (today_ >= one.procedure_date + std::chrono::days(definition.closing_day())) {
            if (may_erase_)
                close(one, definition, to, id);
            else
                leave_as_it_is(id);
            return;
        }
        if (one.state != mapping::case_state::excluded)
            has_open_case_ = true;
        if (one.state == mapping::case_state::held)
            held_reason_ = one.reason;
        case_note note;
        note.destination = to.name;
        note.dataset = definition.dataset;
        note.state = one.state;
        note.reason = one.reason;
        const auto known = before_.find(id);
        if (known != before_.end())
            note.wanted = known->second.wanted;
        if (one.state == mapping::case_state::record) {
            store::desired_record wanted;
            wanted.destination = to.name;
            wanted.record_id = id;
            wanted.content =
                fhir::json::write(mapping::record_content(one, definition, to.settings, to.keys));
            wanted.gate_facts = mapping::to_bytes(mapping::gate_facts_of(one));
            const std::string digest = wanted_digest(*wanted.content, wanted.gate_facts);
            // Said again, too, when a cluster was taken over: it may have waited for a new configuration by itself.
            if (note.wanted != digest || group_.recompute || group_.snapshots.size() > 1)
                planned_.desired.push_back(std::move(wanted));
            note.wanted = digest;
        } else if (one.state == mapping::case_state::excluded && !note.wanted.empty()) {
            planned_.desired.push_back({to.name, id, std::nullopt, {}, one.reason});
            note.wanted.clear();
        }
        now_.insert_or_assign(id, std::move(note));
    }

    // It may be open after all, when the day or the definition is put right.
    void leave_as_it_is(const std::string& id) {
        has_open_case_ = true;
        const auto known = before_.find(id);
        if (known == before_.end())
            return;
        if (known->second.state == mapping::case_state::held)
            held_reason_ = known->second.reason;
        now_.insert_or_assign(id, known->second);
    }

    // By its date alone, whatever is stored of it: a message that comes later, after everything was erased, finds it closed.
    void close(const mapping::case_result& one, const mapping::compiled_definition& definition,
               const destination& to, const std::string& id) {
        closed_until_ = std::max(closed_until_.value_or(one.procedure_date),
                                 one.procedure_date + std::chrono::days(definition.closing_day()));
        if (before_.erase(id) == 0)
            return;
        // What a retract by hand can be made of later: a record without content.
        fhir::json::value remainder =
            mapping::retraction(mapping::record_content(one, definition, to.settings, to.keys), 0);
        remainder.erase("record_version");
        remainder.erase("record_action");
        planned_.closed.push_back(
            {to.name, id, fhir::json::write(remainder), std::chrono::sys_days{today_.time_since_epoch()}});
    }

    // A case that no procedure speaks of any more: merged into another patient, or a corrected date or patient.
    void retract_what_is_gone() {
        for (const auto& [id, note] : before_) {
            if (now_.contains(id))
                continue;
            case_note gone = note;
            if (!gone.wanted.empty())
                planned_.desired.push_back({note.destination, id, std::nullopt, {}, "no-longer-a-case"});
            gone.state = mapping::case_state::excluded;
            gone.reason = "no-longer-a-case";
            gone.wanted.clear();
            now_.emplace(id, std::move(gone));
        }
    }

    [[nodiscard]] bool is_review() const {
        return group_.recompute && group_.new_events.empty() && group_.read_again.empty() &&
               group_.snapshots.size() == 1;
    }

    // What came now may be old already: it is looked at when it has been here long enough.
    void review_in_time() {
        int arrival_days = 0;
        for (const auto& definition : with_.definitions)
            arrival_days = std::max(arrival_days, definition->retention.arrival_days);
        std::chrono::sys_days on{today_.time_since_epoch() + std::chrono::days(arrival_days)};
        for (const store::cluster_snapshot* snapshot : group_.snapshots)
            on = std::min(on, snapshot->review_on.value_or(on));
        planned_.write.review_on = on;
    }

    // Erases the events that no definition needs any more. `events` are those stored, in their order.
    void let_go(const events_by_message& stored, std::span<const mapping::event> events) {
        std::vector<std::chrono::local_days> received_on;
        for (const auto& [message, of_message] : stored)
            received_on.insert(received_on.end(), of_message.size(),
                               std::chrono::local_days{received_on_.at(message).time_since_epoch()});
        const mapping::retention_result needed =
            mapping::needed_events(events, received_on, with_.definitions, today_);
        if (needed.next_on) {
            const auto on = std::max(*needed.next_on, today_ + review_interval);
            planned_.write.review_on = std::chrono::sys_days{on.time_since_epoch()};
        }
        const auto gone = std::count(needed.kept.begin(), needed.kept.end(), false);
        if (gone == 0 && !events.empty())
            return;
        planned_.write.rekey = true;
        planned_.write.erased_events = gone;
        keep_only(stored, needed.kept);
        if (planned_.write.put_events.empty()) // nothing can be said of a case any more
            std::erase_if(now_, [](const auto& note) { return note.second.wanted.empty(); });
    }

    void keep_only(const events_by_message& stored, const std::vector<bool>& is_kept) {
        store::cluster_write& write = planned_.write;
        write.put_events.clear();
        std::set<std::string> keys;
        auto kept = is_kept.begin();
        for (const auto& [message, of_message] : stored) {
            std::vector<mapping::event> stays;
            for (const mapping::event& one : of_message) {
                if (!*kept++)
                    continue;
                stays.push_back(one);
                const std::vector<std::string> of_fact = mapping::cluster_keys(one);
                keys.insert(of_fact.begin(), of_fact.end());
            }
            if (stays.empty())
                write.remove_events_of.push_back(message);
            else
                write.put_events.push_back({message, mapping::to_bytes(stays), received_on_.at(message)});
        }
        write.keys.assign(keys.begin(), keys.end());
    }

    // Whether all that a message tells lies in the time of cases that are closed.
    [[nodiscard]] bool is_of_closed_case(std::span<const mapping::event> events) const {
        bool is_told = false;
        for (const mapping::event& one : events) {
            if (!one.when || one.as<mapping::patient_details>() != nullptr)
                continue;
            if (one.when->date() >= *closed_until_)
                return false;
            is_told = true;
        }
        return is_told;
    }

    // While a case that a destination wants is held, what newly came for it waits with it, so that the counts show it; when
    // it no longer is, all messages of the cluster count. The notes tell whether it was: a case that nobody wants has none,
    // and holds nothing. What was read again has its state from that.
    void settle_messages() {
        if (held_reason_) {
            for (const auto& [message, events] : group_.new_events)
                planned_.outcomes.push_back({message, store::message_state::held, *held_reason_});
            return;
        }
        if (closed_until_ && !has_open_case_)
            for (const auto& [message, events] : group_.new_events)
                if (is_of_closed_case(events))
                    planned_.outcomes.push_back({message, store::message_state::not_relevant, "case-closed"});
        const bool was_held = std::any_of(before_.begin(), before_.end(), [](const auto& note) {
            return note.second.state == mapping::case_state::held;
        });
        if (!was_held)
            return;
        for (const store::cluster_snapshot* snapshot : group_.snapshots)
            for (const store::message_events& of_message : snapshot->events)
                if (!group_.read_again.contains(of_message.message))
                    planned_.outcomes.push_back({of_message.message, store::message_state::applied, ""});
    }

    const cluster_group& group_;
    const setup& with_;
    std::chrono::local_days today_;
    bool may_erase_;
    notes_by_record before_;
    notes_by_record now_;
    days_by_message received_on_;
    std::optional<std::string> held_reason_;
    bool has_open_case_ = false;
    std::optional<std::chrono::local_days> closed_until_; // the latest day on which a closed case was closed
    cluster_plan planned_;
};

} // namespace

result<cluster_plan> plan_cluster(const cluster_group& group, const setup& with,
                                  std::chrono::local_days today, bool may_erase) {
    return group_planner(group, with, today, may_erase).plan();
}

} // namespace auditgate::gateway::pipeline
