// Hands files to a gateway through a watched directory, whether it runs or not.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "gateway/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

// The directory of that name, or the one that takes files for that source; with neither the only one that there is. usage:
// which one is meant cannot be told; the text lists them.
[[nodiscard]] result<const directory_config*>
choose_directory(const gateway_config& config, const std::string& name, const std::string& source);

// Puts a copy where the gateway takes it at once: whole or not at all, and never over a file that waits. refused: a file of
// that name waits there already, or its name does not fit. not_found: one of the two files cannot be read or written.
[[nodiscard]] result<void> hand_over(const std::filesystem::path& file, const directory_config& to);

} // namespace auditgate::gateway::cli
