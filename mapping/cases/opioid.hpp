// Oral morphine equivalent of one day (dataset.md section 4, opioid; section 7). For audit, never for prescribing.
#pragma once

#include "mapping/cases/context.hpp"

#include <cstdint>

namespace auditgate::mapping {

enum class computability {
    no_evidence,
    full,
    partial,        // something was counted, and there was something that cannot be
    not_computable, // only what cannot be counted, or taken only when needed
};

struct opioid_day {
    computability computable = computability::no_evidence;
    ome_nanograms amount = 0; // before rounding; of full and partial
};

[[nodiscard]] opioid_day opioids_on(case_context& context, std::int64_t day);

} // namespace auditgate::mapping
