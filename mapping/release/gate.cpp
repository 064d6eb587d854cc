#include "mapping/release/gate.hpp"

#include "fhir/json.hpp"

#include <algorithm>

namespace auditgate::mapping {
namespace {

using fhir::json::value;

const gate_verdict open{gate_state::open, ""};

gate_verdict ask_opt_out(const gate_facts& facts, const destination_settings& destination,
                         const opt_out_state& opt_outs, std::chrono::local_days today) {
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

// `configured` is a code, or SYSTEM|CODE.
bool is_policy(const concept_code& code, std::string_view configured) {
    return code.code == configured || (!code.system.empty() && code.system + "|" + code.code == configured);
}

gate_verdict ask_consent(const gate_facts& facts, const destination_settings& destination,
                         std::chrono::local_days today) {
    const std::vector<const consent_fact*> deciding =
        deciding_consents(facts.consents, [&](const concept_code& policy) {
            return is_policy(policy, destination.consent_policy);
        });
    if (deciding.empty()) {
        return destination.consent_assumed ? open : gate_verdict{gate_state::hold, "no-consent"};
    }
    if (!std::ranges::all_of(deciding, &consent_fact::permits)) {
        return {gate_state::closed, "consent-denied"};
    }
    if (!std::ranges::all_of(deciding, &consent_fact::active)) {
        return {gate_state::closed, "consent-not-active"};
    }
    const auto covers_today = [&](const consent_fact* one) {
        return (!one->first || today >= *one->first) && (!one->last || today <= *one->last);
    };
    if (!std::ranges::all_of(deciding, covers_today)) {
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

value consent_value(const consent_fact& one) {
    value policies = value::array();
    for (const concept_code& policy : one.policies) {
        policies.push_back(
            fhir::json::make_object({{"system", value(policy.system)}, {"code", value(policy.code)}}));
    }
    return fhir::json::make_object(
        {{"policies", std::move(policies)},
         {"active", value(one.active)},
         {"permits", value(one.permits)},
         {"first", day_or_null(one.first)},
         {"last", day_or_null(one.last)},
         {"recorded", value(std::int64_t{one.recorded.time_since_epoch().count()})}});
}

std::optional<consent_fact> consent_of(const value& from) {
    const std::optional<bool> active = from["active"].as_bool();
    const std::optional<bool> permits = from["permits"].as_bool();
    const std::optional<std::int64_t> recorded = from["recorded"].as_integer();
    if (!active || !permits || !recorded) {
        return std::nullopt;
    }
    consent_fact result{{}, *active, *permits, day_of(from["first"]), day_of(from["last"]), {}};
    result.recorded += std::chrono::milliseconds(*recorded);
    for (const value& policy : from["policies"].items()) {
        result.policies.push_back({std::string(policy["system"].text()), std::string(policy["code"].text())});
    }
    return result;
}

} // namespace

gate_facts gate_facts_of(const case_result& from) {
    return {from.nhs_number, from.procedure_date, from.consents};
}

std::string to_bytes(const gate_facts& facts) {
    value consents = value::array();
    for (const consent_fact& one : facts.consents) {
        consents.push_back(consent_value(one));
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
        std::optional<consent_fact> consent = consent_of(one);
        if (!consent) {
            return std::nullopt;
        }
        result.consents.push_back(*std::move(consent));
    }
    return result;
}

gate_verdict ask_gate(const gate_facts& facts, const destination_settings& destination,
                      const opt_out_state& opt_outs, std::chrono::local_days today) {
    if (destination.procedures_from && facts.procedure_date < *destination.procedures_from) {
        return {gate_state::closed, "before-procedures-from"};
    }
    if (opt_outs.dissent.contains(facts.nhs_number)) {
        return {gate_state::closed, "opted-out"};
    }
    gate_verdict by_basis = destination.basis == legal_basis::consent
                                ? ask_consent(facts, destination, today)
                                : ask_opt_out(facts, destination, opt_outs, today);
    if (opt_outs.dissent_unreadable && by_basis.state != gate_state::closed) {
        return {gate_state::hold, "dissent-list-unreadable"};
    }
    return by_basis;
}

bool is_stale(const opt_out_state& opt_outs, std::chrono::days max_age, std::chrono::local_days today) {
    return !opt_outs.answered_on || today - *opt_outs.answered_on > max_age;
}

} // namespace auditgate::mapping
