// The efficacy rows: which assessment is shown at which time point, the opioid dose beside it, and the response
// (dataset.md section 4).
#pragma once

#include "mapping/cases/context.hpp"

namespace auditgate::mapping {

// All time points in the order of the definition. Notes flags, missing values and the days on which time alone changes
// something in the context.
[[nodiscard]] json_value efficacy_rows(case_context& context, const item& rule);

// When the case ends before its time: the first of death, withdrawal and a completed repeat at the same site. nullopt: it
// has not.
[[nodiscard]] std::optional<std::chrono::local_days> death_date(const case_context& context);
[[nodiscard]] std::optional<std::chrono::local_days> withdrawal_date(const case_context& context);
[[nodiscard]] std::optional<std::chrono::local_days> repeat_date(const case_context& context);

} // namespace auditgate::mapping
