// Encounter and Consent.
#include "mapping/read/fhir_reading.hpp"

#include <algorithm>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

// The general rule is a refusal: stated as the type of the provision, else as the policy rule (R4 consent.html allows no type
// at the root, where the rule itself says it; OPTOUT of v3-ActCode: nothing is permitted but the exceptions).
bool is_refusal(const value& provision, const codings& rules) {
    if (!provision["type"].is_null()) {
        return provision["type"].text() != "permit";
    }
    return std::any_of(rules.begin(), rules.end(), [](const coding& rule) {
        return rule.system == "http://terminology.hl7.org/CodeSystem/v3-ActCode" &&
               (rule.code == "OPTOUT" || rule.code == "OPTOUTE");
    });
}

bool holds_refusal(const value& provisions) {
    const auto all = elements(provisions);
    return std::any_of(all.begin(), all.end(), [](const value* each) {
        return (*each)["type"].text() == "deny" || holds_refusal((*each)["provision"]);
    });
}

} // namespace

void read_encounter(fhir_reading& from) {
    if (from.status() == "planned") {
        return; // no visit yet
    }
    event base = from.start();
    base.when = from.time(from["period"]["start"], "period.start");
    base.visit_number = from.own_visit_number();
    base.organisation = from.organisation(from["serviceProvider"]);
    visit content;
    content.patient_class = from["class"]["code"].text();
    content.end = from.time(from["period"]["end"], "period.end");
    content.ended = content.end ? assertion::given : assertion::absent;
    if (from.status() == "cancelled" || from.status() == "entered-in-error") {
        content.cancelled = assertion::given;
    } else if (!from.status().empty()) {
        content.cancelled = assertion::removed; // what was said to be cancelled takes place after all
    }
    from.add(std::move(base), std::move(content));
}

void read_consent(fhir_reading& from) {
    consent content;
    content.policy = read_codings(from["category"]);
    for (const value* policy : elements(from["policy"])) {
        content.policy.push_back({"", std::string((*policy)["uri"].text())});
    }
    const codings rules = read_codings(from["policyRule"]);
    for (const coding& rule : rules) {
        content.policy.push_back({"", rule.code});
        content.policy.push_back(rule);
    }
    content.active = from.status() == "active";
    const value& provision = from["provision"];
    content.permits = !is_refusal(provision, rules);
    // Exceptions to what is permitted in general: which of them concern a registry nobody can say here. Those that permit
    // something in spite of a refusal change nothing.
    if (content.permits && holds_refusal(provision["provision"])) {
        content.permits = false;
        from.find("nested-refusal", finding_level::warning, "provision.provision",
                  "the consent refuses a part of what it permits: it is read as a refusal");
    }
    content.first = from.time(provision["period"]["start"], "provision.period.start");
    content.last = from.time(provision["period"]["end"], "provision.period.end");
    event base = from.start();
    base.when = from.time(from["dateTime"], "dateTime");
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
