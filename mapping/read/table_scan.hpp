// A file of rows from its first byte to its last: what becomes a message, and what a full extract says as a whole.
#pragma once

#include "mapping/read/table_ledger.hpp"
#include "mapping/read/table_reading.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::mapping {

// Fed in pieces of any size; memory is one piece, one row, and for a full extract the keys of its rows.
class table_scan {
public:
    // The profile must have a table and outlive the scan. `file_name`: without folders.
    table_scan(const source_profile& profile, civil_time zone, std::string_view file_name);

    void feed(std::string_view bytes);
    void finish() { rows_.finish(); }

    // The next row behind the header, with what its file says of it; none: more bytes are needed, the end, or refusal().
    // Looks into the scan until the next call.
    [[nodiscard]] std::optional<table_message> next();

    // Why nothing of the file can be taken: file-name-differs, column-missing, not-byte-text (UTF-16). Fatal.
    [[nodiscard]] const std::optional<read_finding>& refusal() const { return refusal_; }
    [[nodiscard]] std::size_t rows() const { return count_; }

    // All rows seen so far as one extract. Only for `snapshot: by: file`, after the end.
    [[nodiscard]] table_file_summary summary() const;

private:
    [[nodiscard]] bool begin(std::optional<std::string_view> header);
    void refuse(std::string code, std::string path, std::string text);
    void note(const table_message& row);

    const table_profile& table_;
    civil_time zone_;
    row_splitter rows_;
    std::optional<file_name_facts> facts_;
    std::optional<read_finding> refusal_;
    std::optional<table_layout> layout_;
    std::string header_;
    bool is_fed_ = false;
    std::size_t count_ = 0;
    bool is_complete_ = true; // every row could be told by its key
    std::vector<table_file_summary::row> named_;
};

} // namespace auditgate::mapping
