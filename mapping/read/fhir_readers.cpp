// The table of FHIR resources that give events, and the walk over a document.
#include "fhir/date_time.hpp"
#include "fhir/json.hpp"
#include "fhir/xml.hpp"
#include "mapping/read/fhir_reading.hpp"

#include <algorithm>
#include <array>

namespace auditgate::mapping {

namespace {

struct resource_reader {
    std::string_view type;
    void (*read)(fhir_reading&);
    event_payload (*empty)(); // payload of the event that a DELETE of such a resource gives
};

template <class payload>
event_payload empty() {
    return payload{};
}

constexpr std::array readers{
    resource_reader{"Patient", read_patient, nullptr}, // deleting a Patient says nothing about the person
    resource_reader{"Procedure", read_procedure, empty<procedure>},
    resource_reader{"Observation", read_observation, empty<observation>},
    resource_reader{"QuestionnaireResponse", read_questionnaire_response, empty<observation>},
    resource_reader{"Condition", read_condition, empty<condition>},
    resource_reader{"Encounter", read_encounter, empty<visit>},
    resource_reader{"MedicationRequest", read_medication_request, empty<medication>},
    resource_reader{"MedicationStatement", read_medication_statement, empty<medication>},
    resource_reader{"MedicationAdministration", read_medication_administration, empty<medication>},
    resource_reader{"AdverseEvent", read_adverse_event, empty<adverse_event>},
    resource_reader{"Consent", read_consent, empty<consent>},
    resource_reader{"ServiceRequest", read_service_request, empty<booking>},
    resource_reader{"Appointment", read_appointment, empty<booking>},
};

// Known, with nothing in them that a dataset asks for: they are context of others, or say what was dispensed or
// prepared rather than done.
constexpr std::array<std::string_view, 14> not_read{
    "MessageHeader", "Organization", "Practitioner",       "PractitionerRole", "Location",
    "Medication",    "Device",       "Specimen",           "DiagnosticReport", "Questionnaire",
    "Provenance",    "Composition",  "MedicationDispense", "OperationOutcome"};

const resource_reader* reader_of(std::string_view type) {
    const auto found = std::find_if(readers.begin(), readers.end(),
                                    [type](const resource_reader& each) { return each.type == type; });
    return found != readers.end() ? found : nullptr;
}

read_finding from_wire(const fhir::finding& found) {
    const finding_level level = found.level == fhir::severity::fatal   ? finding_level::fatal
                                : found.level == fhir::severity::error ? finding_level::error
                                                                       : finding_level::warning;
    return {found.code, level, found.path, found.text + " (byte " + std::to_string(found.offset) + ")"};
}

// An element that changes the meaning of all others in a way that is not known here (R4 2.4.0.2.2): the resource must
// not be used.
bool has_unknown_modifier(const fhir::json::value& resource) {
    return !resource["modifierExtension"].is_null() || !resource["implicitRules"].is_null();
}

void read_entry(reading& message, const fhir::resource_set& document, const fhir::resource_entry& entry) {
    part_report report{entry.path, std::string(entry.type()), part_use::unknown, 0};
    const resource_reader* reader = reader_of(entry.type());
    const std::size_t events_before = message.events();
    if (reader == nullptr) {
        const bool known = std::find(not_read.begin(), not_read.end(), entry.type()) != not_read.end();
        report.use = known ? part_use::not_used : part_use::unknown;
    } else if (has_unknown_modifier(*entry.resource)) {
        message.add(
            read_finding{"modifier-extension", finding_level::error, entry.path,
                         "the resource has an extension that changes its meaning and is not known here"});
        report.use = part_use::unreadable;
    } else {
        fhir_reading from(message, document, entry);
        reader->read(from);
        report.events = message.events() - events_before;
        report.use = report.events > 0 ? part_use::used : part_use::not_used;
        if (report.events > 0 && from.start().subject.empty() && entry.type() != "Patient") {
            from.find("no-patient", finding_level::warning, "subject",
                      "no identifier of the patient can be used");
        }
    }
    message.add(std::move(report));
}

// The resource that the url of a DELETE names, by Type/id or Type?identifier=system|value, with no more than that in it;
// null when it is another search.
fhir::json::value deleted_resource(std::string_view url, std::string_view type) {
    using fhir::json::value;
    value result =
        fhir::json::make_object({{"resourceType", value(type)}, {"status", value("entered-in-error")}});
    if (const std::string target = fhir::literal_target(url); !target.empty()) {
        result.set("id", value(target.substr(type.size() + 1)));
        return result;
    }
    const std::string identifier = fhir::conditional_identifier(url);
    const std::size_t bar = identifier.find('|');
    const bool is_narrower = url.find('&') != std::string_view::npos;
    if (bar == std::string::npos || bar + 1 == identifier.size() || is_narrower) {
        return {};
    }
    result.set("identifier", fhir::json::make_object({{"system", value(identifier.substr(0, bar))},
                                                      {"value", value(identifier.substr(bar + 1))}}));
    return result;
}

// DELETE in a transaction or batch: the fact is void.
void read_deletion(reading& message, const fhir::resource_set& document, const fhir::resource_entry& entry) {
    const std::string target = fhir::literal_target(entry.url);
    const std::string type(target.empty() ? entry.url.substr(0, entry.url.find('?'))
                                          : std::string_view(target).substr(0, target.find('/')));
    part_report report{entry.path, type, part_use::not_used, 0};
    const resource_reader* reader = reader_of(type);
    if (entry.method == "DELETE" && reader != nullptr && reader->empty != nullptr) {
        const fhir::json::value stand_in = deleted_resource(entry.url, type);
        if (stand_in.is_null()) {
            message.add(read_finding{
                "unknown-deletion", finding_level::error, entry.path,
                "what is deleted is named by neither its id nor one identifier: nothing was voided"});
            report.use = part_use::unreadable;
        } else {
            fhir::resource_entry deleted = entry;
            deleted.resource = &stand_in;
            fhir_reading from(message, document, deleted);
            from.add(from.start(), reader->empty());
            report.use = part_use::used;
            report.events = 1;
        }
    }
    message.add(std::move(report));
}

} // namespace

read_result read_fhir(const message_to_read& message, const source_profile& profile, civil_time zone) {
    read_result result;
    const std::string_view bytes = without_byte_order_mark(message.bytes);
    const fhir::json::parse_result parsed =
        message.format == message_format::fhir_xml ? fhir::parse_xml(bytes) : fhir::json::parse(bytes);
    for (const fhir::finding& each : parsed.findings) {
        result.findings.push_back(from_wire(each));
    }
    if (!parsed.document) {
        return result;
    }
    result.message_type = (*parsed.document)["resourceType"].text();
    if (result.message_type.empty()) {
        result.findings.push_back({"no-resource-type", finding_level::fatal, "",
                                   "the document is no FHIR resource: it has no resourceType"});
        return result;
    }
    reading all(message, profile, zone, result);
    const fhir::resource_set document(*parsed.document);
    if (!document.timestamp().empty() && !fhir::parse_date_time(document.timestamp())) {
        result.findings.push_back(
            {"invalid-time", finding_level::error, "Bundle.timestamp", "this is no date or time of FHIR"});
    }
    for (const fhir::resource_entry& entry : document.entries()) {
        if (entry.resource != nullptr) {
            read_entry(all, document, entry);
        } else {
            read_deletion(all, document, entry);
        }
    }
    return result;
}

} // namespace auditgate::mapping
