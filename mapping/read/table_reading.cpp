#include "mapping/read/table_reading.hpp"

#include "mapping/read/table_row.hpp"
#include "mapping/read/table_scan.hpp"

#include <algorithm>
#include <filesystem>

namespace auditgate::mapping {

namespace {

// A cell of a key, written so that the row can be split again.
std::string in_quotes(std::string_view cell, char quote) {
    if (quote == '\0')
        return std::string(cell);
    std::string result(1, quote);
    for (const char c : cell) {
        if (c == quote)
            result += quote;
        result += c;
    }
    return result + quote;
}

std::string row_of(const std::vector<std::string>& cells, const table_format& format) {
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        row += i == 0 ? "" : std::string(1, format.delimiter);
        row += in_quotes(format.encoding.from_utf8(cells[i]).text, format.quote);
    }
    return row;
}

read_finding fatal(std::string code, std::string path, std::string text) {
    return {std::move(code), finding_level::fatal, std::move(path), std::move(text)};
}

// Reads rows of one table into one result.
class table_reading {
public:
    table_reading(const message_to_read& message, const source_profile& profile, civil_time zone,
                  read_result& result)
        : message_(message), profile_(profile), table_(*profile.table), zone_(zone), result_(result) {
        result_.message_type = table_.feed();
    }

    void read_one(const table_message& row) {
        std::vector<std::string> missing;
        if (row.omitted)
            layout_.emplace(table_, table_layout::key_only());
        else
            layout_.emplace(table_, table_.format.has_header ? std::optional(row.header) : std::nullopt,
                            missing);
        if (missing.empty())
            read_row(row, finding_level::fatal);
        else
            result_.findings.push_back(fatal("column-missing", "row " + std::to_string(row.row),
                                             "the table has no column `" + missing.front() +
                                                 "`, of which the source profile speaks"));
    }

    void read_file() {
        table_scan rows(profile_, zone_, std::filesystem::path(message_.reference).filename().string());
        rows.feed(message_.bytes);
        rows.finish();
        while (const auto row = rows.next()) {
            if (!layout_) {
                std::vector<std::string> none_missing;
                layout_.emplace(table_, table_.format.has_header ? std::optional(row->header) : std::nullopt,
                                none_missing);
            }
            read_row(*row, finding_level::error);
        }
        if (rows.refusal())
            result_.findings.push_back(*rows.refusal());
    }

private:
    // What cannot be used of the row is told at `level`, and nothing of it counts then.
    void read_row(const table_message& row, finding_level level) {
        const std::string path = "row " + std::to_string(row.row);
        read_result alone;
        reading of_row(message_, profile_, zone_, alone);
        table_row_reading reader(of_row, *layout_, row);
        reader.read();
        const bool usable = alone.unreadable_reason().empty();
        for (read_finding& one : alone.findings) {
            if (one.level == finding_level::fatal)
                one.level = level;
            result_.findings.push_back(std::move(one));
        }
        const part_use use = usable ? part_use::used : part_use::unreadable;
        result_.parts.push_back({path, table_.feed(), use, usable ? alone.events.size() : 0});
        if (usable)
            std::move(alone.events.begin(), alone.events.end(), std::back_inserter(result_.events));
    }

    const message_to_read& message_;
    const source_profile& profile_;
    const table_profile& table_;
    civil_time zone_;
    read_result& result_;
    std::optional<table_layout> layout_;
};

} // namespace

table_layout::table_layout(const table_profile& table, std::optional<std::string_view> header,
                           std::vector<std::string>& missing) {
    std::vector<std::string> names = table.format.columns;
    if (header) {
        const std::string text = table.format.encoding.to_utf8(without_byte_order_mark(*header)).text;
        names = split_cells(text, table.format.delimiter, table.format.quote)
                    .value_or(std::vector<std::string>());
    }
    for (std::size_t i = 0; i < names.size(); ++i)
        columns_.emplace(names[i], i);
    count_ = names.size();
    const auto need = [&](const std::vector<std::string>& wanted) {
        for (const std::string& column : wanted)
            if (!columns_.contains(column) &&
                std::find(missing.begin(), missing.end(), column) == missing.end())
                missing.push_back(column);
    };
    need(table.columns_used);
    need(table.format.columns);
}

table_layout::table_layout(const table_profile& table, key_only /*only*/) : count_(table.key.size()) {
    for (std::size_t i = 0; i < table.key.size(); ++i)
        columns_.emplace(table.key[i], i);
}

std::string_view table_layout::cell(const std::vector<std::string>& cells, std::string_view column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() || found->second >= cells.size() ? std::string_view()
                                                                    : std::string_view(cells[found->second]);
}

std::optional<row_identity> identify_row(std::string_view row, const table_profile& table,
                                         const table_layout& layout, const civil_time& zone) {
    const std::string text = table.format.encoding.to_utf8(row).text;
    const auto cells = split_cells(text, table.format.delimiter, table.format.quote);
    if (!cells || cells->size() != layout.columns())
        return std::nullopt;
    row_identity result;
    bool is_named = false;
    for (const std::string& column : table.key) {
        result.key.emplace_back(layout.cell(*cells, column));
        is_named = is_named || !result.key.back().empty();
    }
    if (!is_named)
        return std::nullopt;
    if (table.date.is_given()) {
        if (const auto when = read_date(layout.cell(*cells, table.date.column), table.date.formats, zone))
            result.date = when->date();
    }
    return result;
}

std::string write_omission(const std::vector<std::string>& key, const table_profile& table,
                           std::chrono::sys_time<std::chrono::milliseconds> recorded) {
    table_message message;
    message.recorded = recorded;
    message.omitted = true;
    const std::string header = row_of(table.key, table.format);
    const std::string cells = row_of(key, table.format);
    message.header = header;
    message.cells = cells;
    return write_table_message(message);
}

std::optional<file_name_facts> facts_of_file(std::string_view file_name, const table_profile& table,
                                             const civil_time& zone) {
    return table.file_name ? table.file_name->read(file_name, zone) : std::optional(file_name_facts());
}

read_result read_table(const message_to_read& message, const source_profile& profile, civil_time zone) {
    read_result result;
    if (!profile.table) {
        result.findings.push_back(
            fatal("no-table-profile", "",
                  "a table is read by the section `table` of its source profile, and this "
                  "source has none"));
        return result;
    }
    table_reading reading(message, profile, zone, result);
    if (is_table_message(message.bytes)) {
        if (const auto row = parse_table_message(message.bytes))
            reading.read_one(*row);
        else
            result.findings.push_back(
                fatal("bad-table-row", "", "this is no row of a table as it was journaled"));
    } else {
        reading.read_file();
    }
    return result;
}

} // namespace auditgate::mapping
