#include "mapping/read/fhir_element_use.hpp"

#include "fhir/bundle.hpp"
#include "fhir/elements.hpp"
#include "mapping/read/reading.hpp"

#include <algorithm>
#include <array>

namespace auditgate::mapping {

namespace {

using fhir::json::member;
using fhir::json::value;

// A test removes elements one by one and looks whether the events change: what changes them has to stand here.
constexpr read_elements rows[] = {
    {"AdverseEvent",
     "id meta identifier actuality category event subject encounter date detected recordedDate "
     "resultingCondition severity suspectEntity contained"},
    {"AdverseEvent_SuspectEntity", "instance causality"},
    {"AdverseEvent_Causality", "assessment"},
    {"Appointment", "id meta identifier status serviceType basedOn start participant contained"},
    {"Appointment_Participant", "actor"},
    {"Condition", "id meta identifier verificationStatus code subject encounter onsetDateTime onsetPeriod "
                  "recordedDate contained"},
    {"Consent", "id meta identifier status patient dateTime policy policyRule category provision contained"},
    {"Consent_Policy", "uri"},
    {"Consent_Provision", "type period provision"},
    {"DiagnosticReport", "id meta identifier status code subject encounter effectiveDateTime effectivePeriod "
                         "performer result conclusionCode contained"},
    {"Encounter", "id meta identifier status class subject period serviceProvider contained"},
    {"ImagingStudy", "id meta identifier status subject encounter started procedureCode series contained"},
    {"ImagingStudy_Series", "bodySite"},
    {"MedicationAdministration",
     "id meta identifier status medicationCodeableConcept medicationReference subject "
     "context effectiveDateTime effectivePeriod dosage contained"},
    {"MedicationAdministration_Dosage", "text route dose rateRatio rateQuantity"},
    {"MedicationDispense",
     "id meta identifier status medicationCodeableConcept medicationReference subject context "
     "daysSupply whenPrepared whenHandedOver dosageInstruction contained"},
    {"MedicationRequest",
     "id meta identifier status intent category doNotPerform medicationCodeableConcept medicationReference "
     "subject encounter authoredOn dosageInstruction dispenseRequest contained"},
    {"MedicationRequest_DispenseRequest", "expectedSupplyDuration validityPeriod"},
    {"MedicationStatement",
     "id meta identifier status medicationCodeableConcept medicationReference subject context "
     "effectiveDateTime effectivePeriod dateAsserted dosage contained"},
    {"Observation",
     "id meta identifier status category code subject focus encounter effectiveDateTime effectivePeriod "
     "effectiveTiming effectiveInstant valueQuantity valueCodeableConcept valueString valueBoolean "
     "valueInteger valueRange valueRatio valueTime valueDateTime valuePeriod referenceRange hasMember "
     "component contained"},
    {"Observation_Component",
     "code valueQuantity valueCodeableConcept valueString valueBoolean valueInteger valueRange valueRatio "
     "valueTime valueDateTime valuePeriod referenceRange"},
    {"Observation_ReferenceRange", "low high"},
    {"Patient", "id meta identifier birthDate gender deceasedBoolean deceasedDateTime link contained"},
    {"Patient_Link", "other type"},
    {"Procedure",
     "id meta identifier status code subject encounter performedDateTime performedPeriod performer "
     "partOf bodySite complication complicationDetail usedCode usedReference focalDevice contained"},
    {"Procedure_FocalDevice", "manipulated"},
    {"Procedure_Performer", "actor onBehalfOf"},
    {"QuestionnaireResponse",
     "id meta identifier questionnaire status subject encounter authored item contained"},
    {"QuestionnaireResponse_Answer",
     "valueBoolean valueDecimal valueInteger valueDate valueDateTime valueTime "
     "valueString valueCoding valueQuantity item"},
    {"QuestionnaireResponse_Item", "linkId answer item"},
    {"ServiceRequest",
     "id meta identifier status intent doNotPerform code subject encounter occurrenceDateTime "
     "occurrencePeriod occurrenceTiming bodySite contained"},
    // data types
    {"CodeableConcept", "coding"},
    {"Coding", "system code"},
    {"Dosage",
     "sequence text patientInstruction timing asNeededBoolean asNeededCodeableConcept route doseAndRate"},
    {"Dosage_DoseAndRate", "doseRange doseQuantity rateRatio rateQuantity"},
    {"Duration", "value unit system code"},
    {"Identifier", "use type system value assigner"},
    {"Meta", "lastUpdated"},
    {"Period", "start end"},
    {"Quantity", "value comparator unit system code"},
    {"Range", "low high"},
    {"Ratio", "numerator denominator"},
    {"Reference", "reference type identifier"},
    {"Timing", "event repeat code"},
    {"Timing_Repeat", "boundsPeriod boundsDuration frequency period periodUnit timeOfDay when dayOfWeek"},
};

// Elements that should have said something, in a form from which nothing can be taken.
struct unreadable_element {
    std::string_view type;
    std::string_view elements;
    std::string_view why;
};

constexpr unreadable_element unreadable_rows[] = {
    {"Condition", "onsetAge onsetRange onsetString", "an onset without a date; the date of recording counts"},
    {"Dosage_DoseAndRate", "rateRange", "a range of rates is no rate"},
    {"Observation", "valueSampledData", "a series of samples is no value"},
    {"Observation_Component", "valueSampledData", "a series of samples is no value"},
    {"Procedure", "performedAge performedRange performedString", "there is no date in it"},
    {"QuestionnaireResponse_Answer", "valueAttachment valueReference valueUri",
     "no value can be taken from such an answer"},
    {"Timing_Repeat", "boundsRange", "the end of a range of lengths is not known"},
};

// Resources that others refer to: what they hold is told with those.
constexpr auto context_types =
    std::to_array<std::string_view>({"BodyStructure", "Device", "Medication", "Organization",
                                     "PractitionerRole", "Questionnaire", "Substance"});

bool lists(std::string_view names, std::string_view name) {
    for (std::size_t at = names.find(name); at != std::string_view::npos; at = names.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || names[at - 1] == ' ') && (end == names.size() || names[end] == ' ')) {
            return true;
        }
    }
    return false;
}

