// Dates and times as HL7 v2 writes them (DTM, TS, DT, TM: v2.8.2 section 2A.3): how precise they are and
// their offset are kept. There is no time zone logic here: a timestamp without offset is a wall clock
// somewhere.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::hl7v2 {

enum class precision { year, month, day, hour, minute, second, fraction };

// A date and time; parts finer than `known_to` hold their least value (month 1, day 1, hour 0 ...).
struct timestamp {
    int year = 0;
    unsigned month = 1;
    unsigned day = 1;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0; // to 60: leap seconds are written
    unsigned nanosecond = 0;
    unsigned fraction_digits = 0; // digits written behind the point, 0 to 9
    precision known_to = precision::year;
    std::optional<int> offset_minutes; // east of UTC

    bool operator==(const timestamp&) const = default;
};

// A time of day alone (TM).
struct time_of_day {
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    unsigned nanosecond = 0;
    unsigned fraction_digits = 0;
    precision known_to = precision::hour;
    std::optional<int> offset_minutes;

    bool operator==(const time_of_day&) const = default;
};

// What is wrong with, or was assumed of, a written time. Nothing is guessed: a form that the standard does
// not know
// (`Aug 15, 1942`, `2024-01-31`) has no value.
enum class timestamp_problem {
    none,
    empty,
    wrong_form,     // no value; error_offset says where it stops being a time
    no_such_date,   // no value: month 13, 30 February, year 0
    no_such_time,   // no value: hour 25, minute 60, offset beyond 14 hours
    hour_24,        // read: 24:00 is 00:00 of the next day
    blanks_around,  // read, without them
    offset_on_date, // read: an offset behind a date without time is of no use and kept
    long_fraction,  // read: more than the four digits that the standard has; digits behind the ninth are cut
};

[[nodiscard]] std::string_view to_string(timestamp_problem problem); // kebab-case: a finding's code

struct timestamp_result {
    std::optional<timestamp> value;
    timestamp_problem problem = timestamp_problem::none;
    std::size_t error_offset = 0;
};

struct time_of_day_result {
    std::optional<time_of_day> value;
    timestamp_problem problem = timestamp_problem::none;
    std::size_t error_offset = 0;
};

// YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]][+/-ZZZZ]]]
[[nodiscard]] timestamp_result parse_timestamp(std::string_view text);

// HH[MM[SS[.S[S[S[S]]]]]][+/-ZZZZ]
[[nodiscard]] time_of_day_result parse_time_of_day(std::string_view text);

// As the standard writes it, to the precision that is known; parse_timestamp() reads the same value back.
[[nodiscard]] std::string to_string(const timestamp& value);

} // namespace auditgate::hl7v2
