#include "mapping/report/for_export.hpp"

#include "mapping/report/disclosure.hpp"

#include <algorithm>

namespace auditgate::mapping::report {

namespace {

constexpr std::int64_t tenths = 10;

std::vector<std::size_t> add_all(count_system& to, std::vector<named_count>& counts) {
    std::vector<std::size_t> places;
    for (named_count& one : counts)
        places.push_back(to.add(one.n));
    return places;
}

std::vector<std::size_t> add_all(count_system& to, std::vector<count>& counts) {
    std::vector<std::size_t> places;
    for (count& one : counts)
        places.push_back(to.add(one));
    return places;
}

// The counts of a report as a system. A sum is only stated where it is one: records of another version need not add up.
class report_counts {
public:
    explicit report_counts(audit_report& of) : report_(of), cases_(counts_.add(of.cases)) {
        for (std::vector<named_count>* all : {&of.periods, &of.statuses, &of.follow_up, &of.safety.cases})
            counts_.sum(cases_, add_all(counts_, *all));
        add_rows();
        add_shares();
        add_harms();
        add_all(counts_, of.flags);
    }

    void protect() { counts_.protect(); }

private:
    void add_rows() {
        for (std::size_t at = 0; at < report_.completeness.size(); ++at) {
            completeness_row& row = report_.completeness[at];
            const std::int64_t in_window = row.in_window.value;
            const std::size_t place = counts_.add(row.in_window);
            counts_.sum(cases_, {place, counts_.add(row.missing), counts_.add(row.not_due),
                                 counts_.add(row.not_expected)});
            for (compared& one : report_.numbers)
                add_part(add_numbers(one.rows[at]), place, one.rows[at].here.n.value <= in_window);
            for (response& one : report_.responses) {
                for (response_row& words : one.rows) {
                    if (words.time_point == row.at.name)
                        add_response(words, place, in_window);
                }
            }
        }
    }

    void add_part(std::size_t part, std::size_t whole, bool is_part) {
        if (is_part)
            counts_.sum(whole, {part, counts_.add_untold()});
    }

    std::size_t add_numbers(compared_row& row) {
        const std::size_t here = counts_.add(row.here.n);
        add_part(counts_.add(row.change.n), here, true);
        return here;
    }

    void add_response(response_row& row, std::size_t in_window, std::int64_t in_window_value) {
        const bool adds_up = row.evaluable.value + row.not_evaluable.value == in_window_value;
        const std::size_t evaluable = counts_.add(row.evaluable);
        const std::size_t not_evaluable = counts_.add(row.not_evaluable);
        if (adds_up)
            counts_.sum(in_window, {evaluable, not_evaluable});
        counts_.sum(evaluable, add_all(counts_, row.words));
    }

    // What is not known of a mandatory item is told twice: as an answer, and as missing.
    void add_shares() {
        const std::vector<std::size_t> missing = add_all(counts_, report_.missing);
        std::vector<bool> linked(missing.size());
        for (share& one : report_.shares) {
            const std::vector<std::size_t> answers = add_all(counts_, one.answers);
            counts_.sum(cases_, answers);
            for (std::size_t at = 0; at < answers.size(); ++at) {
                const named_count& answer = one.answers[at];
                const auto same = std::ranges::find_if(report_.missing, [&](const named_count& item) {
                    return item.name == one.rule.missing_as && answer.name == "unknown" &&
                           item.n.value == answer.n.value;
                });
                const auto place = static_cast<std::size_t>(same - report_.missing.begin());
                if (same == report_.missing.end() || linked[place])
                    continue;
                linked[place] = true;
                counts_.sum(missing[place], {answers[at]});
            }
        }
    }

    void add_harms() {
        harms& safety = report_.safety;
        std::vector<std::size_t> totals = add_all(counts_, safety.totals);
        for (std::size_t i = 0; i < totals.size(); ++i) {
            std::vector<std::size_t> cells;
            for (harm_row& row : safety.rows)
                cells.push_back(counts_.add(row.by_relatedness[i]));
            counts_.sum(totals[i], std::move(cells));
        }
        counts_.sum(counts_.add(safety.events), std::move(totals));
    }

    audit_report& report_;
    count_system counts_;
    std::size_t cases_;
};

void hide_statistics(distribution& one, const count& n) {
    one.n = n;
    if (n.hidden || n.value <= small_count_max)
        one.of.reset();
}

void coarsen(compared& one) {
    one.quartile_step = tenths * one.rule.step;
    one.mean_step = one.quartile_step / 2;
    for (compared_row& row : one.rows) {
        hide_statistics(row.here, row.here.n);
        hide_statistics(row.change, row.change.n);
        hide_statistics(row.baseline, row.change.n);
        row.not_comparable = row.not_usable = {};
    }
}

// For fewer than 8 cases: nothing but the list of what could be reported.
void empty(audit_report& of) {
    for (std::vector<named_count>* all : {&of.periods, &of.statuses, &of.follow_up, &of.flags, &of.missing})
        all->clear();
    of.completeness.clear();
    of.numbers.clear();
    of.responses.clear();
    of.shares.clear();
    of.safety = {};
}

} // namespace

audit_report for_export(audit_report exact) {
    exact.exported = true;
    exact.period_statuses.clear();
    exact.without_record.clear();
    for (harm_row& row : exact.safety.rows)
        row.total.reset();
    // How many have a number at a time point is told with its statistics.
    std::erase_if(exact.missing,
                  [&](const named_count& one) { return one.name.starts_with(exact.rows_path + '.'); });
    for (std::vector<named_count>* all : {&exact.flags, &exact.missing})
        std::ranges::sort(*all, {}, &named_count::name); // their order would tell which hidden one is larger
    if (exact.cases.value <= small_count_max)
        empty(exact);
    report_counts(exact).protect();
    for (compared& one : exact.numbers)
        coarsen(one);
    return exact;
}

} // namespace auditgate::mapping::report
