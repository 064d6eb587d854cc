// Which rules of a source profile have an effect on the messages of the cases.
#pragma once

#include "gateway/acceptance/coverage.hpp"
#include "mapping/read/source_profile.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace auditgate::gateway::acceptance {

// Each rule of the file that can be left out, exercised when some message gives other events without it. What says no more
// than is so anyway, and what cannot be left out by itself, is no rule. `bases`: of each message the profile that stands
// below the file, with the time zone of its case.
[[nodiscard]] std::vector<covered_part> rules_of_profile(const std::filesystem::path& file,
                                                         std::span<const observed_case::message> messages,
                                                         std::span<const mapping::source_profile> bases);

} // namespace auditgate::gateway::acceptance
