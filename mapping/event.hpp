// Clinical events: what messages say, one fact about one patient each (dataset.md section 1).
//
// The readers (mapping/read) turn an HL7 v2 message or a FHIR resource into events; cases() (mapping/cases)
// computes audit cases from all events of a cluster. Events keep codes, numbers and units as sent: value
// sets, concept maps, opioid factors and rules about identifiers belong to cases(), so that changing them
// needs no reading again. Names, addresses, display texts and notes are never part of an event.
//
// For each field it is said which HL7 v2 field / FHIR element fills it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace auditgate::mapping {

// ---- parts
// ---------------------------------------------------------------------------------------------------------

// CWE.3 and CWE.1 (the alternate triplet is a coding of its own) / Coding.system and code. The system as sent
// (SCT, I10, OPCS4, L, a URI); no display, no version.
struct coding {
    std::string system;
    std::string code;

    auto operator<=>(const coding&) const = default;
};

using codings = std::vector<coding>;

enum class time_precision { year, month, day, minute, second };

// A point in time as the patient's calendar has it. Parts that were not sent are the first of their range, so
// a date without a time is 00:00.
struct event_time {
    std::chrono::local_time<std::chrono::milliseconds>
        local{}; // civil time in the source's zone: gives the day
    std::chrono::sys_time<std::chrono::milliseconds> instant{}; // the same in UTC: gives the order
    time_precision precision = time_precision::second;

    [[nodiscard]] std::chrono::local_days date() const {
        return std::chrono::floor<std::chrono::days>(local);
    }
    // The last date that it can have been: date(), unless only a month or a year was sent.
    [[nodiscard]] std::chrono::local_days last_date() const;
    // As the end of something: what has a time ends then, a date, month or year ends when it is over.
    [[nodiscard]] std::chrono::local_time<std::chrono::milliseconds> as_end() const {
        return has_time() ? local : last_date() + std::chrono::days(1);
    }
    [[nodiscard]] bool has_date() const { return precision >= time_precision::day; }
    [[nodiscard]] bool has_time() const { return precision >= time_precision::minute; }
    auto operator<=>(const event_time&) const = default;
};

// A decimal number and a unit, both as sent: RXE-3 with RXE-5 / Quantity.value with code, else unit.
struct amount {
    std::string number;
    std::string unit;

    bool operator==(const amount&) const = default;
};

// What an element says about a thing that can be taken back: nothing, that it is so, or that it is not (any
// more).
enum class assertion { absent, given, removed };

// ---- payloads
// ------------------------------------------------------------------------------------------------------

// PID (of every message, so that each message's numbers are known) / Patient.
struct patient_details {
    std::optional<event_time> birth_date;   // PID-7 / birthDate
    std::string sex;                        // PID-8 / gender, as sent; "" not given
    codings ethnic_category;                // PID-22 / UK Core ethnic category extension
    assertion deceased = assertion::absent; // PID-30 Y or PID-29: given; PID-30 N or PID-29 "": removed
                                            // deceasedDateTime, deceasedBoolean true / false
    std::optional<event_time> deceased_at;  // PID-29 / deceasedDateTime

    bool operator==(const patient_details&) const = default;
};

enum class performance { as_coded, completed, stopped, not_done }; // as_coded: no status was sent

// One PR1 (ADT, BAR, DFT) or FT1 (DFT, BAR), one OBR of MDM, ORU, OUL (OBR-4 and OBR-44 in one list) / Procedure,
// DiagnosticReport, ImagingStudy. `when` is when it was performed.
struct procedure {
    codings codes; // PR1-3; FT1-25; OBR-4, OBR-44 / code, usedCode, types of devices used; code of a report;
                   // procedureCode
    performance status =
        performance::as_coded; // absent in HL7 v2 / completed, stopped, not-done; in-progress: as_coded;
                               // entered-in-error is the event's version instead
    codings body_sites;        // PR1-16 (modifier); FT1-26 / bodySite (all codings)
    codings complications;     // - / complication
    std::vector<std::string> complication_facts; // - / complicationDetail: fact keys of the conditions named

