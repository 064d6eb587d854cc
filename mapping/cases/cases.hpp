// From clinical events to audit cases: the pure function at the heart of the gateway (dataset.md sections 1 to 5).
#pragma once

#include "fhir/json.hpp"
#include "mapping/cases/consents.hpp"
#include "mapping/definition/definition.hpp"
#include "mapping/event.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace auditgate::mapping {

enum class case_state {
    record,   // a record, if the release gate lets it
    held,     // somebody must act first: identity-conflict, no-usable-identifier, identity-cluster-too-large
    excluded, // no record of this dataset, for `reason`: not-done, under-age, no-site ...
};

// Why an item has its value.
struct trace_entry {
    std::string path;                // procedure.access, efficacy.M1.score
    std::string rule;                // in words
    std::vector<std::string> used;   // messages that gave the value: their references, each once, sorted
    std::vector<std::string> beaten; // messages that gave another one
};

// One session: the procedures of one patient on one local date.
struct case_result {
    std::string patient_key; // source key `nhs|<10 digits>` or `local|<ODS>|<number>`; "" when there is none
    std::chrono::local_days procedure_date{};
    case_state state = case_state::record;
    std::string reason; // of held and excluded

    // For state record, without what release adds: the sections of the definition in their order, items of derivation
    // `released` null.
    std::string provider_org;              // 3 characters; "" when unknown
    std::vector<std::string> source_feeds; // sorted
    fhir::json::value content;

    std::string nhs_number; // usable one, of the key, else ""
    std::vector<consent_fact> consents;
    std::vector<trace_entry> trace;
};

struct cases_result {
    std::vector<case_result> cases; // by patient key, then date
    // The earliest day after as_of on which the passing of time alone may change a case or what the gate says of it.
    std::optional<std::chrono::local_days> next_change_on;
};

// Computes the cases of one cluster as of a calendar date in the definition's time zone. Pure and total: the same set of
// events gives the same result, in any order and however often an event is repeated.
[[nodiscard]] cases_result cases(std::span<const event> events, const compiled_definition& definition,
                                 std::chrono::local_days as_of);

} // namespace auditgate::mapping
