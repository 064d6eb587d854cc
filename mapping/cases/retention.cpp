#include "mapping/cases/retention.hpp"

#include "mapping/cases/facts.hpp"
#include "mapping/cases/identity.hpp"
#include "mapping/cases/reading.hpp"
#include "mapping/cases/session.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace auditgate::mapping {

namespace {

using std::chrono::days;
using std::chrono::local_days;

// Who the patient is, and what the patient said of the registry: kept as long as anything else of the patient.
bool is_of_person(const event& one) {
    return one.as<patient_details>() != nullptr || one.as<identity_change>() != nullptr ||
           one.as<consent>() != nullptr;
}

// What a patient said without an end holds until it is taken back: a refusal must not be forgotten.
bool is_standing(const event& one) {
    const auto* said = one.as<consent>();
    return said != nullptr && !said->last;
}

bool is_open_ended(const medication& drug) {
    return drug.kind != medication_kind::administration &&
           (drug.ended == order_end::absent || drug.ended == order_end::removed);
}

// The last day of which the event speaks; that of its recording, when it names none.
local_days last_day_of(const event& one, const date::time_zone& zone) {
    std::optional<local_days> last;
    const auto speaks_of = [&](const std::optional<event_time>& time) {
        if (time && (!last || *last < time->last_date()))
            last = time->last_date();
    };
    speaks_of(one.when);
    if (const auto* seen = one.as<observation>())
        speaks_of(seen->value.time);
    else if (const auto* drug = one.as<medication>())
        speaks_of(drug->end);
    else if (const auto* stay = one.as<visit>())
        speaks_of(stay->end);
    else if (const auto* found = one.as<condition>())
        speaks_of(found->recorded_date);
    else if (const auto* harm = one.as<adverse_event>())
        speaks_of(harm->onset);
    else if (const auto* said = one.as<consent>())
        speaks_of(said->last);
    const bool ended_when_told =
        one.as<medication>() != nullptr && one.as<medication>()->ended == order_end::latest;
    const local_days recorded = local_date(one.recorded, zone);
    if (!last)
        return recorded;
    return ended_when_told ? std::max(*last, recorded) : *last;
}

std::string_view key_of_whole(const event& one) {
    const std::string_view key = one.fact_key;
    return key.substr(0, key.find('#'));
}

// One definition's view of the cluster.
class need {
public:
    need(const compiled_definition& definition, std::span<const distinct_event> events, local_days as_of)
        : definition_(definition) {
        const cluster_versions versions = versions_of(events);
        for (const person& who : identify(events, definition))
            look_for_cases(who, events, versions, as_of);
    }

    // Whether a case that may still change needs the event, or may come to need it.
    [[nodiscard]] bool is_of_open_case(const event& one) const {
        return first_open_ && (may_be_read(one) || last_day_of(one, *definition_.zone) >=
                                                       *first_open_ - days(look_back_days(one)));
    }
    // The first day on which a look-back no longer reaches the event.
    [[nodiscard]] local_days out_of_reach_on(const event& one, local_days received_on) const {
        return std::max(last_day_of(one, *definition_.zone) + days(look_back_days(one) + 1),
                        received_on + days(definition_.retention.arrival_days));
    }
    [[nodiscard]] const std::set<local_days>& closings() const { return closings_; }

private:
    void look_for_cases(const person& who, std::span<const distinct_event> events,
                        const cluster_versions& versions, local_days as_of) {
        std::deque<event> made;
        const patient one = patient_of(who, events, versions, definition_, as_of, made);
        for (const session& each : find_sessions(one, definition_)) {
            const local_days closes = each.date + days(definition_.closing_day());
            if (closes <= as_of || is_out_for_good(each))
                continue;
            closings_.insert(closes);
            first_open_ = std::min(first_open_.value_or(each.date), each.date);
        }
    }

    // Other reasons for exclusion end when more is told of the procedure.
    [[nodiscard]] bool is_out_for_good(const session& each) const {
        return each.excluded == "under-age" ||
               std::ranges::any_of(definition_.selection.exclude, [&](const exclusion_rule& rule) {
                   return rule.reason == each.excluded && !rule.codes.empty();
               });
    }

