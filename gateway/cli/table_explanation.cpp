#include "gateway/cli/table_explanation.hpp"

#include "gateway/cli/open_value.hpp"
#include "mapping/read/table_scan.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>

namespace auditgate::gateway::cli {
namespace {

// What a column is for, by the profile, and how its cells must look to be shown.
struct column_use {
    std::string name;
    std::optional<value_form> form; // none: they are never shown
};

std::map<std::string, column_use, std::less<>> uses_of(const mapping::table_profile& table) {
    std::map<std::string, column_use, std::less<>> uses;
    const auto use = [&](const std::string& column, std::string name,
                         std::optional<value_form> form = std::nullopt) {
        if (!column.empty())
            uses.emplace(column, column_use{std::move(name), form});
    };
    use(table.patient.nhs_number.column, "patient: NHS number");
    use(table.patient.local_number.column, "patient: local number");
    use(table.patient.birth_date.column, "patient: date of birth");
    use(table.patient.death_date.column, "patient: date of death");
    use(table.patient.sex.column, "patient: sex");
    use(table.patient.ethnic_category.column, "patient: ethnic category");
    for (const std::string& column : table.key)
        use(column, "key of the row");
    use(table.visit.number.column, "visit: number");
    use(table.visit.patient_class.column, "visit: class", value_form::code);
    use(table.visit.start.column, "visit: start");
    use(table.visit.end.column, "visit: end");
    use(table.organisation.column, "organisation", value_form::code);
    use(table.date.column, "date of the row");
    use(table.recorded.column, "recorded at", value_form::date);
    use(table.status.column, "status of the row", value_form::code);
    for (const mapping::table_event& event : table.events) {
        const bool observed = event.kind == mapping::table_event_kind::observation;
        const std::string name = observed ? "observation " + event.code.fixed
                                 : event.kind == mapping::table_event_kind::procedure ? "procedure"
                                                                                      : "condition";
        std::optional<value_form> form;
        if (!observed || event.type == mapping::table_value_type::code)
            form = value_form::code;
        else if (event.type == mapping::table_value_type::number)
            form = value_form::number;
        for (const std::string& column : event.columns)
            use(column, name, form);
        for (const std::string& column : event.date_columns)
            use(column, name + ": date");
        use(event.code.column, name + ": what was asked", value_form::code);
    }
    return uses;
}

// The cells of one row by the names of their columns.
class row_printer {
public:
    row_printer(explanation& to, const mapping::table_profile& table, bool show_phi)
        : to_(to), table_(table), uses_(uses_of(table)), show_phi_(show_phi) {}

    void print(const mapping::table_message& row) {
        if (names_.empty())
            names_ = row.omitted                ? table_.key
                     : table_.format.has_header ? cells(row.header)
                                                : table_.format.columns;
        const std::string path = "row " + std::to_string(row.row);
        to_.values.push_back({path, row.omitted ? "left out by a full extract" : "", "", false});
        const std::vector<std::string> found = cells(row.cells);
        for (std::size_t i = 0; i < found.size(); ++i)
            if (!found[i].empty())
                to_.values.push_back(found.size() == names_.size() ? explained_cell(path, names_[i], found[i])
                                                                   : shifted_cell(path, i + 1, found[i]));
    }

private:
    [[nodiscard]] explained_value explained_cell(const std::string& row, const std::string& column,
                                                 const std::string& cell) const {
        const auto use = uses_.find(column);
        const bool is_used = use != uses_.end();
        explained_value value{row + ", " + column, is_used ? use->second.name : "not used", "", true};
        value.hidden = !show_phi_ && !(is_used && use->second.form && has_form(cell, *use->second.form));
        if (!value.hidden)
            value.value = cell;
        return value;
    }

    // Of a row with another number of cells than there are columns: nobody knows what stands in which.
    [[nodiscard]] explained_value shifted_cell(const std::string& row, std::size_t number,
                                               const std::string& cell) const {
        return {row + ", cell " + std::to_string(number), "of no column", show_phi_ ? cell : "", !show_phi_};
    }

    [[nodiscard]] std::vector<std::string> cells(std::string_view row) const {
        const std::string text = table_.format.encoding.to_utf8(row).text;
        return mapping::split_cells(text, table_.format.delimiter, table_.format.quote)
            .value_or(std::vector<std::string>());
    }

    explanation& to_;
    const mapping::table_profile& table_;
    std::map<std::string, column_use, std::less<>> uses_;
    bool show_phi_;
    std::vector<std::string> names_;
};

// "row 17" of "row 17, OPCS_03".
std::string row_of(const std::string& path) {
    return path.substr(0, path.find(','));
}

// The row as a whole says nothing itself.
bool is_whole_row(const mapping::event& one) {
    const auto* seen = one.as<mapping::observation>();
    return seen != nullptr && seen->codes.empty() && seen->value.kind == mapping::value_kind::absent &&
           one.version != mapping::version_status::deleted;
}

// Prints the first rows; how many there are.
std::size_t print_rows(row_printer& printer, std::string_view bytes, const std::string& file_name,
                       const mapping::source_profile& profile) {
    if (const auto row = mapping::parse_table_message(bytes)) {
        printer.print(*row);
        return 1;
    }
    const auto zone = mapping::civil_time::in_zone(profile.time_zone);
    if (!zone)
        return 0;
    mapping::table_scan scan(profile, *zone, file_name);
    scan.feed(bytes);
    scan.finish();
    while (const auto row = scan.next())
        if (scan.rows() <= explained_rows_max)
            printer.print(*row);
    return scan.rows();
}

// What comes by standard input has no name, so nothing can be read from it.
mapping::source_profile without_file_name(const mapping::source_profile& profile) {
    mapping::source_profile result = profile;
    auto table = std::make_shared<mapping::table_profile>(*profile.table);
    table->file_name.reset();
    result.table = std::move(table);
    return result;
}

} // namespace

explanation explain_table(std::string_view bytes, const std::string& file_name,
                          const mapping::source_profile& profile, bool show_phi) {
    if (file_name.empty() && profile.table && profile.table->file_name)
        return explain_table(bytes, file_name, without_file_name(profile), show_phi);
    explanation result;
    mapping::message_to_read message;
    message.bytes = bytes;
    message.format = mapping::message_format::table;
    message.reference = file_name;
    mapping::read_result read = mapping::read_message(message, profile);
    if (!profile.table) {
        result.title = "a table, without a section `table` in the source profile";
        add_reading(result, read, show_phi);
        return result;
    }
    std::erase_if(read.events, is_whole_row);
    row_printer printer(result, *profile.table, show_phi);
    const std::size_t rows = print_rows(printer, bytes, file_name, profile);
    result.title = profile.table->feed() + ", " + std::to_string(rows) + (rows == 1 ? " row, " : " rows, ") +
                   std::to_string(read.events.size()) + " facts";
    if (rows > explained_rows_max)
        result.title +=
            "; shown are the first " + std::to_string(explained_rows_max) + " rows, and findings of all";
    std::set<std::string> shown;
    for (const explained_value& one : result.values)
        shown.insert(row_of(one.path));
    std::erase_if(read.events, [&](const mapping::event& one) { return !shown.contains(row_of(one.path)); });
    if (read.findings.size() > explained_findings_max)
        read.findings.resize(explained_findings_max);
    add_reading(result, read, show_phi);
    return result;
}

} // namespace auditgate::gateway::cli
