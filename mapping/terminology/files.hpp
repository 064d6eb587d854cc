// The kinds of files that a terminology is made of; load.hpp reads the whole folder.
#pragma once

#include "mapping/terminology/builder.hpp"
#include "mapping/yaml/document.hpp"

#include <string_view>

namespace auditgate::mapping {

// Each takes the text of one CSV file; the columns are in config/terminology/README.md. Rows whose status is
// `candidate` are checked like all others and then left out: they wait for a clinical coder.
void read_code_systems(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems);
void read_value_sets(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems);
void read_concept_maps(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems);
void read_sites(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems);
void read_units(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems);
void read_wear_times(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems);
void read_ome_table(std::string_view table, std::string_view text, terminology_builder& builder,
                    yaml::problem_sink& problems);

// Takes one FHIR R4 resource in JSON: a CodeSystem (url and name), a ValueSet (compose.include with concepts,
// or the filter concept is-a), or a ConceptMap. What it cannot honour (exclude, imported value sets, other
// filters) is a problem, never silently another set.
void read_fhir_resource(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems);

} // namespace auditgate::mapping
