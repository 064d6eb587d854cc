// A thin layer over the SQLite C interface, private to this folder.
//
// Inside the engine a failing statement throws `failure`: unwinding then rolls the transaction back and
// resets the statements, on every path. The engine's public calls turn it into a result (sqlite_engine.hpp,
// guarded()).
#pragma once

#include "gateway/result.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace auditgate::gateway::store::sqlite {

class failure : public std::exception {
public:
    explicit failure(error cause) : cause_(std::move(cause)) {}
    [[nodiscard]] const error& cause() const { return cause_; }
    [[nodiscard]] const char* what() const noexcept override { return cause_.message.c_str(); }

private:
    error cause_;
};

// The value of a result, or its error thrown.
template <class T>
T need(result<T> outcome) {
    if (!outcome)
        throw failure(outcome.error());
    if constexpr (!std::is_void_v<T>)
        return std::move(*outcome);
}

// Bytes, as opposed to text, for a BLOB column.
struct blob {
    std::string_view bytes;
};

// One use of a prepared statement; at the end of the scope it goes back to its connection, reset, or is
// finalized.
class query {
public:
    query(sqlite3_stmt* statement, bool kept) : statement_(statement), kept_(kept) {}
    query(query&& other) noexcept : statement_(other.statement_), kept_(other.kept_), bound_(other.bound_) {
        other.statement_ = nullptr;
    }
    query(const query&) = delete;
    query& operator=(const query&) = delete;
    ~query();

    // Binds the next parameters in order; values are copied.
    template <class... Values>
    query& bind(const Values&... values) {
        (bind_next(values), ...);
        return *this;
    }

    [[nodiscard]] bool step(); // true: there is a row
    void run();                // to the end, rows ignored

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::string text(int column) const;       // text or bytes; "" for NULL
    [[nodiscard]] std::string_view bytes(int column) const; // until the next step

private:
    void bind_next(std::int64_t value);
    void bind_next(int value) { bind_next(std::int64_t{value}); }
    void bind_next(bool value) { bind_next(std::int64_t{value}); }
    void bind_next(std::string_view text);
    void bind_next(const std::string& text) { bind_next(std::string_view(text)); }
    void bind_next(const char* text) { bind_next(std::string_view(text)); }
    void bind_next(blob value);
    void bind_next(std::nullopt_t);
    template <class T>
    void bind_next(const std::optional<T>& value) {
        if (value)
            bind_next(*value);
        else
            bind_next(std::nullopt);
    }
    void check(int code) const;

    sqlite3_stmt* statement_;
    bool kept_; // by the connection, for the next use
    int bound_ = 0;
};

struct connection_options {
    std::string vfs;
    std::chrono::milliseconds busy_timeout{5000};
    bool read_only = false;
};

// One connection: one thread at a time.
class connection {
public:
    connection(const std::filesystem::path& path, const connection_options& options);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection();

    // The statement, prepared once and kept. `sql` must be a literal; it may be in use once at a time.
    [[nodiscard]] query use(const char* sql);
    // A statement for this once.
    [[nodiscard]] query prepare(const std::string& sql);
    void execute(const std::string& script);
    [[nodiscard]] std::int64_t changes() const; // rows that the last statement changed
    [[nodiscard]] sqlite3* handle() const { return handle_; }

private:
    sqlite3* handle_ = nullptr;
    std::map<const char*, sqlite3_stmt*> statements_; // by the address of the literal
};

// Rolls back at the end of the scope unless it was committed.
class transaction {
public:
    enum class kind { read, write };
    transaction(connection& db, kind which);
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    ~transaction();

    void commit();

private:
    connection& db_;
    bool open_ = true;
};

// What an SQLite result code means for the one who called the store. `handle` may be null.
[[nodiscard]] error to_error(sqlite3* handle, int code);

} // namespace auditgate::gateway::store::sqlite
