// How to read the messages of one source: what its sender leaves unsaid or says in its own way.
#pragma once

#include "hl7v2/message.hpp"
#include "mapping/read/table_profile.hpp"
#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <map>
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

// What a FHIR resource is known by when another message speaks of it.
enum class fhir_identity {
    id,         // type and id, else its first identifier: senders whose ids are those of their server
    identifier, // its first identifier; ids are of one message only: senders that make them up for each message
};

// What a MedicationDispense is.
enum class fhir_dispense {
    not_read, // the order that it fulfils comes as a MedicationRequest of the same sender: it would count twice
    order,    // an order from when it was handed over, for the days that it supplies: senders without orders
};

// Which identifiers of a patient are what. A CX counts when its type (CX.5) or its authority (CX.4.1) is
// listed.
struct identifier_types {
    std::vector<std::string> nhs_types = {"NH"};        // CX.5 of the national number
    std::vector<std::string> nhs_authorities = {"NHS"}; // CX.4.1 of the national number
    std::vector<std::string> local_types = {"MR"};      // CX.5 and FHIR identifier.type of a local number
    std::vector<std::string> nhs_systems = {"https://fhir.nhs.uk/Id/nhs-number"};
    // FHIR identifier.system of a hospital's own number, and the ODS code of that hospital: for senders that do not say it
    // by type and assigner.
    std::map<std::string, std::string> local_systems;
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
    hl7v2::parse_options
        wire; // HL7 v2: character sets, ends of segments, \X..\ (what a message itself does not say)
    set_mode sets = set_mode::by_version;
    identifier_types identifiers;
    // FHIR extensions that hold the ethnic category.
    std::vector<std::string> ethnic_category_extensions = {
        "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"};
    std::shared_ptr<const table_profile> table; // none: the source sends no tables
    // FHIR extensions that say whether a death was notified: 1 or 2 it was, U it was taken back.
    std::vector<std::string> death_notification_extensions = {
        "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus"};
    fhir_identity known_by = fhir_identity::id;
    fhir_dispense dispenses = fhir_dispense::not_read;
};

struct source_profile_load {
    std::optional<source_profile> profile; // none when anything is wrong
    std::vector<yaml::problem> problems;   // all of them, by line
};

// Reads one profile (config/sources/*.yaml; the keys are explained in default.yaml). What a file does not say
// is as in `base`.
[[nodiscard]] source_profile_load load_source_profile(const std::filesystem::path& file,
                                                      const source_profile& base = {});
// The same of a file that is read already.
[[nodiscard]] source_profile_load
read_source_profile(const yaml::node& root, const std::filesystem::path& file, const source_profile& base);

} // namespace auditgate::mapping
