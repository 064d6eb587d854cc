#include "fhir/date_time.hpp"

#include <gtest/gtest.h>

namespace auditgate::fhir {
namespace {

using namespace std::chrono;

TEST(FhirDateTime, KeepsPrecisionAndOffset) {
    const struct {
        const char* text;
        year_month_day date;
        milliseconds time;
        date_precision precision;
        std::optional<minutes> offset;
    } rows[] = {
        {"2026", 2026y / 1 / 1, 0ms, date_precision::year, std::nullopt},
        {"2026-03", 2026y / 3 / 1, 0ms, date_precision::month, std::nullopt},
        {"2026-03-05", 2026y / 3 / 5, 0ms, date_precision::day, std::nullopt},
        {"2026-03-05T10:15:00Z", 2026y / 3 / 5, 10h + 15min, date_precision::second, 0min},
        {"2026-03-05T10:15:30.5+01:00", 2026y / 3 / 5, 10h + 15min + 30s + 500ms, date_precision::second,
         60min},
        {"2026-03-05T10:15:30.123456-05:30", 2026y / 3 / 5, 10h + 15min + 30s + 123ms, date_precision::second,
         -330min},
        {"2026-03-05T10:15", 2026y / 3 / 5, 10h + 15min, date_precision::minute, std::nullopt},
        {"2016-12-31T23:59:60Z", 2016y / 12 / 31, 23h + 59min + 59s, date_precision::second, 0min},
        {"2024-02-29", 2024y / 2 / 29, 0ms, date_precision::day, std::nullopt},
    };
    for (const auto& row : rows) {
        const auto parsed = parse_date_time(row.text);
        ASSERT_TRUE(parsed.has_value()) << row.text;
        EXPECT_EQ(*parsed, (date_time{row.date, row.time, row.precision, row.offset})) << row.text;
    }
}

TEST(FhirDateTime, RefusesWhatIsNoDate) {
    for (const char* text :
         {"", "26", "2026-3-5", "2026-13-01", "2026-02-29", "2026-03-05T", "2026-03-05T24:00:00Z",
          "2026-03-05T10:60:00Z", "2026-03-05T10:15:00+15:00", "2026-03-05T10:15:00+0100",
          "2026-03-05T10:15:00.Z", "2026-03-05 10:15:00Z", "20260305", "2026-03-05Z", "today"}) {
        EXPECT_EQ(parse_date_time(text), std::nullopt) << text;
    }
}

} // namespace
} // namespace auditgate::fhir
