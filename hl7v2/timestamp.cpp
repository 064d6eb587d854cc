#include "hl7v2/timestamp.hpp"

#include <array>
#include <cstdio>

namespace auditgate::hl7v2 {

namespace {

constexpr int year_max = 9999;
constexpr unsigned offset_hours_max = 14;
constexpr std::size_t standard_fraction_digits = 4;
constexpr unsigned kept_fraction_digits = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

unsigned days_in_month(int year, unsigned month) {
    static constexpr std::array<unsigned, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

// Reads the parts in order; the first problem stops it.
class reader {
public:
    explicit reader(std::string_view text) : text_(text) {
        const std::size_t begin = text_.find_first_not_of(' ');
        if (begin == std::string_view::npos) {
            problem_ = timestamp_problem::empty;
            return;
        }
        position_ = begin;
        const std::size_t end = text_.find_last_not_of(' ') + 1;
        if (begin > 0 || end < text_.size()) {
            assumption_ = timestamp_problem::blanks_around;
        }
        text_ = text_.substr(0, end);
    }

    bool read_date(timestamp& value) {
        unsigned year = 0;
        if (!digits(4, year)) {
            return false;
        }
        value.year = static_cast<int>(year);
        value.known_to = precision::year;
        const std::size_t date = position_;
        if (digit_follows() && digits(2, value.month)) {
            value.known_to = precision::month;
            if (digit_follows() && digits(2, value.day)) {
                value.known_to = precision::day;
            }
        }
        if (failed()) {
            return false;
        }
        if (year == 0 || value.month < 1 || value.month > 12 || value.day < 1 ||
            value.day > days_in_month(value.year, value.month)) {
            return fail(timestamp_problem::no_such_date, year == 0 ? date - 4 : date);
        }
        return true;
    }

    template <class Time>
    bool read_time(Time& value) {
        const std::size_t begin = position_;
        if (!digits(2, value.hour)) {
            return false;
        }
        value.known_to = precision::hour;
        if (digit_follows() && digits(2, value.minute)) {
            value.known_to = precision::minute;
            if (digit_follows() && digits(2, value.second)) {
                value.known_to = precision::second;
                read_fraction(value);
            }
        }
        if (failed()) {
            return false;
        }
        const bool midnight = value.minute == 0 && value.second == 0 && value.nanosecond == 0;
        if (value.hour > 24 || (value.hour == 24 && !midnight) || value.minute > 59 || value.second > 60) {
            return fail(timestamp_problem::no_such_time, begin);
        }
        return true;
    }

    bool read_offset(std::optional<int>& offset_minutes) {
        if (position_ == text_.size() || (text_[position_] != '+' && text_[position_] != '-')) {
            return true;
        }
        const std::size_t begin = position_;
        const bool west = text_[position_++] == '-';
        unsigned hours = 0;
        unsigned minutes = 0;
        if (!digits(2, hours) || !digits(2, minutes)) {
            return false;
        }
        if (hours > offset_hours_max || minutes > 59) {
            return fail(timestamp_problem::no_such_time, begin);
        }
        const int east = static_cast<int>(hours * 60 + minutes);
        offset_minutes = west ? -east : east;
        return true;
    }

    bool at_end() { return position_ == text_.size() || fail(timestamp_problem::wrong_form, position_); }
    bool digit_follows() const { return position_ < text_.size() && is_digit(text_[position_]); }
    bool failed() const { return problem_ != timestamp_problem::none; }
    bool fail(timestamp_problem problem, std::size_t offset) {
        problem_ = problem;
        error_offset_ = offset;
        return false;
    }

    void assume(timestamp_problem assumption) { assumption_ = assumption; }

    template <class Result, class Value>
    Result result(bool read, const Value& value) const {
        Result made;
        made.problem = read ? assumption_ : problem_;
        made.error_offset = read ? 0 : error_offset_;
        if (read) {
            made.value = value;
        }
        return made;
    }

private:
    template <class Time>
    void read_fraction(Time& value) {
        if (position_ == text_.size() || text_[position_] != '.') {
            return;
        }
        const std::size_t begin = ++position_;
        while (digit_follows()) {
            if (value.fraction_digits < kept_fraction_digits) {
                value.nanosecond = value.nanosecond * 10 + static_cast<unsigned>(text_[position_] - '0');
                ++value.fraction_digits;
            }
            ++position_;
        }
        if (position_ == begin) {
            fail(timestamp_problem::wrong_form, begin);
            return;
        }
        if (position_ - begin > standard_fraction_digits) {
            assumption_ = timestamp_problem::long_fraction;
        }
        for (unsigned i = value.fraction_digits; i < kept_fraction_digits; ++i) {
            value.nanosecond *= 10;
        }
        value.known_to = precision::fraction;
    }

    bool digits(std::size_t count, unsigned& value) {
        value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!digit_follows()) {
                return fail(timestamp_problem::wrong_form, position_);
            }
            value = value * 10 + static_cast<unsigned>(text_[position_++] - '0');
        }
        return true;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    timestamp_problem problem_ = timestamp_problem::none;
    timestamp_problem assumption_ = timestamp_problem::none;
    std::size_t error_offset_ = 0;
};

bool to_next_day(timestamp& value) {
    value.hour = 0;
    if (++value.day > days_in_month(value.year, value.month)) {
        value.day = 1;
        if (++value.month > 12) {
            value.month = 1;
            ++value.year;
        }
    }
    return value.year <= year_max;
}

template <class Time>
void append_time(std::string& text, const Time& value) {
    const auto two = [&text](unsigned number) {
        text += static_cast<char>('0' + number / 10 % 10);
        text += static_cast<char>('0' + number % 10);
    };
    if (value.known_to >= precision::hour) {
        two(value.hour);
    }
    if (value.known_to >= precision::minute) {
        two(value.minute);
    }
    if (value.known_to >= precision::second) {
        two(value.second);
    }
    if (value.known_to == precision::fraction) {
        std::array<char, 16> fraction{};
        std::snprintf(fraction.data(), fraction.size(), ".%09u", value.nanosecond);
        text += std::string_view(fraction.data()).substr(0, 1 + value.fraction_digits);
    }
    if (value.offset_minutes) {
        const int east = *value.offset_minutes;
        const auto minutes = static_cast<unsigned>(east < 0 ? -east : east);
        text += east < 0 ? '-' : '+';
        two(minutes / 60);
        two(minutes % 60);
    }
}

} // namespace

std::string_view to_string(timestamp_problem problem) {
    switch (problem) {
    case timestamp_problem::none:
        return "none";
    case timestamp_problem::empty:
        return "timestamp-empty";
    case timestamp_problem::wrong_form:
        return "timestamp-wrong-form";
    case timestamp_problem::no_such_date:
        return "timestamp-no-such-date";
    case timestamp_problem::no_such_time:
        return "timestamp-no-such-time";
    case timestamp_problem::hour_24:
        return "timestamp-hour-24";
    case timestamp_problem::blanks_around:
        return "timestamp-blanks-around";
    case timestamp_problem::offset_on_date:
        return "timestamp-offset-on-date";
    case timestamp_problem::long_fraction:
        return "timestamp-long-fraction";
    }
    return "unknown";
}

timestamp_result parse_timestamp(std::string_view text) {
    reader from(text);
    timestamp value;
    const auto read_all = [&from, &value] {
        if (from.failed() || !from.read_date(value)) {
            return false;
        }
        if (value.known_to == precision::day && from.digit_follows() && !from.read_time(value)) {
            return false;
        }
        // Behind a bare year or month it would be read from dates such as 2024-0131.
        const bool may_have_offset = value.known_to >= precision::day;
        if ((may_have_offset && !from.read_offset(value.offset_minutes)) || !from.at_end()) {
            return false;
        }
        if (value.hour == 24) {
            from.assume(timestamp_problem::hour_24);
            return to_next_day(value) || from.fail(timestamp_problem::no_such_date, 0);
        }
        if (value.offset_minutes && value.known_to < precision::hour) {
            from.assume(timestamp_problem::offset_on_date);
        }
        return true;
    };
    const bool read = read_all();
    return from.result<timestamp_result>(read, value);
}

time_of_day_result parse_time_of_day(std::string_view text) {
    reader from(text);
    time_of_day value;
    const bool read =
        !from.failed() && from.read_time(value) && from.read_offset(value.offset_minutes) && from.at_end();
    if (read && value.hour == 24) {
        from.assume(timestamp_problem::hour_24);
        value.hour = 0;
    }
    return from.result<time_of_day_result>(read, value);
}

std::string to_string(const timestamp& value) {
    std::array<char, 24> date{};
    std::snprintf(date.data(), date.size(), "%04d%02u%02u", value.year, value.month, value.day);
    std::string text(date.data());
    if (value.known_to <= precision::month) {
        text.resize(value.known_to == precision::year ? 4 : 6);
    }
    append_time(text, value);
    return text;
}

} // namespace auditgate::hl7v2
