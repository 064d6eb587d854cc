// The header of a message that need not be readable otherwise: what an answer, the choice of a source and the check of the
// header need, taken from the received bytes.
#pragma once

#include "hl7v2/charset.hpp"
#include "hl7v2/delimiters.hpp"
#include "hl7v2/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auditgate::hl7v2 {

// The fields as received: raw, all repetitions and components, escapes not decoded. Empty where there is none.
struct message_header {
    bool is_found = false; // the bytes begin with MSH and a usable field separator
    bool has_usable_delimiters = false;
    // Those of the message. When they are not usable: the standard's encoding characters, with the message's field
    // separator unless it is one of these.
    delimiters marks;
    std::string sending_application;             // MSH-3
    std::string sending_facility;                // MSH-4
    std::string receiving_application;           // MSH-5
    std::string receiving_facility;              // MSH-6
    std::string message_type;                    // MSH-9
    std::string message_control_id;              // MSH-10
    std::string processing_id;                   // MSH-11
    std::string version_id;                      // MSH-12
    std::string accept_acknowledgment_type;      // MSH-15
    std::string application_acknowledgment_type; // MSH-16
    std::string character_set;                   // MSH-18
    // Of the bytes of the fields, when a letter in it may hold half a delimiter (Big5, GB 18030 ...).
    std::optional<charset> letters_in;
    // The set that hid the header (UTF-16 ...): the fields are UTF-8 then and an answer must be converted to it.
    std::optional<charset> hidden_in;
    std::string byte_order_mark; // that an answer in that set begins with

    // The n-th component (from 1) of one of the fields above, blanks around it left out.
    [[nodiscard]] std::string_view component(std::string_view field, std::size_t number) const;
};

// Reads at most the first segment. `options` as for message::parse().
[[nodiscard]] message_header read_header(std::string_view received, const parse_options& options = {});

// A version of the standard that the library knows: 2.1 to 2.9 with 2.3.1, 2.5.1, 2.7.1, 2.8.1 and 2.8.2.
[[nodiscard]] bool is_known_version(std::string_view version);

// Whether a known version is this one or later: is_version_from("2.5.1", 5) is true. False for unknown ones.
[[nodiscard]] bool is_version_from(std::string_view version, int minor);

} // namespace auditgate::hl7v2
