// From the bytes of one message to clinical events: the only door to the readers.
//
// Readers are pure: the same bytes, profile and time of receipt give the same events. What each segment or
// resource type gives stands in its own file (hl7v2_*.cpp, fhir_*.cpp); hl7v2_readers.cpp and
// fhir_readers.cpp hold the tables in which they are registered.
#pragma once

#include "mapping/event.hpp"
#include "mapping/read/source_profile.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

enum class message_format { hl7v2, fhir_json, fhir_xml, table };

// By the first byte that is no blank: `{` FHIR JSON, `<` FHIR XML, all else HL7 v2, but for a row of a table as the journal
// keeps it. A whole table looks like nothing in particular: who has one says so.
[[nodiscard]] message_format format_of(std::string_view bytes);

// What one message may hold. More is a fatal finding (too-many-events, too-many-identifiers, too-many-codes): the message goes into
// quarantine whole, for a part of it would be another message.
inline constexpr std::size_t events_of_a_message_max = 50'000;
inline constexpr std::size_t identifiers_of_a_patient_max = 128; // that can be used; a case has 64 at most
inline constexpr std::size_t codes_of_an_element_max = 64;       // codings of one CodeableConcept of FHIR

struct message_to_read {
    std::string_view bytes; // one message, without MLLP framing; must outlive the call only
    message_format format = message_format::hl7v2;
    std::string reference; // becomes event::message: journal id, file name
    std::chrono::sys_time<std::chrono::milliseconds>
        received_at{};        // stands in where the sender states no time
    std::string charset = {}; // of HL7 v2, when the transport says it, which wins over MSH-18
};

enum class finding_level {
    fatal,   // nothing of the message can be used: it belongs into quarantine
    error,   // a part of it cannot be used
    warning, // it was read on an assumption
};

// As the findings of the wire formats, with which it shares the codes: never a value of the message.
struct read_finding {
    std::string code; // stable, kebab-case: no-patient, invalid-time, unresolved-reference ...
    finding_level level = finding_level::warning;
    std::string
        path; // PID-3[2].5; Bundle.entry[3].resource.status; empty when it speaks of the whole message
    std::string text; // for people

    bool operator==(const read_finding&) const = default;
};

// What became of a segment or a resource, for `explain`.
enum class part_use {
    used,       // gave events, or context (PID, PV1, ORC) for those of others
    not_used,   // known, and nothing in it is asked for
    unknown,    // nobody reads segments (resources) of this name here
    unreadable, // should have given events, and could not: see the findings
};

// Why a place gave nothing, or less than it could have.
struct part_note {
    std::string path; // PR1(2)-3
    std::string text; // for people: why, and what to do; never a value of the message

    bool operator==(const part_note&) const = default;
};

struct part_report {
    std::string path; // PID, OBX(3), #7 (a line that is no segment) / Bundle.entry[2].resource
    std::string name; // PID, OBX, #7 / Procedure
    part_use use = part_use::not_used;
    std::size_t events = 0; // how many it gave
    std::vector<part_note> notes = {};

    bool operator==(const part_report&) const = default;
};

struct read_result {
    std::vector<event>
        events; // in the order of the message; none: not relevant, or unreadable (a fatal finding)
    std::vector<part_report> parts; // every segment or resource, in order
    std::vector<read_finding> findings;
    std::string message_type; // ADT^A08, Bundle, Procedure; "" when unreadable

    // The code of the fatal finding; empty when the message could be read.
    [[nodiscard]] std::string_view unreadable_reason() const;
};

[[nodiscard]] read_result read_message(const message_to_read& message, const source_profile& profile);

} // namespace auditgate::mapping
