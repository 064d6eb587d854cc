// How to read the messages of one source: what its sender leaves unsaid or says in its own way.
#pragma once

#include "mapping/read/table_profile.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::mapping {

// Whether a message's PR1 (DG1) segments are all procedures (diagnoses) of the visit, so that omission takes
// back (dataset.md section 1, Snapshots).
enum class set_mode {
    by_version,   // complete sets below version 2.5, which has no action code; action codes from 2.5 on
    snapshot,     // complete sets in every version
    action_codes, // nothing is dropped by omission; PR1-20 and DG1-21 say what goes
};

// Which identifiers of a patient are what. A CX counts when its type (CX.5) or its authority (CX.4.1) is
// listed.
struct identifier_types {
    std::vector<std::string> nhs_types = {"NH"};        // CX.5 of the national number
    std::vector<std::string> nhs_authorities = {"NHS"}; // CX.4.1 of the national number
    std::vector<std::string> local_types = {"MR"};      // CX.5 and FHIR identifier.type of a local number
    std::vector<std::string> nhs_systems = {"https://fhir.nhs.uk/Id/nhs-number"};
    std::vector<std::string> organisation_systems = {"https://fhir.nhs.uk/Id/ods-organization-code"};
};

// A value: the built-in reading, which follows the standards, with what a source does otherwise. The defaults
// here are those of config/sources/default.yaml.
struct source_profile {
    std::string name = "default";
    // Who the facts come from. HL7 v2: empty takes MSH-3|MSH-4. FHIR names no sender: empty is the source's
    // name. Two sources that tell of the same facts under the same numbers share one.
    std::string sender;
    std::string time_zone =
        "Europe/London"; // of times without an offset, and of the calendar day of those with one
    std::string default_charset = "UTF-8"; // HL7 v2 when MSH-18 is blank
    set_mode sets = set_mode::by_version;
    identifier_types identifiers;
    // FHIR extensions that hold the ethnic category.
    std::vector<std::string> ethnic_category_extensions = {
        "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"};
    std::shared_ptr<const table_profile> table; // none: the source sends no tables
};

struct source_profile_load {
    std::optional<source_profile> profile; // none when anything is wrong
    std::vector<yaml::problem> problems;   // all of them, by line
};

// Reads one profile (config/sources/*.yaml; the keys are explained in default.yaml). What a file does not say
// is as in `base`.
[[nodiscard]] source_profile_load load_source_profile(const std::filesystem::path& file,
                                                      const source_profile& base = {});

} // namespace auditgate::mapping
