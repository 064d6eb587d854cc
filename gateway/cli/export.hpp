// auditgate export: the current records of a registry, as a file.
#pragma once

#include <filesystem>
#include <string>

namespace auditgate::gateway::cli {

enum class export_format { csv, ndjson };

struct export_options {
    std::filesystem::path config = "config/registry.yaml";
    export_format format = export_format::csv;
    std::string dataset;          // may be empty when the registry publishes one only
    std::filesystem::path output; // empty: standard output
};

// Works beside a running registry. An output file appears whole or not at all.
[[nodiscard]] int run_export(const export_options& options);

} // namespace auditgate::gateway::cli
