#pragma once

#include "fhir/json.hpp"
#include "gateway/cli/installation.hpp"

#include <filesystem>
#include <vector>

namespace auditgate::gateway::cli {

struct check_options {
    std::filesystem::path config = default_config_file;
    bool json = false;
};

// As `check --json` prints them.
[[nodiscard]] fhir::json::value to_json(const std::vector<mapping::yaml::problem>& problems);

// Reads the configuration and every file it refers to, and tells every mistake. 0: none; 3: some.
[[nodiscard]] int run_check(const check_options& options);

} // namespace auditgate::gateway::cli
