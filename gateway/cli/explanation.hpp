// What is in a message, for people who meet it for the first time: every value with its place and name, who-somebody-is
// values hidden, what became of it, and what is odd about it.
#pragma once

#include "fhir/json.hpp"
#include "gateway/cli/explained_parts.hpp"
#include "mapping/read/read.hpp"
#include "mapping/read/source_profile.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::cli {

struct explained_value {
    std::string path;    // PID-3[2], Bundle.entry[1].resource.status; PID alone for the line of a segment
    std::string name;    // Patient Identifier List; "" when the standard has none here
    std::string value;   // as text; "" for the line of a segment
    bool hidden = false; // `value` is left out, because it may tell who somebody is

    bool operator==(const explained_value&) const = default;
};

struct explained_finding {
    std::string level; // fatal, error, warning
    std::string code;
    std::string path;
    std::string text;

    bool operator==(const explained_finding&) const = default;
};

// What the readers take out of the message for audit datasets.
struct explained_fact {
    std::string path;  // PR1[1]
    std::string kind;  // procedure, observation ...
    std::string codes; // SYSTEM|CODE, joined by blanks; "" when the fact has none

    bool operator==(const explained_fact&) const = default;
};

// What became of a FHIR resource or of one of its elements: of each that is read what lies in it, of all others the highest.
struct explained_element {
    std::string path;
    std::string use; // read; unused: known, and nothing in it is asked for; unknown; unreadable
    std::string why; // "" when read

    bool operator==(const explained_element&) const = default;
};

struct explanation {
    std::string title; // ADT^A08, HL7 v2.5, 7 segments
    std::vector<explained_value> values;
    std::vector<explained_finding> findings;
    std::vector<explained_fact> facts;
    std::vector<explained_part> parts;
    std::vector<explained_element> elements; // FHIR only
};

// How the message is to be read.
struct reading_rules {
    mapping::source_profile profile = {}; // that of nobody: as the standards say
    const mapping::terminology* codes =
        nullptr; // none: nobody looks whether code systems and units are known
};

// One HL7 v2 message, FHIR document (JSON or XML) or NDJSON file. `show_phi`: hide nothing. Paths of NDJSON begin with the
// line: `line(2).Patient.birthDate`.
[[nodiscard]] explanation explain_message(std::string_view bytes, bool show_phi,
                                          const reading_rules& rules = {});

// Adds what the readers made of a message: its facts, and the findings that are not there yet. `show_phi`: codes that do
// not look like codes, too.
void add_reading(explanation& to, const mapping::read_result& read, bool show_phi);

// Columns for a terminal; values longer than `value_width_max` characters are cut (0: never).
[[nodiscard]] std::string to_table(const explanation& of, std::size_t value_width_max);
[[nodiscard]] fhir::json::value to_json(const explanation& of);

} // namespace auditgate::gateway::cli
