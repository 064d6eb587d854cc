#include "mapping/cases/cases.hpp"

#include "mapping/cases/context.hpp"
#include "mapping/cases/efficacy.hpp"
#include "mapping/cases/follow_up.hpp"
#include "mapping/cases/quality.hpp"
#include "mapping/cases/reading.hpp"
#include "mapping/cases/safety.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace auditgate::mapping {

namespace {

json_value value_of(case_context& context, const item& rule, const json_value& record) {
    switch (rule.how) {
    case derivation::time_points:
        return efficacy_rows(context, rule);
    case derivation::adverse_events:
        return adverse_event_list(context);
    case derivation::adverse_occurred:
        return adverse_occurred(context, rule, has_adverse_event(context));
    case derivation::follow_up_status:
        return follow_up_status(context, rule);
    case derivation::last_contact: {
        const auto day = last_contact_day(context);
        return day ? json_value(*day) : json_value();
    }
    case derivation::death_band:
        return death_band(context, rule);
    case derivation::subsequent_treatments:
        return subsequent_treatments(context, rule);
    default:
        return item_value(context, rule, record);
    }
}

json_value record_of(case_context& context) {
    json_value record = json_value::object();
    for (const std::string& section : context.definition.sections)
        record.set(section, json_value::object());
    for (const item& rule : context.definition.items) {
        json_value value = value_of(context, rule, record);
        if (rule.name.empty())
            record.set(rule.section, std::move(value)); // a section that is a list
        else
            record.find(rule.section)->set(rule.name, std::move(value));
    }
    note_missing_items(context, record);
    note_flags(context);
    for (const item& rule : context.definition.items) {
        if (rule.how == derivation::missing)
            record.find(rule.section)->set(rule.name, sorted_list(context.missing));
        else if (rule.how == derivation::flags)
            record.find(rule.section)->set(rule.name, sorted_list(context.flags));
    }
    return record;
}

// The exclusion that an item of the record speaks for; nullptr: none.
const exclusion_rule* exclusion_by_item(const compiled_definition& definition, const json_value& record) {
    const auto& rules = definition.selection.exclude;
    const auto found = std::ranges::find_if(rules, [&](const exclusion_rule& rule) {
        const item* about = rule.item.empty() ? nullptr : definition.find(rule.item);
        return about != nullptr &&
               std::ranges::find(rule.words, record[about->section][about->name].text()) != rule.words.end();
    });
    return found == rules.end() ? nullptr : &*found;
}

// The lowest organisation among the messages that carry the procedure; of FHIR ones also that of the visit.
std::string provider_of(const case_context& context) {
    constexpr std::size_t organisation_size = 3;
    std::set<std::string> organisations;
    for (const fact* act : context.self.procedures) {
        if (!holds_any(context.definition.selection.procedure_codes, act->codes))
            continue;
        std::string code = act->is->organisation;
        if (code.empty() && !act->is->visit_number.empty()) {
            for (const fact* stay : context.facts_of<visit>()) {
                if (stay->is->visit_number == act->is->visit_number && stay->is->sender == act->is->sender)
                    code = stay->is->organisation;
            }
        }
        if (!code.empty())
            organisations.insert(code.substr(0, organisation_size));
    }
    return organisations.empty() ? std::string() : *organisations.begin();
}

class case_maker {
public:
    case_maker(const compiled_definition& definition, std::chrono::local_days as_of)
        : definition_(definition), as_of_(as_of) {}

    void add_person(const person& who, std::span<const distinct_event> events,
                    const cluster_versions& versions) {
        std::deque<event> made;
        patient one = patient_of(who, events, versions, definition_, as_of_, made);
        if (one.details.died && one.details.died_on > as_of_) {
            note_change(*one.details.died_on);
            one.details.died = false;
        }
        note_changes_of(one);
        const std::vector<session> sessions = find_sessions(one, definition_);
        const std::vector<consent_fact> consents = consents_of(one, *definition_.codes);
        for (const session& each : sessions)
            add_case(one, sessions, each, consents);
    }

    void note_change(std::chrono::local_days date) {
        if (date > as_of_ && (!result_.next_change_on || date < *result_.next_change_on))
            result_.next_change_on = date;
    }

    cases_result take() {
        std::ranges::sort(result_.cases, [](const case_result& left, const case_result& right) {
            return std::tie(left.patient_key, left.procedure_date) <
                   std::tie(right.patient_key, right.procedure_date);
        });
        return std::move(result_);
    }

private:
    // Facts dated ahead, ends of orders, periods of consents, onsets that lie ahead of what tells of them.
    void note_changes_of(const patient& who) {
        for (const fact& one : who.facts) {
            if (one.is_void)
                continue;
            if (one.is->when)
                note_change(one.is->when->date());
            if (const auto* drug = one.is->as<medication>(); drug != nullptr && drug->end) {
                note_change(drug->end->last_date());
                note_change(drug->end->last_date() + std::chrono::days(1));
            }
            if (const auto* stay = one.is->as<visit>(); stay != nullptr && stay->end)
                note_change(stay->end->date());
            if (const auto* said = one.is->as<consent>()) {
                if (said->first)
                    note_change(said->first->date());
                if (said->last)
                    note_change(said->last->last_date() + std::chrono::days(1));
            }
            if (const auto onset = stated_onset(one, definition_))
                note_change(onset->date());
        }
    }

    void add_case(const patient& who, const std::vector<session>& sessions, const session& self,
                  const std::vector<consent_fact>& consents) {
        case_result& made = result_.cases.emplace_back();
        made.patient_key = who.who->key;
        made.nhs_number = who.who->nhs_number;
        made.procedure_date = self.date;
        made.consents = consents;
        case_context context{definition_, who, sessions, self, {}, {}, {}, {}};
        made.provider_org = provider_of(context);
        if (!who.who->hold_reason.empty()) {
            made.state = case_state::held;
            made.reason = who.who->hold_reason;
        } else if (who.who->key.empty()) {
            made.state = case_state::excluded;
            made.reason = "no-usable-identifier";
        } else if (!self.is_case()) {
            made.state = case_state::excluded;
            made.reason = self.excluded;
        } else {
            fill_record(made, context);
        }
    }

    void fill_record(case_result& made, case_context& context) {
        json_value record = record_of(context);
        for (const auto date : context.changes)
            note_change(date);
        if (const exclusion_rule* rule = exclusion_by_item(definition_, record)) {
            made.state = case_state::excluded;
            made.reason = rule->reason;
            return;
        }
        made.content = std::move(record);
        const std::set<std::string> feeds = feeds_of(context);
        made.source_feeds.assign(feeds.begin(), feeds.end());
        made.trace = std::move(context.trace);
    }

    const compiled_definition& definition_;
    std::chrono::local_days as_of_;
    cases_result result_;
};

} // namespace

cases_result cases(std::span<const event> events, const compiled_definition& definition,
                   std::chrono::local_days as_of) {
    case_maker maker(definition, as_of);
    std::vector<distinct_event> distinct = distinct_events(events);
    // Changes of identity have no other date than that of their recording.
    std::erase_if(distinct, [&](const distinct_event& one) {
        if (one.is->as<identity_change>() == nullptr)
            return false;
        const auto date = local_date(one.is->recorded, *definition.zone);
        maker.note_change(date);
        return date > as_of;
    });
    std::deque<event> moved;
    move_visits(distinct, moved);
    const cluster_versions versions = versions_of(distinct);
    for (const person& who : identify(distinct, definition))
        maker.add_person(who, distinct, versions);
    return maker.take();
}

} // namespace auditgate::mapping
