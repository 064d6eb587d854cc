#include "gateway/store/sqlite.hpp"

#include <sqlite3.h>

namespace auditgate::gateway::store::sqlite {

error to_error(sqlite3* handle, int code) {
    // The text of SQLite names tables and columns, never values.
    const std::string text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return {errc::store_unavailable, "the disk of the store is full: make room, nothing was lost"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {errc::store_unavailable, "another process keeps the store locked: " + text};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
        return {errc::store_unavailable, "the store cannot be read or written: " + text};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {errc::store_corrupt,
                "the database is damaged or is none: " + text + "; restore it from a backup"};
    default:
        return {errc::store_corrupt, "the store contradicts itself: " + text};
    }
}

query::~query() {
    if (statement_ == nullptr)
        return;
    if (!kept_) {
        sqlite3_finalize(statement_);
        return;
    }
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

void query::check(int code) const {
    if (code != SQLITE_OK)
        throw failure(to_error(sqlite3_db_handle(statement_), code));
}

bool query::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        throw failure(to_error(sqlite3_db_handle(statement_), code));
    return false;
}

void query::run() {
    while (step()) {
    }
}

bool query::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t query::number(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string query::text(int column) const {
    return std::string(bytes(column));
}

std::string_view query::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr ? std::string_view{}
                           : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

void query::bind_next(std::int64_t value) {
    check(sqlite3_bind_int64(statement_, ++bound_, value));
}

void query::bind_next(std::string_view text) {
    check(sqlite3_bind_text64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(), text.size(),
                              SQLITE_TRANSIENT, SQLITE_UTF8));
}

void query::bind_next(blob value) {
    check(sqlite3_bind_blob64(statement_, ++bound_, value.bytes.data() == nullptr ? "" : value.bytes.data(),
                              value.bytes.size(), SQLITE_TRANSIENT));
}

void query::bind_next(std::nullopt_t) {
    check(sqlite3_bind_null(statement_, ++bound_));
}

connection::connection(const std::filesystem::path& path, const connection_options& options) {
    const int flags =
        (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
        SQLITE_OPEN_NOMUTEX;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle_, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
    if (code != SQLITE_OK) {
        error cause = to_error(handle_, code);
        cause.message += " (" + path.string() + ")";
        sqlite3_close_v2(handle_);
        throw failure(std::move(cause));
    }
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, static_cast<int>(options.busy_timeout.count()));
}

connection::~connection() {
    for (const auto& [sql, statement] : statements_)
        sqlite3_finalize(statement);
    sqlite3_close_v2(handle_);
}

query connection::use(const char* sql) {
    sqlite3_stmt*& statement = statements_[sql];
    if (statement == nullptr) {
        const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK)
            throw failure(to_error(handle_, code));
    }
    return {statement, true};
}

query connection::prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
    if (code != SQLITE_OK)
        throw failure(to_error(handle_, code));
    return {statement, false};
}

void connection::execute(const std::string& script) {
    const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        throw failure(to_error(handle_, code));
}

std::int64_t connection::changes() const {
    return sqlite3_changes64(handle_);
}

transaction::transaction(connection& db, kind which) : db_(db) {
    db_.use(which == kind::write ? "BEGIN IMMEDIATE" : "BEGIN").run();
}

transaction::~transaction() {
    if (open_ && sqlite3_get_autocommit(db_.handle()) == 0)
        sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void transaction::commit() {
    db_.use("COMMIT").run();
    open_ = false;
}

} // namespace auditgate::gateway::store::sqlite
