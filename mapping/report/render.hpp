// A report in the forms in which it leaves the program. All are UTF-8 and end with a line feed.
#pragma once

#include "fhir/json.hpp"
#include "mapping/report/report.hpp"

#include <string>

namespace auditgate::mapping::report {

// For a terminal: tables with aligned columns.
[[nodiscard]] std::string to_text(const audit_report& of);

// RFC 4180, one number a line: section, table, row, column, value. `*` is a hidden count; a cell never begins with a sign that
// a spreadsheet would take for a formula, but for negative numbers.
[[nodiscard]] std::string to_csv(const audit_report& of);

// For programs: counts as numbers, hidden ones as "*", statistics as decimals, what is not known null.
[[nodiscard]] fhir::json::value to_json(const audit_report& of);

// One page that needs nothing else: no script, no file, nothing loaded. Readable in light and dark, on paper, by keyboard and
// by screen readers: the plots say nothing that the tables do not say.
[[nodiscard]] std::string to_html(const audit_report& of);

} // namespace auditgate::mapping::report
