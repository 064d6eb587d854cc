// Adverse events (dataset.md section 5).
#pragma once

#include "mapping/cases/context.hpp"

#include <optional>

namespace auditgate::mapping {

// The events of the record, ordered by onset day, then category. Notes the flag recurrent-code.
[[nodiscard]] json_value adverse_event_list(case_context& context);

// Whether the record has any; explains nothing, for that is said with the list.
[[nodiscard]] bool has_adverse_event(case_context& context);

// When the harm began that an AdverseEvent or an observation of the onset tells of; nothing when not stated to the day.
[[nodiscard]] std::optional<event_time> stated_onset(const fact& one, const compiled_definition& definition);

} // namespace auditgate::mapping
