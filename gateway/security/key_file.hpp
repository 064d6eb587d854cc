// The key ring of an installation, in the folder <data>/keys/ (0700) and nowhere else:
//
//   roots          three root keys and what tells them apart from others: master (wraps the keys below; can be
//                  rotated), index (blind indexes; fixed for the life of the installation), destinations (pseudonyms and
//                  record ids; fixed, too: see `key_id` in docs/dataset-files.md)
//   wrapped.log    the keys that seal rows, one for each receive day and node, each cluster and each record, wrapped by
//                  the master key: records of 76 bytes (id, time, nonce, wrapped key, tag), appended. After the n-th
//                  rotation of the master key it is wrapped.<n>.log
//   lock           taken while one of the above is written (the command line works beside a running gateway)
//
// The database names keys by id only, so neither a stolen database nor an old backup of it opens what was
// erased.
//
// Cost: a key must be on the disk before the commit that needs it. Keys are therefore made 64 at a time with
// one fsync and handed out from memory, so that a new cluster costs 1/64 fsync; what was not handed out when
// the process ends is never used (5 KB a start). Erasing rewrites the log without the keys erased (temporary
// file, fsync, rename, fsync of the folder) and overwrites the old file's bytes: as dear as the log is long,
// so erase many keys at once.
//
// Rotating writes the log that the new master key wraps under its own name, then replaces `roots`, which says which log is
// the right one: a process that is killed leaves the old keys or the new ones, whole. What it left over is wiped by the
// next open(). Rings that other processes hold notice when they next read or write the folder.
#pragma once

#include "gateway/result.hpp"
#include "gateway/security/crypto.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auditgate::gateway::security {

using key_id = std::int64_t;

// What `keys show` may tell: no secrets.
struct key_ring_summary {
    std::string installation; // 32 hexadecimal digits
    std::chrono::sys_seconds created_at{};
    std::int64_t rotations = 0; // of the master key
    std::chrono::sys_seconds master_made_at{};
    std::size_t wrapped_keys = 0;
    std::optional<std::chrono::sys_seconds> oldest_key, newest_key;
};

// Any thread may call any member.
class key_ring {
public:
    // Makes the folder with new roots. `refused` when there are roots already: they are never overwritten.
    [[nodiscard]] static result<void> create(const std::filesystem::path& folder,
                                             std::chrono::sys_seconds now);
    // configuration: there are no keys, or other users may read them. wrong_key: the roots do not check, or
    // the wrapped keys were wrapped by another master key.
    [[nodiscard]] static result<std::unique_ptr<key_ring>> open(const std::filesystem::path& folder);

    key_ring(const key_ring&) = delete;
    key_ring& operator=(const key_ring&) = delete;
    ~key_ring();

    // Tells whether a store belongs to these keys; says nothing about them.
    [[nodiscard]] std::string check_value() const;
    // HMAC-SHA-256 by the index key, 32 bytes: equal values of one purpose give equal indexes.
    [[nodiscard]] std::string blind_index(std::string_view purpose, std::string_view value) const;
    // A destination's own key, for pseudonyms and record ids. The same as long as the roots live.
    [[nodiscard]] secret_key destination_key(std::string_view destination) const;

    // A new key, on the disk before the call returns.
    [[nodiscard]] result<key_id> make_key();
    // wrong_key when the ring does not have it (erased, or the ring is older than the store).
    [[nodiscard]] result<secret_key> key(key_id id);
    // After it returns nothing sealed by these keys can be opened. Ids that are not there are no error.
    [[nodiscard]] result<void> erase(std::span<const key_id> ids);

    // Wraps all keys by a new master key; the old one is wiped. What the keys have sealed stays as it is. After an error
    // the folder has the old master key or the new one, and opens.
    [[nodiscard]] result<void> rotate_master(std::chrono::sys_seconds now);

    [[nodiscard]] key_ring_summary summary() const;

private:
    struct state;
    explicit key_ring(std::unique_ptr<state> initial);

    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::security
