// Which elements the types of R4 have, and of what type they are: tells what is no element at all, and turns XML, where it
// does not show whether an element repeats or is a number, into the same tree as JSON.
#pragma once

#include <optional>
#include <string_view>

namespace auditgate::fhir {

enum class element_kind { text, number, boolean, complex, resource };

struct element_definition {
    element_kind kind = element_kind::text;
    std::string_view type{}; // of a complex element: the type whose elements it has
    bool repeats = false;
};

// The element of a type, which is that of a resource, a data type, or a backbone element (Patient_Link). None: R4 has no
// such element, or the type is not known here (knows_elements_of). Choices are meant with their type: `onsetDateTime`.
[[nodiscard]] std::optional<element_definition> find_element(std::string_view type, std::string_view name);

// The readers' resources and those around them, with all that is in them; not all of R4.
[[nodiscard]] bool knows_elements_of(std::string_view type);

// The name of a resource of R4, any of them.
[[nodiscard]] bool is_resource_type(std::string_view name);

} // namespace auditgate::fhir
