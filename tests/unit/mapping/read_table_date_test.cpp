#include "mapping/read/table_date.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

civil_time london() {
    return civil_time::in_zone("Europe/London").value();
}

// "2026-03-04 10:15:00 m" with the precision; "" when it is no such date.
std::string read(std::string_view pattern, std::string_view text) {
    std::string mistake;
    const auto parsed = date_pattern::parse(pattern, mistake);
    EXPECT_TRUE(parsed.has_value()) << pattern << ": " << mistake;
    const auto time = parsed->read(text, london());
    if (!time)
        return "";
    const std::chrono::year_month_day date(time->date());
    const std::chrono::hh_mm_ss clock(time->local - time->date());
    std::string result = std::to_string(int(date.year())) + "-" + std::to_string(unsigned(date.month())) +
                         "-" + std::to_string(unsigned(date.day()));
    if (time->has_time())
        result += " " + std::to_string(clock.hours().count()) + ":" + std::to_string(clock.minutes().count());
    return result;
}

TEST(TableDate, IsReadAsItsPatternSaysAndOnlySo) {
    struct row {
        const char* pattern;
        const char* text;
        const char* expected;
    };
    for (const row& one : std::initializer_list<row>{
             {"dd/MM/yyyy", "04/03/2026", "2026-3-4"},
             {"d/M/yyyy", "4/3/2026", "2026-3-4"},
             {"d/M/yyyy", "04/13/2026", ""},
             {"dd/MM/yyyy", "4/3/2026", ""},
             {"dd/MM/yyyy", "31/02/2026", ""},
             {"dd/MM/yyyy", "04/03/2026 10:15", ""},
             {"dd/MM/yyyy HH:mm", "04/03/2026 10:15", "2026-3-4 10:15"},
             {"dd/MM/yyyy HH:mm", "04/03/2026 24:15", ""},
             {"dd-MMM-yyyy", "04-MAR-2026", "2026-3-4"},
             {"dd MMM yyyy", "04 Mrz 2026", ""},
             {"yyyyMMdd", "20260304", "2026-3-4"},
             {"yyyyMMddHHmmss", "20260304101500", "2026-3-4 10:15"},
             {"yyyy-MM-ddTHH:mm:ssz", "2026-07-04T10:15:00Z", "2026-7-4 11:15"}, // summer time here
             {"yyyy-MM-ddTHH:mm:ssz", "2026-07-04T23:30:00-0100", "2026-7-5 1:30"},
             {"yyyy-MM-ddTHH:mm:ssz", "2026-07-04T10:15:00+99:00", ""},
             {"yyyyMMdd", "00010101", ""},
         })
        EXPECT_EQ(read(one.pattern, one.text), one.expected) << one.pattern << " of " << one.text;
}

TEST(TableDate, APatternThatIsNoneIsRefusedWithWhatWouldBeRight) {
    for (const char* wrong :
         {"", "dd/MM", "DD/MM/YYYY", "dd/MM/yy", "dd/MM/yyyy HH", "yyyyMMdd yyyy", "hh:mm dd/MM/yyyy"}) {
        std::string mistake;
        EXPECT_FALSE(date_pattern::parse(wrong, mistake).has_value()) << wrong;
        EXPECT_NE(mistake, "") << wrong;
    }
}

TEST(TableDate, TheNameOfAFileTellsWhenItWasMadeAndForWhichDays) {
    std::string mistake;
    const auto pattern =
        file_name_pattern::parse("opcs_{from:yyyyMMdd}-{to:yyyyMMdd}*_{recorded:yyyyMMddHHmm}.csv", mistake);
    ASSERT_TRUE(pattern.has_value()) << mistake;
    EXPECT_TRUE(pattern->tells_recorded());
    EXPECT_TRUE(pattern->tells_period());
    const auto facts = pattern->read("opcs_20260201-20260228_site_A_202603010230.csv", london());
    ASSERT_TRUE(facts.has_value());
    using namespace std::chrono;
    EXPECT_EQ(facts->from->date(), local_days(year(2026) / 2 / 1));
    EXPECT_EQ(facts->to->date(), local_days(year(2026) / 2 / 28));
    EXPECT_EQ(facts->recorded->instant, sys_days(year(2026) / 3 / 1) + hours(2) + minutes(30));
    EXPECT_FALSE(pattern->read("opcs_20260201-20260231_202603010230.csv", london()).has_value());
    EXPECT_FALSE(pattern->read("opcs_20260201-20260228_202603010230.csv.gz", london()).has_value());
    for (const char* wrong : {"a_{made:yyyyMMdd}.csv", "a_{recorded}.csv", "a_{recorded:yyyyMMdd",
                              "a_{recorded:d/M/yyyy}", "{from:yyyyMMdd}{from:yyyyMMdd}"})
        EXPECT_FALSE(file_name_pattern::parse(wrong, mistake).has_value()) << wrong;
}

} // namespace
} // namespace auditgate::mapping