    [[nodiscard]] int look_back_days(const event& one) const {
        const retention_rules& rules = definition_.retention;
        if (const auto* drug = one.as<medication>())
            return is_open_ended(*drug) && may_be_read(one) ? rules.long_lived_days : rules.order_days;
        return holds_any(rules.long_lived, codes_of(one, *definition_.codes)) ? rules.long_lived_days
                                                                              : rules.dated_days;
    }

    [[nodiscard]] bool may_be_read(const event& one) const {
        if (one.as<observation>() == nullptr && one.as<condition>() == nullptr &&
            one.as<medication>() == nullptr)
            return true;
        const fact as_fact{&one, false, std::nullopt, codes_of(one, *definition_.codes)};
        return is_read(definition_, as_fact) || holds_any(definition_.selection.confirms, as_fact.codes) ||
               std::ranges::any_of(definition_.selection.exclude, [&](const exclusion_rule& rule) {
                   return holds_any(rule.conditions, as_fact.codes) || holds_any(rule.unless, as_fact.codes);
               });
    }

    const compiled_definition& definition_;
    std::optional<local_days> first_open_; // procedure date of the first case that may still change
    std::set<local_days> closings_;
};

// What an event that is kept may depend on, by names that events have in common.
std::vector<std::string> depends_on(const event& one) {
    std::vector<std::string> names;
    if (!one.fact_key.empty())
        names.push_back("fact|" + std::string(key_of_whole(one)));
    if (!one.snapshot_set.empty())
        names.push_back("set|" + one.snapshot_set);
    if (!one.document.empty())
        names.push_back("document|" + one.document);
    if (!one.visit_number.empty())
        names.push_back("visit|" + one.visit_number);
    if (const auto* seen = one.as<observation>(); seen != nullptr && !seen->group.empty())
        names.push_back("group|" + seen->group);
    if (const auto* act = one.as<procedure>())
        for (const std::string& fact : act->complication_facts)
            names.push_back("fact|" + fact);
    if (const auto* harm = one.as<adverse_event>())
        for (const std::string& fact : harm->about_facts)
            names.push_back("fact|" + fact);
    if (const auto* drug = one.as<medication>())
        for (const std::string& number : drug->order_numbers)
            names.push_back("order|" + number);
    return names;
}

// The names under which others find the event: a visit is found by its number, what was reported under it is not.
std::vector<std::string> known_as(const event& one) {
    std::vector<std::string> names = depends_on(one);
    std::erase_if(names, [&](const std::string& name) {
        return name.starts_with("visit|") && one.as<visit>() == nullptr;
    });
    return names;
}

class judgement {
public:
    judgement(std::span<const event> events, std::span<const local_days> received_on,
              std::span<const std::shared_ptr<const compiled_definition>> definitions, local_days as_of)
        : events_(events), received_on_(received_on), as_of_(as_of) {
        const std::vector<distinct_event> distinct = distinct_events(events);
        for (const auto& definition : definitions)
            needs_.emplace_back(*definition, distinct, as_of);
        result_.kept.assign(events.size(), false);
    }

    retention_result judge() {
        for (std::size_t place = 0; place < events_.size(); ++place)
            if (!is_of_person(events_[place]) || is_standing(events_[place]))
                judge_one(place);
        keep_what_others_depend_on();
        keep_the_person();
        keep_what_others_depend_on();
        for (const need& one : needs_)
            for (const local_days closing : one.closings())
                note_next(closing);
        return std::move(result_);
    }

private:
    void judge_one(std::size_t place) {
        const event& one = events_[place];
        bool kept = is_standing(one) && !needs_.empty();
        std::optional<local_days> goes_on;
        for (const need& by : needs_) {
            kept = kept || by.is_of_open_case(one);
            const local_days on = by.out_of_reach_on(one, received_on_[place]);
            goes_on = std::max(goes_on.value_or(on), on);
        }
        if (!kept && goes_on && *goes_on > as_of_) {
            kept = true;
            note_next(*goes_on);
        }
        result_.kept[place] = kept;
    }

    void note_next(local_days on) {
        if (on > as_of_ && (!result_.next_on || on < *result_.next_on))
            result_.next_on = on;
    }

