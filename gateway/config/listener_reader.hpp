// One of the `listeners` of gateway.yaml.
#pragma once

#include "gateway/config/config_parts.hpp"

namespace auditgate::gateway {

// Tells mistakes, and goes on with the defaults in their place.
[[nodiscard]] listener_config read_listener(const mapping::yaml::node& node,
                                            const std::vector<listener_config>& earlier, config_parts& parts);

} // namespace auditgate::gateway
