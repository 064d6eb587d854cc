// Journeys that differ, and the records of them: for tests of what is counted over many cases.
#pragma once

#include "tests/support/sample_journey.hpp"

#include <string>
#include <vector>

namespace auditgate::test {

// The sample journey with other values for each patient, always the same for one patient: scores, doses, instruments, harm,
// cement, operations that were stopped; now and then a message is missing. Day zero runs through 2025 and 2026.
[[nodiscard]] std::vector<std::string> varied_journey(int patient);

// The records of so many varied journeys as of 2026-07-08, one JSON object a line, in one case each.
[[nodiscard]] std::string records_of_journeys(int patients);

} // namespace auditgate::test
