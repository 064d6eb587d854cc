// The whole configuration of a gateway: config/gateway.yaml and every file that it refers to.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "mapping/definition/definition.hpp"
#include "mapping/feed/layout.hpp"
#include "mapping/read/source_profile.hpp"
#include "mapping/terminology/terminology.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::gateway {

struct configuration {
    gateway_config settings;
    std::shared_ptr<const mapping::terminology> codes;
    std::vector<std::shared_ptr<const mapping::compiled_definition>> definitions; // as settings.datasets
    std::vector<mapping::feed::layout> layouts;                                   // as settings.feeds
    std::map<std::string, mapping::source_profile> profiles;                      // by name of the source
    // Another one whenever something has changed that events or cases depend on: a file of the mapping, a profile, or
    // one of the settings that they are read with. 64 hexadecimal digits.
    std::string revision;
};

struct configuration_load {
    std::optional<configuration> loaded; // none when there is any problem
    std::vector<mapping::yaml::problem> problems;
};

// Reads all of it and tells every problem, not only the first one.
[[nodiscard]] configuration_load load_configuration(const std::filesystem::path& gateway_file);

} // namespace auditgate::gateway
