#pragma once

#include "gateway/cli/installation.hpp"

#include <filesystem>

namespace auditgate::gateway::cli {

struct gateway_options {
    std::filesystem::path config = default_config_file;
};

// Runs the gateway until SIGTERM or SIGINT, then stops it gracefully. Tells on standard output what listens where.
[[nodiscard]] int run_gateway(const gateway_options& options);

} // namespace auditgate::gateway::cli
