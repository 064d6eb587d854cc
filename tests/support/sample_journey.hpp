// The sample journey of deploy/sample for as many patients as a test wants, each with numbers of their own.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace auditgate::test {

// A number of the test range 99x with the right check digit; another one for each `index` (0 to 999999).
[[nodiscard]] std::string nhs_test_number(int index);

// The messages of the journey with day zero (the procedure) on `day_zero`, segments ended by CR. Patient
// numbers, visits, orders, documents and control ids are those of `patient` (0 to 9999) alone.
[[nodiscard]] std::vector<std::string> sample_journey(int patient, std::chrono::sys_days day_zero);

} // namespace auditgate::test
