#include "mapping/cases/facts.hpp"

#include "mapping/cases/completion.hpp"

#include <date/tz.h>

#include <algorithm>
#include <map>
#include <ranges>
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

// The same value in another visit or report is the same value.
bool same_content(const event& left, const event& right) {
    const auto* seen = left.as<observation>();
    const auto* other = right.as<observation>();
    if (seen == nullptr || other == nullptr)
        return left.payload == right.payload && left.when == right.when;
    observation same = *other;
    same.source = seen->source;
    same.group = seen->group;
    return same == *seen && left.when == right.when;
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

// A condition since some month or year counts from when it was told, or from the last day of that month or year if it was
// told later. Told by the first of the versions that say the same: one that is sent again tells nothing new.
event_time onset_told(const std::vector<distinct_event>& versions, const date::time_zone& zone) {
    const event& current = *versions.front().is;
    const condition& said = *current.as<condition>();
    const event* first = &current;
    for (const distinct_event& one : versions) {
        const auto* earlier = one.is->as<condition>();
        if (says_nothing(*one.is) || earlier == nullptr || earlier->codes != said.codes ||
            one.is->when != current.when)
            break;
        first = one.is;
    }
    const auto at_local = zone.to_local(first->recorded).time_since_epoch();
    event_time told{std::chrono::local_time<std::chrono::milliseconds>(at_local), first->recorded};
    const auto& recorded_date = first->as<condition>()->recorded_date;
    if (recorded_date && recorded_date->has_date())
        told = *recorded_date;
    const std::chrono::local_days last = current.when->last_date();
    if (told.date() <= last)
        return told;
    const date::local_days end(date::days(last.time_since_epoch().count()));
    return {last, zone.to_sys(end, date::choose::earliest), time_precision::day};
}

// Versions of one fact, the current one first.
fact fact_of(const std::vector<distinct_event>& versions, const date::time_zone& zone,
             std::deque<event>& made) {
    fact result;
    const event& current = *versions.front().is;
    result.is = &current;
    result.is_void = says_nothing(current);
    result.changed_at = last_change(versions);
    if (!result.is_void && current.as<condition>() != nullptr && current.when && !current.when->has_date()) {
        event& dated = made.emplace_back(current);
        dated.when = onset_told(versions, zone);
        result.is = &dated;
    }
    if (result.is_void) {
        const auto earlier = std::find_if(versions.begin() + 1, versions.end(),
                                          [](const distinct_event& one) { return !says_nothing(*one.is); });
        if (earlier != versions.end())
            result.is = earlier->is;
    } else if (is_cumulative(current) && versions.size() > 1) {
        event& whole = made.emplace_back(current);
        // Nothing that was entered in error completes what is said anew.
        for (auto one = versions.begin() + 1; one != versions.end() && !says_nothing(*one->is); ++one)
            complete_from(whole, *one->is);
        result.is = &whole;
    }
    return result;
}

using document_ends = decltype(cluster_versions::documents);

// When an MDM document took back what this event says (event::document); nullptr while it stands.
const document_end* withdrawal_of(const event& one, const document_ends& ends) {
    const auto found = one.document.empty() ? ends.end() : ends.find(one.document);
    return found != ends.end() && found->second.ends(one.recorded) ? &found->second : nullptr;
}

// What a document has taken back is no version any more: another document may still say it.
fact fact_of_documents(const std::vector<distinct_event>& versions, const document_ends& ends,
                       const date::time_zone& zone, std::deque<event>& made) {
    std::vector<distinct_event> standing;
    std::optional<recorded_time> withdrawn_at;
    for (const distinct_event& one : versions) {
        if (const document_end* end = withdrawal_of(*one.is, ends))
            withdrawn_at = std::max(withdrawn_at.value_or(end->at), end->at);
        else
            standing.push_back(one);
    }
    if (!withdrawn_at)
        return fact_of(versions, zone, made);
    fact result = fact_of(standing.empty() ? versions : standing, zone, made);
    result.changed_at = last_change(versions);
    if (standing.empty()) {
        result.is_void = true;
        result.changed_at = withdrawn_at;
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

std::map<std::string, document_end> ends_of_documents(std::span<const distinct_event> events) {
    std::map<std::string, document_end> ends;
    for (const distinct_event& one : events) {
        if (one.is->document.empty() || one.is->as<emptied_set>() == nullptr)
            continue;
        const document_end end{one.is->recorded, one.is->version == version_status::deleted};
        const auto [found, is_new] = ends.try_emplace(one.is->document, end);
        if (!is_new)
            found->second = std::max(found->second, end);
    }
    return ends;
}

using key_versions = decltype(cluster_versions::of_key);

key_versions versions_by_global_key(std::span<const distinct_event> events) {
    key_versions versions;
    for (const distinct_event& one : events) {
        if (!one.is->fact_key.empty() && one.is->fact_scope == event::key_scope::global)
            versions[one.is->fact_key].push_back(&one);
    }
    for (auto& [key, list] : versions) {
        std::ranges::sort(list, [](const distinct_event* left, const distinct_event* right) {
            return supersedes(*left, *right);
        });
    }
    return versions;
}

// KEY#PART is a part of KEY: a component, an answer or a second dosage of a FHIR resource, a further repetition of OBX-5.
// The versions of the whole that are later than the part, the current one first.
std::span<const distinct_event* const> later_wholes(const event& part, const key_versions& versions) {
    const std::string_view key = part.fact_key;
    const std::size_t mark = key.find('#');
    if (mark == std::string_view::npos)
        return {};
    const auto found = versions.find(key.substr(0, mark));
    if (found == versions.end())
        return {};
    // At equal times deleted comes before corrected before first; what one message gives stands together.
    const auto not_later = std::ranges::find_if_not(found->second, [&](const distinct_event* whole) {
        return std::make_tuple(part.recorded, rank(whole->is->version)) <
               std::make_tuple(whole->is->recorded, rank(part.version));
    });
    return {found->second.begin(), not_later};
}

// It stops or cancels an order without saying how often it was taken.
bool is_mere_stop(const medication& order) {
    const bool is_over = order.status == medication_status::cancelled || order.end.has_value();
    return is_over && !order.frequency && !order.as_needed;
}

// A later version of the whole, deleted or not, leaves nothing of the parts that it does not give; but one that stops or
// cancels an order without its dosages leaves them as they are. The version that voids the part; nullptr while it holds.
const event* left_out_by(const event& part, const key_versions& versions) {
    for (const distinct_event* whole : later_wholes(part, versions)) {
        const auto* order = whole->is->as<medication>();
        if (says_nothing(*whole->is) || order == nullptr || (states_dosage(*order) && !is_mere_stop(*order)))
            return whole->is;
    }
    return nullptr;
}

void void_parts_left_out(std::vector<fact>& facts, const key_versions& versions, std::deque<event>& made) {
    for (fact& one : facts) {
        if (one.is_void)
            continue;
        if (const event* later = left_out_by(*one.is, versions)) {
            one.is_void = true;
            one.changed_at = later->recorded;
            continue;
        }
        const auto stops = later_wholes(*one.is, versions);
        if (stops.empty() || one.is->as<medication>() == nullptr)
            continue;
        event& stopped = made.emplace_back(*one.is);
        for (const distinct_event* stop : std::views::reverse(stops))
            take_stop(std::get<medication>(stopped.payload), *stop->is->as<medication>());
        one.is = &stopped;
    }
}

bool is_hl7v2(const event& one) {
    return one.feed.starts_with("hl7v2-");
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
        if (is_hl7v2(*one.is) && !one.is->visit_number.empty()) {
            recorded_time& at = cancelled[one.is->visit_number];
            at = std::max(at, one.is->recorded);
        }
    }
    for (fact& one : facts) {
        if (one.is_void || one.is->as<procedure>() == nullptr || !is_hl7v2(*one.is))
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
    const key_versions versions = versions_by_global_key(events);
    std::vector<const event*> result;
    for (const distinct_event& one : events) {
        const auto found =
            one.is->fact_scope == event::key_scope::global ? versions.find(one.is->fact_key) : versions.end();
        const event* current = found == versions.end() ? one.is : found->second.front()->is;
        const bool is_void = says_nothing(*current) || left_out_by(*current, versions) != nullptr;
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

std::vector<concept_code> codes_of(const event& one, const terminology& codes) {
    return meanings(codings_of(one), one, codes);
}

std::chrono::local_days local_date(recorded_time at, const date::time_zone& zone) {
    const auto local = zone.to_local(at).time_since_epoch();
    return std::chrono::local_days(std::chrono::floor<std::chrono::days>(local));
}

cluster_versions versions_of(std::span<const distinct_event> all) {
    return {versions_by_global_key(all), times_of_sets(all), ends_of_documents(all)};
}

std::vector<fact> resolve_facts(std::span<const distinct_event> of_patient, const cluster_versions& all,
                                const compiled_definition& definition, std::deque<event>& made) {
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
        if (here.fact_scope == event::key_scope::global &&
            all.of_key.at(here.fact_key).front()->is != &here && here.snapshot_set.empty())
            continue;
        ordered.push_back(std::move(list));
    }

    std::vector<fact> facts;
    for (const auto& list : ordered)
        facts.push_back(fact_of_documents(list, all.documents, *definition.zone, made));
    void_what_sets_leave_out(facts, all.times);
    void_parts_left_out(facts, all.of_key, made);
    void_procedures_of_cancelled_visits(facts);
    for (fact& one : facts)
        one.codes = codes_of(*one.is, *definition.codes);
    return facts;
}

} // namespace auditgate::mapping
