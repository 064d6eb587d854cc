// Message types and trigger events (MSH-9: HL7 v2.8.2 section 2.14.9.9, tables 0076 and 0003).
#pragma once

#include <string_view>

namespace auditgate::hl7v2 {

// A type of table 0076 in any version from 2.1 to 2.8.2 (ADT, ORU, ...). Types that begin with Z are a site's own.
[[nodiscard]] bool is_standard_message_type(std::string_view type);

// Has the form of the events of table 0003: a letter that the table uses (or Z, a site's own), then two capital letters or
// digits: A01, PCB, Z99.
[[nodiscard]] bool is_trigger_event(std::string_view event);

} // namespace auditgate::hl7v2
