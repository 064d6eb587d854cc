// Makes a record less exact for a destination that may not see all of it (dataset.md section 8).
#pragma once

#include "fhir/json.hpp"
#include "mapping/definition/definition.hpp"
#include "mapping/release/destination.hpp"
#include "mapping/yaml/document.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>

namespace auditgate::mapping {

// Which item a setting speaks of is told by its derivation, or by the definition for its own settings. Words are
// grouped by the maps coarsen-<setting>-<value> of the terminology, sites by their regions; codes of the value set
// site-codes and of the definition's own site codes go when sites are regions. What the terminology says nothing of
// is null or goes: it never leaves finer than the settings allow. Safety events that then coincide become one: the
// highest grade, the first relatedness in the order of the definition.
[[nodiscard]] fhir::json::value coarsened(fhir::json::value record, const compiled_definition& definition,
                                          const coarsening& how,
                                          const std::map<std::string, std::string>& provider_regions);

// Tells, at the place of the destination's setting, a setting that none of the definitions (those whose records the
// destination gets) knows, and what the terminology lacks to coarsen their items so: a map, a word in it, the set of
// site codes.
void check_coarsening(const destination_settings& destination,
                      std::span<const std::shared_ptr<const compiled_definition>> definitions,
                      yaml::problem_sink& problems);

} // namespace auditgate::mapping
