// The StructureDefinitions of a feed layout: a profile for each resource of a record, an extension definition for each item
// that stands in an extension. Made from the layout, so that they say what the code does; kept as files in
// docs/structure-definitions/<dataset>. Profiles are of one dataset; an extension is the same in all of them.
#pragma once

#include "fhir/json.hpp"
#include "mapping/feed/layout.hpp"

#include <string>
#include <vector>

namespace auditgate::mapping::feed {

struct structure_definition {
    std::string id; // also the name of its file: id + ".json"
    fhir::json::value resource;
};

// Canonical URL of the profile of a resource of the layout.
[[nodiscard]] std::string profile_url(const layout& places, const resource_template& of);

[[nodiscard]] std::vector<structure_definition> structure_definitions(const layout& places);

} // namespace auditgate::mapping::feed
