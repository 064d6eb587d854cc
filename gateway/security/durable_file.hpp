// Writing small secret files so that a power cut leaves the old one or the new one, whole.
#pragma once

#include "gateway/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace auditgate::gateway::security {

// Replaces the file: a temporary one beside it (0600), fsync, rename, fsync of the folder.
[[nodiscard]] result<void> replace_file(const std::filesystem::path& path, std::string_view content);

// Sets the length to `size` (which cuts off what a crash left half written), then appends, then fsync. Makes
// the file (0600) when there is none.
[[nodiscard]] result<void> append_at(const std::filesystem::path& path, std::size_t size,
                                     std::string_view content);

// not_found when there is no such file.
[[nodiscard]] result<std::string> read_whole(const std::filesystem::path& path);

// Overwrites the bytes of an open file with zeros and syncs them, as far as the file system writes in place.
void overwrite_with_zeros(int descriptor);

// The same for a file by its name, which is then removed, for good, as far as that is possible: what cannot be written is
// removed only.
void wipe_file(const std::filesystem::path& path);

// Owns a descriptor; -1 is none.
class unique_descriptor {
public:
    explicit unique_descriptor(int descriptor = -1) : descriptor_(descriptor) {}
    unique_descriptor(const unique_descriptor&) = delete;
    unique_descriptor& operator=(const unique_descriptor&) = delete;
    ~unique_descriptor();

    [[nodiscard]] int get() const { return descriptor_; }
    explicit operator bool() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

// Holds an exclusive lock between processes on a file made for it (0600), until the end of the scope.
class file_lock {
public:
    explicit file_lock(const std::filesystem::path& path); // waits
    file_lock(const file_lock&) = delete;
    file_lock& operator=(const file_lock&) = delete;

    explicit operator bool() const { return locked_; }

private:
    unique_descriptor file_;
    bool locked_ = false;
};

} // namespace auditgate::gateway::security
