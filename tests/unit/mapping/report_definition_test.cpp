// The `report` of a definition file: what it names must be there.
#include "mapping/definition/load.hpp"
#include "mapping/terminology/load.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/mapping/cases_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

std::string problems_with(const std::string& text, const std::string& instead) {
    const auto config = auditgate::test::source_folder() / "config";
    std::string file = auditgate::test::read_file(config / "datasets" / "nice-rfa-spinal-metastases.yaml");
    const std::size_t report = file.find("\nreport:");
    const std::size_t place = file.find(text, report);
    EXPECT_NE(place, std::string::npos) << text;
    file.replace(place, text.size(), instead);
    const auditgate::test::temporary_folder folder;
    auditgate::test::write_file(folder.path() / "dataset.yaml", file);
    const terminology_load codes = load_terminology(config / "terminology");
    std::string all;
    for (const yaml::problem& one :
         load_definition(folder.path() / "dataset.yaml", codes.loaded, {}).problems)
        all += one.text + '\n';
    return all;
}

TEST(ReportDefinition, SaysWhatItNamesWrongly) {
    for (const auto& [text, instead, problem] : std::vector<std::array<std::string, 3>>{
             {"value: pain.worst", "value: pain.wort",
              "`pain.wort` is no number of the time points' rows, did you mean "
              "`pain.worst`?"},
             {"value: pain.worst", "value: quality_of_life.eq5d5l_profile",
              "is no number of the time points' rows"},
             {"same: pain.instrument", "same: pain.worst",
              "`pain.worst` is no word of the time points' rows"},
             {"value: opioid.computable", "value: opioid.computed", "did you mean `opioid.computable`?"},
             {"better: lower", "better: less", "better"},
             {"step: 5", "step: 0", "a number above 0"},
             {"step: 5", "step: 2.5", "at most 0 digits"},
             {"value: pain_response", "value: response", "`response` is no word"},
             {"item: selection.mdt_discussed", "item: selection.mdt_discused",
              "did you mean `selection.mdt_discussed`?"},
             {"item: selection.mdt_discussed", "item: procedure.guidance", "has no single word"},
             {"word: \"yes\"", "word: yess", "`yess` is no word of `selection.mdt_discussed`"},
             {"word: \"true\"", "word: \"on\"", "`on` is no word of `procedure.standalone`"},
             {"compared:", "compare:", "compare"}})
        EXPECT_THAT(problems_with(text, instead), testing::HasSubstr(problem)) << instead;
}

TEST(ReportDefinition, TakesTheDecimalsOfANumberFromItsForm) {
    const report_rules& rules = test::shipped_definition()->report;
    ASSERT_EQ(rules.compared.size(), 4U);
    EXPECT_EQ(rules.compared[0].decimals, 0);
    EXPECT_EQ(rules.compared[1].step, 5);
    EXPECT_EQ(rules.compared[2].decimals, 3);
    EXPECT_EQ(rules.compared[2].step, 10) << "0.01 in thousandths";
    EXPECT_EQ(rules.shares[1].missing_as, "procedure.cement") << "what a derived item is derived from";
}

} // namespace
} // namespace auditgate::mapping
