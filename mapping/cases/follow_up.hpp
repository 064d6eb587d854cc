// Follow-up: contacts, death, what was done later (dataset.md section 5).
#pragma once

#include "mapping/cases/context.hpp"

#include <cstdint>
#include <optional>

namespace auditgate::mapping {

// Day of the latest fact that the definition reads; nullopt: there is none.
[[nodiscard]] std::optional<std::int64_t> last_contact_day(const case_context& context);

[[nodiscard]] json_value adverse_occurred(const case_context& context, const item& rule, bool any_event);
[[nodiscard]] json_value follow_up_status(case_context& context, const item& rule);
[[nodiscard]] json_value death_band(const case_context& context, const item& rule);
[[nodiscard]] json_value subsequent_treatments(case_context& context, const item& rule);

} // namespace auditgate::mapping
