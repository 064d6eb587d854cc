#include "mapping/cases/facts.hpp"

#include <date/tz.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace auditgate::mapping {

namespace {

int rank(version_status status) {
    switch (status) {
    case version_status::deleted:
        return 0;
    case version_status::corrected:
        return 1;
    case version_status::first:
        return 2;
    }
    return 2;
}

// The source identity within what is already known to be one patient. Members of different sets are different facts: what
// one visit leaves out another may still hold.
std::string identity_of(const event& one) {
    return one.snapshot_set.empty() ? one.fact_key : one.fact_key + '\n' + one.snapshot_set;
}

const codings& codings_of(const event& one) {
    static const codings none;
    return std::visit(
        [](const auto& payload) -> const codings& {
            if constexpr (requires { payload.codes; })
                return payload.codes;
            else if constexpr (requires { payload.drug; })
                return payload.drug;
            else if constexpr (requires { payload.category; })
                return payload.category;
            else
                return none;
        },
        one.payload);
}

bool is_emptied(const event& one) {
    const auto* seen = one.as<observation>();
    return seen != nullptr && seen->value.kind == value_kind::emptied;
}

bool says_nothing(const event& one) {
    return one.version == version_status::deleted || is_emptied(one);
}

// What a later message of the same visit leaves unsaid an earlier one may have said.
void fill_from(visit& later, const visit& earlier) {
    if (later.patient_class.empty())
        later.patient_class = earlier.patient_class;
    if (later.intended_management.empty())
        later.intended_management = earlier.intended_management;
    if (later.ended == assertion::absent) {
        later.ended = earlier.ended;
        later.end = earlier.end;
    }
    if (later.cancelled == assertion::absent)
        later.cancelled = earlier.cancelled;
}

// A message that stops or cancels an order need not repeat it.
void fill_from(medication& later, const medication& earlier) {
    if (later.drug.empty())
        later.drug = earlier.drug;
    if (!later.dose)
        later.dose = earlier.dose;
    if (!later.strength)
        later.strength = earlier.strength;
    if (later.route.empty())
        later.route = earlier.route;
    if (!later.frequency) {
        later.frequency = earlier.frequency;
        later.as_needed = later.as_needed || earlier.as_needed;
    }
    if (later.ended == assertion::absent) {
        later.ended = earlier.ended;
        later.end = earlier.end;
    }
}

template <class payload_type>
void fill_event(event& later, const event& earlier) {
    auto* into = std::get_if<payload_type>(&later.payload);
    const auto* from = earlier.as<payload_type>();
    if (into == nullptr || from == nullptr)
        return;
    fill_from(*into, *from);
    if (!later.when)
        later.when = earlier.when;
    if (later.organisation.empty())
        later.organisation = earlier.organisation;
}

// Whether the versions of this fact complete each other instead of replacing each other whole.
bool is_cumulative(const event& one) {
    return one.as<visit>() != nullptr || one.as<medication>() != nullptr;
}

bool same_content(const event& left, const event& right) {
    return left.payload == right.payload && left.when == right.when;
}

// When a fact last came to say something else, if ever: a version that repeats the one before changes nothing. A first
// version that calls itself corrected or deleted changes what was never seen. `versions`: the current one first.
std::optional<recorded_time> last_change(const std::vector<distinct_event>& versions) {
    const event& first = *versions.back().is;
    std::optional<recorded_time> changed_at;
    if (first.version != version_status::first || is_emptied(first))
        changed_at = first.recorded;
    for (std::size_t i = versions.size() - 1; i > 0; --i) {
        const event& before = *versions[i].is;
        const event& after = *versions[i - 1].is;
        const bool both_void = says_nothing(before) && says_nothing(after);
        if (!both_void && (says_nothing(before) != says_nothing(after) || !same_content(before, after)))
            changed_at = after.recorded;
    }
    return changed_at;
}

// Versions of one fact, the current one first.
fact fact_of(const std::vector<distinct_event>& versions, std::deque<event>& made) {
    fact result;
    const event& current = *versions.front().is;
    result.is = &current;
    result.is_void = says_nothing(current);
    result.changed_at = last_change(versions);
    const auto earlier = std::find_if(versions.begin() + 1, versions.end(),
                                      [](const distinct_event& one) { return !says_nothing(*one.is); });
    if (earlier == versions.end())
        return result;
    if (result.is_void) {
        result.is = earlier->is;
    } else if (is_cumulative(current)) {
        event& whole = made.emplace_back(current);
        for (auto one = earlier; one != versions.end(); ++one) {
            fill_event<visit>(whole, *one->is);
            fill_event<medication>(whole, *one->is);
        }
        result.is = &whole;
    }
    return result;
}

using set_times = decltype(cluster_versions::times);

set_times times_of_sets(std::span<const distinct_event> events) {
    set_times times;
    for (const distinct_event& one : events) {
        if (!one.is->snapshot_set.empty())
            times[one.is->snapshot_set].push_back(one.is->recorded);
    }
    for (auto& [set, when] : times)
        std::ranges::sort(when);
    return times;
}

void void_what_sets_leave_out(std::vector<fact>& facts, const set_times& times) {
    for (fact& one : facts) {
        if (one.is_void || one.is->snapshot_set.empty())
            continue;
        const auto& given = times.at(one.is->snapshot_set);
        const auto next = std::ranges::upper_bound(given, one.is->recorded);
        if (next != given.end()) {
            one.is_void = true;
            one.changed_at = *next;
        }
    }
}

using newest_versions = decltype(cluster_versions::newest);

newest_versions newest_by_global_key(std::span<const distinct_event> events) {
    newest_versions newest;
    for (const distinct_event& one : events) {
        if (one.is->fact_key.empty() || one.is->fact_scope != event::key_scope::global)
            continue;
        const auto [found, is_new] = newest.try_emplace(one.is->fact_key, &one);
        if (!is_new && supersedes(one, *found->second))
            found->second = &one;
    }
    return newest;
}

// KEY#PART is a part of KEY: a component, an answer or a second dosage of a FHIR resource, a further repetition of OBX-5. A
// later version of the whole, deleted or not, leaves nothing of the parts that it does not give. That version; nullptr
// while the part holds.
const event* left_out_by(const event& part, const newest_versions& newest) {
    const std::string_view key = part.fact_key;
    const std::size_t mark = key.find('#');
    if (mark == std::string_view::npos)
        return nullptr;
    const auto found = newest.find(key.substr(0, mark));
    if (found == newest.end())
        return nullptr;
    const event& whole = *found->second->is;
    // At equal times deleted comes before corrected before first; what one message gives stands together.
    const bool is_later = std::make_tuple(part.recorded, rank(whole.version)) <
                          std::make_tuple(whole.recorded, rank(part.version));
    return is_later ? &whole : nullptr;
}

// Whether a version of an order says what is taken: one that stops or cancels the order need not repeat its dosages.
bool states_dosage(const medication& order) {
    return order.dose || order.frequency || !order.route.empty();
}

void void_parts_left_out(std::vector<fact>& facts, const newest_versions& newest, std::deque<event>& made) {
    for (fact& one : facts) {
        const event* later = one.is_void ? nullptr : left_out_by(*one.is, newest);
        if (later == nullptr)
            continue;
        const auto* order = later->as<medication>();
        const auto* dosage = one.is->as<medication>();
        if (order != nullptr && dosage != nullptr && !says_nothing(*later) && !states_dosage(*order)) {
            medication stopped = *dosage;
            stopped.status = order->status;
            if (order->ended != assertion::absent) {
                stopped.end = order->end;
                stopped.ended = order->ended;
            }
            event& whole = made.emplace_back(*one.is);
            whole.payload = std::move(stopped);
            one.is = &whole;
            continue;
        }
        one.is_void = true;
        one.changed_at = later->recorded;
    }
}

// ADT^A11 takes back the visit with the procedures that HL7 v2 had reported under it by then.
void void_procedures_of_cancelled_visits(std::vector<fact>& facts) {
    std::map<std::string, recorded_time> cancelled;
    for (fact& one : facts) {
        const auto* stay = one.is->as<visit>();
        if (stay == nullptr || stay->cancelled != assertion::given)
            continue;
        one.is_void = true;
        one.changed_at = one.is->recorded;
        if (one.is->feed != "fhir" && !one.is->visit_number.empty()) {
            recorded_time& at = cancelled[one.is->visit_number];
            at = std::max(at, one.is->recorded);
        }
    }
    for (fact& one : facts) {
        if (one.is_void || one.is->as<procedure>() == nullptr || one.is->feed == "fhir")
            continue;
        const auto found = cancelled.find(one.is->visit_number);
        if (found != cancelled.end() && one.is->recorded <= found->second) {
            one.is_void = true;
            one.changed_at = found->second;
        }
    }
}

} // namespace

