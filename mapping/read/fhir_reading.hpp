// What the readers of FHIR resources share. For the files fhir_*.cpp of this folder.
//
// To read another type of resource: write `void read_<type>(fhir_reading&)` in a file of its own, declare it below, and
// add a row to the table in fhir_readers.cpp.
#pragma once

#include "fhir/bundle.hpp"
#include "fhir/json.hpp"
#include "mapping/read/reading.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auditgate::mapping {

inline constexpr std::string_view fhir_feed = "fhir"; // event::feed of all that these readers give

// All codings of a CodeableConcept, or of a list of them.
[[nodiscard]] codings read_codings(const fhir::json::value& concepts);
[[nodiscard]] coding read_coding(const fhir::json::value& content);
// The unit of a Quantity: its code where that is of UCUM or of no system, else its unit. UK senders code units in SNOMED CT, and
// say beside it `mg`, `capsule`, `patch`.
[[nodiscard]] std::string_view unit_of(const fhir::json::value& quantity);
// Quantity.value with its unit; none without a value.
[[nodiscard]] std::optional<amount> read_quantity(const fhir::json::value& quantity);

// The resources of one message, and which of them say something of others. Refers to the resources, which must outlive it.
class fhir_document {
public:
    explicit fhir_document(const fhir::resource_set& resources);

    [[nodiscard]] const fhir::resource_set& resources() const { return resources_; }
    // The DiagnosticReport or panel of this document that has this Observation among its results; nullptr: none.
    [[nodiscard]] const fhir::resource_entry* holder_of(const fhir::resource_entry& observation) const;

private:
    const fhir::resource_set& resources_;
    std::unordered_map<const fhir::json::value*, const fhir::resource_entry*> holders_;
};

// One resource while it is being read.
class fhir_reading {
public:
    fhir_reading(reading& message, const fhir_document& document, const fhir::resource_entry& entry);
    // A resource that lies in the one of `container` and is a part of it.
    fhir_reading(fhir_reading& container, const fhir::resource_entry& contained);

    [[nodiscard]] const fhir::json::value& resource() const { return *entry_.resource; }
    // An element of the resource, null when it has none of this name.
    [[nodiscard]] const fhir::json::value& operator[](const char* element) const {
        return resource()[element];
    }
    [[nodiscard]] std::string_view status() const { return resource()["status"].text(); }
    [[nodiscard]] const source_profile& profile() const { return message_.profile(); }

    // An event that says what is the same for all events of this resource: where it stands, sender, feed, subject,
    // fact key (Type/id), version by `status`, time of recording, encounter.
    [[nodiscard]] event start() const { return base_; }
    // The same for a part of the resource, which is a fact of its own: a component, an answer, a second dosage. `place`: the
    // element that gives it, `component[1]`.
    [[nodiscard]] event start_part(const std::string& part, const std::string& place);
    // What binds the parts of the resource, of which `whole` is the event (observation::group).
    [[nodiscard]] std::string group_of(const event& whole) const;
    void add(event fact, event_payload payload);
    // Whether an event was added that nobody can say of whom it is.
    [[nodiscard]] bool gave_nobodys() const { return gave_nobodys_; }

    // FHIR dates and times; what is not one is a finding. `element` names it there.
    [[nodiscard]] std::optional<event_time> time(const fhir::json::value& content, std::string_view element);
    // <name>DateTime, else <name>Instant, else the start of <name>Period, else the first of <name>Timing.event.
    [[nodiscard]] std::optional<event_time> start_time(const std::string& name);
    // The same of a thing that happened: of a period without a start its end tells the day.
    [[nodiscard]] std::optional<event_time> time_of(const std::string& name);
    // The same of another resource of the document.
    [[nodiscard]] std::optional<event_time> time_of(const std::string& name, const fhir::resource_entry& of);
    [[nodiscard]] const fhir::resource_entry& entry() const { return entry_; }
    [[nodiscard]] const fhir_document& document() const { return document_; }
    [[nodiscard]] const fhir::resource_entry* resolve(const fhir::json::value& reference,
                                                      const fhir::resource_entry& from) const;

