// What became of each segment of an HL7 v2 message, or of each resource of a FHIR document: read, or why it gave nothing.
#pragma once

#include "fhir/json.hpp"
#include "mapping/read/read.hpp"
#include "mapping/terminology/terminology.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::cli {

struct explained_note {
    std::string path; // PR1(3)-3; NK1
    std::string text; // why, and what to do; never a value of the message

    bool operator==(const explained_note&) const = default;
};

struct explained_part {
    std::string path;  // PR1(3); Bundle.entry[2].resource
    std::string name;  // PR1; Procedure
    std::string use;   // read, known and unused, unknown, unreadable
    std::size_t facts; // how many it gave
    std::vector<explained_note> notes;

    bool operator==(const explained_part&) const = default;
};

[[nodiscard]] std::string_view name_of(mapping::part_use use);

// With `codes` also what of the events no terminology file knows: code systems and units.
[[nodiscard]] std::vector<explained_part> explain_parts(const mapping::read_result& read,
                                                        const mapping::terminology* codes);

// For a terminal: the parts by class, then the notes; what is said of many parts is said once.
[[nodiscard]] std::string to_table(const std::vector<explained_part>& parts);
[[nodiscard]] fhir::json::value to_json(const std::vector<explained_part>& parts);

} // namespace auditgate::gateway::cli
