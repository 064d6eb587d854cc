// The whole configuration of a gateway: config/gateway.yaml and every file that it refers to, read and compiled.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "gateway/pipeline/setup.hpp"
#include "gateway/security/key_file.hpp"
#include "mapping/feed/layout.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace auditgate::gateway {

struct configuration {
    gateway_config settings;
    std::shared_ptr<const pipeline::setup> mapping;
    std::vector<mapping::feed::layout> layouts; // of the datasets that are delivered
};

struct configuration_load {
    std::optional<configuration> loaded; // none when there is any problem
    std::vector<mapping::yaml::problem> problems;
};

// Reads all files that the settings name, and tells every problem, not only the first one.
[[nodiscard]] configuration_load load_configuration(const gateway_config& settings,
                                                    const security::key_ring& keys);

// The same from config/gateway.yaml on, for checking alone: its keys are made up, so record ids and pseudonyms mean nothing.
[[nodiscard]] configuration_load check_configuration(const std::filesystem::path& gateway_file);

} // namespace auditgate::gateway
