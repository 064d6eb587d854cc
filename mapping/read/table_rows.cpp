#include "mapping/read/table_rows.hpp"

#include "mapping/terminology/text.hpp"

#include <algorithm>
#include <charconv>

namespace auditgate::mapping {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view preamble = "#auditgate-table";

bool ends_line(char c) {
    return c == '\n' || c == '\r';
}

// `name=NUMBER` among the words of the first line.
std::optional<std::int64_t> number_of(std::string_view line, std::string_view name) {
    for (const std::string_view word : words_of(line)) {
        if (word.size() <= name.size() || !word.starts_with(name) || word[name.size()] != '=')
            continue;
        const std::string_view digits = word.substr(name.size() + 1);
        std::int64_t number = 0;
        const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (failed == std::errc() && end == digits.data() + digits.size())
            return number;
    }
    return std::nullopt;
}

} // namespace

void row_splitter::feed(std::string_view bytes) {
    constexpr std::size_t worth_moving = 64 * 1024;
    if (begin_ >= worth_moving || begin_ == buffer_.size()) {
        buffer_.erase(0, begin_);
        scanned_ -= begin_;
        begin_ = 0;
    }
    buffer_ += bytes;
}

void row_splitter::begin_row(std::size_t at) {
    begin_ = at;
    scanned_ = at;
    in_quotes_ = false;
    is_quoted_cell_ = false;
    at_cell_begin_ = true;
}

std::optional<std::size_t> row_splitter::find_end() {
    for (; scanned_ < buffer_.size(); ++scanned_) {
        const char c = buffer_[scanned_];
        if (in_quotes_) {
            in_quotes_ = c != quote_; // a doubled quote closes and opens again
        } else if (ends_line(c)) {
            return scanned_;
        } else if (quote_ != '\0' && c == quote_ &&
                   (at_cell_begin_ || (is_quoted_cell_ && buffer_[scanned_ - 1] == quote_))) {
            in_quotes_ = true;
            is_quoted_cell_ = true;
            at_cell_begin_ = false;
        } else {
            is_quoted_cell_ = is_quoted_cell_ && c != delimiter_;
            at_cell_begin_ = c == delimiter_ || (at_cell_begin_ && (c == ' ' || c == '\t'));
        }
    }
    if (finished_ && !in_quotes_ && begin_ < buffer_.size())
        return buffer_.size();
    return std::nullopt;
}

std::optional<table_row> row_splitter::take(std::size_t end, bool broken) {
    std::size_t next = end;
    if (next < buffer_.size()) {
        if (buffer_[next] == '\r' && next + 1 == buffer_.size() && !finished_)
            return std::nullopt; // whether LF follows is not known yet
        next += buffer_[next] == '\r' && next + 1 < buffer_.size() && buffer_[next + 1] == '\n' ? 2U : 1U;
    }
    const table_row row{++number_, std::string_view(buffer_).substr(begin_, end - begin_), broken};
    begin_row(next);
    return row;
}

// The line in which a quote opens that is never closed, or the beginning of one that is too long.
std::optional<table_row> row_splitter::take_line() {
    const auto end =
        std::find_if(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.end(), ends_line);
    const auto at = static_cast<std::size_t>(end - buffer_.begin());
    if (at - begin_ <= row_bytes_max)
        return take(at, true);
    const table_row row{++number_, std::string_view(buffer_).substr(begin_, row_bytes_max), true};
    begin_row(begin_ + row_bytes_max);
    skips_line_ = true;
    return row;
}

std::optional<table_row> row_splitter::next() {
    if (!started_ && (buffer_.size() >= byte_order_mark.size() || finished_)) {
        started_ = true;
        if (std::string_view(buffer_).starts_with(byte_order_mark))
            begin_row(byte_order_mark.size());
    }
    while (started_) {
        if (skips_line_) {
            while (begin_ < buffer_.size() && !ends_line(buffer_[begin_]))
                ++begin_;
            if (begin_ == buffer_.size()) {
                begin_row(begin_);
                return std::nullopt;
            }
            --number_; // the end of the line that was counted already
            skips_line_ = false;
            begin_row(begin_);
        }
        const std::optional<std::size_t> end = find_end();
        const bool too_long = (end ? *end : buffer_.size()) - begin_ > row_bytes_max;
        std::optional<table_row> row;
        if (too_long || (!end && finished_ && begin_ < buffer_.size()))
            row = take_line();
        else if (end)
            row = take(*end, false);
        if (!row || !trimmed(row->bytes).empty())
            return row;
    }
    return std::nullopt;
}

std::optional<std::vector<std::string>> split_cells(std::string_view row, char delimiter, char quote) {
    std::vector<std::string> cells;
    const auto blanks_removed = [&] {
        while (!row.empty() && row.front() != delimiter && (row.front() == ' ' || row.front() == '\t'))
            row.remove_prefix(1);
    };
    while (true) {
        blanks_removed();
        if (quote != '\0' && row.starts_with(quote)) {
            std::string cell;
            std::size_t at = 1;
            while (at < row.size() && (row[at] != quote || row.substr(at + 1).starts_with(quote))) {
                at += row[at] == quote ? 1U : 0U;
                cell += row[at++];
            }
            if (at >= row.size())
                return std::nullopt;
            row.remove_prefix(at + 1);
            blanks_removed();
            if (!row.empty() && row.front() != delimiter)
                return std::nullopt;
            cells.push_back(std::move(cell));
        } else {
            const std::size_t end = std::min(row.find(delimiter), row.size());
            cells.emplace_back(trimmed(row.substr(0, end)));
            row.remove_prefix(end);
        }
        if (row.empty())
            return cells;
        row.remove_prefix(1);
    }
}

std::string write_table_message(const table_message& from) {
    std::string bytes(preamble);
    bytes += " row=" + std::to_string(from.row) + " header=" + std::to_string(from.header.size());
    if (from.recorded)
        bytes += " recorded=" + std::to_string(from.recorded->time_since_epoch().count());
    if (from.omitted)
        bytes += " omitted=1";
    if (from.broken)
        bytes += " broken=1";
    bytes += '\n';
    bytes += from.header;
    bytes += '\n';
    bytes += from.cells;
    return bytes;
}

bool is_table_message(std::string_view bytes) {
    return bytes.starts_with(preamble) && bytes.substr(preamble.size()).starts_with(" row=");
}

std::optional<table_message> parse_table_message(std::string_view bytes) {
    if (!is_table_message(bytes))
        return std::nullopt;
    const std::size_t line_end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, line_end);
    const auto row = number_of(line, "row");
    const auto header = number_of(line, "header");
    if (!row || !header || *row < 0 || *header < 0 || line_end == bytes.size())
        return std::nullopt;
    bytes.remove_prefix(line_end + 1);
    const auto header_size = static_cast<std::size_t>(*header);
    if (bytes.size() <= header_size || bytes[header_size] != '\n')
        return std::nullopt;
    table_message result;
    result.row = static_cast<std::size_t>(*row);
    if (const auto recorded = number_of(line, "recorded"))
        result.recorded =
            std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(*recorded));
    result.omitted = number_of(line, "omitted").has_value();
    result.broken = number_of(line, "broken").has_value();
    result.header = bytes.substr(0, header_size);
    result.cells = bytes.substr(header_size + 1);
    return result;
}

} // namespace auditgate::mapping
