// Reads a terminology from its folder (config/terminology): the index terminology.yaml and the files it
// names.
#pragma once

#include "mapping/terminology/terminology.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace auditgate::mapping {

struct terminology_load {
    std::shared_ptr<const terminology>
        loaded; // null when anything is wrong: a half-read terminology would miscount
    std::vector<yaml::problem> problems; // all of them, by file and line
};

// Formats: CSV with a header row (lines that begin with # are comments), and FHIR R4 ValueSet, ConceptMap and
// CodeSystem in JSON. The columns are described in config/terminology/README.md. Files in the folder that the
// index does not name are a problem too: a map that is forgotten there would silently not count.
[[nodiscard]] terminology_load load_terminology(const std::filesystem::path& folder);

} // namespace auditgate::mapping
