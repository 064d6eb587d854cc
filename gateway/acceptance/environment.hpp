// Loads what a dry run needs from a folder of configuration.
#pragma once

#include "gateway/acceptance/dry_run.hpp"
#include "mapping/definition/load.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {

struct environment_load {
    // Definitions and profile; none when there is any problem.
    std::optional<dry_run_settings> loaded;
    std::vector<mapping::yaml::problem> problems;
};

// Reads <folder>/terminology, <folder>/datasets/<dataset>.yaml for each of `datasets`, and <folder>/sources/default.yaml.
// Without any name it is the first dataset that <folder>/gateway.yaml lists (`mapping`, `datasets`), or the only one there.
[[nodiscard]] environment_load load_environment(const std::filesystem::path& folder,
                                                const std::vector<std::string>& datasets,
                                                const mapping::definition_settings& settings);

} // namespace auditgate::gateway::acceptance
