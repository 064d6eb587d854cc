#pragma once

#include "gateway/cli/installation.hpp"
#include "gateway/cli/message_release.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace auditgate::gateway::cli {

// Messages that could not be read (quarantined) or were refused, whose bytes are kept.
struct quarantine_options {
    std::filesystem::path config = default_config_file;
    enum class action { list, show, replay } what = action::list;
    store::message_id id = 0; // of show
    message_release messages; // of replay
    std::int64_t limit = 100; // of list
    bool show_phi = false;    // show: values that tell who somebody is, too
    bool json = false;
};

[[nodiscard]] int run_quarantine(const quarantine_options& options);

} // namespace auditgate::gateway::cli
