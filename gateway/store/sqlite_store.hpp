// The embedded engine: one SQLite database in WAL mode with synchronous=FULL, on one machine.
//
// One connection writes; journal batches go before write sets, a write set waits for at most four of them.
// Readers have connections of their own and are never in the way. The write-ahead log is copied into the
// database by a thread of its own. Leases on work and on outbox rows are kept in memory: they end with the
// process, so that after a crash nothing waits for them to run out. Only one process may therefore claim and
// lease (a lock beside the database sees to it); others, the command line, may read and call everything else
// at the same time.
#pragma once

#include "gateway/result.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/store.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace auditgate::gateway::store {

enum class sqlite_role {
    gateway, // the one process that claims and leases; it brings the schema up to date before anything else
    beside,  // a command: reads and calls all else, also while a gateway runs; never changes a schema
    reader, // a command that only looks: makes and changes nothing, calls that would write fail with store_unavailable
};

struct sqlite_options {
    sqlite_role role = sqlite_role::gateway;
    std::string node = "main"; // clear: who receives; every node seals its journal with keys of its own
    std::chrono::milliseconds busy_timeout{5000}; // how long to wait for another process that writes
    std::string vfs;                              // name of a registered SQLite VFS; empty: the system's
    // Messages that duplicate detection remembers, about 60 bytes of memory each. When more come within the
    // horizons of their sources, the oldest are forgotten: sent again, they are processed again, to no effect.
    std::size_t seen_messages_max = 4'000'000;
    // Of stored messages that one claim() hands out; beyond it the first message only. What they are read into
    // takes several times as much memory, for each mapper thread.
    std::size_t claim_bytes_max = std::size_t{16} * 1024 * 1024;
};

// The database of an installation, and its folder of keys.
[[nodiscard]] std::filesystem::path database_path(const std::filesystem::path& data_folder);
[[nodiscard]] std::filesystem::path keys_folder(const std::filesystem::path& data_folder);

// Opens the database and makes it when there is none, but for a reader. The ring must outlive the store.
// store_unavailable: another process has the role `gateway`, and nothing was touched; or there is nothing to be read yet.
// store_version: made by a newer program, or, but for the gateway, by an older one. wrong_key: made with other keys. store_corrupt: not a database.
[[nodiscard]] result<std::unique_ptr<store>> create_sqlite_store(const std::filesystem::path& path,
                                                                 security::key_ring& keys,
                                                                 const sqlite_options& options = {});

} // namespace auditgate::gateway::store
