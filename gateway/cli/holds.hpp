#pragma once

#include "gateway/cli/installation.hpp"
#include "gateway/cli/message_release.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace auditgate::gateway::cli {

// Messages and records that are safe and wait until somebody acts.
struct holds_options {
    std::filesystem::path config = default_config_file;
    enum class action { list, release_message, release_record } what = action::list;
    message_release messages; // of release_message
    std::string destination;  // of release_record
    std::string record;       // of release_record; "": all that are held there for `reason`
    std::string reason;       // of release_record
    bool dry_run = false;     // of release_record: shows which, and changes nothing
    std::int64_t limit = 100;
    bool json = false;
};

[[nodiscard]] int run_holds(const holds_options& options);

} // namespace auditgate::gateway::cli
