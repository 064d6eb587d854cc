// A report as sections of tables and sentences: what all forms that people read have in common.
#pragma once

#include "mapping/report/report.hpp"

#include <string>
#include <vector>

namespace auditgate::mapping::report {

struct table {
    std::string title;
    std::vector<std::string> columns; // the first names the rows
    std::vector<std::vector<std::string>> rows;
};

// Which picture belongs to a section.
enum class plot_kind { none, completeness, change, response };

struct section {
    std::string id; // for links and for programs: completeness, change-pain-worst
    std::string title;
    std::vector<std::string> text; // before the tables
    plot_kind plot = plot_kind::none;
    std::size_t of = 0; // place in `numbers` or `responses`
    std::vector<table> tables;
    std::vector<std::string> notes; // below the tables
};

[[nodiscard]] std::vector<section> sections_of(const audit_report& of);
// Who may see the report, and how its numbers were made: sentences for its head.
[[nodiscard]] std::vector<std::string> kind_of(const audit_report& of);
// Sentences for its foot.
[[nodiscard]] std::vector<std::string> footnotes_of(const audit_report& of);

// "12", or "*" when it is hidden.
[[nodiscard]] std::string text_of(const count& n);
// How many of a hundred; none when one of the counts is hidden or there is nothing.
[[nodiscard]] std::optional<std::int64_t> percent(const count& part, const count& whole);
// Part of what should be there by now: in window of in window and missing.
[[nodiscard]] std::optional<std::int64_t> percent_complete(const completeness_row& row);
// A statistic with one digit more than its numbers have, in multiples of `step`.
[[nodiscard]] std::string text_of(const fraction& statistic, int decimals, std::int64_t step);

} // namespace auditgate::mapping::report
