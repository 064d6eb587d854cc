// auditgate diff: which records a changed configuration would change, before it is in force.
#pragma once

#include "gateway/cli/diff_report.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/pipeline/setup.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace auditgate::gateway::cli {

struct diff_options {
    std::filesystem::path config = default_config_file; // the changed one
    std::string since = "7d"; // moment_of(): patients of whom something came since then
    bool all = false;         // every patient
    std::size_t limit = 100;  // records that are listed; all are counted
    bool json = false;
};

// Compares what is stored with what the messages would come to under the configuration. Writes nothing. usage: the age makes
// no sense; other errors are the store's.
[[nodiscard]] result<diff_report> compare_configuration(store::store& from, const configuration& changed,
                                                        const diff_options& options, store::utc_time now);

[[nodiscard]] int run_diff(const diff_options& options);

} // namespace auditgate::gateway::cli
