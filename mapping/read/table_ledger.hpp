// What full extracts have said so far, so that the next one can be compared with it: which rows it leaves out.
//
// A file of `snapshot: by: file` is all there is in its period, so a row that an earlier file had and this one has not is
// void from then on. Nothing in the rows themselves says so; the ledger of a source finds it. The outcome does not depend on
// the order in which files come: an older file that comes late finds what newer ones left out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// A full extract, its rows named by their keys.
struct table_file_summary {
    struct row {
        std::vector<std::string> key;
        std::optional<std::chrono::local_days> date;
    };
    std::chrono::sys_time<std::chrono::milliseconds> recorded{};
    // The days that it speaks of, both included. None: it leaves nothing out (a row of it could not be read, and might
    // be any).
    std::optional<std::chrono::local_days> from, to;
    std::vector<row> rows;
};

// A row that is void as of a full extract; `recorded` is 1 ms before that one was made.
struct table_omission {
    std::vector<std::string> key;
    std::chrono::sys_time<std::chrono::milliseconds> recorded{};

    bool operator==(const table_omission&) const = default;
};

struct table_comparison {
    std::vector<table_omission> omissions; // to be told; by key
    std::size_t known = 0;    // rows known before that were in force and lie in the period of the file
    std::size_t left_out = 0; // of these, how many the file does not have
};

// A value.
class table_ledger {
public:
    [[nodiscard]] table_comparison take(const table_file_summary& file);

    // Rows of days before are forgotten: no extract speaks of them any more.
    void forget_before(std::chrono::local_days day);
    [[nodiscard]] std::size_t rows() const { return rows_.size(); }

    [[nodiscard]] std::string to_bytes() const;
    // None: the bytes are no ledger.
    [[nodiscard]] static std::optional<table_ledger> from_bytes(std::string_view bytes);

private:
    using time = std::int64_t; // milliseconds since 1970, UTC
    struct span {
        time recorded = 0;
        std::int64_t from = 0, to = 0; // days
        auto operator<=>(const span&) const = default;
    };
    struct history {
        std::int64_t date = 0;   // days since 1970; see `unknown_date`
        std::vector<time> in;    // files that have the row, ascending
        std::vector<time> voids; // told before, ascending
    };

    void take_omissions(const table_file_summary& file, const span& said, table_comparison& result);
    void take_row(const table_file_summary::row& row, time recorded, table_comparison& result);

    std::vector<span> files_;             // ascending
    std::map<std::string, history> rows_; // by packed key
};

} // namespace auditgate::mapping
