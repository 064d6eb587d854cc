#include "gateway/security/durable_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace auditgate::gateway::security {

namespace {

error failed(const char* what, const std::filesystem::path& path) {
    return {errc::store_unavailable, std::string(what) + " " + path.string() + ": " + std::strerror(errno)};
}

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

result<void> sync_folder(const std::filesystem::path& folder) {
    const std::filesystem::path there = folder.empty() ? "." : folder; // a bare file name has no parent path
    const unique_descriptor descriptor(::open(there.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor || ::fsync(descriptor.get()) != 0)
        return failed("cannot sync", there);
    return {};
}

} // namespace

unique_descriptor::~unique_descriptor() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

result<void> replace_file(const std::filesystem::path& path, std::string_view content) {
    const std::filesystem::path temporary = path.string() + ".new";
    {
        const unique_descriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file || !write_all(file.get(), content) || ::fsync(file.get()) != 0)
            return failed("cannot write", temporary);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        return failed("cannot replace", path);
    return sync_folder(path.parent_path());
}

result<void> append_at(const std::filesystem::path& path, std::size_t size, std::string_view content) {
    const bool existed = std::filesystem::exists(path);
    {
        const unique_descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        const auto end = static_cast<off_t>(size);
        if (!file || ::ftruncate(file.get(), end) != 0 || ::lseek(file.get(), end, SEEK_SET) != end ||
            !write_all(file.get(), content) || ::fsync(file.get()) != 0)
            return failed("cannot append to", path);
    }
    return existed ? result<void>{} : sync_folder(path.parent_path());
}

result<std::string> read_whole(const std::filesystem::path& path) {
    const unique_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return error{errno == ENOENT ? errc::not_found : errc::store_unavailable,
                     "cannot open " + path.string() + ": " + std::strerror(errno)};
    std::string content;
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failed("cannot read", path);
        if (count == 0)
            return content;
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

void overwrite_with_zeros(int descriptor) {
    struct stat info {};
    if (::fstat(descriptor, &info) != 0 || ::lseek(descriptor, 0, SEEK_SET) != 0)
        return;
    const std::string zeros(static_cast<std::size_t>(info.st_size), '\0');
    if (write_all(descriptor, zeros))
        ::fdatasync(descriptor);
}

void wipe_file(const std::filesystem::path& path) {
    {
        const unique_descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (file)
            overwrite_with_zeros(file.get());
    }
    if (::unlink(path.c_str()) == 0)
        (void)sync_folder(path.parent_path());
}

file_lock::file_lock(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    int locked = -1;
    while (file_ && (locked = ::flock(file_.get(), LOCK_EX)) != 0 && errno == EINTR) {
    }
    locked_ = locked == 0;
}

} // namespace auditgate::gateway::security
