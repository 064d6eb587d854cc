// Acknowledgements: which to give, how they are written in each version, and how a received one is read
// (HL7 v2.8.2 sections 2.9, 2.14.5 ERR and 2.14.8 MSA).
#pragma once

#include "hl7v2/header.hpp"
#include "hl7v2/path.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2 {

// Table 0008. Original mode and application level: AA accepted, AE not processed, send again; AR will never be accepted.
// Enhanced mode, accept level: CA safely stored, CE not stored, CR refused.
enum class acknowledgement_code { AA, AE, AR, CA, CE, CR };

[[nodiscard]] std::string_view to_string(acknowledgement_code code);
[[nodiscard]] std::optional<acknowledgement_code> acknowledgement_code_from(std::string_view text);
[[nodiscard]] bool is_positive(acknowledgement_code code); // AA, CA

enum class acknowledgement_verdict { accepted, error, rejected };

// by_message: enhanced when MSH-15 or MSH-16 is valued, else original. The others are for sources that mean something else
// than they write; enhanced with both fields blank answers always at accept level.
enum class acknowledgement_mode { by_message, original, enhanced };

// What is to be sent, in this order; neither when the sender wants no answer.
struct acknowledgement_plan {
    std::optional<acknowledgement_code> accept;      // CA, CE, CR
    std::optional<acknowledgement_code> application; // AA, AE, AR
};

// Chooses by the header's MSH-15 and MSH-16 (AL always, NE never, ER only on error or reject, SU only on success; any
// other value counts as NE when the other field asks for enhanced mode).
[[nodiscard]] acknowledgement_plan
plan_acknowledgement(const message_header& to, acknowledgement_verdict verdict,
                     acknowledgement_mode mode = acknowledgement_mode::by_message);

// Table 0357.
enum class error_condition {
    message_accepted = 0,
    segment_sequence_error = 100,
    required_field_missing = 101,
    data_type_error = 102,
    table_value_not_found = 103,
    value_too_long = 104,
    unsupported_message_type = 200,
    unsupported_event_code = 201,
    unsupported_processing_id = 202,
    unsupported_version_id = 203,
    unknown_key_identifier = 204,
    duplicate_key_identifier = 205,
    application_record_locked = 206,
    application_error = 207,
};

[[nodiscard]] std::string_view to_string(error_condition condition); // the table's text

struct acknowledgement_error {
    error_condition condition = error_condition::application_error;
    std::optional<path> location; // of one place; none when it speaks of the whole message
    std::string text;             // for people, ASCII; never a value of the message
};

struct acknowledgement_content {
    acknowledgement_code code = acknowledgement_code::AA;
    std::span<const acknowledgement_error> errors = {};
    std::string_view control_id; // MSH-10 of the answer: unique, given by the caller
    std::string_view time;       // MSH-7 of the answer, as DTM
};

// Writes the answer, segments ended by CR, in the character set of the message. MSH-3..6 are swapped with all their
// components; delimiters, MSH-11, MSH-12, MSH-18 and MSA-2 are as received, byte for byte. MSH-9 is ACK before 2.3,
// ACK^trigger before 2.4, ACK^trigger^ACK from then on; ERR has ERR-1 before 2.5, and ERR-2 to ERR-4 and ERR-8 from then on.
// For bytes without a header the answer has standard delimiters, version 2.5 and an empty MSA-2.
[[nodiscard]] std::string build_acknowledgement(const message_header& to,
                                                const acknowledgement_content& content);

// What a header must have to be accepted; each can be let go for senders that know no better.
struct header_rules {
    bool require_control_id = true;
    bool require_message_type = true;
    bool require_version = true;
    bool require_processing_id = true;
    std::string_view processing_ids = "PDT"; // table 0103
    // MSH-9.1 that is not of table 0076 and MSH-9.2 that is no event are refused. Let it go for a type that sender and
    // receiver have agreed on.
    bool require_standard_type = true;
};

// The first reason to refuse (AR or CR) a message by its header alone; none when it may pass. No header or unusable
// delimiters: 100; a required field blank: 101; unknown version: 203; processing id not among the allowed: 202; unknown
// message type: 200, event: 201 (no event is none that is unknown: senders before 2.4 leave it out).
[[nodiscard]] std::optional<acknowledgement_error> header_check(const message_header& header,
                                                                const header_rules& rules = {});

// An acknowledgement as a sending client sees it.
struct received_error {
    std::string condition; // table 0357 code as written
    std::string location;  // as written
    std::string severity;
    std::string text; // may hold what the other side put there: treat it as patient data
};

struct received_acknowledgement {
    acknowledgement_code code = acknowledgement_code::AE;
    std::string message_control_id; // MSA-2 as received: equal to MSH-10 of the message that it answers
    std::string text;               // MSA-3; treat as patient data
    std::vector<received_error> errors;
};

// None when the bytes hold no message with an MSA that has a known code.
[[nodiscard]] std::optional<received_acknowledgement> read_acknowledgement(std::string_view received);

} // namespace auditgate::hl7v2
