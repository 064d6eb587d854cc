// Mistakes in the `table:` section of a source profile.
#include "tests/unit/mapping/read_table_support.hpp"

#include <gmock/gmock.h>

namespace auditgate::mapping {
namespace {

// The texts with their lines, "3: ...".
std::vector<std::string> problems_of(std::string_view profile) {
    std::vector<std::string> result;
    for (const yaml::problem& one : load_table_profile(profile).problems)
        result.push_back(std::to_string(one.line) + ": " + one.text);
    return result;
}

std::string with(std::string_view replaced, std::string_view by) {
    std::string text(small_table);
    const std::size_t at = text.find(replaced);
    EXPECT_NE(at, std::string::npos) << replaced;
    return text.replace(at, replaced.size(), by);
}

TEST(TableProfile, EveryMistakeIsToldWithItsLineAndWhatWouldBeRight) {
    struct mistake {
        std::string profile;
        std::string expected; // of the first problem
    };
    const std::string columns = "  format: {columns: [ID, NHS, DAY, PAIN]}\n  key: ID\n";
    const std::vector<mistake> mistakes{
        {with("  name: small\n", ""), "`name`"},
        {with("name: small", "name: Coding"), "3: `name` must be small letters"},
        {with("  key: ID\n", ""), "a table needs a `key`"},
        {with("  key: ID\n", "  keys: ID\n"), "a table needs a `key`"},
        {with("nhs_number: NHS", "nhs_nr: NHS"), "`patient` needs `nhs_number`"},
        {with("nhs_number: NHS", "local_number: NR"), "5: `local_number` needs `local_organisation`"},
        {with("tells: observation", "tells: observatoin"), "did you mean `observation`?"},
        {with("L|PAIN-NRS", "PAIN-NRS"), "10: `code` is written SYSTEM|CODE"},
        {with("type: number", "type: code"), "`type: code` needs `value_system`"},
        {with("  date: DAY\n", ""), "when was it?"},
        {with("  date: DAY\n", "  date: {column: DAY, format: dd/MM/yy}\n"), "6: `dd/MM/yy`: `y` is no part"},
        {with("columns: PAIN", "columns: \"PAIN_{1-9}\""), "9: like columns are written NAME_{01..24}"},
        {with("  key: ID\n", columns + "  visit: {number: SPEL}\n"),
         "6: `format: columns` has no column `SPEL`"},
        {with("  key: ID\n", "  format: {columns: [ID, NHS, DAY, PAINS]}\n  key: ID\n"),
         "10: `format: columns` has no column `PAIN`, did you mean `PAINS`?"},
        {with("  key: ID\n", "  format: {delimiter: \"::\"}\n  key: ID\n"),
         "4: `delimiter` must be one sign"},
        {with("  key: ID\n", "  format: {encoding: UTF-16}\n  key: ID\n"),
         "4: `UTF-16` cannot be read row by row"},
        {with("  key: ID\n", "  format: {encoding: latn1}\n  key: ID\n"), "4: `latn1` is no character set"},
        {with("  key: ID\n", "  format: {header: false}\n  key: ID\n"),
         "without a header `columns` must name"},
        {with("  key: ID\n", "  snapshot: {by: file}\n  key: ID\n"),
         "must tell in its name when it was made"},
        {with("  key: ID\n", "  file_name: \"a_{made:yyyyMMdd}\"\n  key: ID\n"),
         "4: a place in a file's name is"},
        {with("  key: ID\n", "  file_name: \"a_{recorded:yyyyMMdd}\"\n  snapshot: {by: file, period: "
                             "file-name}\n  key: ID\n"),
         "5: `period: file-name` needs"},
        {with("  key: ID\n",
              "  file_name: \"a_{recorded:yyyyMMdd}\"\n  snapshot: {by: file}\n  recorded: DAY\n  key: ID\n"),
         "6: every row of a full extract"},
        {with("  key: ID\n", "  status: {column: STATUS}\n  key: ID\n"), "`status` needs `deleted`"},
        {with("    - tells: observation\n      columns: PAIN\n      code: L|PAIN-NRS\n      type: number\n",
              "    - tells: procedure\n      columns: PAIN\n"),
         "`system` is needed"},
        {with("      columns: PAIN\n", "      columns: [PAIN, B, C]\n      date: [\"DAY_{1..2}\"]\n"),
         "`date`"},
    };
    for (const mistake& one : mistakes) {
        const std::vector<std::string> found = problems_of(one.profile);
        ASSERT_FALSE(found.empty()) << one.profile;
        EXPECT_THAT(found.front(), ::testing::HasSubstr(one.expected)) << one.profile;
    }
}

TEST(TableProfile, AMisspeltKeyIsNamedWithTheOneThatWasMeant) {
    EXPECT_THAT(
        problems_of(with("type: number", "tpye: number")),
        ::testing::Contains(::testing::HasSubstr("unknown key `tpye` in an event, did you mean `type`?")));
}

} // namespace
} // namespace auditgate::mapping