bool is_read(std::string_view type, std::string_view name) {
    return std::any_of(std::begin(rows), std::end(rows), [&](const read_elements& row) {
        return row.type == type && lists(row.elements, name);
    });
}

std::string_view why_unreadable(std::string_view type, std::string_view name) {
    const auto found = std::find_if(
        std::begin(unreadable_rows), std::end(unreadable_rows),
        [&](const unreadable_element& row) { return row.type == type && lists(row.elements, name); });
    return found != std::end(unreadable_rows) ? found->why : std::string_view();
}

// Only what is surely the name of an element: anything else could be a value.
std::string_view printable_name(std::string_view name) {
    constexpr std::size_t name_size_max = 64;
    const bool is_plain =
        !name.empty() && name.size() <= name_size_max && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
    return is_plain ? name : std::string_view("?");
}

std::string without_indexes(std::string_view path) {
    std::string result;
    bool in_index = false;
    for (const char c : path) {
        in_index = c == '[' || (in_index && c != ']');
        if (!in_index && c != ']') {
            result += c;
        }
    }
    return result;
}

class element_walk {
public:
    element_walk(const read_result& read, const source_profile& profile) : read_(read), profile_(profile) {}

    void resource(const value& content, const part_report& part) {
        path_of_resource_ = part.path;
        add(part.path, part.use, why(part));
        if (part.use == part_use::used) {
            members(content, part.path, part.name);
        }
    }

    [[nodiscard]] std::vector<element_report> take() { return std::move(result_); }

private:
    void add(std::string path, part_use use, std::string_view why) {
        result_.push_back({std::move(path), use, std::string(why)});
    }

