// Procedure (what was done), ServiceRequest and Appointment (what should be).
#include "mapping/read/fhir_reading.hpp"

#include <algorithm>
#include <iterator>

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

// performed[x], else that of the procedure of which it is a part, in the same document.
std::optional<event_time> time_of_procedure(fhir_reading& from) {
    std::optional<event_time> when = from.time_of("performed");
    const auto wholes = elements(from["partOf"]);
    if (when || wholes.empty()) {
        return when;
    }
    const fhir::resource_entry* whole = from.resolve(*wholes.front());
    return whole != nullptr && whole->type() == "Procedure" ? from.time_of("performed", *whole)
                                                            : std::nullopt;
}

void append(codings& into, const codings& more) {
    into.insert(into.end(), more.begin(), more.end());
}

// What was used is told by codes, or by Devices of the document with their type: cement, a kind of electrode.
codings read_used(const fhir_reading& from) {
    codings result = read_codings(from["usedCode"]);
    std::vector<const value*> devices = elements(from["usedReference"]);
    for (const value* device : elements(from["focalDevice"])) {
        devices.push_back(&(*device)["manipulated"]);
    }
    append(result, from.codings_named(devices, "type"));
    return result;
}

// Sites by code, and by the BodyStructure of the document that an extension names.
codings read_body_sites(const fhir_reading& from) {
    constexpr std::string_view targets[] = {
        "http://hl7.org/fhir/StructureDefinition/procedure-targetBodyStructure",
        "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-BodySiteReference"};
    std::vector<const value*> extensions = elements(from["extension"]);
    for (const value* site : elements(from["bodySite"])) {
        const auto of_site = elements((*site)["extension"]);
        extensions.insert(extensions.end(), of_site.begin(), of_site.end());
    }
    std::vector<const value*> structures;
    for (const value* extension : extensions) {
        if (std::find(std::begin(targets), std::end(targets), (*extension)["url"].text()) !=
            std::end(targets)) {
            structures.push_back(&(*extension)["valueReference"]);
        }
    }
    codings result = read_codings(from["bodySite"]);
    append(result, from.codings_named(structures, "location"));
    return result;
}

// A condition beside the procedure is a fact of its own, which is linked; one that lies in it is told by its codes.
void read_complications(const fhir_reading& from, procedure& into) {
    std::vector<const value*> contained;
    for (const value* detail : elements(from["complicationDetail"])) {
        const fhir::resource_entry* target = from.resolve(*detail);
        if (target != nullptr && target->container != nullptr) {
            contained.push_back(detail);
        } else if (std::string key = from.fact_key(*detail); !key.empty()) {
            into.complication_facts.push_back(std::move(key));
        }
    }
    into.complications = read_codings(from["complication"]);
    append(into.complications, from.codings_named(contained, "code"));
}

} // namespace

void read_procedure(fhir_reading& from) {
    event base = from.start();
    base.when = time_of_procedure(from);
    base.organisation = from.performing_organisation();
    procedure content;
    content.codes = read_codings(from["code"]);
    append(content.codes, read_used(from));
    content.status = performance_of(from.status());
    content.body_sites = read_body_sites(from);
    read_complications(from, content);
    from.add(std::move(base), std::move(content));
}

void read_service_request(fhir_reading& from) {
    if (from["doNotPerform"].as_bool().value_or(false) || from["intent"].text() == "proposal") {
        return; // nobody ordered it
    }
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
    append(content.codes, from.codings_named(elements(from["basedOn"]), "code"));
    content.body_sites = from.codings_named(elements(from["basedOn"]), "bodySite");
    content.cancelled = from.status() == "cancelled" || from.status() == "noshow";
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
