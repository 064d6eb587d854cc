// What the record says of its own quality: missing items and flags (dataset.md section 3).
#pragma once

#include "mapping/cases/context.hpp"

namespace auditgate::mapping {

// Adds mandatory items of the record that are not known to the context.
void note_missing_items(case_context& context, const json_value& record);

// Adds the flags that no single item sets: late-correction, merged-patient, confounded-by-new-procedure, and
// those that the definition names for feeds of different sites and for a procedure that no diagnosis confirms.
void note_flags(case_context& context);

} // namespace auditgate::mapping
