// `auditgate check` of a registry's configuration.
#pragma once

#include "gateway/registry/registry_config.hpp"

#include <cstddef>
#include <filesystem>

namespace auditgate::gateway::registry {

// Whether the keys at the top of the file are more those of a registry than of a gateway. A file that cannot be read is none.
[[nodiscard]] bool is_registry_file(const std::filesystem::path& file);

struct registry_check {
    registry_config_load config; // `problems`: of all that the file refers to, too
    std::size_t datasets = 0;    // that are published
};

// Reads the file and everything that a registry needs at its start: layouts, tokens, certificate.
[[nodiscard]] registry_check check_registry(const std::filesystem::path& file);

} // namespace auditgate::gateway::registry
