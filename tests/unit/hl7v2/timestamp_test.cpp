#include "hl7v2/timestamp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace auditgate::hl7v2 {
namespace {

using problem = timestamp_problem;

TEST(Timestamp, KeepsPrecisionAndOffset) {
    const struct {
        std::string_view text;
        timestamp expected;
        problem assumed;
    } cases[] = {
        {"2024", {2024, 1, 1, 0, 0, 0, 0, 0, precision::year, {}}, problem::none},
        {"202402", {2024, 2, 1, 0, 0, 0, 0, 0, precision::month, {}}, problem::none},
        {"20240229", {2024, 2, 29, 0, 0, 0, 0, 0, precision::day, {}}, problem::none},
        {"2024022923", {2024, 2, 29, 23, 0, 0, 0, 0, precision::hour, {}}, problem::none},
        {"202402292359", {2024, 2, 29, 23, 59, 0, 0, 0, precision::minute, {}}, problem::none},
        {"20240229235960", {2024, 2, 29, 23, 59, 60, 0, 0, precision::second, {}}, problem::none},
        {"20240229235958.1234+0130",
         {2024, 2, 29, 23, 59, 58, 123400000, 4, precision::fraction, 90},
         problem::none},
        {"20240229235958.0-0500", {2024, 2, 29, 23, 59, 58, 0, 1, precision::fraction, -300}, problem::none},
        {"20240229235958.123456",
         {2024, 2, 29, 23, 59, 58, 123456000, 6, precision::fraction, {}},
         problem::long_fraction},
        {"202402291200+0000", {2024, 2, 29, 12, 0, 0, 0, 0, precision::minute, 0}, problem::none},
        {"20240229+0100", {2024, 2, 29, 0, 0, 0, 0, 0, precision::day, 60}, problem::offset_on_date},
        {"202412312400", {2025, 1, 1, 0, 0, 0, 0, 0, precision::minute, {}}, problem::hour_24},
        {"20240228240000", {2024, 2, 29, 0, 0, 0, 0, 0, precision::second, {}}, problem::hour_24},
        {" 20240229 ", {2024, 2, 29, 0, 0, 0, 0, 0, precision::day, {}}, problem::blanks_around},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.text);
        const timestamp_result read = parse_timestamp(each.text);
        ASSERT_TRUE(read.value);
        EXPECT_EQ(*read.value, each.expected);
        EXPECT_EQ(read.problem, each.assumed);
    }
}

TEST(Timestamp, ReportsWrongFormsAndGuessesNothing) {
    const struct {
        std::string_view text;
        problem expected;
        std::size_t offset;
    } cases[] = {
        {"", problem::empty, 0},
        {"   ", problem::empty, 0},
        {"Aug 15, 1942", problem::wrong_form, 0},
        {"2024-01-31", problem::wrong_form, 4},
        {"2024-0131", problem::wrong_form, 4},
        {"20240131T1200", problem::wrong_form, 8},
        {"202", problem::wrong_form, 3},
        {"2024013", problem::wrong_form, 7},
        {"20240131 1200", problem::wrong_form, 8},
        {"2024013112:00", problem::wrong_form, 10},
        {"20240131120000.", problem::wrong_form, 15},
        {"20240131120000Z", problem::wrong_form, 14},
        {"20240131120000+01:00", problem::wrong_form, 17},
        {"20240131120000+1", problem::wrong_form, 16},
        {"202401311200001", problem::wrong_form, 14},
        {"2024.5", problem::wrong_form, 4},
        {"00000000", problem::no_such_date, 0},
        {"20241301", problem::no_such_date, 4},
        {"20240230", problem::no_such_date, 4},
        {"20230229", problem::no_such_date, 4},
        {"19000229", problem::no_such_date, 4},
        {"20240100", problem::no_such_date, 4},
        {"2024013125", problem::no_such_time, 8},
        {"202401312401", problem::no_such_time, 8},
        {"202401311260", problem::no_such_time, 8},
        {"20240131120061", problem::no_such_time, 8},
        {"202401311200+1500", problem::no_such_time, 12},
        {"202401311200+0160", problem::no_such_time, 12},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.text);
        const timestamp_result read = parse_timestamp(each.text);
        EXPECT_FALSE(read.value);
        EXPECT_EQ(read.problem, each.expected);
        EXPECT_EQ(read.error_offset, each.offset);
    }
    EXPECT_FALSE(parse_timestamp("999912312400").value) << "there is no next day";
    EXPECT_NE(parse_timestamp("999912312400").problem, problem::none);
}

TEST(Timestamp, ReadsTimesOfDay) {
    EXPECT_EQ(parse_time_of_day("0930").value, (time_of_day{9, 30, 0, 0, 0, precision::minute, {}}));
    EXPECT_EQ(parse_time_of_day("09").value, (time_of_day{9, 0, 0, 0, 0, precision::hour, {}}));
    EXPECT_EQ(parse_time_of_day("093015.5+0100").value,
              (time_of_day{9, 30, 15, 500000000, 1, precision::fraction, 60}));
    EXPECT_EQ(parse_time_of_day("2400").problem, problem::hour_24);
    EXPECT_FALSE(parse_time_of_day("9:30").value);
    EXPECT_FALSE(parse_time_of_day("2560").value);
    EXPECT_FALSE(parse_time_of_day("").value);
}

RC_GTEST_PROP(Timestamp, ReadsBackWhatItWrites, ()) {
    timestamp value;
    value.known_to = static_cast<precision>(*rc::gen::inRange(0, 7));
    value.year = *rc::gen::inRange(1, 10000);
    const auto part = [&value](precision which, unsigned least, unsigned most) {
        return value.known_to >= which ? *rc::gen::inRange(least, most) : least;
    };
    value.month = part(precision::month, 1, 13);
    value.day = part(precision::day, 1, 29);
    value.hour = part(precision::hour, 0, 24);
    value.minute = part(precision::minute, 0, 60);
    value.second = part(precision::second, 0, 61);
    if (value.known_to == precision::fraction) {
        value.fraction_digits = 9;
        value.nanosecond = *rc::gen::inRange(0U, 1000000000U);
    }
    if (value.known_to >= precision::day && *rc::gen::arbitrary<bool>()) {
        value.offset_minutes = *rc::gen::inRange(-14 * 60, 14 * 60);
    }
    RC_ASSERT(parse_timestamp(to_string(value)).value == value);
}

} // namespace
} // namespace auditgate::hl7v2
