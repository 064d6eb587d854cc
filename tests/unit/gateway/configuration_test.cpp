#include "gateway/config/configuration.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

using namespace auditgate::gateway;

namespace {

namespace fs = std::filesystem;

// The configuration that ships, as somebody's own copy.
class Configuration : public testing::Test {
protected:
    Configuration() {
        fs::copy(auditgate::test::source_folder() / "config", folder_.path(), fs::copy_options::recursive);
    }

    configuration_load load() { return check_configuration(folder_.path() / "gateway.yaml"); }
    void append(const fs::path& file, const std::string& text) {
        const fs::path path = folder_.path() / file;
        auditgate::test::write_file(path, auditgate::test::read_file(path) + text);
    }

    auditgate::test::temporary_folder folder_;
};

TEST_F(Configuration, ThatShipsIsRight) {
    const configuration_load found = load();
    ASSERT_TRUE(found.loaded) << to_string(found.problems.at(0));
    EXPECT_EQ(found.loaded->layouts.size(), 1u);
    EXPECT_EQ(found.loaded->mapping->profiles.count("hospital"), 1u);
    EXPECT_EQ(found.loaded->mapping->definitions.size(), 1u);
}

TEST_F(Configuration, HasAnotherRevisionWhenTheMappingChanges) {
    const std::string before = load().loaded->mapping->revision;
    EXPECT_EQ(load().loaded->mapping->revision, before);
    for (const char* file : {"gateway.yaml", "datasets/nice-rfa-spinal-metastases.yaml",
                             "sources/default.yaml", "terminology/units.csv"}) {
        const std::string last = load().loaded->mapping->revision;
        append(file, "# changed\n");
        ASSERT_TRUE(load().loaded) << file;
        EXPECT_NE(load().loaded->mapping->revision, last) << file;
    }
}

// What a destination may not see must not depend on a line that somebody forgot.
TEST_F(Configuration, TellsWhatIsMissingToCoarsenAsADestinationWants) {
    constexpr std::string_view destinations = R"(
destinations:
  - name: registry
    url: https://registry.example/fhir
    key_id: k1
    legal_basis: consent
    coarsen:
      levels: region
      age: 20
      ethnicity: 5+1
      tumour: common
      sex: binary-or-unknown
)";
    append("gateway.yaml", std::string(destinations));
    const configuration_load right = load();
    ASSERT_TRUE(right.loaded) << to_string(right.problems.at(0));
    const fs::path sites = folder_.path() / "terminology/value-sets/sites.csv";
    auditgate::test::write_file(sites, "value_set,system,code,status,note\n");
    const fs::path maps = folder_.path() / "terminology/concept-maps/coarsen.csv";
    std::string kept;
    std::istringstream lines(auditgate::test::read_file(maps));
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with("coarsen-age-20,") && !line.starts_with("coarsen-tumour-common,,*,") &&
            !line.starts_with("coarsen-sex-binary-or-unknown,,other,"))
            kept += line + '\n';
    auditgate::test::write_file(maps, kept);
    const configuration_load found = load();
    EXPECT_FALSE(found.loaded);
    const std::string text = auditgate::test::read_file(folder_.path() / "gateway.yaml");
    const auto line_of = [&](std::string_view setting) {
        return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.rfind(setting)),
                              '\n');
    };
    std::vector<std::string> told;
    for (const auto& one : found.problems)
        told.push_back(fs::path(one.file).filename().string() + ':' + std::to_string(one.line) + ' ' +
                       one.text);
    const auto has = [&](std::string_view setting, std::string_view problem) {
        const std::string wanted =
            "gateway.yaml:" + std::to_string(line_of(setting)) + ' ' + std::string(problem);
        return std::find(told.begin(), told.end(), wanted) != told.end();
    };
    EXPECT_TRUE(has("age: 20", "to coarsen `age` so, the terminology needs a map `coarsen-age-20`"));
    EXPECT_TRUE(has("tumour: common",
                    "to coarsen `tumour` so, the map `coarsen-tumour-common` of the terminology "
                    "needs a line for `thyroid`, a word of selection.primary_tumour"));
    EXPECT_TRUE(has("sex: binary",
                    "to coarsen `sex` so, the map `coarsen-sex-binary-or-unknown` of the terminology "
                    "needs a line for `other`, a word of patient.sex"));
    EXPECT_TRUE(has("levels: region",
                    "to coarsen `levels` so, the terminology needs a value set `site-codes` with "
                    "the codes that tell a site"));
    EXPECT_EQ(told.size(), 8u) << testing::PrintToString(told); // five kinds of tumour
}

TEST_F(Configuration, TellsTheProblemsOfEveryFile) {
    append("sources/default.yaml", "colour: red\n");
    append("datasets/nice-rfa-spinal-metastases.yaml", "colour: red\n");
    const configuration_load found = load();
    EXPECT_FALSE(found.loaded);
    EXPECT_EQ(found.problems.size(), 2u);
}

} // namespace
