#include "hl7v2/finding.hpp"

#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

namespace auditgate::hl7v2 {
namespace {

TEST(Finding, KindsAreThoseThatTheLibraryReports) {
    // severity::warning, "charset-assumed" / {"blank-line", ...} of a tally / add("...") need no list of their own.
    const std::regex reported(R"re((?:severity::(?:fatal|error|warning),|tally \w+\{)\s*"([a-z0-9-]+)")re");
    const std::regex chosen(R"re(\? "([a-z0-9]+(?:-[a-z0-9]+)+)" : "([a-z0-9]+(?:-[a-z0-9]+)+)")re");
    const std::regex counted(R"re("((?:batch|file)-count-differs)")re");
    std::set<std::string> in_code;
    for (const auto& entry : std::filesystem::directory_iterator(test::source_folder() / "hl7v2")) {
        if (entry.path().extension() != ".cpp" || entry.path().filename() == "finding.cpp") {
            continue;
        }
        const std::string text = test::read_file(entry.path());
        for (const std::regex& each : {reported, chosen, counted}) {
            for (auto found = std::sregex_iterator(text.begin(), text.end(), each);
                 found != std::sregex_iterator(); ++found) {
                for (std::size_t group = 1; group < found->size(); ++group) {
                    in_code.insert((*found)[group].str());
                }
            }
        }
    }
    std::set<std::string> listed;
    for (const finding_kind& each : finding_kinds()) {
        listed.emplace(each.code);
    }
    EXPECT_EQ(listed, in_code);
}

TEST(Finding, KindsAreFoundByTheirCode) {
    for (const finding_kind& each : finding_kinds()) {
        EXPECT_EQ(find_finding_kind(each.code), &each) << each.code;
        EXPECT_FALSE(each.meaning.empty() || each.advice.empty()) << each.code;
    }
    EXPECT_EQ(find_finding_kind("no-such-code"), nullptr);
    EXPECT_EQ(find_finding_kind(""), nullptr);
    EXPECT_EQ(find_finding_kind("lone-escape")->level, severity::warning);
    EXPECT_EQ(find_finding_kind("batch-not-ended")->scope, finding_scope::batch);
}

TEST(Finding, KindsStandInTheManual) {
    const std::string manual = test::read_file(test::source_folder() / "docs/hl7v2.md");
    for (const finding_kind& each : finding_kinds()) {
        const std::string row = "| `" + std::string(each.code) + "` | " + std::string(to_string(each.level)) +
                                " | " + std::string(each.meaning) + " | " + std::string(each.advice) + " |";
        EXPECT_NE(manual.find(row), std::string::npos) << row;
    }
}

} // namespace
} // namespace auditgate::hl7v2