    bool operator==(const procedure&) const = default;
};

// An appointment, order or pre-admission that says what should be done: no evidence that it was. AIS of SIU; OBR of ORM,
// OMI; PR1 of ADT^A05, A14 / ServiceRequest, Appointment. `when` is the planned time (AIS-4; OBR-36, else TQ1-7 or OBR-27.4;
// PR1-5 / occurrence, start).
struct booking {
    codings codes;          // AIS-3; OBR-4, OBR-44; PR1-3 / code, serviceType
    codings body_sites;     // PR1-16 / bodySite
    bool cancelled = false; // SIU^S15; ORC-1 CA, OC; ADT^A38, A27 / status revoked, cancelled

    bool operator==(const booking&) const = default;
};

enum class value_kind {
    absent,  // no value: says nothing
    emptied, // OBX-5 "": what stood here is void
    text,    // ST, TX, FT / valueString
    number, // NM, SN (comparator and number in `text`: ">=7", "7-8") / valueInteger, valueDecimal, valueQuantity,
            // valueRange, valueRatio in one (`text`, `unit`); of a ratio in several the text is "8/10"
    coded, // CE, CWE, IS, ID (without system) / valueCodeableConcept, valueCoding, valueBoolean (true, false)
    date,  // DT, TS, DTM / valueDateTime, valueDate, start of valuePeriod
};

struct observed_value {
    value_kind kind = value_kind::absent;
    std::string text; // text, or the number as sent, with its comparator
    std::string unit; // OBX-6.1 / Quantity.code, else unit
    codings codes;
    std::optional<event_time> time;

    bool operator==(const observed_value&) const = default;
};

// Who asked: decides between values of the same instant.
enum class observation_source {
    questionnaire, // - / QuestionnaireResponse, or Observation with category survey
    clinic,        // neither of the others
    ward,          // PV1-2 I in the same message / category vital-signs
};

// One repetition of OBX-5 / one Observation, one component of it, one answer of a QuestionnaireResponse.
// `when` is OBX-14, else OBR-7 / effective[x].
struct observation {
    codings codes; // OBX-3 / code (component: component.code; answer: linkId, system urn:auditgate:capture)
    observed_value value;
    std::string range_low;  // OBX-7 when it is "n-n" / referenceRange.low.value: as sent, "" not given
    std::string range_high; // OBX-7 when it is "n-n" / referenceRange.high.value
    observation_source source = observation_source::clinic;
    std::string group; // binds the parts of one statement: report (else MSH-10 and the place of the OBR) and
                       // OBX-4 / the resource; "" stands alone

    bool operator==(const observation&) const = default;
};

enum class medication_kind { order, statement, administration };
enum class medication_status { active, cancelled, not_given };

// What is said of the end of an order: nothing, when it is, that there is none (any more), or only that it is over, which
// it was at the latest when that was told.
enum class order_end { absent, given, removed, latest };

// `count` doses in `period_minutes`: BD 2 in 1440, Q12H 1 in 720 / timing.repeat frequency, period,
// periodUnit.
struct dose_frequency {
    int count = 0;
    int period_minutes = 0;

    bool operator==(const dose_frequency&) const = default;
};

