// The dictionary's tables of fields, by theme; see dictionary.hpp.
#pragma once

#include "hl7v2/dictionary.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace auditgate::hl7v2::detail {

struct field_entry {
    std::string_view title;
    disclosure shown = disclosure::plain;
};

// The fields of one segment, field 1 first.
struct field_table {
    std::string_view segment;
    std::span<const field_entry> fields;
};

[[nodiscard]] std::span<const field_table> visit_tables();  // header, patient, visit
[[nodiscard]] std::span<const field_table> orders_tables(); // orders, results, documents, drugs
[[nodiscard]] std::span<const field_table> acts_tables();   // diagnoses, procedures, consent, appointments

// Null when no table has such a field.
[[nodiscard]] const field_entry* find_field(std::string_view segment, std::size_t field);

} // namespace auditgate::hl7v2::detail
