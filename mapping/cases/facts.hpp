// First stage of cases(): which version of each fact is the current one, and which facts are void
// (dataset.md section 1, Versions and Snapshots).
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/event.hpp"

#include <chrono>
#include <compare>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

using recorded_time = std::chrono::sys_time<std::chrono::milliseconds>;

// One fact as it stands now. Of a void fact `is` is the last version that said something.
struct fact {
    const event* is = nullptr;
    bool is_void = false;
    std::optional<recorded_time> changed_at; // when it was corrected or voided, if ever
    std::vector<concept_code> codes;         // of the payload, normalised, with what local codes lead to

    // A time known only to the month or year is no date.
    [[nodiscard]] bool has_date() const { return is->when && is->when->has_date(); }
    [[nodiscard]] std::chrono::local_days date() const { return is->when->date(); }
};

// Events without doubles, each with its content hash, ordered by it: whatever order they came in, they are the same.
struct distinct_event {
    const event* is = nullptr;
    std::string hash;
};
[[nodiscard]] std::vector<distinct_event> distinct_events(std::span<const event> events);

// The order in which versions of one fact replace each other: recorded later, then deleted before corrected before first,
// then the lowest hash. True when `left` beats `right`.
[[nodiscard]] bool supersedes(const distinct_event& left, const distinct_event& right);

// For each event the current version of its fact (itself, when nothing replaced it), nullptr when that voids the fact;
// judged by global fact keys alone, for facts within a patient are not decided yet: for deciding which messages still link
// identity keys.
[[nodiscard]] std::vector<const event*> current_by_global_key(std::span<const distinct_event> events);

// When a document last took back what it had said.
struct document_end {
    recorded_time at;
    bool is_cancelled = false; // also what it says at that time

    [[nodiscard]] bool ends(recorded_time said) const { return is_cancelled ? said <= at : said < at; }
    auto operator<=>(const document_end&) const = default;
};

// What must be looked up among all events of a cluster, whosever they are. Refers to the events.
struct cluster_versions {
    // The versions of each fact with a global key, the current one first.
    std::map<std::string_view, std::vector<const distinct_event*>> of_key;
    std::map<std::string_view, std::vector<recorded_time>>
        times; // at which each set was given anew, ascending
    std::map<std::string, document_end> documents;
};
[[nodiscard]] cluster_versions versions_of(std::span<const distinct_event> all);

// The facts of one patient, from the events that are the patient's, ordered by recorded time and hash. `made` keeps
// events that are put together from several messages (visits, changed orders, conditions since some month or year);
// pointers into it stay valid.
[[nodiscard]] std::vector<fact> resolve_facts(std::span<const distinct_event> of_patient,
                                              const cluster_versions& all,
                                              const compiled_definition& definition, std::deque<event>& made);

// All codes that a list of codings means to the definition.
[[nodiscard]] std::vector<concept_code> meanings(const codings& as_sent, const event& said_in,
                                                 const terminology& codes);

// All codes of an event's payload that the definition can read.
[[nodiscard]] std::vector<concept_code> codes_of(const event& one, const terminology& codes);

// The calendar date of an instant.
[[nodiscard]] std::chrono::local_days local_date(recorded_time at, const date::time_zone& zone);

} // namespace auditgate::mapping
