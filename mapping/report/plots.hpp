// The pictures of the HTML report, as SVG elements that take their colours from the page. Each says in words what it shows
// (title and desc); its numbers all stand in the tables, too.
#pragma once

#include "mapping/report/report.hpp"

#include <string>
#include <string_view>

namespace auditgate::mapping::report {

// A bar for each time point: how much of what should be there is there.
[[nodiscard]] std::string completeness_plot(const audit_report& of);
// Change from baseline by time point: a box from the lower to the upper quartile with the median, dots for the means, joined
// by a line.
[[nodiscard]] std::string change_plot(const audit_report& report, const compared& of);
// A bar of 100 % for each time point, divided by word.
[[nodiscard]] std::string response_plot(const response& of);

// Safe inside an element and inside a quoted attribute.
[[nodiscard]] std::string html_escaped(std::string_view text);

} // namespace auditgate::mapping::report
