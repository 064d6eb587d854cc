#include "mapping/read/hl7v2_timing.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace auditgate::mapping {

using hl7v2::component_view;
using hl7v2::element_view;
using hl7v2::field_view;
using hl7v2::repetition_view;
using hl7v2::segment_view;

namespace {

constexpr int minutes_of_day = 24 * 60;
constexpr int number_max = 999; // of doses or units of time: more are a mistake

// Repeat patterns (HL70335 and what British prescribers write) that are so many doses a day.
constexpr std::pair<std::string_view, int> doses_a_day[] = {
    {"OD", 1},    {"QD", 1},  {"DAILY", 1}, {"OM", 1},  {"ON", 1},    {"MANE", 1},
    {"NOCTE", 1}, {"QAM", 1}, {"QPM", 1},   {"QHS", 1}, {"BD", 2},    {"BID", 2},
    {"TDS", 3},   {"TID", 3}, {"QDS", 4},   {"QID", 4}, {"QSHIFT", 3}};

// A whole number from 1 to number_max.
std::optional<int> number_of(std::string_view text) {
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || rest != end || number < 1 || number > number_max) {
        return std::nullopt;
    }
    return number;
}

// M, H, D, W in patterns (Q12H) and durations (D3); min, h, d, wk in UCUM, and day, week as people write them.
int minutes_of(std::string_view unit) {
    static constexpr std::pair<std::string_view, int> units[] = {{"M", 1},
                                                                 {"MIN", 1},
                                                                 {"H", 60},
                                                                 {"HR", 60},
                                                                 {"D", minutes_of_day},
                                                                 {"DAY", minutes_of_day},
                                                                 {"DAYS", minutes_of_day},
                                                                 {"W", 7 * minutes_of_day},
                                                                 {"WK", 7 * minutes_of_day},
                                                                 {"WEEK", 7 * minutes_of_day},
                                                                 {"WEEKS", 7 * minutes_of_day}};
    for (const auto& [name, minutes] : units) {
        if (name == unit) {
            return minutes;
        }
    }
    return 0;
}

// Q12H, Q2D, Q1W, Q30M.
std::optional<dose_frequency> interval(std::string_view pattern) {
    if (pattern.size() < 3 || pattern.front() != 'Q') {
        return std::nullopt;
    }
    const auto number = number_of(pattern.substr(1, pattern.size() - 2));
    const int minutes = minutes_of(pattern.substr(pattern.size() - 1));
    return number && minutes > 0 ? std::optional(dose_frequency{1, *number * minutes}) : std::nullopt;
}

std::optional<dose_frequency> frequency_of(std::string_view pattern) {
    for (const auto& [name, count] : doses_a_day) {
        if (name == pattern) {
            return dose_frequency{count, minutes_of_day};
        }
    }
    if (pattern == "QOD") { // every other day
        return dose_frequency{1, 2 * minutes_of_day};
    }
    if (pattern.ends_with("ID")) { // 5ID
        if (const auto count = number_of(pattern.substr(0, pattern.size() - 2))) {
            return dose_frequency{*count, minutes_of_day};
        }
    }
    return interval(pattern);
}

// `PRN`, `PRNQ4H` (HL70335), and `QDS PRN` as British prescribers write it. One dose only (ONCE, STAT) is like them: no
// regular order, and taken only when it is recorded as given.
bool takes_as_needed(std::string& pattern) {
    if (pattern == "ONCE" || pattern == "STAT") {
        return true;
    }
    if (pattern.starts_with("PRN")) {
        pattern.erase(0, 3);
        return true;
    }
    if (pattern.ends_with("PRN")) {
        pattern.erase(pattern.size() - 3);
        return true;
    }
    return false;
}

// Several patterns of one timing add up (OM~ON), unless one of them is not understood or they are of different periods.
void add_frequency(stated_timing& to, std::optional<dose_frequency> more, bool is_first) {
    if (is_first) {
        to.frequency = more;
    } else if (to.frequency && more && to.frequency->period_minutes == more->period_minutes) {
        to.frequency->count += more->count;
    } else {
        to.frequency.reset();
    }
}

void read_priority(std::string_view as_sent, stated_timing& to) {
    to.as_needed = to.as_needed || upper_cased(trimmed(as_sent)).starts_with("PRN"); // HL70485
}

// The period of an RPT whose code is not known here (v2.5.1 section 2.A.66: RPT.5 and RPT.6).
std::optional<dose_frequency> period_of(const repetition_view& pattern) {
    const auto number = number_of(trimmed(pattern.component(5).text()));
    const int minutes = minutes_of(upper_cased(trimmed(pattern.component(6).text())));
    return number && minutes > 0 ? std::optional(dose_frequency{1, *number * minutes}) : std::nullopt;
}

void read_patterns(const field_view& patterns, stated_timing& to) {
    bool is_first = true;
    for (const repetition_view each : patterns.repetitions()) {
        std::string pattern = upper_cased(without_blanks(each.text()));
        to.as_needed = takes_as_needed(pattern) || to.as_needed;
        std::optional<dose_frequency> frequency = frequency_of(pattern);
        if (!frequency) {
            frequency = period_of(each);
        }
        if (frequency || !pattern.empty()) {
            add_frequency(to, frequency, is_first);
            is_first = false;
        }
    }
}

