#include "mapping/report/tables.hpp"

#include <algorithm>

namespace auditgate::mapping::report {

namespace {

const std::string nothing = "–"; // no such number, as opposed to 0 and to `*`
constexpr std::int64_t hundred = 100;

using row = std::vector<std::string>;

std::string percent_text(std::optional<std::int64_t> of) {
    return of ? std::to_string(*of) + " %" : nothing;
}

std::string share_text(const count& part, const count& whole) {
    if (part.hidden || whole.hidden)
        return "*";
    return percent_text(percent(part, whole));
}

table counts_table(std::string title, std::string first_column, const std::vector<named_count>& counts,
                   const count& whole) {
    table result{std::move(title), {std::move(first_column), "Cases", "Share"}, {}};
    for (const named_count& one : counts)
        result.rows.push_back({one.name, text_of(one.n), share_text(one.n, whole)});
    return result;
}

section cases_section(const audit_report& of) {
    section result{"cases", "Cases", {}, plot_kind::none, 0, {}, {}};
    result.text.push_back("Cases: " + text_of(of.cases) +
                          ". A case is one operation: a patient with operations on two dates is two cases.");
    table periods{"By period of the procedure", {"Period"}, {}};
    for (std::size_t i = 0; i < of.periods.size(); ++i) {
        row& cells = periods.rows.emplace_back(row{of.periods[i].name});
        if (i < of.period_statuses.size()) {
            for (const count& one : of.period_statuses[i])
                cells.push_back(text_of(one));
        }
        cells.push_back(text_of(of.periods[i].n));
    }
    row all{"All"};
    if (!of.period_statuses.empty()) {
        for (const named_count& status : of.statuses) {
            periods.columns.push_back(status.name);
            all.push_back(text_of(status.n));
        }
    }
    periods.columns.emplace_back("All");
    all.push_back(text_of(of.cases));
    periods.rows.push_back(std::move(all));
    result.tables.push_back(std::move(periods));
    if (of.exported)
        result.tables.push_back(counts_table("By status of the procedure", "Status", of.statuses, of.cases));
    result.tables.push_back(counts_table("By state of the follow-up", "Follow-up", of.follow_up, of.cases));
    if (!of.without_record.empty()) {
        table left{"Operations seen of which there is no record", {"Reason", "Operations"}, {}};
        for (const named_count& one : of.without_record)
            left.rows.push_back({one.name, text_of(one.n)});
        result.tables.push_back(std::move(left));
    }
    return result;
}

section completeness_section(const audit_report& of) {
    section result{"completeness", "Completeness of follow-up", {}, plot_kind::completeness, 0, {}, {}};
    result.text.emplace_back(
        "Complete is the share of those that should be there by now: in window, of in window and missing.");
    table rows{
        "By time point",
        {"Time point", "Window (days)", "In window", "Missing", "Not due yet", "Not expected", "Complete"},
        {}};
    for (const completeness_row& one : of.completeness) {
        const bool hidden = one.in_window.hidden || one.missing.hidden;
        rows.rows.push_back(
            {one.at.name, std::to_string(one.at.window.first) + " to " + std::to_string(one.at.window.last),
             text_of(one.in_window), text_of(one.missing), text_of(one.not_due), text_of(one.not_expected),
             hidden ? "*" : percent_text(percent_complete(one))});
    }
    result.tables.push_back(std::move(rows));
    result.notes.emplace_back(
        "In window: an assessment of the time point was received. Not due yet: its window is "
        "still open. Not expected: the patient died or withdrew, or a repeat of the operation "
        "came, before its window ended.");
    return result;
}

// Mean and median, and with `quartiles` those, too; each a cell of its own.
void add_statistics(row& to, const distribution& from, const compared& of, bool quartiles) {
    const auto add = [&](fraction summary::*one, std::int64_t step) {
        to.push_back(from.of ? text_of((*from.of).*one, of.rule.decimals, step)
                             : (from.n.hidden ? "*" : nothing));
    };
    add(&summary::mean, of.mean_step);
    add(&summary::median, of.quartile_step);
    if (!quartiles)
        return;
    add(&summary::lower_quartile, of.quartile_step);
    add(&summary::upper_quartile, of.quartile_step);
}

section number_section(const audit_report& of, std::size_t place) {
    const compared& from = of.numbers[place];
    std::string id = "change-" + from.rule.value;
    std::ranges::replace(id, '.', '-');
    section result{id, from.rule.label, {}, plot_kind::change, place, {}, {}};
    result.text.push_back((from.rule.unit.empty() ? std::string() : "Unit: " + from.rule.unit + ". ") +
                          (from.rule.lower_is_better
                               ? "Lower is better: a negative change is an improvement."
                               : "Higher is better: a positive change is an improvement."));
    table values{"All cases that have the value", {"Time point", "n", "Mean", "Median", "Q1", "Q3"}, {}};
    table changes{"Change from baseline, of cases that have both",
                  {"Time point", "Paired n", "Baseline mean", "Baseline median", "Mean change",
                   "Median change", "Q1", "Q3"},
                  {}};
    if (!of.exported)
        changes.columns.insert(changes.columns.end(), {"Not comparable", "Not usable"});
    for (std::size_t at = 0; at < from.rows.size(); ++at) {
        const compared_row& one = from.rows[at];
        row& cells = values.rows.emplace_back(row{one.time_point, text_of(one.here.n)});
        add_statistics(cells, one.here, from, true);
        if (at == of.baseline)
            continue;
        row& change = changes.rows.emplace_back(row{one.time_point, text_of(one.change.n)});
        add_statistics(change, one.baseline, from, false);
        add_statistics(change, one.change, from, true);
        if (!of.exported)
            change.insert(change.end(), {text_of(one.not_comparable), text_of(one.not_usable)});
    }
    result.tables = {std::move(values), std::move(changes)};
    if (!of.exported)
        result.notes.emplace_back(
            "Not comparable: both values are there, but from different instruments. Not usable: "
            "a value is there, but only in part. Neither is in the statistics.");
    return result;
}

section response_section(const audit_report& of, std::size_t place) {
    const response& from = of.responses[place];
    std::string id = "response-" + from.rule.value;
    std::ranges::replace(id, '.', '-');
    section result{id, from.rule.label, {}, plot_kind::response, place, {}, {}};
    table cases{"Cases", {"Time point", "Evaluable n"}, {}};
    table shares{"Shares of the evaluable cases", {"Time point"}, {}};
    for (table* one : {&cases, &shares})
        one->columns.insert(one->columns.end(), from.rule.words.begin(), from.rule.words.end());
    cases.columns.emplace_back("Not evaluable");
    for (const response_row& one : from.rows) {
        row& counts = cases.rows.emplace_back(row{one.time_point, text_of(one.evaluable)});
        row& parts = shares.rows.emplace_back(row{one.time_point});
        for (const count& word : one.words) {
            counts.push_back(text_of(word));
            parts.push_back(share_text(word, one.evaluable));
        }
        counts.push_back(text_of(one.not_evaluable));
    }
    result.tables = {std::move(cases), std::move(shares)};
    return result;
}

section safety_section(const audit_report& of) {
    const harms& from = of.safety;
    section result{"safety", "Adverse events", {}, plot_kind::none, 0, {}, {}};
    result.text.emplace_back(
        "Events by what they are related to, as their senders state it; it is never inferred. The share of "
        "cases with "
        "any event is not given: it would mix what the procedure did with what came of other causes.");
    table events{"Events by category and relatedness", {"Category"}, {}};
    events.columns.insert(events.columns.end(), from.relatedness.begin(), from.relatedness.end());
    for (const harm_row& one : from.rows) {
        row& cells = events.rows.emplace_back(row{one.category});
        for (const count& cell : one.by_relatedness)
            cells.push_back(text_of(cell));
        cells.push_back(one.total ? text_of(*one.total) : nothing);
    }
    row all{"All"};
    for (const count& one : from.totals)
        all.push_back(text_of(one));
    events.columns.emplace_back("All");
    all.push_back(text_of(from.events));
    events.rows.push_back(std::move(all));
    result.tables.push_back(std::move(events));
    result.tables.push_back(counts_table("Cases by the nearest relatedness of their events", "Relatedness",
                                         from.cases, of.cases));
    result.notes.push_back(
        "None recorded: there was a contact on day " + std::to_string(from.none_recorded_from_day) +
        " or later, and no message tells of an event. That no event was recorded does not mean that "
        "none happened. Not known: no such contact yet.");
    return result;
}

section shares_section(const audit_report& of) {
    section result{"shares", "Selection and technique", {}, plot_kind::none, 0, {}, {}};
    for (const share& one : of.shares)
        result.tables.push_back(counts_table(one.rule.label, "Answer", one.answers, of.cases));
    return result;
}

section quality_section(const audit_report& of) {
    section result{"data-quality", "Data quality", {}, plot_kind::none, 0, {}, {}};
    result.tables.push_back(counts_table("Mandatory items that are not known", "Item", of.missing, of.cases));
    result.tables.push_back(counts_table("Flags", "Flag", of.flags, of.cases));
    if (of.exported)
        result.notes.emplace_back(
            "What is missing at a time point shows in the n of its tables and is not listed again.");
    return result;
}

} // namespace

std::string text_of(const count& n) {
    return n.hidden ? "*" : std::to_string(n.value);
}

std::optional<std::int64_t> percent(const count& part, const count& whole) {
    if (part.hidden || whole.hidden || whole.value == 0)
        return std::nullopt;
    return std::min(hundred, nearest({hundred * part.value, whole.value}, 1));
}

std::optional<std::int64_t> percent_complete(const completeness_row& row) {
    return percent(row.in_window,
                   {row.in_window.value + row.missing.value, row.in_window.hidden || row.missing.hidden});
}

std::string text_of(const fraction& statistic, int decimals, std::int64_t step) {
    constexpr std::int64_t ten = 10;
    return decimal_text(nearest({statistic.numerator * ten, statistic.denominator}, step), decimals + 1);
}

std::vector<section> sections_of(const audit_report& of) {
    std::vector<section> result{cases_section(of)};
    if (of.cases.hidden)
        return result;
    result.push_back(completeness_section(of));
    for (std::size_t i = 0; i < of.numbers.size(); ++i)
        result.push_back(number_section(of, i));
    for (std::size_t i = 0; i < of.responses.size(); ++i)
        result.push_back(response_section(of, i));
    result.push_back(safety_section(of));
    if (!of.shares.empty())
        result.push_back(shares_section(of));
    result.push_back(quality_section(of));
    return result;
}

std::vector<std::string> kind_of(const audit_report& of) {
    if (!of.exported)
        return {"Exact numbers, not suppressed: only for staff who are permitted to see them. Before "
                "anything of it "
                "leaves, make the report again with --for-export."};
    return {"For export: * hides counts of 1 to 7, and others from which such a count could be worked out; "
            "all other "
            "counts are rounded to the nearest 5, so totals need not be the sum of their parts.",
            "Shares are made of rounded counts. Statistics of fewer than 8 values are not given; medians, "
            "quartiles and "
            "means are told in coarse steps.",
            "Export one report for a period: two that overlap can be subtracted from each other."};
}

std::vector<std::string> footnotes_of(const audit_report& of) {
    std::vector<std::string> notes = of.notes;
    notes.emplace_back("Q1 and Q3 are the lower and the upper quartile, interpolated linearly between the "
                       "two nearest values. Statistics are exact and rounded "
                       "once, halves away from zero.");
    notes.emplace_back(
        "Stopped operations (begun and not finished) are counted with the completed ones everywhere but in "
        "the tables by status.");
    notes.emplace_back(
        "The records behind this report are de-identified (pseudonymised) personal data, never anonymous.");
    return notes;
}

} // namespace auditgate::mapping::report
