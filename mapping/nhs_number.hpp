// Identity keys that are NHS numbers: which of them can be somebody's.
#pragma once

#include <string>
#include <string_view>

namespace auditgate::mapping {

inline constexpr std::string_view nhs_prefix = "nhs|";

// The ten digits of a usable number in an identity key `nhs|...`, else "": spaces are removed, the check digit (modulus 11,
// NHS Data Dictionary) must be right, one digit repeated is no number, 9xx only when test numbers are allowed.
[[nodiscard]] std::string usable_nhs_number(std::string_view key, bool allow_test_numbers);

} // namespace auditgate::mapping
