// Moves a file that was taken to done/ or failed/, with its report, and only when it is still the one that was read.
#pragma once

#include "gateway/intake/directory_report.hpp"
#include "gateway/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace auditgate::gateway::intake {

inline constexpr const char* ready_folder = "ready";
inline constexpr const char* done_folder = "done";
inline constexpr const char* failed_folder = "failed";
inline constexpr std::string_view report_ending = ".report.json";

// Which file lies under a name, and as of which writing: it differs after anything was written to it, and after another
// file was renamed over it. (Not the time of its last change of status: renaming changes that, too.)
struct file_identity {
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = 0;
    std::int64_t written_seconds = 0, written_nanoseconds = 0;

    bool operator==(const file_identity&) const = default;
};

// not_found: there is no such file, or it may not be looked at.
[[nodiscard]] result<file_identity> identity_of(const std::filesystem::path& file);

// The name of a file in done/ or failed/: its digest, then its name, cut so that its report can have a name, too.
[[nodiscard]] std::string filed_name(std::string_view digest, const std::filesystem::path& file);

// Whether done/ and failed/ below `directory` can be written; asked before anything of a file is journaled. The text names no
// file: it goes to the log. store_unavailable
[[nodiscard]] result<void> may_file(const std::filesystem::path& directory);

// Writes the report and moves the file there. `read` is what it was before it was read: when another one has taken its place
// meanwhile, that one stays where it is (not_found) and is read at the next look. A report of an earlier handing over of the
// same file keeps its ids and counts. The text of an error names no file.
[[nodiscard]] result<void> file_away(const std::filesystem::path& file, const file_identity& read,
                                     const std::filesystem::path& directory, file_report report);

// A file that was moved to `moved` unread goes back to `file`. When a still newer one waits there, it goes to failed/ under
// its own digest with the failure `replaced-before-read`.
[[nodiscard]] result<void> bring_back(const std::filesystem::path& moved, const std::filesystem::path& file,
                                      const std::filesystem::path& directory);

} // namespace auditgate::gateway::intake
