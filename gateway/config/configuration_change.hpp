// What of a changed configuration a running gateway cannot take.
#pragma once

#include "gateway/config/gateway_config.hpp"

#include <string>
#include <vector>

namespace auditgate::gateway {

// The keys of gateway.yaml that differ and count from the next start on: `listeners`, `mapping.threads` ... in the order of
// the file. Empty: all of `wanted` can be had without a restart.
[[nodiscard]] std::vector<std::string> needs_restart(const gateway_config& running,
                                                     const gateway_config& wanted);

// Why a gateway that goes on with the directories of `running` cannot have the sources of `wanted`; "" when it can.
[[nodiscard]] std::string orphaned_directory(const gateway_config& running, const gateway_config& wanted);

} // namespace auditgate::gateway
