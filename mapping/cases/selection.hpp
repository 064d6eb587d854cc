// Items that look back from the session over what is known of the person: the selection of patients (dataset.md section 3).
// Each function gives the value of one derivation; see definition.hpp.
#pragma once

#include "mapping/cases/context.hpp"

namespace auditgate::mapping {

[[nodiscard]] json_value event_seen(case_context& context, const item& rule);
[[nodiscard]] json_value days_since_event(case_context& context, const item& rule);
[[nodiscard]] json_value condition_category(case_context& context, const item& rule);
[[nodiscard]] json_value first_code(case_context& context, const item& rule);
[[nodiscard]] json_value latest_word(case_context& context, const item& rule);
[[nodiscard]] json_value latest_number(case_context& context, const item& rule);
[[nodiscard]] json_value earlier_treatments(case_context& context, const item& rule);

} // namespace auditgate::mapping