std::vector<distinct_event> distinct_events(std::span<const event> events) {
    std::vector<distinct_event> all;
    all.reserve(events.size());
    for (const event& one : events)
        all.push_back({&one, content_hash(one)});
    // Of doubles the one with the lowest reference stays, for a trace that does not change either.
    std::ranges::sort(all, {}, [](const distinct_event& one) {
        return std::tie(one.is->recorded, one.hash, one.is->message, one.is->path);
    });
    const auto doubles = std::ranges::unique(all, {}, &distinct_event::hash);
    all.erase(doubles.begin(), doubles.end());
    return all;
}

bool supersedes(const distinct_event& left, const distinct_event& right) {
    return std::make_tuple(right.is->recorded, rank(left.is->version), std::cref(left.hash)) <
           std::make_tuple(left.is->recorded, rank(right.is->version), std::cref(right.hash));
}

std::vector<const event*> current_by_global_key(std::span<const distinct_event> events) {
    const newest_versions newest = newest_by_global_key(events);
    std::vector<const event*> result;
    for (const distinct_event& one : events) {
        const auto found =
            one.is->fact_scope == event::key_scope::global ? newest.find(one.is->fact_key) : newest.end();
        const event* current = found == newest.end() ? one.is : found->second->is;
        const bool is_void = says_nothing(*current) || left_out_by(*current, newest) != nullptr;
        result.push_back(is_void ? nullptr : current);
    }
    return result;
}

