#pragma once

#include "gateway/cli/installation.hpp"

#include <filesystem>

namespace auditgate::gateway::cli {

struct reload_options {
    std::filesystem::path config = default_config_file;
    int timeout_s = 60;
    bool json = false;
};

// Asks the running gateway to take the configuration as it is on the disk, and tells what became of it.
[[nodiscard]] int run_reload(const reload_options& options);

} // namespace auditgate::gateway::cli
