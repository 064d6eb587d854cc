#include "mapping/terminology/csv.hpp"

#include "mapping/terminology/text.hpp"

#include <algorithm>

namespace auditgate::mapping {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// The content of a cell that begins with a quote; `rest` moves behind the closing one. nullopt: it is not
// closed.
std::optional<std::string> quoted_cell(std::string_view& rest) {
    std::string result;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] != '"') {
            result += rest[i];
        } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
            result += rest[++i];
        } else {
            rest.remove_prefix(i + 1);
            return result;
        }
    }
    return std::nullopt;
}

// The cells of one line; nullopt: a quote is not closed, or text follows a closing quote.
std::optional<std::vector<std::string>> cells_of(std::string_view line) {
    std::vector<std::string> result;
    while (true) {
        line = trimmed(line);
        if (line.starts_with('"')) {
            std::optional<std::string> cell = quoted_cell(line);
            line = trimmed(line);
            if (!cell || (!line.empty() && line.front() != ',')) {
                return std::nullopt;
            }
            result.push_back(std::move(*cell));
        } else {
            const std::size_t end = std::min(line.find(','), line.size());
            result.emplace_back(trimmed(line.substr(0, end)));
            line.remove_prefix(end);
        }
        if (line.empty()) {
            return result;
        }
        line.remove_prefix(1); // the comma
    }
}

bool names(std::initializer_list<std::string_view> columns, std::string_view name) {
    return std::ranges::find(columns, name) != columns.end();
}

std::string joined(const auto& columns) {
    std::string result;
    for (const std::string_view one : columns) {
        result += (result.empty() ? "" : ", ") + std::string(one);
    }
    return result;
}

// The first column of `required` that the cells of a row do not reach.
std::optional<std::string_view> missing_column(const std::vector<std::string>& cells,
                                               const std::vector<std::string>& columns,
                                               std::initializer_list<std::string_view> required) {
    for (std::size_t i = cells.size(); i < columns.size(); ++i) {
        if (names(required, columns[i])) {
            return columns[i];
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<csv_table> csv_table::parse(std::string_view text,
                                          std::initializer_list<std::string_view> required,
                                          std::initializer_list<std::string_view> optional,
                                          yaml::problem_sink& problems) {
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    csv_table table;
    yaml::position header;
    for (yaml::position where; !text.empty(); ++where.line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (trimmed(line).empty() || line.front() == '#') {
            continue;
        }
        std::optional<std::vector<std::string>> cells = cells_of(line);
        if (!cells) {
            problems.add(where,
                         "a quote is not closed, or text stands between a closing quote and the comma");
            continue;
        }
        if (table.columns_.empty()) {
            table.columns_ = std::move(*cells);
            header = where;
            std::vector<std::string_view> known(required);
            known.insert(known.end(), optional.begin(), optional.end());
            for (const std::string& column : table.columns_) {
                if (!names(required, column) && !names(optional, column)) {
                    problems.add(where, "unknown column `" + column + "`" + yaml::suggestion(column, known));
                }
            }
            continue;
        }
        if (cells->size() > table.columns_.size()) {
            problems.add(where, "the row has " + std::to_string(cells->size()) + " cells, the header " +
                                    std::to_string(table.columns_.size()) +
                                    ": a text with a comma needs quotes");
            continue;
        }
        if (const auto missing = missing_column(*cells, table.columns_, required)) {
            problems.add(where, "the row ends before its column `" + std::string(*missing) +
                                    "`; the header names " + joined(table.columns_));
            continue;
        }
        cells->resize(table.columns_.size());
        table.rows_.push_back({where, std::move(*cells)});
    }
    for (const std::string_view column : required) {
        if (std::ranges::find(table.columns_, column) == table.columns_.end()) {
            const std::string wanted = "the header row must name the columns " + joined(required) + "; `" +
                                       std::string(column) + "` is missing";
            if (table.columns_.empty()) {
                problems.add_whole_file(wanted);
            } else {
                problems.add(header, wanted);
            }
            return std::nullopt;
        }
    }
    return table;
}

std::string_view csv_table::cell(const csv_row& row, std::string_view column) const {
    const auto found = std::ranges::find(columns_, column);
    return found == columns_.end()
               ? std::string_view{}
               : std::string_view(row.cells[static_cast<std::size_t>(found - columns_.begin())]);
}

} // namespace auditgate::mapping
