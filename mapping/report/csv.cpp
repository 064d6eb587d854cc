#include "mapping/report/render.hpp"
#include "mapping/report/tables.hpp"

namespace auditgate::mapping::report {

namespace {

bool is_number(std::string_view text) {
    return parse_decimal(text, 6).has_value();
}

void add_cell(std::string& line, std::string cell) {
    if (!line.empty())
        line += ',';
    if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos &&
        !is_number(cell))
        cell.insert(0, 1, '\'');
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
        line += cell;
        return;
    }
    line += '"';
    for (const char one : cell)
        line += one == '"' ? "\"\"" : std::string(1, one);
    line += '"';
}

std::string line_of(std::initializer_list<std::string> cells) {
    std::string line;
    for (const std::string& cell : cells)
        add_cell(line, cell);
    return line + "\r\n";
}

} // namespace

std::string to_csv(const audit_report& of) {
    std::string out = line_of({"section", "table", "row", "column", "value"});
    const auto head = [&](const char* name, const std::string& value) {
        out += line_of({"report", "report", name, "value", value});
    };
    head("dataset", of.dataset);
    head("dataset_version", of.dataset_version);
    head("as_of", of.as_of);
    head("kind", of.exported ? "for export" : "exact");
    head("cases", text_of(of.cases));
    for (const section& one : sections_of(of))
        for (const table& each : one.tables)
            for (const auto& cells : each.rows)
                for (std::size_t i = 1; i < cells.size(); ++i)
                    out += line_of({one.id, each.title, cells[0], each.columns[i], cells[i]});
    return out;
}

} // namespace auditgate::mapping::report
