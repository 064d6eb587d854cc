#include "mapping/release/gate.hpp"

#include "fhir/json.hpp"

#include <algorithm>

namespace auditgate::mapping {
namespace {

using fhir::json::value;

const gate_verdict open{gate_state::open, ""};

gate_verdict ask_opt_out(const gate_facts& facts, const destination_settings& destination,
                         const opt_out_state& opt_outs, std::chrono::local_days today) {
    if (opt_outs.dissent.contains(facts.nhs_number)) {
        return {gate_state::closed, "opted-out"};
    }
    if (destination.opt_out_exempt) {
        return open;
    }
    if (facts.nhs_number.empty()) {
        return destination.send_without_nhs_number ? open
                                                   : gate_verdict{gate_state::hold, "opt-out-not-checkable"};
    }
    const bool asked = opt_outs.requested.contains(facts.nhs_number);
    if (asked && !opt_outs.cleared.contains(facts.nhs_number)) {
        return {gate_state::closed, "opted-out"}; // however old the answer is
    }
    if (is_stale(opt_outs, destination.opt_out_max_age, today)) {
        return {gate_state::hold, "opt-out-list-stale"};
    }
    return asked ? open : gate_verdict{gate_state::hold, "opt-out-not-requested"};
}

gate_verdict ask_consent(const gate_facts& facts, const destination_settings& destination,
                         std::chrono::local_days today) {
    const gate_facts::consent* latest = nullptr;
    for (const gate_facts::consent& one : facts.consents) {
        if (std::ranges::find(one.policies, destination.consent_policy) != one.policies.end()) {
            latest = &one;
        }
    }
    if (latest == nullptr) {
        return destination.consent_assumed ? open : gate_verdict{gate_state::hold, "no-consent"};
    }
    if (!latest->permits) {
        return {gate_state::closed, "consent-denied"};
    }
    if (!latest->active) {
        return {gate_state::closed, "consent-not-active"};
    }
    if ((latest->first && today < *latest->first) || (latest->last && today > *latest->last)) {
        return {gate_state::closed, "consent-out-of-period"};
    }
    return open;
}

value day_value(std::chrono::local_days day) {
    return value(std::int64_t{day.time_since_epoch().count()});
}

value day_or_null(const std::optional<std::chrono::local_days>& day) {
    return day ? day_value(*day) : value{};
}

std::optional<std::chrono::local_days> day_of(const value& from) {
    const std::optional<std::int64_t> days = from.as_integer();
    return days ? std::optional(std::chrono::local_days(std::chrono::days(*days))) : std::nullopt;
}

} // namespace

gate_facts gate_facts_of(const case_result& from, const terminology& codes) {
    gate_facts result{from.nhs_number, from.procedure_date, {}};
    for (const consent_fact& consent : from.consents) {
        gate_facts::consent one{{}, consent.active, consent.permits, consent.first, consent.last};
        for (const coding& policy : consent.policy) {
            for (const concept_code& code : codes.expand(policy, {})) {
                one.policies.push_back(code.code);
                if (!code.system.empty()) {
                    one.policies.push_back(code.system + "|" + code.code);
                }
            }
        }
        result.consents.push_back(std::move(one));
    }
    return result;
}

std::string to_bytes(const gate_facts& facts) {
    value consents = value::array();
    for (const gate_facts::consent& one : facts.consents) {
        value policies = value::array();
        for (const std::string& policy : one.policies) {
            policies.push_back(value(policy));
        }
        consents.push_back(fhir::json::make_object({{"policies", std::move(policies)},
                                                    {"active", value(one.active)},
                                                    {"permits", value(one.permits)},
                                                    {"first", day_or_null(one.first)},
                                                    {"last", day_or_null(one.last)}}));
    }
    return fhir::json::write(fhir::json::make_object({{"nhs_number", value(facts.nhs_number)},
                                                      {"procedure_date", day_value(facts.procedure_date)},
                                                      {"consents", std::move(consents)}}));
}

std::optional<gate_facts> gate_facts_from_bytes(std::string_view bytes) {
    const fhir::json::parse_result parsed = fhir::json::parse(bytes);
    if (!parsed.document) {
        return std::nullopt;
    }
    const value& facts = *parsed.document;
    const std::optional<std::chrono::local_days> procedure_date = day_of(facts["procedure_date"]);
    if (!facts["nhs_number"].is_string() || !procedure_date || !facts["consents"].is_array()) {
        return std::nullopt;
    }
    gate_facts result{std::string(facts["nhs_number"].text()), *procedure_date, {}};
    for (const value& one : facts["consents"].items()) {
        const std::optional<bool> active = one["active"].as_bool();
        const std::optional<bool> permits = one["permits"].as_bool();
        if (!active || !permits) {
            return std::nullopt;
        }
        gate_facts::consent consent{{}, *active, *permits, day_of(one["first"]), day_of(one["last"])};
        for (const value& policy : one["policies"].items()) {
            consent.policies.emplace_back(policy.text());
        }
        result.consents.push_back(std::move(consent));
    }
    return result;
}

gate_verdict ask_gate(const gate_facts& facts, const destination_settings& destination,
                      const opt_out_state& opt_outs, std::chrono::local_days today) {
    if (destination.procedures_from && facts.procedure_date < *destination.procedures_from) {
        return {gate_state::closed, "before-procedures-from"};
    }
    return destination.basis == legal_basis::consent ? ask_consent(facts, destination, today)
                                                     : ask_opt_out(facts, destination, opt_outs, today);
}

bool is_stale(const opt_out_state& opt_outs, std::chrono::days max_age, std::chrono::local_days today) {
    return !opt_outs.answered_on || today - *opt_outs.answered_on > max_age;
}

} // namespace auditgate::mapping
