// What lies in a watched directory, for those who look after it: the gateway's gauges and `auditgate status`.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "gateway/intake/directory_settling.hpp"
#include "gateway/result.hpp"
#include "gateway/store/store.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

namespace auditgate::gateway::intake {

// A file that lies there for longer needs attention: it cannot be taken, or no gateway runs. Longer than any file takes to
// settle and to be read.
inline constexpr std::chrono::seconds waiting_age_max = std::chrono::hours(1);

struct directory_contents {
    std::int64_t waiting = 0; // files to be taken: in the directory itself and in ready/
    // When the one that has waited longest came there, was renamed or was written to last. None: nothing waits.
    std::optional<store::utc_time> waiting_since;
    std::int64_t failed = 0; // in failed/, without their reports

    // For how long the oldest file has waited; 0 when nothing waits.
    [[nodiscard]] std::chrono::milliseconds waiting_age(store::utc_time now) const;
};

// The files of a folder that are to be taken: plain, named as `pattern` says, and no longer being written by their names.
// `failure`: why the folder cannot be read.
[[nodiscard]] std::vector<listed_file> files_to_take(const std::filesystem::path& folder,
                                                     const std::string& pattern, std::error_code& failure);

// A folder that is not there yet holds nothing. not_found: one of them cannot be read; the text names it.
[[nodiscard]] result<directory_contents> contents_of(const directory_config& directory);

} // namespace auditgate::gateway::intake
