#include "gateway/intake/directory_contents.hpp"

#include "gateway/intake/directory_filing.hpp"
#include "gateway/intake/source_choice.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace auditgate::gateway::intake {
namespace {

namespace fs = std::filesystem;

error cannot_read_folder(const fs::path& folder, const std::error_code& failure) {
    return {errc::not_found, "the folder " + folder.string() +
                                 " cannot be read, so files in it are not counted: " + failure.message()};
}

bool is_trouble(const std::error_code& failure) {
    return failure && failure != std::errc::no_such_file_or_directory;
}

// The time of the last change of status: a file that is moved in keeps the time at which it was written, perhaps years ago.
std::optional<store::utc_time> there_since(const fs::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0)
        return std::nullopt;
    return store::utc_time(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::seconds(status.st_ctim.tv_sec) + std::chrono::nanoseconds(status.st_ctim.tv_nsec)));
}

result<void> add_waiting(directory_contents& to, const fs::path& folder, const std::string& pattern) {
    std::error_code failure;
    for (const listed_file& one : files_to_take(folder, pattern, failure)) {
        const auto since = there_since(folder / one.name);
        if (!since)
            continue; // taken meanwhile
        ++to.waiting;
        to.waiting_since = std::min(to.waiting_since.value_or(*since), *since);
    }
    if (is_trouble(failure))
        return cannot_read_folder(folder, failure);
    return {};
}

result<void> add_failed(directory_contents& to, const fs::path& folder) {
    std::error_code failure;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
        const std::string name = at->path().filename().string();
        const bool belongs_to_one =
            name.ends_with(report_ending) || name.ends_with(std::string(report_ending) + ".new");
        std::error_code gone;
        if (!belongs_to_one && !name.starts_with('.') && at->is_regular_file(gone))
            ++to.failed;
    }
    if (is_trouble(failure))
        return cannot_read_folder(folder, failure);
    return {};
}

} // namespace

std::chrono::milliseconds directory_contents::waiting_age(store::utc_time now) const {
    return std::max(now - waiting_since.value_or(now), std::chrono::milliseconds(0));
}

std::vector<listed_file> files_to_take(const fs::path& folder, const std::string& pattern,
                                       std::error_code& failure) {
    std::vector<listed_file> files;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
        const std::string name = at->path().filename().string();
        std::error_code gone;
        const bool plain = at->symlink_status(gone).type() == fs::file_type::regular;
        if (gone || !plain || is_unfinished_name(name) || !matches_wildcard(pattern, name))
            continue;
        const auto size = at->file_size(gone);
        const auto changed = at->last_write_time(gone).time_since_epoch().count();
        if (!gone)
            files.push_back({name, size, static_cast<std::int64_t>(changed)});
    }
    return files;
}

result<directory_contents> contents_of(const directory_config& directory) {
    directory_contents contents;
    if (auto read = add_waiting(contents, directory.path, directory.pattern); !read)
        return read.error();
    if (auto read = add_waiting(contents, directory.path / ready_folder, directory.pattern); !read)
        return read.error();
    if (auto read = add_failed(contents, directory.path / failed_folder); !read)
        return read.error();
    return contents;
}

} // namespace auditgate::gateway::intake
