// What became of each element of a FHIR document, for `explain` and for the table of docs/fhir.md.
#pragma once

#include "fhir/json.hpp"
#include "mapping/read/read.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// A resource or element. Of an element that gave nothing, what lies in it is not listed again.
struct element_report {
    std::string path; // Bundle.entry[3].resource.bodySite[0].coding[0].display
    part_use use = part_use::not_used;
    std::string why; // of what was not used

    bool operator==(const element_report&) const = default;
};

// In the order of the document. `read` is what read_message() made of it with the same profile. Paths hold names of elements
// only: what could be a value is `?`.
[[nodiscard]] std::vector<element_report>
element_reports(const fhir::json::value& document, const read_result& read, const source_profile& profile);

// Elements of one type that the readers look at, divided by blanks: of a resource, a backbone element (Patient_Link) or a data
// type.
struct read_elements {
    std::string_view type;
    std::string_view elements;
};

[[nodiscard]] std::span<const read_elements> elements_read();

} // namespace auditgate::mapping
