#include "mapping/report/render.hpp"
#include "mapping/report/tables.hpp"

namespace auditgate::mapping::report {

namespace {

using fhir::json::make_object;
using fhir::json::value;

value json_of(const count& n) {
    return n.hidden ? value("*") : value(n.value);
}

value json_of(const std::vector<named_count>& counts) {
    value result = value::object();
    for (const named_count& one : counts)
        result.set(one.name, json_of(one.n));
    return result;
}

value texts(const std::vector<std::string>& from) {
    value result = value::array();
    for (const std::string& one : from)
        result.push_back(value(one));
    return result;
}

value percent_value(std::optional<std::int64_t> of) {
    return of ? value(*of) : value();
}

value json_of(const distribution& from, const compared& of) {
    value result = make_object({{"n", json_of(from.n)}});
    const auto set = [&](const char* name, fraction summary::*one, std::int64_t step) {
        result.set(name, from.of ? value(fhir::json::number{text_of((*from.of).*one, of.rule.decimals, step)})
                                 : value());
    };
    set("mean", &summary::mean, of.mean_step);
    set("median", &summary::median, of.quartile_step);
    set("q1", &summary::lower_quartile, of.quartile_step);
    set("q3", &summary::upper_quartile, of.quartile_step);
    return result;
}

value completeness(const audit_report& of) {
    value result = value::array();
    for (const completeness_row& one : of.completeness) {
        result.push_back(make_object({{"timepoint", value(one.at.name)},
                                      {"in_window", json_of(one.in_window)},
                                      {"missing", json_of(one.missing)},
                                      {"not_due", json_of(one.not_due)},
                                      {"not_expected", json_of(one.not_expected)},
                                      {"complete_percent", percent_value(percent_complete(one))}}));
    }
    return result;
}

value numbers(const audit_report& of) {
    value result = value::array();
    for (const compared& one : of.numbers) {
        value rows = value::array();
        for (std::size_t at = 0; at < one.rows.size(); ++at) {
            const compared_row& from = one.rows[at];
            value row =
                make_object({{"timepoint", value(from.time_point)}, {"all", json_of(from.here, one)}});
            if (at != of.baseline) {
                row.set("baseline_of_pairs", json_of(from.baseline, one));
                row.set("change", json_of(from.change, one));
            }
            if (at != of.baseline && !of.exported) {
                row.set("not_comparable", json_of(from.not_comparable));
                row.set("not_usable", json_of(from.not_usable));
            }
            rows.push_back(std::move(row));
        }
        result.push_back(make_object({{"value", value(one.rule.value)},
                                      {"label", value(one.rule.label)},
                                      {"unit", value(one.rule.unit)},
                                      {"better", value(one.rule.lower_is_better ? "lower" : "higher")},
                                      {"rows", std::move(rows)}}));
    }
    return result;
}

value responses(const audit_report& of) {
    value result = value::array();
    for (const response& one : of.responses) {
        value rows = value::array();
        for (const response_row& from : one.rows) {
            value words = value::object();
            for (std::size_t i = 0; i < from.words.size(); ++i)
                words.set(one.rule.words[i],
                          make_object({{"n", json_of(from.words[i])},
                                       {"percent", percent_value(percent(from.words[i], from.evaluable))}}));
            rows.push_back(make_object({{"timepoint", value(from.time_point)},
                                        {"evaluable", json_of(from.evaluable)},
                                        {"words", std::move(words)},
                                        {"not_evaluable", json_of(from.not_evaluable)}}));
        }
        result.push_back(make_object(
            {{"value", value(one.rule.value)}, {"label", value(one.rule.label)}, {"rows", std::move(rows)}}));
    }
    return result;
}

value safety(const harms& from) {
    const auto named = [&](const std::vector<count>& counts) {
        value result = value::object();
        for (std::size_t i = 0; i < counts.size(); ++i)
            result.set(from.relatedness[i], json_of(counts[i]));
        return result;
    };
    value rows = value::array();
    for (const harm_row& one : from.rows) {
        value row =
            make_object({{"category", value(one.category)}, {"by_relatedness", named(one.by_relatedness)}});
        if (one.total)
            row.set("all", json_of(*one.total));
        rows.push_back(std::move(row));
    }
    return make_object({{"events", json_of(from.events)},
                        {"by_relatedness", named(from.totals)},
                        {"categories", std::move(rows)},
                        {"cases_by_nearest_relatedness", json_of(from.cases)}});
}

value shares(const audit_report& of) {
    value result = value::array();
    for (const share& one : of.shares) {
        result.push_back(make_object({{"item", value(one.rule.item)},
                                      {"label", value(one.rule.label)},
                                      {"word", value(one.rule.word)},
                                      {"percent", percent_value(percent(one.answers.front().n, of.cases))},
                                      {"answers", json_of(one.answers)}}));
    }
    return result;
}

value period_statuses(const audit_report& of) {
    value result = value::object();
    for (std::size_t i = 0; i < of.period_statuses.size(); ++i) {
        value row = value::object();
        for (std::size_t at = 0; at < of.statuses.size(); ++at)
            row.set(of.statuses[at].name, json_of(of.period_statuses[i][at]));
        result.set(of.periods[i].name, std::move(row));
    }
    return result;
}

} // namespace

value to_json(const audit_report& of) {
    value result = make_object({{"dataset", value(of.dataset)},
                                {"dataset_version", value(of.dataset_version)},
                                {"title", value(of.title)},
                                {"as_of", value(of.as_of)},
                                {"source", value(of.source)},
                                {"kind", value(of.exported ? "for-export" : "exact")},
                                {"about", texts(kind_of(of))},
                                {"cases", json_of(of.cases)},
                                {"periods", json_of(of.periods)},
                                {"statuses", json_of(of.statuses)}});
    if (!of.exported)
        result.set("period_statuses", period_statuses(of));
    result.set("follow_up", json_of(of.follow_up));
    result.set("completeness", completeness(of));
    result.set("compared", numbers(of));
    result.set("responses", responses(of));
    result.set("safety", safety(of.safety));
    result.set("shares", shares(of));
    result.set("missing", json_of(of.missing));
    result.set("flags", json_of(of.flags));
    if (!of.exported)
        result.set("without_record", json_of(of.without_record));
    result.set("notes", texts(footnotes_of(of)));
    return result;
}

} // namespace auditgate::mapping::report
