// What became of files that were handed to a gateway: waits for it and sums it up.
#pragma once

#include "fhir/json.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/config/gateway_config.hpp"
#include "gateway/intake/directory_report.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace auditgate::gateway::cli {

struct handed_file {
    std::filesystem::path file;
    std::string digest;
    std::optional<intake::file_report> report; // once the gateway has taken it, or put it to failed/
};

struct import_outcome {
    // Source, type, state and reason to how many messages.
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::int64_t> messages;
    std::vector<std::string> findings; // of files and of messages, without a patient's values
    std::size_t findings_left_out = 0;

    // Something is held, quarantined or refused, a file failed, or there are findings.
    [[nodiscard]] bool needs_attention() const;
};

// Reads the reports that have come since. How many files have theirs.
[[nodiscard]] std::size_t read_reports(std::vector<handed_file>& files, const directory_config& from);

// How many messages of the files are not mapped yet.
[[nodiscard]] result<std::size_t> messages_waiting(store::store& in, const std::vector<handed_file>& files);

[[nodiscard]] result<import_outcome> sum_up(store::store& in, const gateway_config& config,
                                            const std::vector<handed_file>& files);

[[nodiscard]] std::string to_text(const import_outcome& outcome);
[[nodiscard]] fhir::json::value to_json(const import_outcome& outcome, const std::vector<handed_file>& files);

} // namespace auditgate::gateway::cli