// ORC with RXE (RXO where there is none) or RXA, RXR, TQ1, and one RXC of a mixture that has no code / MedicationRequest, MedicationStatement, MedicationAdministration. `when` is
// the start of an order (TQ1-7; RXE-1.4 / boundsPeriod.start, else authoredOn) or statement
// (effectivePeriod.start), the time given or applied (RXA-3 / effective[x]).
struct medication {
    medication_kind kind = medication_kind::order;
    medication_status status = medication_status::active; // ORC-1 CA, OC: cancelled; RXA-20 RE, NA: not_given
                                                          // / cancelled, not-done
    codings drug; // RXE-2; RXO-1; RXA-5; RXC-2 / medicationCodeableConcept
    // RXE-3, RXE-5; RXO-2, RXO-4; RXA-6, RXA-7; RXC-3, RXC-4 / doseQuantity, doseRange.low, dosage.dose. Without a number: it
    // was stated, but in no number (a dosage in words).
    std::optional<amount> dose;
    std::optional<amount>
        strength; // RXE-25, RXE-26; RXO-18, RXO-19; RXA-13, RXA-14; RXC-5, RXC-6 / rateQuantity (patch), strength of the product
    codings route;                           // RXR-1 / dosage.route
    std::optional<dose_frequency> frequency; // TQ1-3, else TQ1-4; before 2.5 RXE-1.2 / timing.repeat
    bool as_needed = false;                  // PRN... in the frequency or TQ1-9 / asNeeded[x]
    // TQ1-8 or RXE-1.5 `""`: removed; ORC-1 DC without a time: latest (MSH-7) / status active without an end: removed;
    // stopped or completed, when no earlier end is stated: latest (as `recorded`).
    order_end ended = order_end::absent;
    std::optional<event_time>
        end; // TQ1-8; RXE-1.5; else start and duration; ORC-15 of ORC-1 DC; RXA-4 when later than RXA-3
             // (removed) / boundsPeriod.end; effectivePeriod.end
    std::vector<std::string> order_numbers; // ORC-2, ORC-3 / identifier values

    bool operator==(const medication&) const = default;
};

// DG1, FT1-19, PRB / Condition. `when` is DG1-5; FT1-4; PRB-16, else PRB-7 / onset[x], else recordedDate; of a month or
// year cases() makes the day it was told on.
struct condition {
    codings codes;                           // DG1-3; FT1-19; PRB-3 / code
    std::optional<event_time> recorded_date; // - / recordedDate

    bool operator==(const condition&) const = default;
};

// - / AdverseEvent (in HL7 v2 the parts come as AE-* observations of one group). `when` is recordedDate, else the onset.
struct adverse_event {
    codings category;                     // category, event
    std::optional<event_time> onset;      // date, else detected
    std::string grade;                    // CTCAE grade as sent; "" not given
    codings relatedness;                  // suspectEntity.causality.assessment
    std::vector<std::string> about_facts; // suspectEntity.instance: fact keys of the procedures

    bool operator==(const adverse_event&) const = default;
};

// CON / Consent. The latest (recorded last) of a policy counts.
struct consent {
    codings policy;                  // CON-2 / category; policy.uri, policyRule as {"", uri}
    bool active = false;             // CON-11 A / status active
    bool permits = true;             // provision.type is absent or permit
    std::optional<event_time> first; // CON-13 / provision.period.start
    std::optional<event_time> last;  // CON-14 / provision.period.end: the day is included

    bool operator==(const consent&) const = default;
};

// A40, A34: the event's subject survives, `other` is the prior (MRG) / Patient.link replaced-by: `other` is
// that Patient, the subject the one named. A24: both PID are of one person. A43: `other` is the number that is the subject's
// now. A37: the two are different people again, in either direction. With `visit` only
// what the sender had told of that visit until then is the subject's and no longer `other`'s: A45.
struct identity_change {
    bool undo = false;              // A37
    std::vector<std::string> other; // identity keys, as `event::subject`
    std::string visit = {};         // MRG-5 of A45, as `event::visit_number`; "" the whole person / -

    bool operator==(const identity_change&) const = default;
};

// PV1 with PV1-19 / Encounter. `when` is PV1-44 / period.start. A visit is put together from all its
// messages: what one does not say another one may.
struct visit {
    std::string patient_class;       // PV1-2 / class.code, as sent
    std::string intended_management; // ZU1-2 (HL7 UK A.3), as sent / -: what the admission was meant to be
    assertion ended = assertion::absent;     // PV1-45: given; A13 or "": removed / period.end
    std::optional<event_time> end;           // PV1-45 / period.end
    assertion cancelled = assertion::absent; // A11: given; A01, A04: removed / by status

    bool operator==(const visit&) const = default;
};

