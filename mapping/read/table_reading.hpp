// Rows of a table to events. For the files of this folder, and for what takes files in row by row; everybody else reads
// read.hpp.
//
// A row is a fact with parts: its key names the whole, each column that tells something is a part of it. So a later version
// of a row takes back what it no longer says, and a row that is deleted takes all of it along (dataset.md section 1, Versions).
#pragma once

#include "mapping/read/reading.hpp"
#include "mapping/read/table_profile.hpp"
#include "mapping/read/table_rows.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// Where the columns of a profile stand in a file. Looks into the profile.
class table_layout {
public:
    struct key_only {};

    // `header`: the bytes of the header row; none: the table has none. Columns that are not there go into `missing`.
    table_layout(const table_profile& table, std::optional<std::string_view> header,
                 std::vector<std::string>& missing);
    // Of a row that holds the columns of the key alone (an omission).
    table_layout(const table_profile& table, key_only only);

    // The content of a column; "" when the file has no such column.
    [[nodiscard]] std::string_view cell(const std::vector<std::string>& cells, std::string_view column) const;
    [[nodiscard]] std::size_t columns() const { return count_; }

private:
    std::size_t count_ = 0;
    std::map<std::string, std::size_t, std::less<>> columns_;
};

// The name of a row for ever, and the day that it speaks of.
struct row_identity {
    std::vector<std::string> key; // cells of the key columns
    std::optional<std::chrono::local_days> date;
};

// None when the row cannot be read that far: its message will tell why.
[[nodiscard]] std::optional<row_identity> identify_row(std::string_view row, const table_profile& table,
                                                       const table_layout& layout, const civil_time& zone);

// The message of a full extract that a row is no longer there.
[[nodiscard]] std::string write_omission(const std::vector<std::string>& key, const table_profile& table,
                                         std::chrono::sys_time<std::chrono::milliseconds> recorded);

// What a file says of itself by its name; none: the name is not of the profile's form.
[[nodiscard]] std::optional<file_name_facts>
facts_of_file(std::string_view file_name, const table_profile& table, const civil_time& zone);

// One row (table_message), or a file of them as it is. In a file a row that cannot be used is an error among the findings and
// the others count; alone it is a fatal finding, so that it goes into quarantine by itself.
[[nodiscard]] read_result read_table(const message_to_read& message, const source_profile& profile,
                                     civil_time zone);

} // namespace auditgate::mapping
