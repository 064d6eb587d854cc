// docs/dataset.md is the page of the datasets that ship. With AUDITGATE_WRITE_EXPECTED set in the environment it is written
// instead.
#include "mapping/definition/load.hpp"
#include "mapping/describe/dataset_page.hpp"
#include "mapping/terminology/load.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace auditgate::mapping {
namespace {

namespace fs = std::filesystem;

struct configuration {
    std::vector<std::shared_ptr<const compiled_definition>> definitions;
    std::vector<feed::layout> layouts;
};

// All datasets of a folder like config/.
configuration load(const fs::path& folder) {
    configuration result;
    const auto codes = load_terminology(folder / "terminology");
    std::vector<yaml::problem> problems = codes.problems;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder / "datasets"))
        files.push_back(entry.path());
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        const auto read = load_definition(file, codes.loaded, {});
        problems.insert(problems.end(), read.problems.begin(), read.problems.end());
        result.definitions.push_back(read.loaded);
    }
    result.layouts = feed::load_layouts(folder / "feed", problems);
    for (const yaml::problem& one : problems)
        ADD_FAILURE() << to_string(one);
    return result;
}

TEST(DatasetPage, IsTheOneThatShips) {
    const configuration config = load(test::source_folder() / "config");
    ASSERT_FALSE(testing::Test::HasFailure());
    const std::string page = dataset_page(config.definitions, config.layouts);
    const fs::path file = test::source_folder() / "docs" / "dataset.md";
    if (std::getenv("AUDITGATE_WRITE_EXPECTED") != nullptr)
        test::write_file(file, page);
    EXPECT_EQ(test::read_file(file), page);
}

// The folders with datasets: the one that ships, and those that are for tests only.
std::vector<fs::path> folders() {
    std::vector<fs::path> result{test::source_folder() / "config"};
    for (const auto& entry : fs::directory_iterator(test::source_folder() / "tests" / "data"))
        if (fs::exists(entry.path() / "config" / "datasets"))
            result.push_back(entry.path() / "config");
    return result;
}

void expect_everything_told(const compiled_definition& definition, const feed::layout& places) {
    const std::string chapter = dataset_chapter(definition, &places);
    for (const item& one : definition.items)
        EXPECT_NE(chapter.find("#### `" + one.path() + "`\n\n" + one.meaning), std::string::npos)
            << one.path();
    for (const feed::item_place& one : places.items) {
        const bool in_head = one.path.find('.') == std::string::npos;
        EXPECT_TRUE(in_head || chapter.find(one.path + '`') != std::string::npos) << one.path;
    }
    EXPECT_EQ(dataset_chapter(definition, nullptr).find("In the feed"), std::string::npos);
}

TEST(DatasetPage, TellsEveryItemAndEveryValueOfTheRowsWithItsPlace) {
    for (const fs::path& folder : folders()) {
        const configuration config = load(folder);
        ASSERT_FALSE(testing::Test::HasFailure());
        for (const auto& definition : config.definitions) {
            const feed::layout* places =
                feed::find_layout(config.layouts, definition->dataset, definition->version);
            ASSERT_NE(places, nullptr) << definition->dataset;
            expect_everything_told(*definition, *places);
        }
    }
}

} // namespace
} // namespace auditgate::mapping