// A PR1 (DG1) that is no member of its set but gives the set anew: its code is "", which says that the set has no
// members, or there is none. See `snapshot_set`. Also a TXA by which a document takes back what it said: see `document`.
struct emptied_set {
    bool operator==(const emptied_set&) const = default;
};

using event_payload = std::variant<patient_details, procedure, booking, observation, medication, condition,
                                   adverse_event, consent, identity_change, visit, emptied_set>;

// ---- the event
// -----------------------------------------------------------------------------------------------------

enum class version_status {
    first,
    corrected,
    deleted
}; // OBX-11 C, D/W; PR1-20, DG1-21 D / amended, entered-in-error

struct event {
    // Where it stands. Two messages that say the same differ in these two only; they are no part of the
    // content.
    std::string message; // the caller's reference: journal id, file name
    std::string path;    // PR1[2], OBX[3] / Bundle.entry[3].resource

    std::string sender; // MSH-3|MSH-4 / the source's configured `sender`
    std::string feed;   // hl7v2-adt, hl7v2-oru ... / fhir

    // Identity keys of the patient that stand in the message, every candidate, spaces removed but unchecked:
    // `nhs|<digits>`, `local|<ODS>|<number>`, `fhir|<sender>|Patient/<id>` (which links, but is nobody's
    // key).
    std::vector<std::string> subject;

    // The source identity (dataset.md section 1, Versions): events with the same key are versions of one
    // fact. It begins with sender and feed. `global`: as it is, and it links clusters (a corrected subject).
    // `patient`: it is only complete together with the patient (code and date where PR1-19, DG1-20 are not
    // sent), and links nothing. Empty: a fact of its own in each message. A part of a FHIR resource, or
    // a further repetition of OBX-5, is `<key of the whole>#<part>`: a later version of the whole leaves nothing of
    // the parts that it does not give.
    std::string fact_key;
    enum class key_scope { global, patient } fact_scope = key_scope::global;
    version_status version = version_status::first;
    std::chrono::sys_time<std::chrono::milliseconds> recorded{}; // MSH-7 / meta.lastUpdated, else
                                                                 // Bundle.timestamp, else when received

    std::optional<event_time> when; // clinical time: see the payload
    std::string
        visit_number; // PV1-19 / the Encounter (by id, else identifier); with `sender` the visit's key
    std::string organisation; // ODS code: PV1-3.4, else MSH-4 / performer, else Encounter.serviceProvider

    // Sender, feed, visit and segment of the set that this event is a member of; "" when omission says
    // nothing (PR1 and DG1 only, in snapshot mode, with PV1-19). The message recorded last that has members
    // or `emptied_set` is the set.
    std::string snapshot_set;

    event_payload payload;

    // Sender, feed and number (TXA-12) of the MDM document that says it / "". An `emptied_set` of a document voids what the
    // document said before (T08, T10 for the document it replaces); one whose version is deleted also what it says at the
    // same time (T11).
    std::string document = {};

    bool operator==(const event&) const = default;

    template <class payload_type>
    [[nodiscard]] const payload_type* as() const {
        return std::get_if<payload_type>(&payload);
    }
};

// The keys that put this event into a cluster: its subject, those of an identity change, its fact key when
// global. NHS numbers that cannot be anybody's (0000000000, a wrong check digit) are left out: they are sent
// for strangers, who must not become one cluster. Test numbers count: whether they may be used is for cases().
[[nodiscard]] std::vector<std::string> cluster_keys(const event& fact);

// Compact form for the store; the same events always give the same bytes.
[[nodiscard]] std::string to_bytes(const std::vector<event>& events);
// The inverse, also of what earlier versions of to_bytes() gave; none when the bytes are neither (a later format, damage).
[[nodiscard]] std::optional<std::vector<event>> events_from_bytes(std::string_view bytes);

// SHA-256 of the content (everything but `message` and `path`): equal for the same fact however often it
// arrives.
[[nodiscard]] std::string content_hash(const event& fact);

} // namespace auditgate::mapping
