// The table of FHIR resources that give events, and the walk over a document.
#include "fhir/date_time.hpp"
#include "fhir/elements.hpp"
#include "fhir/json.hpp"
#include "fhir/xml.hpp"
#include "mapping/read/fhir_reading.hpp"

#include <algorithm>
#include <array>
#include <optional>

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
    resource_reader{"MedicationDispense", read_medication_dispense, empty<medication>},
    resource_reader{"DiagnosticReport", read_diagnostic_report, empty<procedure>},
    resource_reader{"ImagingStudy", read_imaging_study, empty<procedure>},
};

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

// An element that changes the meaning of others in a way that is not known here (R4 extensibility.html#modifierExtension,
// resource.html#implicitRules), in the resource or in what lies in it: the resource must not be used. No deeper than the
// parser's limit.
bool has_unknown_modifier(const fhir::json::value& content) {
    for (const fhir::json::member& each : content.members()) {
        if (each.name == "modifierExtension" || each.name == "implicitRules" ||
            has_unknown_modifier(each.content)) {
            return true;
        }
    }
    const auto items = content.items();
    return std::any_of(items.begin(), items.end(), has_unknown_modifier);
}

struct hindrance {
    std::string_view code;
    std::string text;
};

// Lists that would be copied into every fact. No deeper than the parser's limit.
std::optional<hindrance> longest_list(const fhir::json::value& content) {
    for (const fhir::json::member& each : content.members()) {
        const std::size_t size = each.content.items().size();
        if (each.name == "identifier" && size > identifiers_of_a_patient_max) {
            return hindrance{"too-many-identifiers", "one resource may have " +
                                                         std::to_string(identifiers_of_a_patient_max) +
                                                         " identifiers"};
        }
        if ((each.name == "coding" || each.name == "code") && size > codes_of_an_element_max) {
            return hindrance{"too-many-codes",
                             "one concept may have " + std::to_string(codes_of_an_element_max) + " codings"};
        }
        if (auto below = longest_list(each.content)) {
            return below;
        }
    }
    for (const fhir::json::value& each : content.items()) {
        if (auto below = longest_list(each)) {
            return below;
        }
    }
    return std::nullopt;
}

// Why nothing of an entry may be read; none: it may.
std::optional<hindrance> hindrance_of(const fhir::resource_entry& entry) {
    if (entry.type() == "Bundle") {
        return hindrance{"nested-bundle",
                         "a Bundle in a Bundle is not read: send it as a message of its own"};
    }
    if (entry.method == "PATCH") {
        return hindrance{"patch", "a PATCH tells only what changes: send the whole resource"};
    }
    if (entry.has_modifier || has_unknown_modifier(*entry.resource)) {
        return hindrance{
            "modifier-extension",
            "the resource has a modifierExtension or implicitRules, which change its meaning in a "
            "way that is not known here"};
    }
    return std::nullopt;
}

void read_entry(reading& message, const fhir_document& document, const fhir::resource_entry& entry) {
    part_report report{entry.path, std::string(entry.type()), part_use::unknown, 0};
    const resource_reader* reader = reader_of(entry.type());
    const std::size_t events_before = message.events();
    const std::optional<hindrance> why = hindrance_of(entry);
    if (why && (reader != nullptr || entry.type() == "Bundle" || entry.method == "PATCH")) {
        message.add(read_finding{std::string(why->code), finding_level::error, entry.path, why->text});
        report.use = part_use::unreadable;
    } else if (reader == nullptr) {
        report.use = fhir::is_resource_type(entry.type()) ? part_use::not_used : part_use::unknown;
    } else {
        fhir_reading from(message, document, entry);
        reader->read(from);
        report.events = message.events() - events_before;
        report.use = report.events > 0 ? part_use::used : part_use::not_used;
        if (from.gave_nobodys() && entry.type() != "Patient") {
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

// DELETE in a transaction, batch or history: the fact is void.
void read_deletion(reading& message, const fhir_document& document, const fhir::resource_entry& entry) {
    // A history may leave out the request of what the resource itself names.
    const std::string url = entry.url.empty() ? entry.identity() : std::string(entry.url);
    const std::string target = fhir::literal_target(url);
    const std::string type(target.empty() ? url.substr(0, url.find('?'))
                                          : target.substr(0, target.find('/')));
    part_report report{entry.path, type, part_use::not_used, 0};
    const resource_reader* reader = reader_of(type);
    if (entry.method == "DELETE" && reader != nullptr && reader->empty != nullptr) {
        const fhir::json::value stand_in = deleted_resource(url, type);
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

// Why nothing of the whole document may be read. A document that is taken back (R4 composition.html: entered-in-error) no
// longer says what its resources say, and which of them were sent for it alone nobody knows.
std::optional<hindrance> hindrance_of_document(const fhir::json::value& document) {
    if (auto list = longest_list(document)) {
        return list;
    }
    if (document["resourceType"].text() != "Bundle") {
        return std::nullopt;
    }
    if (!document["implicitRules"].is_null()) {
        return hindrance{"implicit-rules",
                         "the Bundle has implicitRules, which change its meaning in a way that "
                         "is not known here"};
    }
    const auto entries = fhir::elements(document["entry"]);
    const bool is_document = document["type"].text() == "document" && !entries.empty();
    if (is_document && (*entries.front())["resource"]["resourceType"].text() == "Composition" &&
        (*entries.front())["resource"]["status"].text() == "entered-in-error") {
        return hindrance{"document-in-error",
                         "the document is marked as entered in error: to take back what it said, send its "
                         "resources with status entered-in-error"};
    }
    return std::nullopt;
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
    const fhir::resource_set resources(*parsed.document);
    if (const std::optional<hindrance> why = hindrance_of_document(*parsed.document)) {
        all.add(read_finding{std::string(why->code), finding_level::fatal, result.message_type, why->text});
        return result;
    }
    const fhir_document document(resources);
    if (!resources.timestamp().empty() && !fhir::parse_date_time(resources.timestamp())) {
        result.findings.push_back(
            {"invalid-time", finding_level::error, "Bundle.timestamp", "this is no date or time of FHIR"});
    }
    for (const fhir::resource_entry& entry : resources.entries()) {
        if (entry.resource != nullptr && entry.method != "DELETE") {
            read_entry(all, document, entry);
        } else {
            read_deletion(all, document, entry);
        }
    }
    return result;
}

} // namespace auditgate::mapping
