// FHIR XML to the same tree as FHIR JSON.
#pragma once

#include "fhir/json.hpp"

#include <string_view>

namespace auditgate::fhir {

// Reads one resource in XML (R4 2.6.1) as the tree that its JSON form would give: `value` attributes become strings,
// numbers or booleans, elements that repeat become arrays. Which elements do is known for the resources that the
// mapping reads (see xml.cpp); of others, only those that are there more than once become arrays. Narrative is left
// out. Refused with a positioned finding: text that is no XML (`invalid-xml`), a document type declaration
// (`doctype`), another namespace than http://hl7.org/fhir (`not-fhir`), and what is over a limit.
[[nodiscard]] json::parse_result parse_xml(std::string_view document, const json::parse_limits& limits = {});

} // namespace auditgate::fhir
