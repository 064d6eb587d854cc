// The tables of the embedded engine, and how they came to be: ordered migrations, never edited once released.
#pragma once

#include "gateway/store/sqlite.hpp"

#include <span>

namespace auditgate::gateway::store::sqlite {

// Script number n (from 0) brings schema version n to n + 1. The version is SQLite's user_version.
[[nodiscard]] std::span<const char* const> migrations();

// Runs the scripts that the database lacks, in one transaction. Throws failure: store_version when the
// database is newer than the scripts, store_corrupt when it is no database of ours.
void migrate(connection& db, std::span<const char* const> scripts);

// Runs the scripts in a database that is empty; else throws failure, store_version, unless it has had them all.
void require_current(connection& db, std::span<const char* const> scripts);

// Throws failure unless the database has had all the scripts: store_version, or store_unavailable when it is empty.
void require_whole(connection& db, std::span<const char* const> scripts);

} // namespace auditgate::gateway::store::sqlite
