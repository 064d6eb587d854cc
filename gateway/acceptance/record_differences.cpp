#include "gateway/acceptance/record_differences.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>

namespace auditgate::gateway::acceptance {

using fhir::json::member;
using fhir::json::value;

namespace {

// Beyond so many the records have little in common: the first are enough to see why.
constexpr std::size_t differences_shown_max = 25;
// Two records of which more than this differs are not taken for the same one under two ids.
constexpr std::size_t like_differences_max = 12;

std::string shown(const value* content) {
    if (content == nullptr || content->is_null() || (content->is_array() && content->size() == 0)) {
        return "nothing";
    }
    std::string text;
    for (const value& each : content->items()) {
        text += (text.empty() ? "" : ", ") + shown(&each);
    }
    for (const member& each : content->members()) {
        if (!each.content.is_null()) {
            text += (text.empty() ? "" : ", ") + each.name + ' ' + shown(&each.content);
        }
    }
    if (content->is_array() || content->is_object()) {
        return content->is_object() ? '(' + text + ')' : text;
    }
    if (const auto is_so = content->as_bool()) {
        return *is_so ? "true" : "false";
    }
    return std::string(content->text());
}

std::string_view time_point_of(const value& row) {
    return row["timepoint"].text();
}

const value* row_at(const value& rows, std::string_view time_point) {
    const auto all = rows.items();
    const auto found =
        std::ranges::find_if(all, [&](const value& row) { return time_point_of(row) == time_point; });
    return found == all.end() ? nullptr : &*found;
}

bool holds_objects(const value& list) {
    return std::ranges::any_of(list.items(), [](const value& each) { return each.is_object(); });
}

class comparison {
public:
    void compare(const value* expected, const value* actual, const std::string& item) {
        const value none;
        const value& left = expected == nullptr ? none : *expected;
        const value& right = actual == nullptr ? none : *actual;
        if (left.is_object() && right.is_object()) {
            compare_members(left, right, item);
        } else if (holds_objects(left) || holds_objects(right)) {
            compare_rows(left, right, item);
        } else if (!fhir::json::same_json(left, right)) {
            found_.push_back({item, shown(&left), shown(&right)});
        }
    }

    std::vector<item_difference> take() { return std::move(found_); }

private:
    void compare_members(const value& expected, const value& actual, const std::string& item) {
        const std::string prefix = item.empty() ? "" : item + ".";
        for (const member& each : expected.members()) {
            compare(&each.content, actual.find(each.name), prefix + each.name);
        }
        for (const member& each : actual.members()) {
            if (expected.find(each.name) == nullptr) {
                compare(nullptr, &each.content, prefix + each.name);
            }
        }
    }

    void compare_rows(const value& expected, const value& actual, const std::string& item) {
        const auto has_time_points = [](const value& rows) {
            return std::ranges::any_of(rows.items(),
                                       [](const value& row) { return !time_point_of(row).empty(); });
        };
        if (has_time_points(expected) || has_time_points(actual)) {
            for (const value& row : expected.items()) {
                const std::string_view name = time_point_of(row);
                compare(&row, row_at(actual, name), item + '.' + std::string(name));
            }
            for (const value& row : actual.items()) {
                if (row_at(expected, time_point_of(row)) == nullptr) {
                    compare(nullptr, &row, item + '.' + std::string(time_point_of(row)));
                }
            }
            return;
        }
        for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
            compare(i < expected.size() ? &expected[i] : nullptr, i < actual.size() ? &actual[i] : nullptr,
                    item + '[' + std::to_string(i + 1) + ']');
        }
    }

