#include "mapping/report/tally.hpp"

#include <algorithm>
#include <array>

namespace auditgate::mapping::report {

namespace {

using fhir::json::value;

constexpr std::string_view unknown = "unknown";
constexpr std::string_view in_window = "in-window", missing = "missing", not_due = "not-due",
                           not_expected = "not-expected"; // dataset.md section 4, status
// Cases without an event, in the table of cases by relatedness.
constexpr std::string_view none_recorded_case = "no event: none recorded",
                           not_known_case = "no event: not known";

const value& at_path(const value& from, std::string_view path) {
    const value* at = &from;
    while (!path.empty()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        at = &(*at)[path.substr(0, dot)];
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return *at;
}

// A word, a code or a flag as text; what is not known as `unknown`.
std::string word_of(const value& from) {
    if (const auto flag = from.as_bool())
        return *flag ? "true" : "false";
    return std::string(from.text().empty() ? unknown : from.text());
}

std::string word_of(const value& record, const item* of) {
    return of == nullptr ? std::string(unknown) : word_of(at_path(record, of->path()));
}

std::vector<std::string> words_of(const value& record, const item* of) {
    std::vector<std::string> result;
    if (of == nullptr)
        return result;
    for (const value& one : at_path(record, of->path()).items())
        result.emplace_back(one.text());
    return result;
}

bool is_among(const std::string& word, const std::vector<std::string>& words) {
    return std::ranges::find(words, word) != words.end();
}

template <class Counts>
std::int64_t count_of(const Counts& counts, std::string_view name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
}

template <class Counts>
std::vector<named_count> named(const Counts& counts) {
    std::vector<named_count> result;
    for (const auto& [name, n] : counts)
        result.push_back({name, {n}});
    return result;
}

template <class Counts>
std::vector<named_count> most_first(const Counts& counts) {
    std::vector<named_count> result = named(counts);
    std::ranges::stable_sort(result, [](const named_count& left, const named_count& right) {
        return left.n.value > right.n.value;
    });
    return result;
}

distribution distribution_of(std::vector<std::int64_t> numbers) {
    distribution result;
    result.n.value = static_cast<std::int64_t>(numbers.size());
    if (!numbers.empty())
        result.of = summary_of(numbers);
    return result;
}

// Of ascending numbers, `quarters` of the way from the first to the last.
fraction quartile(const std::vector<std::int64_t>& sorted, std::size_t quarters) {
    constexpr std::size_t four = 4;
    const std::size_t way = (sorted.size() - 1) * quarters;
    const std::size_t below = way / four;
    const auto above = static_cast<std::int64_t>(way % four);
    const std::int64_t next = sorted[std::min(below + 1, sorted.size() - 1)];
    return {sorted[below] * (static_cast<std::int64_t>(four) - above) + next * above, four};
}

} // namespace

struct tally::row_reading {
    std::string status;
    std::vector<std::optional<std::int64_t>> numbers; // as in report_rules::compared; those that count
    std::vector<bool> not_usable;
    std::vector<std::string> same;
    std::vector<std::string> responses;
};

struct tally::reading {
    std::string period, status, follow_up, harm_case;
    std::vector<row_reading> rows;                           // as in the definition's time points
    std::vector<std::pair<std::string, std::string>> events; // category and relatedness
    std::vector<std::string> shares, flags, missing;
};

summary summary_of(std::vector<std::int64_t>& numbers) {
    std::ranges::sort(numbers);
    std::int64_t sum = 0;
    for (const std::int64_t one : numbers)
        sum += one;
    return {{sum, static_cast<std::int64_t>(numbers.size())},
            quartile(numbers, 1),
            quartile(numbers, 2),
            quartile(numbers, 3)};
}

tally::tally(const compiled_definition& definition) : definition_(&definition) {
    const report_rules& rules = definition.report;
    rows_.resize(definition.time_points.size());
    for (time_point_tally& row : rows_) {
        row.compared.resize(rules.compared.size());
        row.responses.resize(rules.responses.size());
    }
    shares_.resize(rules.shares.size());
}

// ---- reading -------------------------------------------------------------------------------------------------------

bool tally::read_row(const value& row, row_reading& to) const {
    to.status = row["status"].text();
    if (to.status != in_window && to.status != missing && to.status != not_due && to.status != not_expected)
        return false;
    for (const compared_number& rule : definition_->report.compared) {
        const value& number = at_path(row, rule.value);
        const auto read = parse_decimal(number.text(), rule.decimals);
        if (!number.is_null() && !read)
            return false;
        const bool usable = rule.when.empty() || is_among(word_of(at_path(row, rule.when)), rule.when_words);
        to.numbers.push_back(usable ? read : std::nullopt);
        to.not_usable.push_back(read && !usable);
        to.same.push_back(rule.same.empty() ? std::string() : word_of(at_path(row, rule.same)));
    }
    for (const reported_response& rule : definition_->report.responses) {
        const value& word = at_path(row, rule.value);
        to.responses.emplace_back(word.text());
        if (!word.is_null() && word.text() != rule.not_evaluable &&
            !is_among(to.responses.back(), rule.words))
            return false;
    }
    return true;
}

bool tally::read_rows(const value& record, reading& to) const {
    const item* efficacy = definition_->find(derivation::time_points);
    if (efficacy == nullptr)
        return definition_->time_points.empty();
    const auto rows = at_path(record, efficacy->path()).items();
    for (const time_point& at : definition_->time_points) {
        const auto row =
            std::ranges::find_if(rows, [&](const value& one) { return one["timepoint"].text() == at.name; });
        if (row == rows.end() || !read_row(*row, to.rows.emplace_back()))
            return false;
    }
    return true;
}

bool tally::read_events(const value& record, reading& to) const {
    const adverse_event_rules& rules = definition_->safety;
    const item* events = definition_->find(derivation::adverse_events);
    if (events != nullptr) {
        for (const value& one : at_path(record, events->path()).items()) {
            auto event = std::pair(word_of(one["category"]), word_of(one["relatedness"]));
            if (std::ranges::find(rules.categories, event.first, &coded_word::word) ==
                    rules.categories.end() ||
                !is_among(event.second, rules.relatedness))
                return false;
            to.events.push_back(std::move(event));
        }
    }
    for (const std::string& word : rules.relatedness) {
        if (std::ranges::find(to.events, word, &std::pair<std::string, std::string>::second) !=
            to.events.end()) {
            to.harm_case = word;
            return true;
        }
    }
    const item* occurred = definition_->find(derivation::adverse_occurred);
    constexpr std::size_t none_recorded = 1; // place in the item's words
    const bool none = occurred != nullptr && occurred->words.size() > none_recorded &&
                      word_of(record, occurred) == occurred->words[none_recorded];
    to.harm_case = none ? none_recorded_case : not_known_case;
    return true;
}

bool tally::read(const value& record, reading& to) const {
    for (const std::string& section : definition_->sections) {
        if (record[section].is_null())
            return false;
    }
    to.period = word_of(record, definition_->find(derivation::period));
    to.status = word_of(record, definition_->find(derivation::status));
    to.follow_up = word_of(record, definition_->find(derivation::follow_up_status));
    to.flags = words_of(record, definition_->find(derivation::flags));
    to.missing = words_of(record, definition_->find(derivation::missing));
    for (const reported_share& rule : definition_->report.shares)
        to.shares.push_back(word_of(at_path(record, rule.item)));
    return read_rows(record, to) && read_events(record, to);
}

// ---- counting ------------------------------------------------------------------------------------------------------

void tally::count_rows(const reading& from) {
    const std::optional<std::size_t> baseline = definition_->baseline;
    for (std::size_t at = 0; at < rows_.size(); ++at) {
        const row_reading& row = from.rows[at];
        time_point_tally& to = rows_[at];
        ++to.statuses[row.status];
        for (std::size_t i = 0; i < to.compared.size(); ++i) {
            numbers& into = to.compared[i];
            into.not_usable += row.not_usable[i] ? 1 : 0;
            if (!row.numbers[i])
                continue;
            into.here.push_back(*row.numbers[i]);
            if (!baseline || at == *baseline || !from.rows[*baseline].numbers[i])
                continue;
            const row_reading& before = from.rows[*baseline];
            if (row.same[i] != before.same[i]) {
                ++into.not_comparable;
                continue;
            }
            into.baseline.push_back(*before.numbers[i]);
            into.change.push_back(*row.numbers[i] - *before.numbers[i]);
        }
        for (std::size_t i = 0; i < to.responses.size(); ++i) {
            if (!row.responses[i].empty())
                ++to.responses[i][row.responses[i]];
        }
    }
}

bool tally::add(const value& record) {
    reading from;
    if (!read(record, from))
        return false;
    ++cases_;
    ++periods_[from.period][from.status];
    ++statuses_[from.status];
    ++follow_up_[from.follow_up];
    ++harm_cases_[from.harm_case];
    count_rows(from);
    for (const auto& [category, relatedness] : from.events)
        ++events_[category][relatedness];
    for (std::size_t i = 0; i < shares_.size(); ++i)
        ++shares_[i][from.shares[i]];
    for (const std::string& flag : from.flags)
        ++flags_[flag];
    for (const std::string& path : from.missing)
        ++missing_[path];
    return true;
}

void tally::add_without_record(std::string_view reason) {
    ++without_record_[std::string(reason)];
}

// ---- the report ----------------------------------------------------------------------------------------------------

void tally::finish_cases(audit_report& to) const {
    to.cases.value = cases_;
    to.statuses = named(statuses_);
    to.follow_up = named(follow_up_);
    for (const auto& [period, statuses] : periods_) {
        std::int64_t sum = 0;
        std::vector<count>& row = to.period_statuses.emplace_back();
        for (const auto& [status, total] : statuses_) {
            row.push_back({count_of(statuses, status)});
            sum += row.back().value;
        }
        to.periods.push_back({period, {sum}});
    }
}

void tally::finish_rows(audit_report& to) const {
    const report_rules& rules = definition_->report;
    if (const item* rows = definition_->find(derivation::time_points))
        to.rows_path = rows->path();
    to.baseline = definition_->baseline;
    for (const compared_number& rule : rules.compared)
        to.numbers.push_back({rule, {}});
    for (const reported_response& rule : rules.responses)
        to.responses.push_back({rule, {}});
    for (std::size_t at = 0; at < rows_.size(); ++at) {
        const time_point& point = definition_->time_points[at];
        const time_point_tally& from = rows_[at];
        to.completeness.push_back({point,
                                   {count_of(from.statuses, in_window)},
                                   {count_of(from.statuses, missing)},
                                   {count_of(from.statuses, not_due)},
                                   {count_of(from.statuses, not_expected)}});
        for (std::size_t i = 0; i < from.compared.size(); ++i) {
            const numbers& of = from.compared[i];
            to.numbers[i].rows.push_back({point.name,
                                          distribution_of(of.here),
                                          distribution_of(of.baseline),
                                          distribution_of(of.change),
                                          {of.not_comparable},
                                          {of.not_usable}});
        }
        for (std::size_t i = 0; i < from.responses.size() && at != definition_->baseline; ++i) {
            response_row& row = to.responses[i].rows.emplace_back();
            row.time_point = point.name;
            row.not_evaluable.value = count_of(from.responses[i], rules.responses[i].not_evaluable);
            for (const std::string& word : rules.responses[i].words) {
                row.words.push_back({count_of(from.responses[i], word)});
                row.evaluable.value += row.words.back().value;
            }
        }
    }
}

void tally::finish_harms(audit_report& to) const {
    const adverse_event_rules& rules = definition_->safety;
    to.safety.relatedness = rules.relatedness;
    to.safety.none_recorded_from_day = rules.occurred_from_day;
    to.safety.totals.resize(rules.relatedness.size());
    for (const coded_word& category : rules.categories) {
        const auto found = events_.find(category.word);
        if (found == events_.end())
            continue;
        harm_row& row = to.safety.rows.emplace_back();
        row.category = category.word;
        row.total.emplace();
        for (std::size_t i = 0; i < rules.relatedness.size(); ++i) {
            const std::int64_t n = count_of(found->second, rules.relatedness[i]);
            row.by_relatedness.push_back({n});
            row.total->value += n;
            to.safety.totals[i].value += n;
            to.safety.events.value += n;
        }
    }
    for (const std::string& word : rules.relatedness)
        to.safety.cases.push_back({word, {count_of(harm_cases_, word)}});
    for (const std::string_view name : {none_recorded_case, not_known_case})
        to.safety.cases.push_back({std::string(name), {count_of(harm_cases_, name)}});
}

void tally::finish_shares(audit_report& to) const {
    for (std::size_t i = 0; i < shares_.size(); ++i) {
        const reported_share& rule = definition_->report.shares[i];
        share& into = to.shares.emplace_back();
        into.rule = rule;
        into.answers.push_back({rule.word, {count_of(shares_[i], rule.word)}});
        for (const auto& [word, n] : shares_[i]) {
            if (word != rule.word)
                into.answers.push_back({word, {n}});
        }
    }
}

audit_report tally::finish() const {
    audit_report result;
    result.dataset = definition_->dataset;
    result.dataset_version = definition_->version;
    result.title = definition_->title;
    result.notes = definition_->report.notes;
    finish_cases(result);
    finish_rows(result);
    finish_harms(result);
    finish_shares(result);
    result.flags = most_first(flags_);
    result.missing = most_first(missing_);
    result.without_record = most_first(without_record_);
    return result;
}

} // namespace auditgate::mapping::report
