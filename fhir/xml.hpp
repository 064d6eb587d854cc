// FHIR XML to the same tree as FHIR JSON.
#pragma once

#include "fhir/json.hpp"

#include <string_view>

namespace auditgate::fhir {

// Reads one resource in XML (R4 2.6.1) as the tree that its JSON form would give: `value` attributes become strings,
// numbers or booleans, elements that repeat become arrays, extensions of a primitive its `_name`. Of types that
// elements.hpp does not know only those elements become arrays that are there more than once, and all values are strings.
// Narrative is left out. Refused with a positioned finding: text that is no XML (`invalid-xml`), a document type
// declaration (`doctype`), another namespace than http://hl7.org/fhir (`not-fhir`), twice what does not repeat
// (`duplicate-element`), and what is over a limit.
[[nodiscard]] json::parse_result parse_xml(std::string_view document, const json::parse_limits& limits = {});

} // namespace auditgate::fhir