std::vector<concept_code> meanings(const codings& as_sent, const event& said_in, const terminology& codes) {
    std::vector<concept_code> result;
    for (const coding& one : as_sent) {
        for (concept_code& meaning : codes.expand(one, said_in.sender)) {
            if (std::ranges::find(result, meaning) == result.end())
                result.push_back(std::move(meaning));
        }
    }
    return result;
}

std::chrono::local_days local_date(recorded_time at, const date::time_zone& zone) {
    const auto local = zone.to_local(at).time_since_epoch();
    return std::chrono::local_days(std::chrono::floor<std::chrono::days>(local));
}

cluster_versions versions_of(std::span<const distinct_event> all) {
    return {newest_by_global_key(all), times_of_sets(all)};
}

std::vector<fact> resolve_facts(std::span<const distinct_event> of_patient, const cluster_versions& all,
                                const terminology& codes, std::deque<event>& made) {
    std::map<std::string, std::vector<distinct_event>> versions; // by source identity
    std::vector<std::vector<distinct_event>> ordered;
    for (const distinct_event& one : of_patient) {
        if (one.is->as<emptied_set>() != nullptr)
            continue;
        if (one.is->fact_key.empty())
            ordered.push_back({one});
        else
            versions[identity_of(*one.is)].push_back(one);
    }
    // A fact whose subject was corrected has versions at other patients: only a current one counts here.
    for (auto& [identity, list] : versions) {
        std::ranges::sort(list, supersedes);
        const event& here = *list.front().is;
        if (here.fact_scope == event::key_scope::global && all.newest.at(here.fact_key)->is != &here &&
            here.snapshot_set.empty())
            continue;
        ordered.push_back(std::move(list));
    }

    std::vector<fact> facts;
    for (const auto& list : ordered)
        facts.push_back(fact_of(list, made));
    void_what_sets_leave_out(facts, all.times);
    void_parts_left_out(facts, all.newest, made);
    void_procedures_of_cancelled_visits(facts);
    for (fact& one : facts)
        one.codes = meanings(codings_of(*one.is), *one.is, codes);
    return facts;
}

} // namespace auditgate::mapping
