// Clusters without a store: the connected components of identity and fact keys (dataset.md section 1).
#pragma once

#include "mapping/event.hpp"

#include <cstddef>
#include <vector>

namespace auditgate::gateway::acceptance {

// The places of the events of each cluster, ascending. Events without any key belong to nobody and are left out.
[[nodiscard]] std::vector<std::vector<std::size_t>> clusters_of(const std::vector<mapping::event>& events);

} // namespace auditgate::gateway::acceptance