    std::vector<item_difference> found_;
};

// The rule and the messages behind a value: those of its own path, else of what it is part of.
std::string origin_of(const std::string& path, const std::vector<mapping::trace_entry>& trace) {
    std::string result;
    for (const mapping::trace_entry& each : trace) {
        const bool about =
            path == each.path || path.starts_with(each.path + ".") || path.starts_with(each.path + "[");
        if (!about) {
            continue;
        }
        result += "      " + each.rule;
        for (const std::string& message : each.used) {
            result += ", from " + message;
        }
        for (const std::string& message : each.beaten) {
            result += ", not " + message;
        }
        result += '\n';
    }
    return result;
}

std::string lines_of(const std::vector<item_difference>& found, const released_record& actual) {
    std::string text;
    for (std::size_t i = 0; i < std::min(found.size(), differences_shown_max); ++i) {
        const item_difference& each = found[i];
        text += "    " + each.item + ": expected " + each.expected + ", got " + each.got + "\n" +
                origin_of(each.item, actual.trace);
    }
    if (found.size() > differences_shown_max) {
        text += "    and " + std::to_string(found.size() - differences_shown_max) + " more\n";
    }
    return text;
}

std::string action_of(const value& record) {
    return std::string(record["record_action"].text());
}

// What tells a record from others, for people. Its id says nothing to them.
std::string about(const released_record& one) {
    std::string text = shown(&one.record["dataset"]);
    if (one.procedure_date) {
        const std::chrono::year_month_day date{*one.procedure_date};
        std::array<char, 16> day{};
        std::snprintf(day.data(), day.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
        text += ", procedure of " + std::string(day.data());
    }
    return text;
}

// Of another patient, dataset or date these differ by themselves.
std::vector<item_difference> differences_under_other_ids(const value& expected, const value& actual) {
    std::vector<item_difference> found = item_differences(expected, actual);
    std::erase_if(found, [](const item_difference& each) {
        return each.item == "record_id" || each.item == "patient.pseudonym";
    });
    return found;
}

class step_comparison {
public:
    step_comparison(const std::vector<value>& expected, const std::vector<released_record>& actual) {
        for (const value& one : expected) {
            missing_.push_back(&one);
        }
        for (const released_record& one : actual) {
            surplus_.push_back(&one);
        }
    }

    std::string text() {
        pair_by_id();
        pair_by_likeness();
        for (const value* one : missing_) {
            text_ += "  record " + short_id((*one)["record_id"].text()) + " (" + action_of(*one) +
                     ") did not go out\n";
        }
        for (const released_record* one : surplus_) {
            text_ += "  record " + short_id(one->id) + " (" + action_of(one->record) +
                     ") went out and should not: " + about(*one) + '\n';
        }
        return std::move(text_);
    }

private:
    void pair_by_id() {
        std::erase_if(missing_, [this](const value* wanted) {
            const std::string_view id = (*wanted)["record_id"].text();
            const auto found =
                std::ranges::find_if(surplus_, [id](const released_record* each) { return each->id == id; });
            if (found == surplus_.end()) {
                return false;
            }
            const auto differences = item_differences(*wanted, (*found)->record);
            if (!differences.empty()) {
                text_ += "  record " + short_id(id) + " (" + about(**found) + ")\n" +
                         lines_of(differences, **found);
            }
            surplus_.erase(found);
            return true;
        });
    }

    void pair_by_likeness() {
        std::erase_if(missing_, [this](const value* wanted) {
            auto best = surplus_.end();
            std::vector<item_difference> least;
            for (auto each = surplus_.begin(); each != surplus_.end(); ++each) {
                auto differences = differences_under_other_ids(*wanted, (*each)->record);
                if (differences.size() <= like_differences_max &&
                    (best == surplus_.end() || differences.size() < least.size())) {
                    best = each;
                    least = std::move(differences);
                }
            }
            if (best == surplus_.end()) {
                return false;
            }
            text_ += "  record " + short_id((*wanted)["record_id"].text()) + " (" + action_of(*wanted) +
                     ") did not go out; the one most like it went out as " + short_id((*best)->id) +
                     ": another patient key, dataset or date of the procedure, or other keys\n" +
                     lines_of(least, **best);
            surplus_.erase(best);
            return true;
        });
    }

    std::vector<const value*> missing_;
    std::vector<const released_record*> surplus_;
    std::string text_;
};

} // namespace

std::string short_id(std::string_view id) {
    return std::string(id.substr(0, 12)) + "...";
}

std::vector<item_difference> item_differences(const value& expected, const value& actual) {
    comparison found;
    found.compare(&expected, &actual, "");
    return found.take();
}

std::string differences_text(const std::vector<value>& expected, const std::vector<released_record>& actual,
                             const std::vector<withheld_case>& withheld) {
    std::string text = step_comparison(expected, actual).text();
    if (text.empty()) {
        return text;
    }
    for (const withheld_case& each : withheld) {
        text += "  kept back from " + each.dataset + ": " + each.state + " " + each.reason + "\n";
    }
    return text;
}

} // namespace auditgate::gateway::acceptance
