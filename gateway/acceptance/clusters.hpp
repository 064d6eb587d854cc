// Clusters without a store: the connected components of identity and fact keys (dataset.md section 1).
#pragma once

#include "mapping/event.hpp"

#include <vector>

namespace auditgate::gateway::acceptance {

// The events of each cluster in the order given. Events without any key belong to nobody and are left out.
[[nodiscard]] std::vector<std::vector<mapping::event>> clusters_of(const std::vector<mapping::event>& events);

} // namespace auditgate::gateway::acceptance
