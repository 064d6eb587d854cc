// Exact decimals and statistics of reports.
#include "mapping/report/tables.hpp"
#include "mapping/report/tally.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::report {
namespace {

TEST(ReportDecimal, ReadsPlainDecimalsExactly) {
    struct row {
        std::string_view text;
        int decimals;
        std::optional<std::int64_t> value;
    };
    for (const row& one :
         {row{"8", 0, 8}, row{"-8", 0, -8}, row{"0.312", 3, 312}, row{"-0.05", 3, -50}, row{"6.40", 1, 64},
          row{"6.0", 0, 6}, row{"0", 2, 0}, row{"6.45", 1, std::nullopt}, row{"", 1, std::nullopt},
          row{"-", 1, std::nullopt}, row{"1.", 1, std::nullopt}, row{".5", 1, std::nullopt},
          row{"1e3", 3, std::nullopt}, row{"+1", 0, std::nullopt},
          row{"999999999999999", 0, 999'999'999'999'999}, row{"1000000000000000", 0, std::nullopt}})
        EXPECT_EQ(parse_decimal(one.text, one.decimals), one.value) << one.text;
}

TEST(ReportDecimal, RoundsHalvesAwayFromZeroToMultiplesOfTheStep) {
    struct row {
        fraction value;
        std::int64_t step, rounded;
    };
    for (const row& one :
         {row{{5, 2}, 1, 3}, row{{-5, 2}, 1, -3}, row{{49, 20}, 1, 2}, row{{7, 3}, 1, 2}, row{{12, 1}, 5, 10},
          row{{13, 1}, 5, 15}, row{{25, 2}, 5, 15}, row{{-12, 1}, 5, -10}, row{{0, 4}, 5, 0}})
        EXPECT_EQ(nearest(one.value, one.step), one.rounded)
            << one.value.numerator << '/' << one.value.denominator;
}

TEST(ReportDecimal, WritesWithItsDigits) {
    EXPECT_EQ(decimal_text(25, 1), "2.5");
    EXPECT_EQ(decimal_text(-5, 2), "-0.05");
    EXPECT_EQ(decimal_text(0, 1), "0.0");
    EXPECT_EQ(decimal_text(-120, 0), "-120");
}

// Expected values from R: quantile(x, type = 7).
TEST(ReportStatistics, AreThoseOfATextbook) {
    struct row {
        std::vector<std::int64_t> numbers;
        std::string_view mean, lower, median, upper;
    };
    for (row one :
         {row{{7}, "7.0", "7.0", "7.0", "7.0"}, row{{1, 2}, "1.5", "1.3", "1.5", "1.8"},
          row{{3, 1, 2}, "2.0", "1.5", "2.0", "2.5"}, row{{4, 1, 3, 2}, "2.5", "1.8", "2.5", "3.3"},
          row{{-4, -1, -3, -2}, "-2.5", "-3.3", "-2.5", "-1.8"}, row{{0, 0, 1}, "0.3", "0.0", "0.0", "0.5"},
          row{{10, 20, 30, 40, 1000}, "220.0", "20.0", "30.0", "40.0"}}) {
        const summary of = summary_of(one.numbers);
        EXPECT_EQ(text_of(of.mean, 0, 1), one.mean);
        EXPECT_EQ(text_of(of.lower_quartile, 0, 1), one.lower);
        EXPECT_EQ(text_of(of.median, 0, 1), one.median);
        EXPECT_EQ(text_of(of.upper_quartile, 0, 1), one.upper);
    }
}

TEST(ReportStatistics, AreToldInStepsOfTheirUnit) {
    EXPECT_EQ(text_of(fraction{-34, 10}, 0, 5), "-3.5") << "a mean to the nearest half";
    EXPECT_EQ(text_of(fraction{-34, 10}, 0, 10), "-3.0") << "a median to the nearest unit";
    EXPECT_EQ(text_of(fraction{37, 1}, 0, 50), "35.0") << "doses in steps of 5";
    EXPECT_EQ(text_of(fraction{6554, 10}, 3, 100), "0.6600") << "an index in steps of 0.01";
}

TEST(ReportStatistics, SharesAreWholePercentsOfWhatIsTold) {
    EXPECT_EQ(percent({1}, {3}), 33);
    EXPECT_EQ(percent({2}, {3}), 67);
    EXPECT_EQ(percent({1}, {200}), 1) << "half up";
    EXPECT_EQ(percent({15}, {10}), 100) << "rounded counts need not add up";
    EXPECT_EQ(percent({0}, {0}), std::nullopt);
    EXPECT_EQ(percent({0, true}, {10}), std::nullopt);
    EXPECT_EQ(percent({5}, {0, true}), std::nullopt);
}

} // namespace
} // namespace auditgate::mapping::report
