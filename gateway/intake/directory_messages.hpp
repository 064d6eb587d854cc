// What a file holds: its format, and the messages in it. Pure.
#pragma once

#include "hl7v2/finding.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::intake {

enum class file_kind { empty, hl7v2, fhir_json, fhir_ndjson, fhir_xml, table, unknown };

// By the first bytes: `{` FHIR JSON, `<` FHIR XML, MSH, FHS or BHS HL7 v2; all else is a table where the source sends tables,
// and unknown where it does not. JSON documents one a line are told by the name (.ndjson, .jsonl), or by a first line that is
// a whole document with another behind it: `begin` must hold that much.
[[nodiscard]] file_kind kind_of_file(std::string_view begin, std::string_view name, bool sends_tables);

struct file_message {
    std::string_view bytes; // unchanged; looks into the file's content
    std::string format;     // as store::incoming_message
    std::size_t number = 0; // within the file, from 1
};

struct file_content {
    std::vector<file_message> messages;
    std::vector<hl7v2::finding> findings; // of the batch: counts that differ, headers that are missing
};

// The messages of a file that is no table: those of an HL7 v2 batch (FHS, BHS, several MSH), each line of NDJSON, else one.
// A message that cannot be read is one like the others.
[[nodiscard]] file_content split_file(std::string_view content, file_kind kind);

// What the resource or Bundle calls itself (Procedure, Bundle); "" when that cannot be told. Never anything else of it.
[[nodiscard]] std::string resource_type_of(std::string_view content, std::string_view format);

} // namespace auditgate::gateway::intake
