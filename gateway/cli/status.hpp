#pragma once

#include "gateway/cli/installation.hpp"
#include "gateway/store/store.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {

struct status_options {
    std::filesystem::path config = default_config_file;
    std::int64_t backlog_max = 10'000; // more work waiting than this needs attention
    bool json = false;
};

// A record that was sent so long ago and is not confirmed yet needs attention: the destination may be down. An hour is
// longer than a registry takes to restart.
inline constexpr std::chrono::seconds pending_age_max = std::chrono::hours(1);

// The gateway erases every hour what is no longer needed; when it has not for so long, somebody should look.
inline constexpr std::chrono::seconds erasing_silence_max = std::chrono::hours(48);

// A destination that got records and that the configuration no longer names: nobody corrects or retracts them there.
struct left_destination {
    std::string name;
    std::int64_t records = 0; // that may still be there
};

// What the counts of the store say, and what lies in the watched directories.
struct status_report {
    std::vector<store::message_count> messages; // by source and day
    std::vector<store::record_count> records;   // by destination and state
    std::vector<store::destination_count> destinations;
    std::vector<left_destination> left;
    store::erasure_state erasures;
    std::int64_t backlog = 0;           // pieces of mapping work
    std::vector<std::string> attention; // what somebody should look at; empty: all is well
};

[[nodiscard]] result<status_report> collect_status(store::store& from, const gateway_config& config,
                                                   std::int64_t backlog_max, store::utc_time now);
[[nodiscard]] result<std::vector<left_destination>> left_destinations(store::store& from,
                                                                      const gateway_config& config);
[[nodiscard]] std::string to_text(const left_destination& left);
// The first line is for monitoring: "OK - ..." or "WARNING - ...".
[[nodiscard]] std::string to_text(const status_report& report);

// 0: all is well, 1: something needs attention, 3: configuration, 4: the store cannot be read.
[[nodiscard]] int run_status(const status_options& options);

} // namespace auditgate::gateway::cli
