// One row of a table to its events. For the files of this folder only.
#pragma once

#include "mapping/read/table_reading.hpp"

namespace auditgate::mapping {

// Refers to all that it is given, which must outlive it.
class table_row_reading {
public:
    table_row_reading(reading& to, const table_layout& layout, const table_message& row);

    // Gives the events to the reading, or a fatal finding that says which column cannot be read.
    void read();

private:
    struct part {
        std::string column;
        std::optional<event_time> when;
    };

    bool read_cells();
    bool read_identity();
    bool read_status();
    void read_patient();
    void read_visit();
    void read_event(const table_event& event);
    void read_cell(const table_event& event, const part& at, std::string_view text);
    [[nodiscard]] std::optional<std::vector<part>> parts_of(const table_event& event);
    [[nodiscard]] observation observation_of(const table_event& event, const part& at, std::string_view text);

    [[nodiscard]] std::string_view cell(std::string_view column) const {
        return layout_.cell(cells_, column);
    }
    [[nodiscard]] std::string text(const cell_source& from) const;
    [[nodiscard]] std::string joined(const table_event& event) const;
    // None when the cell is empty; a fatal finding when it is no date.
    [[nodiscard]] std::optional<event_time> time(std::string_view column,
                                                 const std::vector<date_pattern>& formats);
    [[nodiscard]] std::optional<event_time> time(const date_source& from);

    [[nodiscard]] event start(std::string_view column) const;
    [[nodiscard]] event start_part(const std::string& column);
    void add(event fact, event_payload payload);
    void refuse(std::string code, std::string_view column, std::string text);

    reading& to_;
    const table_profile& table_;
    const table_layout& layout_;
    const table_message& row_;
    std::vector<std::string> cells_;
    event base_;
    std::map<std::string, int> parts_;
};

} // namespace auditgate::mapping
