// Visits: which class they are and which days they cover (dataset.md section 3, setting).
#pragma once

#include "mapping/cases/context.hpp"

#include <chrono>
#include <string>

namespace auditgate::mapping {

// The word of the item for the visit's class; "" when it is no visit (pre-admission, unknown class).
[[nodiscard]] std::string visit_class(const fact& stay, const item& rule);

// The same, but what was intended for an inpatient stay that ended on the procedure date: it may have been a day case.
[[nodiscard]] std::string visit_word(const fact& stay, const item& rule,
                                     std::chrono::local_days procedure_date);

// From its first to its last calendar day. Without an end: the preferred setting (the first of the item's words, an
// inpatient stay) until further notice, others their first day.
[[nodiscard]] bool covers(const fact& stay, std::chrono::local_days date, const item& rule);

[[nodiscard]] json_value visit_setting(case_context& context, const item& rule);

} // namespace auditgate::mapping
