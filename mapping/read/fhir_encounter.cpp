// Encounter and Consent.
#include "mapping/read/fhir_reading.hpp"

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

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
    for (coding& rule : read_codings(from["policyRule"])) {
        content.policy.push_back({"", rule.code});
        content.policy.push_back(std::move(rule));
    }
    content.active = from.status() == "active";
    const value& provision = from["provision"];
    content.permits = provision["type"].is_null() || provision["type"].text() == "permit";
    content.first = from.time(provision["period"]["start"], "provision.period.start");
    content.last = from.time(provision["period"]["end"], "provision.period.end");
    event base = from.start();
    base.when = from.time(from["dateTime"], "dateTime");
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
