// Takes one file of a watched directory: every message of it into the journal, then it is done.
//
// A file may be read again after a crash: what was journaled is recognised then, because every message of a file has an id
// of its own (MSH-10, or the name and digest of the file and its number in it), and counts as a duplicate.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "gateway/intake/directory_filing.hpp"
#include "gateway/intake/directory_report.hpp"
#include "gateway/intake/journal_gate.hpp"
#include "gateway/intake/message_intake.hpp"
#include "gateway/intake/table_extracts.hpp"
#include "gateway/pipeline/setup.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace auditgate::gateway::intake {

// What files are read by. Changes with the configuration: one file is taken by one of them.
struct file_rules {
    std::span<const source_config> sources;
    std::shared_ptr<const pipeline::setup> mapping;
    std::shared_ptr<const void> owner{}; // keeps `sources`; none: somebody else does
};

// What files are taken with; all of it must outlive the taking.
struct file_services {
    std::function<file_rules()> rules; // as they are now; any thread
    const message_intake& messages;
    journal_gate& journal;
    table_extracts& extracts;
    observe::clock_function now;
};

// How often a file that is read twice may be sent again without being processed again, at least: the source's horizon, or
// this when that is shorter. A crash must not double what was in a file.
inline constexpr std::chrono::hours file_horizon_min{24};

// Whether the file is still what was read.
[[nodiscard]] bool is_still(const std::filesystem::path& file, const file_identity& read);
[[nodiscard]] error being_written();
// Why a file could not be read. It does not name the file.
[[nodiscard]] error cannot_read(const std::filesystem::path& file);

// The first 16 hexadecimal digits of a hash of the content; the same in every process. not_found when it cannot be read.
[[nodiscard]] result<std::string> file_digest(const std::filesystem::path& file);

// Returns when every message is on the disk, or with why nothing of the file can be taken (file_report::failure). Fails with
// store_unavailable, network (the gateway stops) or not_found (it cannot be read, or it is still being written): it stays
// where it is, and is tried again.
[[nodiscard]] result<file_report> take_file(const std::filesystem::path& file,
                                            const directory_config& directory, const file_services& with,
                                            const std::atomic<bool>& stopping);

} // namespace auditgate::gateway::intake