    void keep_what_others_depend_on() {
        std::map<std::string, std::vector<std::size_t>> places;
        for (std::size_t place = 0; place < events_.size(); ++place)
            for (std::string& name : known_as(events_[place]))
                places[std::move(name)].push_back(place);
        std::vector<std::size_t> to_follow;
        for (std::size_t place = 0; place < events_.size(); ++place)
            if (result_.kept[place])
                to_follow.push_back(place);
        while (!to_follow.empty()) {
            const event& one = events_[to_follow.back()];
            to_follow.pop_back();
            for (const std::string& name : depends_on(one)) {
                const auto found = places.find(name);
                if (found == places.end())
                    continue;
                for (const std::size_t place : found->second) {
                    if (result_.kept[place])
                        continue;
                    result_.kept[place] = true;
                    to_follow.push_back(place);
                }
                places.erase(found);
            }
        }
    }

    // With nothing else left the person goes as dated facts do, all of it together.
    void keep_the_person() {
        if (std::ranges::find(result_.kept, true) == result_.kept.end()) {
            local_days goes_on = as_of_;
            for (std::size_t place = 0; place < events_.size(); ++place)
                for (const need& by : needs_)
                    goes_on = std::max(goes_on, by.out_of_reach_on(events_[place], received_on_[place]));
            if (goes_on == as_of_)
                return;
            note_next(goes_on);
        }
        for (std::size_t place = 0; place < events_.size(); ++place)
            if (is_of_person(events_[place]))
                result_.kept[place] = true;
        leave_out_repeated_details();
        keep_links();
    }

    // Every message repeats who the patient is: of messages that say the same the one recorded last is enough, once
    // no look-back reaches the others. An open case keeps them all.
    void leave_out_repeated_details() {
        using name = std::tuple<std::string_view, std::string_view, std::vector<std::string>,
                                std::string_view, std::string_view>;
        std::multimap<name, std::size_t> alike;
        for (std::size_t place = 0; place < events_.size(); ++place) {
            const event& one = events_[place];
            if (one.as<patient_details>() == nullptr || is_reached(place))
                continue;
            std::vector<std::string> subject = one.subject;
            std::ranges::sort(subject);
            alike.emplace(name{one.sender, one.feed, std::move(subject), one.fact_key, one.organisation},
                          place);
        }
        for (auto first = alike.begin(); first != alike.end();) {
            const auto end = alike.upper_bound(first->first);
            for (auto earlier = first; earlier != end; ++earlier)
                for (auto later = first; later != end; ++later)
                    if (says_the_same_later(events_[later->second], events_[earlier->second]))
                        result_.kept[earlier->second] = false;
            first = end;
        }
    }

    static bool says_the_same_later(const event& later, const event& earlier) {
        return later.recorded > earlier.recorded && later.version == earlier.version &&
               later.payload == earlier.payload;
    }

    [[nodiscard]] bool is_reached(std::size_t place) const {
        return std::ranges::any_of(needs_, [&](const need& by) {
            return by.is_of_open_case(events_[place]) ||
                   by.out_of_reach_on(events_[place], received_on_[place]) > as_of_;
        });
    }

    // Numbers that stood together only in an event that goes would be those of two people from then on.
    void keep_links() {
        std::set<std::vector<std::string>> kept;
        std::map<std::vector<std::string>, std::size_t> going;
        for (std::size_t place = 0; place < events_.size(); ++place) {
            std::vector<std::string> subject = events_[place].subject;
            std::ranges::sort(subject);
            if (result_.kept[place]) {
                kept.insert(std::move(subject));
                continue;
            }
            if (subject.size() < 2)
                continue;
            const auto [found, is_new] = going.try_emplace(std::move(subject), place);
            if (!is_new && events_[found->second].recorded < events_[place].recorded)
                found->second = place;
        }
        for (const auto& [subject, place] : going) {
            const bool is_said = std::ranges::any_of(kept, [&subject = subject](const auto& other) {
                return std::ranges::includes(other, subject);
            });
            if (!is_said)
                result_.kept[place] = true;
        }
    }

    std::span<const event> events_;
    std::span<const local_days> received_on_;
    local_days as_of_;
    std::vector<need> needs_;
    retention_result result_;
};

} // namespace

retention_result needed_events(std::span<const event> events, std::span<const local_days> received_on,
                               std::span<const std::shared_ptr<const compiled_definition>> definitions,
                               local_days as_of) {
    return judgement(events, received_on, definitions, as_of).judge();
}

} // namespace auditgate::mapping
