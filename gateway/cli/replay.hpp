#pragma once

#include "gateway/cli/installation.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::cli {

// Stored messages that mapping is to read again: what they are read with has changed.
struct replay_options {
    std::filesystem::path config = default_config_file;
    std::string since = {};                // moment_of(): from when on they were received
    std::string until = {};                // before which; "": until now
    std::vector<std::string> sources = {}; // none: of every configured one
    std::vector<std::string> types = {};   // ADT^A08; none: any
    std::vector<std::string> states{"applied", "not-relevant", "held"};
    bool dry_run = false;
    bool json = false;
};

// `7d`, `36h`, `90m` before `now`; or a day (`2026-11-24`, from its first moment in UTC on). None: neither.
[[nodiscard]] std::optional<store::utc_time> moment_of(std::string_view text, store::utc_time now);

// So that new messages need not wait long behind old ones.
struct replay_pace {
    std::int64_t backlog_max = 2'000; // no more is given while more than this waits
    std::function<bool()> is_running; // whether somebody works on what waits: only then there is any waiting
    std::function<void()> wait;       // a moment
};

// run_replay() on a store that is open. Tells on standard output what was given.
[[nodiscard]] exit_code replay_messages(store::store& in, const gateway_config& config,
                                        const replay_options& options, store::utc_time now,
                                        const replay_pace& pace);

[[nodiscard]] int run_replay(const replay_options& options);

} // namespace auditgate::gateway::cli
