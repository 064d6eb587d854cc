// Makes a report fit to leave the people who may see exact numbers (dataset.md section 8, small numbers).
#pragma once

#include "mapping/report/report.hpp"

namespace auditgate::mapping::report {

// Counts are hidden or rounded as disclosure.hpp says, all of the report together. Statistics of fewer than 8 numbers are left
// out, others told more coarsely: medians and quartiles in multiples of the rule's `step`, means of half of it. (A mean of
// whole numbers to one decimal, or a quartile that ends in .25, would tell how many numbers it is of, however that count is
// rounded.) Tables that would add up in two directions lose one of them: periods by status, totals of categories. What is
// not of the dataset (operations without a record) is left out. When there are fewer than 8 cases, no figure is left.
[[nodiscard]] audit_report for_export(audit_report exact);

} // namespace auditgate::mapping::report
