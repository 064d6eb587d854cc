#include "mapping/cases/reading.hpp"
#include "mapping/cases/opioid_records.hpp"
#include "mapping/cases/visits.hpp"

#include <algorithm>

namespace auditgate::mapping {

namespace {

// Items of these derivations speak of the session: they are read on its own date only.
bool is_of_session(derivation how) {
    switch (how) {
    case derivation::session_word:
    case derivation::session_first_word:
    case derivation::session_words:
    case derivation::companion:
        return true;
    default:
        return false;
    }
}

bool is_session_observation(const compiled_definition& definition, const fact& one) {
    return holds_any(definition.selection.stated_sites, one.codes) ||
           holds_any(definition.selection.stated_status, one.codes) ||
           std::ranges::any_of(definition.items, [&](const item& rule) {
               return is_of_session(rule.how) && holds_any(rule.codes, one.codes);
           });
}

bool is_patient_observation(const compiled_definition& definition, const fact& one) {
    const adverse_event_rules& safety = definition.safety;
    const auto read_by_item = [&](const item& rule) {
        return !is_of_session(rule.how) && rule.how != derivation::first_code &&
               rule.how != derivation::session_codes && holds_any(rule.codes, one.codes);
    };
    const auto read_by_block = [&](const assessment_block& block) {
        return std::ranges::any_of(block.instruments, [&](const instrument& kind) {
            return std::ranges::any_of(kind.values, [&](const assessment_value& value) {
                return holds_any(value.codes, one.codes) || holds_any(value.part_codes, one.codes);
            });
        });
    };
    return holds_any(definition.opioid.reported, one.codes) || holds_any(safety.stated_category, one.codes) ||
           holds_any(safety.stated_grade, one.codes) || holds_any(safety.stated_relatedness, one.codes) ||
           holds_any(safety.stated_onset, one.codes) ||
           holds_any(definition.follow_up.stated_status, one.codes) ||
           std::ranges::any_of(definition.items, read_by_item) ||
           std::ranges::any_of(definition.blocks, read_by_block);
}

bool is_read_condition(const compiled_definition& definition, const fact& one) {
    const auto holds_word = [&](const coded_word& word) { return holds_any(word.codes, one.codes); };
    const auto read_by_item = [&](const item& rule) {
        return (rule.how == derivation::condition_category && std::ranges::any_of(rule.coded, holds_word)) ||
               (rule.how == derivation::first_code && holds_any(rule.codes, one.codes));
    };
    const auto excludes = [&](const exclusion_rule& rule) { return holds_any(rule.conditions, one.codes); };
    return std::ranges::any_of(definition.selection.exclude, excludes) ||
           std::ranges::any_of(definition.items, read_by_item) ||
           std::ranges::any_of(definition.safety.categories, holds_word);
}

bool is_session_procedure(const compiled_definition& definition, const fact& one) {
    return holds_any(definition.selection.procedure_codes, one.codes);
}

bool is_companion_procedure(const compiled_definition& definition, const fact& one) {
    const item* rule = definition.find(derivation::companion);
    return rule != nullptr && std::ranges::any_of(rule->coded, [&](const coded_word& word) {
               return holds_any(word.codes, one.codes);
           });
}

bool is_read_visit(const compiled_definition& definition, const fact& one) {
    const item* rule = definition.find(derivation::visit_setting);
    return rule != nullptr && !visit_class(one, *rule).empty();
}

// Read whatever its date is.
bool is_read_of_any_date(const compiled_definition& definition, const fact& one) {
    const event& said = *one.is;
    if (said.as<observation>() != nullptr)
        return is_patient_observation(definition, one);
    if (said.as<condition>() != nullptr)
        return is_read_condition(definition, one);
    if (said.as<medication>() != nullptr)
        return opioid_drug(one, definition.opioid).has_value();
    if (said.as<procedure>() != nullptr)
        return is_companion_procedure(definition, one);
    if (said.as<visit>() != nullptr)
        return is_read_visit(definition, one);
    return said.as<adverse_event>() != nullptr;
}

} // namespace

bool is_read(const compiled_definition& definition, const fact& one) {
    if (is_read_of_any_date(definition, one))
        return true;
    if (one.is->as<observation>() != nullptr)
        return is_session_observation(definition, one);
    return one.is->as<procedure>() != nullptr && is_session_procedure(definition, one);
}

std::set<std::string> feeds_of(const case_context& context) {
    std::set<std::string> feeds;
    for (const fact& one : context.who.facts) {
        if (!context.who.holds(one))
            continue;
        const bool is_details = one.is->as<patient_details>() != nullptr;
        if (is_details && (one.is->feed == "fhir" || one.is->feed == "hl7v2-adt"))
            feeds.insert(one.is->feed);
        else if (is_read_of_any_date(context.definition, one) ||
                 (one.has_date() && one.date() == context.self.date && is_read(context, one)))
            feeds.insert(one.is->feed);
    }
    return feeds;
}

} // namespace auditgate::mapping
