// DiagnosticReport and ImagingStudy: that something was examined, as OBR of ORU and MDM.
#include "mapping/read/fhir_reading.hpp"

#include <algorithm>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

// The coded conclusions of a report are conditions of the patient.
void read_conclusions(fhir_reading& from, const event& report) {
    std::size_t number = 0;
    for (const value* conclusion : elements(from["conclusionCode"])) {
        event fact = report;
        const event named = from.start_part("conclusion", "conclusionCode[" + std::to_string(number++) + "]");
        fact.fact_key = named.fact_key;
        fact.path = named.path;
        fact.organisation.clear();
        from.add(std::move(fact), condition{read_codings(*conclusion), std::nullopt});
    }
}

// Results that lie in the report itself; those beside it are resources like any other.
void read_contained_results(fhir_reading& from) {
    for (const value* result : elements(from["result"])) {
        const fhir::resource_entry* target = from.resolve(*result);
        if (target != nullptr && target->container == &from.entry() && target->type() == "Observation") {
            fhir_reading part(from, *target);
            read_observation(part);
        }
    }
}

} // namespace

void read_diagnostic_report(fhir_reading& from) {
    if (from.status() == "registered") {
        return; // nothing was done yet
    }
    event base = from.start();
    if (from.status() == "cancelled") {
        base.version = version_status::deleted;
    }
    base.when = from.time_of("effective");
    base.organisation = from.performing_organisation();
    procedure content;
    content.codes = read_codings(from["code"]);
    from.add(base, std::move(content));
    read_conclusions(from, base);
    read_contained_results(from);
}

void read_imaging_study(fhir_reading& from) {
    if (from.status() == "registered") {
        return; // there is nothing yet
    }
    event base = from.start();
    if (from.status() == "cancelled") {
        base.version = version_status::deleted;
    }
    base.when = from.time(from["started"], "started");
    base.organisation = from.performing_organisation();
    procedure content;
    content.codes = read_codings(from["procedureCode"]);
    for (const value* series : elements(from["series"])) {
        if (coding site = read_coding((*series)["bodySite"]); !site.code.empty()) {
            content.body_sites.push_back(std::move(site));
        }
    }
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