void set_daily(stated_timing& to, std::size_t times) {
    if (!to.frequency && times > 0 && times <= number_max) {
        to.frequency = dose_frequency{static_cast<int>(times), minutes_of_day};
    }
}

std::optional<amount> read_quantity(std::string_view number, std::string_view unit) {
    const std::string text(trimmed(number));
    return text.empty() ? std::nullopt : std::optional(amount{text, std::string(trimmed(unit))});
}

void note_unless_known(hl7v2_reading& from, const element_view& pattern, const segment_view& at,
                       std::size_t field, const stated_timing& found) {
    if (pattern.has_value() && !found.frequency && !found.as_needed) {
        from.note(at, field,
                  "a repeat pattern that is not known here (table 0335): doses a day cannot be counted");
    }
}

// An end of `""` takes back the one that was said before.
void read_end(hl7v2_reading& from, const element_view& as_sent, const segment_view& at, std::size_t field,
              stated_timing& to) {
    to.end = from.time(as_sent, at, field);
    if (as_sent.is_null()) {
        to.ended = order_end::removed;
    } else if (to.end) {
        to.ended = order_end::given;
    }
}

// A course of three days that begins on a day without a time ends when the third day is over.
void end_after(hl7v2_reading& from, std::optional<int> number, int minutes, stated_timing& to) {
    if (to.ended != order_end::absent || !to.start || !to.start->has_date() || !number || minutes == 0) {
        return;
    }
    to.end = from.zone().from_local(to.start->local + std::chrono::minutes(std::int64_t{*number} * minutes),
                                    time_precision::minute);
    to.ended = order_end::given;
}

stated_timing read_tq1(hl7v2_reading& from, const segment_view& tq1) {
    stated_timing result;
    result.quantity = read_quantity(tq1.field(2).text(), tq1.field(2).component(2).text());
    read_patterns(tq1.field(3), result);
    set_daily(result, tq1.field(4).has_value() ? tq1.field(4).repetition_count() : 0);
    read_priority(tq1.field(9).text(), result);
    note_unless_known(from, tq1.field(3), tq1, 3, result);
    result.start = from.time(tq1.field(7), tq1, 7);
    read_end(from, tq1.field(8), tq1, 8, result);
    const field_view duration = tq1.field(6);
    end_after(from, number_of(trimmed(duration.text())),
              minutes_of(upper_cased(trimmed(duration.component(2).text()))), result);
    return result;
}

// D3, W2, H12 (v2.4 section 2.9.46.3).
void read_duration(hl7v2_reading& from, std::string_view as_sent, stated_timing& to) {
    const std::string text = upper_cased(trimmed(as_sent));
    if (text.size() > 1) {
        end_after(from, number_of(std::string_view(text).substr(1)), minutes_of(text.substr(0, 1)), to);
    }
}

stated_timing read_tq(hl7v2_reading& from, const repetition_view& content, const segment_view& at,
                      std::size_t field) {
    stated_timing result;
    const component_view quantity = content.component(1);
    result.quantity = read_quantity(quantity.text(), quantity.subcomponent(2).text());
    const component_view repeat = content.component(2);
    std::string pattern = upper_cased(without_blanks(repeat.text()));
    result.as_needed = takes_as_needed(pattern);
    result.frequency = frequency_of(pattern);
    if (pattern.empty() && repeat.subcomponent(2).has_value()) { // explicit times: &0800,2000
        const std::string times = repeat.subcomponent(2).text();
        set_daily(result, 1 + static_cast<std::size_t>(std::count(times.begin(), times.end(), ',')));
    }
    read_priority(content.component(6).text(), result);
    note_unless_known(from, repeat, at, field, result);
    result.start = from.time(content.component(4), at, field);
    read_end(from, content.component(5), at, field, result);
    read_duration(from, content.component(3).text(), result);
    return result;
}

} // namespace

std::vector<stated_timing> read_timings(hl7v2_reading& from, const segment_view& ordered,
                                        std::size_t quantity_timing) {
    std::vector<segment_view> segments = from.timings_behind(ordered);
    if (segments.empty()) {
        segments = from.order_timings();
    }
    std::vector<stated_timing> result;
    for (const segment_view& each : segments) {
        result.push_back(read_tq1(from, each));
    }
    const auto add_all = [&](const segment_view& at, std::size_t field) {
        for (const repetition_view each : at.field(field).repetitions()) {
            if (each.has_value()) {
                result.push_back(read_tq(from, each, at, field));
            }
        }
    };
    if (result.empty() && quantity_timing > 0) {
        add_all(ordered, quantity_timing);
    }
    if (result.empty()) {
        add_all(from.order(), 7);
    }
    if (result.empty()) {
        result.emplace_back();
    }
    return result;
}

} // namespace auditgate::mapping
