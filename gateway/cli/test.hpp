#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace auditgate::gateway::cli {

struct test_options {
    std::vector<std::filesystem::path> folders; // each with a case.yaml
    std::filesystem::path config = "config";    // folder with datasets/, terminology/, sources/
    std::optional<std::uint64_t> seed;          // of the orders tried; none: another one each time
    bool json = false;
    bool coverage = false; // tell what no case has exercised
};

// Runs golden cases: messages in, records out, compared with what is expected. 0: all passed; 1: some failed; 2: a folder
// is no case.
[[nodiscard]] int run_test(const test_options& options);

} // namespace auditgate::gateway::cli
