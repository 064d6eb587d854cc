// A disk whose power can be cut: an SQLite VFS over the system's one that remembers what each file held at its last
// sync, and what was written since. At the cut every operation begins to fail; restart() then leaves on the disk what
// was synced, and of the later writes some, whole or torn, in no order.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace auditgate::test {

class power_cut_vfs {
public:
    // Registers itself with SQLite under name(), until it is destroyed. All files must be closed by then.
    explicit power_cut_vfs(std::uint32_t seed);
    ~power_cut_vfs();
    power_cut_vfs(const power_cut_vfs&) = delete;
    power_cut_vfs& operator=(const power_cut_vfs&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    // The power goes at the write, truncation or sync that comes after so many others from now on.
    void cut_after(std::uint64_t operations);
    [[nodiscard]] bool is_cut() const;
    // Puts on the disk what it would hold after the cut. The files must be closed.
    void restart();

    // For the VFS's functions.
    struct written {
        std::int64_t offset;
        std::string bytes;
        bool is_truncation; // to `offset`
    };
    [[nodiscard]] bool take_operation();     // false: the power is gone
    void note_open(const std::string& path); // content of now counts as synced
    void note(const std::string& path, written change);
    void note_sync(const std::string& path);
    void note_delete(const std::string& path);

private:
    struct file {
        std::string synced;
        std::vector<written> since;
    };
    void apply(std::string& image, const written& change) const;

    const std::string name_;
    struct registration;
    registration* registration_; // freed by the destructor, after SQLite has let go of it
    mutable std::mutex mutex_;
    std::mt19937 random_;
    bool armed_ = false;
    bool cut_ = false;
    std::uint64_t operations_left_ = 0;
    std::map<std::string, file> files_;
};

} // namespace auditgate::test
