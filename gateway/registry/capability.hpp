// GET /fhir/metadata of a registry: what it can do, and which profiles it takes.
#pragma once

#include "fhir/json.hpp"
#include "mapping/feed/layout.hpp"

#include <string_view>
#include <vector>

namespace auditgate::gateway::registry {

// A CapabilityStatement (R4) of kind instance. `date`: YYYY-MM-DD, of the statement.
[[nodiscard]] fhir::json::value capability_statement(const std::vector<mapping::feed::layout>& layouts,
                                                     std::string_view date);

} // namespace auditgate::gateway::registry
