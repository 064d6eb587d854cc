// Names from the standard (HL7 v2.8.2), for people, and which fields tell who somebody is. No reading depends
// on it but the automatic rule for segment ends, which asks is_known_segment().
#pragma once

#include <cstddef>
#include <string_view>

namespace auditgate::hl7v2 {

// A segment of any version of the standard, or a site's own one: Z, then two capital letters or digits.
[[nodiscard]] bool is_known_segment(std::string_view name);

// "Patient Identification" for PID; empty for a segment that the standard does not have.
[[nodiscard]] std::string_view segment_title(std::string_view name);

// "Date/Time of Birth" for PID, 7; empty where the dictionary, which holds the common segments, has none.
[[nodiscard]] std::string_view field_title(std::string_view segment, std::size_t field);

// What showing a field to somebody who does not treat the patient would tell.
enum class disclosure {
    plain,     // codes, dates of care, counts
    person,    // who somebody is: patient, relative or staff; numbers of patient and visit
    free_text, // anything that somebody typed
};

// Site-made segments and segments without an entry count as person, so that nothing is shown by oversight.
[[nodiscard]] disclosure disclosure_of(std::string_view segment, std::size_t field);

} // namespace auditgate::hl7v2
