// auditgate registry: run a registry until it is told to stop.
#pragma once

#include <filesystem>

namespace auditgate::gateway::cli {

struct registry_options {
    std::filesystem::path config = "config/registry.yaml";
};

// Runs until SIGINT or SIGTERM, then finishes what is under way. Makes the data folder and its keys at the first start.
[[nodiscard]] int run_registry(const registry_options& options);

} // namespace auditgate::gateway::cli
