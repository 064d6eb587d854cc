// The element definitions of R4 as tables, for elements.cpp only.
#pragma once

#include <span>
#include <string_view>

namespace auditgate::fhir {

// One type and its elements, divided by blanks: `name` holds text; `name:?` a boolean; `name:#` a number; `name:Type` what
// the row of that type says; a `*` behind it: the element repeats. Left out are the elements that all types of a kind have
// (elements.cpp). Backbone elements are types of their own, named as in fhir.schema.json of R4: Patient_Link.
struct type_row {
    std::string_view type;
    std::string_view elements;
};

// Sorted by type.
[[nodiscard]] std::span<const type_row> rows_of_data_types();
[[nodiscard]] std::span<const type_row> rows_of_resources();

} // namespace auditgate::fhir
