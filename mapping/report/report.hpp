// What an audit report says, as data: counts and statistics of the cases of one dataset. Made by tally.hpp, made fit to leave
// by for_export.hpp, shown by render.hpp. Nothing in it belongs to one patient.
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/report/decimal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::mapping::report {

// How many. In an exported report `value` is rounded, and a hidden count is shown as `*`.
struct count {
    std::int64_t value = 0;
    bool hidden = false;

    bool operator==(const count&) const = default;
};

struct named_count {
    std::string name;
    count n;
};

// Numbers in units of their last digit.
struct summary {
    fraction mean, lower_quartile, median, upper_quartile;
};

struct distribution {
    count n;
    std::optional<summary> of; // none: n is 0, or too small to be told
};

// One number at one time point.
struct compared_row {
    std::string time_point;
    distribution here;     // all cases that have it
    distribution baseline; // of the pairs: cases that have it at the baseline, too, and both can be compared
    distribution change;   // of the pairs: here less baseline
    count not_comparable;  // have both, but `same` differs
    count not_usable;      // have it, but `when` does not hold
};

struct compared {
    compared_number rule;
    std::vector<compared_row> rows; // in the order of the time points; the baseline's has no pairs
    // How finely means and the other statistics are shown, in tenths of the last digit.
    std::int64_t mean_step = 1, quartile_step = 1;
};

struct completeness_row {
    time_point at;
    count in_window, missing, not_due, not_expected;
};

struct response_row {
    std::string time_point;
    count evaluable;
    std::vector<count> words; // as in the rule
    count not_evaluable;
};

struct response {
    reported_response rule;
    std::vector<response_row> rows; // without the baseline
};

struct share {
    reported_share rule;
    std::vector<named_count> answers; // the word of the rule first; of all cases
};

struct harm_row {
    std::string category;
    std::vector<count> by_relatedness; // as in `relatedness`
    std::optional<count> total;        // none in an exported report
};

// Adverse events. How many cases had any is not told: it mixes what the procedure did with the course of the disease.
struct harms {
    std::vector<std::string> relatedness; // the nearest to the procedure first
    std::vector<harm_row> rows;           // categories with an event, in the order of the definition
    std::vector<count> totals;            // of each relatedness
    count events;
    // Cases by the nearest relatedness of their events, then those without one: none recorded, not known.
    std::vector<named_count> cases;
    int none_recorded_from_day = 0; // the contact that it takes to say that none was recorded
};

struct audit_report {
    std::string dataset, dataset_version, title;
    std::string as_of;  // 2026-03-31
    std::string source; // in words: whose cases these are
    bool exported = false;

    count cases;
    std::vector<named_count> periods, statuses, follow_up;
    std::vector<std::vector<count>> period_statuses; // a row for each period; none in an exported report
    std::string rows_path;               // of the time points in a record, as it stands in `missing`
    std::optional<std::size_t> baseline; // place among the time points; none: nothing is compared
    std::vector<completeness_row> completeness;
    std::vector<compared> numbers;
    std::vector<response> responses;
    harms safety;
    std::vector<share> shares;
    std::vector<named_count> flags, missing; // cases that have each
    std::vector<named_count>
        without_record;             // operations held, excluded or closed, by reason; none if exported
    std::vector<std::string> notes; // of the definition
};

} // namespace auditgate::mapping::report
