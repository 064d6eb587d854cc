#include "fhir/date_time.hpp"

namespace auditgate::fhir {

namespace {

// Takes fixed forms from the front of a text; once something did not fit, it stays failed.
class scanner {
public:
    explicit scanner(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool failed() const { return failed_; }
    void fail() { failed_ = true; }

    bool skip(char expected) {
        const bool found = !rest_.empty() && rest_.front() == expected;
        if (found) {
            rest_.remove_prefix(1);
        }
        return found;
    }

    int digits(std::size_t count) {
        int number = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
                failed_ = true;
                return 0;
            }
            number = number * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return number;
    }

    // Milliseconds of a fraction of any length, at least one digit.
    int fraction() {
        int milliseconds = digits(1) * 100;
        for (int unit = 10; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; unit /= 10) {
            milliseconds += digits(1) * unit;
        }
        return milliseconds;
    }

private:
    std::string_view rest_;
    bool failed_ = false;
};

void read_date(scanner& from, date_time& result) {
    using namespace std::chrono;
    const year the_year{from.digits(4)};
    month the_month{1};
    day the_day{1};
    result.precision = date_precision::year;
    if (from.skip('-')) {
        the_month = month{static_cast<unsigned>(from.digits(2))};
        result.precision = date_precision::month;
        if (from.skip('-')) {
            the_day = day{static_cast<unsigned>(from.digits(2))};
            result.precision = date_precision::day;
        }
    }
    result.date = year_month_day{the_year, the_month, the_day};
    if (!result.date.ok()) {
        from.fail();
    }
}

void read_time(scanner& from, date_time& result) {
    using namespace std::chrono;
    const int hour = from.digits(2);
    if (!from.skip(':')) {
        from.fail();
    }
    const int minute = from.digits(2);
    int second = 0;
    int fraction = 0;
    result.precision = date_precision::minute;
    if (from.skip(':')) {
        second = from.digits(2);
        result.precision = date_precision::second;
        fraction = from.skip('.') ? from.fraction() : 0;
    }
    if (hour > 23 || minute > 59 || second > 60) {
        from.fail();
    }
    second = second == 60 ? 59 : second;
    result.time_of_day = hours(hour) + minutes(minute) + seconds(second) + milliseconds(fraction);
}

void read_offset(scanner& from, date_time& result) {
    using namespace std::chrono;
    if (from.at_end()) {
        return;
    }
    if (from.skip('Z')) {
        result.offset = minutes(0);
        return;
    }
    const bool west = from.skip('-');
    if (!west && !from.skip('+')) {
        from.fail();
    }
    const int hour = from.digits(2);
    if (!from.skip(':')) {
        from.fail();
    }
    const minutes size = hours(hour) + minutes(from.digits(2));
    if (size > hours(14)) {
        from.fail();
    }
    result.offset = west ? -size : size;
}

} // namespace

std::optional<date_time> parse_date_time(std::string_view text) {
    scanner from(text);
    date_time result;
    read_date(from, result);
    if (result.precision == date_precision::day && from.skip('T')) {
        read_time(from, result);
        read_offset(from, result);
    }
    return from.failed() || !from.at_end() ? std::nullopt : std::optional(result);
}

} // namespace auditgate::fhir