    [[nodiscard]] const civil_time& zone() const { return message_.zone(); }

    // When this version of the resource was recorded, as a time of the patient's calendar.
    [[nodiscard]] event_time recorded_time() const {
        return message_.zone().from_instant(base_.recorded, time_precision::second);
    }

    // What a Reference in this resource points to, in this document; nullptr when it is elsewhere. A reference by
    // identifier alone needs its `type`.
    [[nodiscard]] const fhir::resource_entry* resolve(const fhir::json::value& reference) const {
        return resolve(reference, entry_);
    }
    // The codings of one element of the resources in this document that these References name, each resource once.
    [[nodiscard]] codings codings_named(const std::vector<const fhir::json::value*>& references,
                                        const char* element) const;
    // Identity keys of the patient that a Reference names: literal, logical (identifier) or conditional. None when it
    // names something else, such as the practitioner or the place of an appointment.
    [[nodiscard]] std::vector<std::string> patient_keys(const fhir::json::value& reference) const;
    // Identity keys of this resource, a Patient.
    [[nodiscard]] std::vector<std::string> own_patient_keys() const { return keys_of_patient(entry_); }
    // The fact key that the resource named by a Reference has; "" when it names none.
    [[nodiscard]] std::string fact_key(const fhir::json::value& reference) const;
    // The number of this resource as a visit (event::visit_number); "" when nothing names it.
    [[nodiscard]] std::string own_visit_number() const { return name_of(entry_); }
    // The code of the organisation that a Reference of this resource names, or of another of the document: the Organization,
    // that of a PractitionerRole, or the one of which an Organization without a code is a part. "" when it names none.
    [[nodiscard]] std::string organisation(const fhir::json::value& reference) const {
        return organisation(reference, entry_);
    }
    [[nodiscard]] std::string organisation(const fhir::json::value& reference,
                                           const fhir::resource_entry& of) const;

    // Of the organisations that the performers are or act for, the lowest code; else Encounter.serviceProvider where the
    // encounter is in the same document.
    [[nodiscard]] std::string performing_organisation() const;

    void find(std::string code, finding_level level, std::string_view element, std::string text);

private:
    [[nodiscard]] std::string sender() const;
    [[nodiscard]] std::string name_of(const fhir::resource_entry& entry) const;
    [[nodiscard]] std::string name_by(const fhir::json::value& reference) const;
    [[nodiscard]] std::string key_of_fact(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> keys_of_patient(const fhir::resource_entry& patient) const;
    [[nodiscard]] std::string key_of_identifier(const fhir::json::value& identifier,
                                                const fhir::resource_entry& of) const;
    [[nodiscard]] std::string organisation_of(const fhir::resource_entry& target, int steps_left) const;
    [[nodiscard]] std::optional<event_time> first_time(const std::string& name,
                                                       const fhir::resource_entry& of, bool or_end);
    [[nodiscard]] std::string patient_key(std::string_view target) const;
    void read_recorded_time();

    reading& message_;
    const fhir_document& document_;
    const fhir::resource_entry& entry_;
    event base_;
    std::map<std::string, int> parts_; // how often each name of a part was given
    bool gave_nobodys_ = false;
};

void read_patient(fhir_reading& from);
void read_procedure(fhir_reading& from);
void read_observation(fhir_reading& from); // fhir_observation.cpp
void read_questionnaire_response(fhir_reading& from);
void read_condition(fhir_reading& from);
void read_encounter(fhir_reading& from);
void read_medication_request(fhir_reading& from);
void read_medication_statement(fhir_reading& from);
void read_medication_administration(fhir_reading& from);
void read_adverse_event(fhir_reading& from);
void read_consent(fhir_reading& from);
void read_service_request(fhir_reading& from);
void read_appointment(fhir_reading& from);
void read_medication_dispense(fhir_reading& from);
void read_diagnostic_report(fhir_reading& from);
void read_imaging_study(fhir_reading& from);

} // namespace auditgate::mapping
