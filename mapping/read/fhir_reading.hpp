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
#include <vector>

namespace auditgate::mapping {

// All codings of a CodeableConcept, or of a list of them.
[[nodiscard]] codings read_codings(const fhir::json::value& concepts);
[[nodiscard]] coding read_coding(const fhir::json::value& content);
// Quantity.value with code, else unit; none without a value.
[[nodiscard]] std::optional<amount> read_quantity(const fhir::json::value& quantity);

// One resource while it is being read.
class fhir_reading {
public:
    fhir_reading(reading& message, const fhir::resource_set& document, const fhir::resource_entry& entry);

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
    // The same for a part of the resource, which is a fact of its own: a component, an answer, a second dosage.
    [[nodiscard]] event start_part(const std::string& part);
    // What binds the parts of the resource, of which `whole` is the event (observation::group).
    [[nodiscard]] std::string group_of(const event& whole) const;
    void add(event fact, event_payload payload);

    // FHIR dates and times; what is not one is a finding. `element` names it there.
    [[nodiscard]] std::optional<event_time> time(const fhir::json::value& content, std::string_view element);
    // <name>DateTime, else the start of <name>Period, else <name>Instant.
    [[nodiscard]] std::optional<event_time> start_time(const std::string& name);

    [[nodiscard]] const civil_time& zone() const { return message_.zone(); }

    // When this version of the resource was recorded, as a time of the patient's calendar.
    [[nodiscard]] event_time recorded_time() const {
        return message_.zone().from_instant(base_.recorded, time_precision::second);
    }

    // What a Reference in this resource points to, in this document; nullptr when it is elsewhere.
    [[nodiscard]] const fhir::resource_entry* resolve(const fhir::json::value& reference) const;
    // Identity keys of the patient that a Reference names: literal, logical (identifier) or conditional. None when it
    // names something else, such as the practitioner or the place of an appointment.
    [[nodiscard]] std::vector<std::string> patient_keys(const fhir::json::value& reference) const;
    // Identity keys of this resource, a Patient.
    [[nodiscard]] std::vector<std::string> own_patient_keys() const { return keys_of_patient(entry_); }
    // The fact key that the resource named by a Reference has; "" when it names none.
    [[nodiscard]] std::string fact_key(const fhir::json::value& reference) const;
    // The number of this resource as a visit (event::visit_number); "" when nothing names it.
    [[nodiscard]] std::string own_visit_number() const { return name_of(entry_); }
    // The code of the organisation that a Reference of this resource names, or of another of the document; "" when it
    // names none.
    [[nodiscard]] std::string organisation(const fhir::json::value& reference) const {
        return organisation(reference, entry_);
    }
    [[nodiscard]] std::string organisation(const fhir::json::value& reference,
                                           const fhir::resource_entry& of) const;

    void find(std::string code, finding_level level, std::string_view element, std::string text);

private:
    [[nodiscard]] std::string sender() const;
    [[nodiscard]] std::string name_of(const fhir::resource_entry& entry) const;
    [[nodiscard]] std::string name_by(const fhir::json::value& reference) const;
    [[nodiscard]] std::string key_of_fact(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> keys_of_patient(const fhir::resource_entry& patient) const;
    [[nodiscard]] std::string key_of_identifier(const fhir::json::value& identifier,
                                                const fhir::resource_entry& of) const;
    [[nodiscard]] std::string patient_key(std::string_view target) const;
    void read_recorded_time();

    reading& message_;
    const fhir::resource_set& document_;
    const fhir::resource_entry& entry_;
    event base_;
    std::map<std::string, int> parts_; // how often each name of a part was given
};

void read_patient(fhir_reading& from);
void read_procedure(fhir_reading& from);
void read_observation(fhir_reading& from);
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

} // namespace auditgate::mapping
