// Loads a dataset definition from its YAML file (config/datasets).
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace auditgate::mapping {

// What the deployment decides.
struct definition_settings {
    std::string ome_table = "uk";
    std::string time_zone = "Europe/London"; // IANA name
    bool allow_test_numbers = false;         // 9xx NHS numbers
};

struct definition_load {
    std::shared_ptr<const compiled_definition> loaded; // null when there is any problem
    std::vector<yaml::problem> problems;               // with file, line and what would be right
};

[[nodiscard]] definition_load load_definition(const std::filesystem::path& file,
                                              std::shared_ptr<const terminology> codes,
                                              const definition_settings& settings);

} // namespace auditgate::mapping
