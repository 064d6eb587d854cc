#pragma once

#include "gateway/cli/installation.hpp"
#include "gateway/store/store.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

struct status_options {
    std::filesystem::path config = default_config_file;
    std::int64_t backlog_max = 10'000; // more work waiting than this needs attention
    bool json = false;
};

// What the counts of the store say.
struct status_report {
    std::vector<store::message_count> messages; // by source and day
    std::vector<store::record_count> records;   // by destination and state
    std::int64_t backlog = 0;                   // pieces of mapping work
    std::vector<std::string> attention;         // what somebody should look at; empty: all is well
};

[[nodiscard]] result<status_report> collect_status(store::store& from, std::int64_t backlog_max);
// The first line is for monitoring: "OK - ..." or "WARNING - ...".
[[nodiscard]] std::string to_text(const status_report& report);

// 0: all is well, 1: something needs attention, 3: configuration, 4: the store cannot be read.
[[nodiscard]] int run_status(const status_options& options);

} // namespace auditgate::gateway::cli
