// Random sets of messages about a few patients who are mixed up, corrected, merged and parted again: what the properties of
// mapping are checked with.
#pragma once

#include <rapidcheck.h>

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

namespace auditgate::test {

// What a message tells.
enum class told {
    // HL7 v2
    coded_stay,      // ADT^A08 with diagnoses and procedures: a snapshot of the visit
    charges,         // DFT^P03
    coded_later,     // BAR^P12 with action codes
    operation_note,  // MDM^T02, T10, T11
    operation_items, // ORU with RFA-* observations
    scores,          // ORU with pain and quality of life
    adverse_event,   // ORU with an AE-* group
    history,         // ORU: tumour board, performance status, earlier and later treatment, follow-up status
    orders,          // RDE: starts, stops, is cancelled
    doses,           // RAS: given, patch, not given
    visit,           // ADT^A01, A03, A11, A13
    person,          // ADT^A28, A31: numbers, death and its removal
    merge,           // ADT^A40
    unmerge,         // ADT^A37
    moved_visit,     // ADT^A45
    booking,         // SIU^S12, S15
    laboratory,      // ORU that nobody asked for
    // FHIR
    fhir_procedure,
    fhir_condition,
    fhir_observation,
    fhir_questionnaire,
    fhir_order,
    fhir_adverse_event,
    fhir_consent,
    fhir_patient, // with Patient.link
    fhir_encounter,
};

// One message. The numbers choose among what its kind can say; the smaller, the more ordinary.
struct telling {
    told what{};
    int patient = 0; // 0 to people - 1
    int numbers = 0; // which numbers of the patient it names: usually the local and the NHS number
    int day = 0;     // of what it tells, from day_zero
    int minute = 0;  // of that day; 0: a date without a time
    int lag = 0;     // days until it was recorded
    int thing = 0; // which visit, order, report or resource of the patient: the same again is a later version
    int value = 0; // which codes and values
    int version = 0; // first, corrected, deleted
};

inline constexpr int people = 3;
inline constexpr std::chrono::sys_days day_zero{std::chrono::year{2026} / 3 / 5};

struct event_set {
    int family = 0; // who the patients are
    std::vector<telling> tellings;
};

std::ostream& operator<<(std::ostream& out, const telling& one);
std::ostream& operator<<(std::ostream& out, const event_set& set);

// Ablations in most of them. Shrinks to fewer and more ordinary messages.
[[nodiscard]] rc::Gen<event_set> event_sets();

// Someone made up.
struct person {
    std::string surname, given, street, town, postcode, phone;
    std::string nhs_number;
    std::string local_number; // of RXX
    std::string other_number; // of another hospital
    std::chrono::sys_days born{};
    std::string sex;  // as PID-8
    std::string note; // free text about the patient
};
[[nodiscard]] person person_of(int family, int patient);

// The message of a telling, as it would be received.
[[nodiscard]] std::string message_of(const telling& one, int family);
[[nodiscard]] std::vector<std::string> messages_of(const event_set& set);

// Names that messages carry and that lead back to somebody: of visits, orders, reports, resources.
[[nodiscard]] std::string name_of(const char* kind, const telling& one, int family);

} // namespace auditgate::test
