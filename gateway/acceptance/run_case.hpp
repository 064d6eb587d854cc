// Runs one golden case: its steps as written, then its messages in other orders and doubled.
#pragma once

#include "gateway/acceptance/coverage.hpp"
#include "gateway/acceptance/dry_run.hpp"
#include "gateway/acceptance/golden_case.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {

// One thing that is not as the case says.
struct case_failure {
    std::string where; // "step 2", "order 17"
    std::string what;  // lines of text
};

struct case_outcome {
    std::string name;
    std::string title;
    std::vector<case_failure> failures; // none: passed
    std::size_t orders = 0;             // how many other orders were tried

    [[nodiscard]] bool passed() const { return failures.empty(); }
};

// What the cases of one run share: the configuration that they are run against.
struct case_environment {
    std::filesystem::path config_folder; // with datasets/, terminology/ and sources/
    std::uint64_t seed = 0;              // of the orders tried
    coverage* exercised = nullptr;       // takes what the steps of the case exercise, when it is wanted
};

// Never throws: whatever goes wrong is a failure of the case.
[[nodiscard]] case_outcome run_case(const std::filesystem::path& folder, const case_environment& environment);

} // namespace auditgate::gateway::acceptance
