// Comma-separated tables as people write them in a spreadsheet or an editor.
#pragma once

#include "mapping/yaml/document.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

struct csv_row {
    yaml::position where;
    std::vector<std::string> cells; // blanks around them removed; as many as the table has columns
};

// A table whose first line that is no comment names the columns.
class csv_table {
public:
    // Reads RFC 4180 with these freedoms: empty lines and lines that begin with # are skipped, LF or CRLF
    // ends a line, a byte order mark is ignored, cells of `optional` may be left out at the end. A quoted cell
    // stays within its line. Nothing comes back when a column of `required` is missing; rows that cannot be
    // read are left out, each with a problem. Columns that are neither in `required` nor in `optional` are a
    // problem.
    [[nodiscard]] static std::optional<csv_table> parse(std::string_view text,
                                                        std::initializer_list<std::string_view> required,
                                                        std::initializer_list<std::string_view> optional,
                                                        yaml::problem_sink& problems);

    [[nodiscard]] const std::vector<csv_row>& rows() const { return rows_; }

    // A cell by the name of its column; empty when the table has no such column.
    [[nodiscard]] std::string_view cell(const csv_row& row, std::string_view column) const;

private:
    std::vector<std::string> columns_;
    std::vector<csv_row> rows_;
};

} // namespace auditgate::mapping
