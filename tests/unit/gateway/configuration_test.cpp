#include "gateway/config/configuration.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

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

TEST_F(Configuration, TellsTheProblemsOfEveryFile) {
    append("sources/default.yaml", "colour: red\n");
    append("datasets/nice-rfa-spinal-metastases.yaml", "colour: red\n");
    const configuration_load found = load();
    EXPECT_FALSE(found.loaded);
    EXPECT_EQ(found.problems.size(), 2u);
}

} // namespace
