// Counts cases into a report: the calculation, apart from where the cases come from and how the report is shown.
#pragma once

#include "fhir/json.hpp"
#include "mapping/report/report.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping::report {

// Of the numbers given, which it may reorder; n at least 1. Quartiles by linear interpolation between the two nearest
// (Hyndman and Fan 1996, type 7: as R's quantile() and a spreadsheet's QUARTILE.INC).
[[nodiscard]] summary summary_of(std::vector<std::int64_t>& numbers);

// Takes cases one by one, in any order, and keeps numbers only. Pure: the same cases give the same report.
class tally {
public:
    // `definition` outlives the tally.
    explicit tally(const compiled_definition& definition);

    // One case: the sections of a record (dataset.md section 3) as JSON, coarsened or not. False when it is not as the
    // definition says (a section or a row is not there, or has a word that is not one of its): it is not counted then.
    [[nodiscard]] bool add(const fhir::json::value& record);
    // An operation of which there is no record, and why: held, excluded or closed.
    void add_without_record(std::string_view reason);

    [[nodiscard]] audit_report finish() const;

private:
    // What one case says, read whole before anything is counted.
    struct reading;
    struct row_reading;
    // The numbers of one compared value at one time point.
    struct numbers {
        std::vector<std::int64_t> here, baseline, change;
        std::int64_t not_comparable = 0, not_usable = 0;
    };
    struct time_point_tally {
        std::map<std::string, std::int64_t, std::less<>> statuses;
        std::vector<numbers> compared; // as in the definition
        std::vector<std::map<std::string, std::int64_t, std::less<>>> responses;
    };
    using word_counts = std::map<std::string, std::int64_t, std::less<>>;

    [[nodiscard]] bool read(const fhir::json::value& record, reading& to) const;
    [[nodiscard]] bool read_rows(const fhir::json::value& record, reading& to) const;
    [[nodiscard]] bool read_row(const fhir::json::value& row, row_reading& to) const;
    [[nodiscard]] bool read_events(const fhir::json::value& record, reading& to) const;
    void count_rows(const reading& from);

    void finish_cases(audit_report& to) const;
    void finish_rows(audit_report& to) const;
    void finish_harms(audit_report& to) const;
    void finish_shares(audit_report& to) const;

    const compiled_definition* definition_;
    std::int64_t cases_ = 0;
    std::map<std::string, word_counts, std::less<>> periods_; // period to status
    word_counts statuses_, follow_up_, flags_, missing_, without_record_, harm_cases_;
    std::vector<time_point_tally> rows_;
    std::vector<word_counts> shares_;
    std::map<std::string, word_counts, std::less<>> events_; // category to relatedness
};

} // namespace auditgate::mapping::report
