#pragma once

#include "gateway/cli/installation.hpp"

#include <filesystem>
#include <string>

namespace auditgate::gateway::cli {

struct why_options {
    std::string record_id; // 64 hexadecimal digits
    std::string item;      // procedure.access, efficacy.M1; "": all of the record
    std::filesystem::path config = default_config_file;
    bool json = false;
};

// Why a record says what it says: value, rule, the messages that gave it and those whose value lost. Computed anew from
// the stored events with the present configuration. 0 done; 1: no such record or item; 3 and 4 as for every command.
[[nodiscard]] int run_why(const why_options& options);

} // namespace auditgate::gateway::cli
