#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

struct records_options {
    std::vector<std::filesystem::path>
        files;         // HL7 v2 or FHIR, one message each; folders: all files below them
    std::string as_of; // 2026-03-09
    std::filesystem::path config = "config"; // folder with datasets/, terminology/, sources/
    std::vector<std::string> datasets; // files in datasets/ without .yaml; empty: the first of gateway.yaml
    std::string ome_table = "uk";
    bool allow_test_numbers = false;
    bool pretty = false;
};

// A dry run: what records would the messages give? Nothing is stored or sent. Records go to standard output, one a line;
// what gave no record, and why, to standard error. 0: done; 1: a message could not be read; 2: usage; 3: configuration.
[[nodiscard]] int run_records(const records_options& options);

} // namespace auditgate::gateway::cli
