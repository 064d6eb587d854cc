// Procedure (what was done), ServiceRequest and Appointment (what should be).
#include "mapping/read/fhir_reading.hpp"

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

performance performance_of(std::string_view status) {
    if (status == "completed") {
        return performance::completed;
    }
    if (status == "stopped") {
        return performance::stopped;
    }
    // preparation: nothing has been done to the patient yet.
    return status == "not-done" || status == "preparation" ? performance::not_done : performance::as_coded;
}

// Procedure.performer, of several the lowest code; else Encounter.serviceProvider where the encounter is in the same
// document.
std::string performing_organisation(const fhir_reading& from) {
    std::string lowest;
    for (const value* performer : elements(from["performer"])) {
        std::string code = from.organisation((*performer)["actor"]);
        if (code.empty()) {
            code = from.organisation((*performer)["onBehalfOf"]);
        }
        if (!code.empty() && (lowest.empty() || code < lowest)) {
            lowest = std::move(code);
        }
    }
    const fhir::resource_entry* encounter = lowest.empty() ? from.resolve(from["encounter"]) : nullptr;
    return encounter != nullptr ? from.organisation((*encounter->resource)["serviceProvider"], *encounter)
                                : lowest;
}

} // namespace

void read_procedure(fhir_reading& from) {
    event base = from.start();
    base.when = from.start_time("performed");
    base.organisation = performing_organisation(from);
    procedure content;
    content.codes = read_codings(from["code"]);
    content.status = performance_of(from.status());
    content.body_sites = read_codings(from["bodySite"]);
    content.complications = read_codings(from["complication"]);
    for (const value* detail : elements(from["complicationDetail"])) {
        if (std::string key = from.fact_key(*detail); !key.empty()) {
            content.complication_facts.push_back(std::move(key));
        }
    }
    from.add(std::move(base), std::move(content));
}

void read_service_request(fhir_reading& from) {
    event base = from.start();
    base.when = from.start_time("occurrence");
    booking content;
    content.codes = read_codings(from["code"]);
    content.body_sites = read_codings(from["bodySite"]);
    content.cancelled = from.status() == "revoked";
    from.add(std::move(base), std::move(content));
}

void read_appointment(fhir_reading& from) {
    event base = from.start();
    base.when = from.time(from["start"], "start");
    for (const value* participant : elements(from["participant"])) {
        const std::vector<std::string> keys = from.patient_keys((*participant)["actor"]);
        if (!keys.empty() && !base.subject.empty() && keys != base.subject) {
            from.find("several-patients", finding_level::error, "participant",
                      "an appointment of several patients cannot be read: they would become one");
            return;
        }
        base.subject = keys.empty() ? base.subject : keys;
    }
    booking content;
    content.codes = read_codings(from["serviceType"]);
    content.cancelled = from.status() == "cancelled" || from.status() == "noshow";
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
