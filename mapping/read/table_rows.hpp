// Tables as files: where a row ends, where a cell ends (RFC 4180), and a row as a message of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

inline constexpr std::size_t row_bytes_max = 256 * 1024; // a longer one is broken

struct table_row {
    std::size_t number = 0; // from 1, the header's too: as a spreadsheet counts
    std::string_view bytes; // without the end of its line
    bool is_broken = false; // a quote that is not closed, or too long: up to the end of the line
};

// Splits a table into rows, fed in pieces of any size. A row ends with LF, CR or CRLF outside quotes. A quoted cell may hold
// ends of lines; where its quote is not closed within row_bytes_max, only the line in which it opens is broken and the next
// line begins a row, so that one mistake does not lose its neighbours. Empty lines are counted and left out; a byte order
// mark of UTF-8 is left out. Memory: one row and one piece.
class row_splitter {
public:
    // `quote` NUL: no cell is quoted.
    row_splitter(char delimiter, char quote) : delimiter_(delimiter), quote_(quote) {}

    void feed(std::string_view bytes);
    // No more will come: the last line may have no end.
    void finish() { finished_ = true; }
    // The next row, while there is a whole one. Its bytes hold until the next call of feed() or next().
    [[nodiscard]] std::optional<table_row> next();

private:
    // Where the row at `begin_` ends, scanning on from `scanned_`; none: more bytes are needed.
    [[nodiscard]] std::optional<std::size_t> find_end();
    [[nodiscard]] std::optional<table_row> take(std::size_t end, bool broken);
    [[nodiscard]] std::optional<table_row> take_line();
    void begin_row(std::size_t at);

    char delimiter_;
    char quote_;
    std::string buffer_;
    std::size_t begin_ = 0;   // of the row
    std::size_t scanned_ = 0; // of the buffer
    bool in_quotes_ = false;
    bool is_quoted_cell_ = false;
    bool at_cell_begin_ = true;
    bool skips_line_ = false; // the rest of a line that was too long
    bool finished_ = false;
    bool started_ = false;
    std::size_t number_ = 0;
};

// The cells of a row, blanks around them removed where they are not quoted. None: text stands behind a closing quote, or a
// quote is not closed.
[[nodiscard]] std::optional<std::vector<std::string>> split_cells(std::string_view row, char delimiter,
                                                                  char quote);

// A row as the journal keeps it: a line that says which row it was and what its file said of it, the file's header and the
// row, both byte for byte.
struct table_message {
    std::size_t row = 0;
    std::optional<std::chrono::sys_time<std::chrono::milliseconds>> recorded; // of the file
    bool omitted = false;    // a full extract leaves this row out: header and cells are those of the key only
    bool broken = false;     // see table_row
    std::string_view header; // empty: the table has none
    std::string_view cells;
};

[[nodiscard]] std::string write_table_message(const table_message& from);
[[nodiscard]] bool is_table_message(std::string_view bytes);
// Looks into `bytes`. None when they are no such message.
[[nodiscard]] std::optional<table_message> parse_table_message(std::string_view bytes);

} // namespace auditgate::mapping
