// What a run of golden cases exercises of definitions and profiles, and how it is told.
#include "gateway/acceptance/coverage.hpp"
#include "gateway/acceptance/definition_parts.hpp"
#include "gateway/acceptance/environment.hpp"
#include "gateway/acceptance/profile_rules.hpp"
#include "gateway/acceptance/run_case.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

fs::path config() {
    return test::source_folder() / "config";
}

coverage_report report_of(const std::vector<std::string>& cases, bool with_profiles = false) {
    coverage exercised(config());
    for (const std::string& name : cases) {
        const auto outcome =
            run_case(test::source_folder() / "tests/acceptance" / name, {config(), 1, &exercised});
        EXPECT_TRUE(outcome.passed()) << name;
    }
    return exercised.report(with_profiles);
}

const file_coverage& file_named(const std::vector<file_coverage>& all, const std::string& name) {
    return *std::ranges::find_if(all, [&](const file_coverage& one) { return one.file.filename() == name; });
}

std::size_t cases_of(const file_coverage& in, part_kind kind, const std::string& of,
                     const std::string& name) {
    const auto found = std::ranges::find_if(in.parts, [&](const covered_part& one) {
        return one.kind == kind && one.of == of && one.name == name;
    });
    EXPECT_NE(found, in.parts.end()) << to_string(kind) << ' ' << of << ' ' << name;
    return found == in.parts.end() ? 0 : found->cases;
}

TEST(Coverage, CountsTheCasesThatExerciseAPart) {
    const coverage_report report = report_of({"E10-baseline-two-hours-before", "E29-benign-tumour-only"});
    const file_coverage& file = file_named(report.datasets, "nice-rfa-spinal-metastases.yaml");
    EXPECT_EQ(file.cases, 2U);
    EXPECT_EQ(cases_of(file, part_kind::time_point, "", "BL"), 1U);
    EXPECT_EQ(cases_of(file, part_kind::time_point, "", "M12"), 0U);
    EXPECT_EQ(cases_of(file, part_kind::exclusion, "", "benign-only"), 1U);
    EXPECT_EQ(cases_of(file, part_kind::exclusion, "", "facet-joint-or-disc-procedure"), 0U);
    EXPECT_EQ(cases_of(file, part_kind::value, "procedure.status", ""), 1U);
    EXPECT_EQ(cases_of(file, part_kind::evidence, "", "cpt-ablation"), 0U);
    EXPECT_EQ(file_named(report.datasets, "nice-rfa-vertebral-augmentation.yaml").cases, 0U);
}

TEST(Coverage, NamesTheLineOfEachPart) {
    const coverage_report report = report_of({"E10-baseline-without-time"});
    const file_coverage& file = file_named(report.datasets, "nice-rfa-spinal-metastases.yaml");
    std::vector<std::string> lines{""};
    std::istringstream text(test::read_file(file.file));
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line);
    }
    for (const covered_part& one : file.parts) {
        const std::string& line = lines.at(static_cast<std::size_t>(one.where.line));
        if (one.kind == part_kind::exclusion || one.kind == part_kind::evidence ||
            one.kind == part_kind::time_point || one.kind == part_kind::measured) {
            EXPECT_THAT(line, HasSubstr(one.name)) << one.of;
        } else if (one.kind == part_kind::value) {
            EXPECT_THAT(line, HasSubstr("name: " + one.of.substr(one.of.find('.') + 1)));
        }
    }
}

TEST(Coverage, LeavesEachRuleOfAProfileOutToSeeWhetherItMatters) {
    const coverage_report report = report_of({"table-journey"}, true);
    const file_coverage& coding = file_named(report.profiles, "coding-extract.yaml");
    EXPECT_EQ(cases_of(coding, part_kind::rule, "", "table.patient.nhs_number"), 1U);
    EXPECT_EQ(cases_of(coding, part_kind::rule, "", "sender"), 1U);
    const file_coverage& standard = file_named(report.profiles, "default.yaml");
    EXPECT_TRUE(std::ranges::none_of(standard.parts, [](const covered_part& one) {
        return one.name == "time_zone"; // says what is so anyway
    }));
}

TEST(Coverage, IsToldByFileAndLineWithWhatIsMissing) {
    coverage_report report;
    file_coverage file{"datasets/a.yaml", 2, {}};
    file.parts = {{part_kind::value, "section.item", "", {3, 5}, 2},
                  {part_kind::word, "section.item", "one", {4, 5}, 1},
                  {part_kind::word, "section.item", "two", {4, 9}, 0},
                  {part_kind::word, "section.item", "three", {4, 14}, 0},
                  {part_kind::value, "section.never", "", {6, 5}, 0},
                  {part_kind::word, "section.never", "yes", {7, 5}, 0},
                  {part_kind::exclusion, "", "unwanted", {1, 1}, 0}};
    report.datasets = {file, {"datasets/b.yaml", 0, {}}};
    report.profiles = {{"sources/c.yaml", 1, {}}};
    report.terminology = {5, {"drugs", "routes"}};
    EXPECT_EQ(to_text(report),
              "datasets/a.yaml: 2 cases, 2 of 7 parts exercised\n"
              "  datasets/a.yaml:4: section.item is never two, three\n"
              "  datasets/a.yaml:6: section.never never has a value\n"
              "  datasets/a.yaml:1: nothing is excluded as unwanted\n"
              "datasets/b.yaml: no case uses it\n"
              "sources/c.yaml: 1 case, nothing in it that can be left out\n"
              "terminology: 3 of 5 maps and value sets have a code of some message; none of drugs, routes\n");
    EXPECT_THAT(summary_text(report), HasSubstr("2 of 7 parts"));
    const auto json = to_json(report);
    EXPECT_EQ(json["datasets"][0]["parts"][2]["name"].text(), "two");
    EXPECT_EQ(json["datasets"][0]["parts"][2]["line"].as_integer(), 4);
    EXPECT_EQ(json["terminology"]["unused"][1].text(), "routes");
}

} // namespace
} // namespace auditgate::gateway::acceptance
