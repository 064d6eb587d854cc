#pragma once

#include "fhir/json.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/cli/patient_record.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::gateway::cli {

struct why_options {
    std::string record_id;  // 64 hexadecimal digits; "": of the patient whose number stands on standard input
    std::string item;       // procedure.access, efficacy.M1; "": all of the record
    std::string nhs_number; // "-": it is read from standard input
    patient_record patient; // whose record, then
    std::filesystem::path config = default_config_file;
    bool json = false;
};

// The answer about an item that the record has, but of which nobody kept how it was found: its value, no rule and no
// messages. None when the record (as sent) has no such item.
[[nodiscard]] std::optional<fhir::json::value> untraced_item(const fhir::json::value& record,
                                                             std::string_view item);

// Why a record says what it says: value, rule, the messages that gave it and those whose value lost. Computed anew from
// the stored events with the present configuration. 0 done; 1: no such record or item; 2, 3 and 4 as for every command.
[[nodiscard]] int run_why(const why_options& options);

} // namespace auditgate::gateway::cli