    [[nodiscard]] std::string_view why(const part_report& part) const {
        switch (part.use) {
        case part_use::used:
            return {};
        case part_use::unknown:
            return "R4 has no resource of this name";
        case part_use::unreadable: {
            const auto found = std::find_if(read_.findings.begin(), read_.findings.end(),
                                            [&](const read_finding& one) { return one.path == part.path; });
            return found != read_.findings.end() ? std::string_view(found->text)
                                                 : std::string_view("see the findings");
        }
        case part_use::not_used:
            break;
        }
        if (std::find(context_types.begin(), context_types.end(), part.name) != context_types.end()) {
            return "read with the resources that refer to it";
        }
        const bool has_reader = std::any_of(std::begin(rows), std::end(rows),
                                            [&](const read_elements& row) { return row.type == part.name; });
        return has_reader
                   ? "what it says is not to be counted (its status, intent or a setting of the source)"
                   : "no audit dataset asks for it";
    }

    void members(const value& content, const std::string& path, std::string_view type) {
        for (const member& each : content.members()) {
            const bool is_type_name = each.name == "resourceType";
            if (!is_type_name) {
                element(each, path, type);
            }
        }
    }

    void element(const member& each, const std::string& path, std::string_view type) {
        // What stands beside a primitive belongs to it.
        const std::string_view name =
            each.name.starts_with('_') ? std::string_view(each.name).substr(1) : std::string_view(each.name);
        const auto definition = fhir::find_element(type, name);
        const std::string place = path + "." + std::string(printable_name(each.name));
        if (!each.content.is_array()) {
            item(each.content, place, type, name, definition);
            return;
        }
        std::size_t index = 0;
        for (const value& one : each.content.items()) {
            item(one, place + "[" + std::to_string(index++) + "]", type, name, definition);
        }
    }

    void item(const value& content, const std::string& place, std::string_view type, std::string_view name,
              const std::optional<fhir::element_definition>& definition) {
        if (!definition) {
            add(place, part_use::unknown, "R4 has no element of this name here");
        } else if (name == "extension") {
            const bool read = is_read_extension(content);
            add(place, read ? part_use::used : part_use::not_used,
                read ? "" : "an extension that nobody reads here");
        } else if (const std::string_view reason = why_unreadable(type, name); !reason.empty()) {
            add(place, part_use::unreadable, reason);
        } else if (!is_read(type, name)) {
            add(place, part_use::not_used,
                name == "text" || name == "display" || name == "note" ? "texts for people are never read"
                                                                      : "no audit dataset asks for it");
        } else if (const read_finding* found = finding_at(place)) {
            add(place, part_use::unreadable, found->text);
        } else if (definition->kind == fhir::element_kind::complex && content.is_object()) {
            members(content, place, definition->type);
        } else {
            add(place, part_use::used, "");
        }
    }

    [[nodiscard]] bool is_read_extension(const value& content) const {
        const std::string_view url = content["url"].text();
        return is_one_of(url, profile_.ethnic_category_extensions) ||
               is_one_of(url, profile_.death_notification_extensions);
    }

    // A finding names the element by its end: `timing.repeat.boundsPeriod.start`.
    [[nodiscard]] const read_finding* finding_at(const std::string& place) const {
        const std::string plain = without_indexes(place);
        for (const read_finding& each : read_.findings) {
            const std::string head = path_of_resource_ + ".";
            if (each.path.starts_with(head) &&
                plain.ends_with("." + without_indexes(std::string_view(each.path).substr(head.size())))) {
                return &each;
            }
        }
        return nullptr;
    }

    const read_result& read_;
    const source_profile& profile_;
    std::string path_of_resource_;
    std::vector<element_report> result_;
};

} // namespace

std::span<const read_elements> elements_read() {
    return rows;
}

std::vector<element_report> element_reports(const value& document, const read_result& read,
                                            const source_profile& profile) {
    element_walk walk(read, profile);
    const fhir::resource_set resources(document);
    static const value nothing;
    for (std::size_t i = 0; i < read.parts.size() && i < resources.entries().size(); ++i) {
        const fhir::resource_entry& entry = resources.entries()[i];
        walk.resource(entry.resource != nullptr ? *entry.resource : nothing, read.parts[i]);
    }
    return walk.take();
}

} // namespace auditgate::mapping
