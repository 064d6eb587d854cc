// What is written down about the feed is what the code does: the page for registry operators and the StructureDefinitions.
// With AUDITGATE_WRITE_EXPECTED set in the environment these tests write the files instead.
#include "mapping/feed/feed.hpp"
#include "mapping/feed/place_text.hpp"
#include "mapping/feed/places.hpp"
#include "mapping/feed/structure_definitions.hpp"
#include "tests/support/feed_layout.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace auditgate::mapping::feed {
namespace {

namespace json = fhir::json;

bool writes_expected() {
    return std::getenv("AUDITGATE_WRITE_EXPECTED") != nullptr;
}

std::filesystem::path page() {
    return test::source_folder() / "docs" / "feed.md";
}

std::string marker(std::string_view name, std::string_view which) {
    return "<!-- " + std::string{name} + ": " + std::string{which} + " -->\n";
}

// The part of the page between the two markers of a name is `expected`.
void expect_part(std::string_view name, const std::string& expected) {
    std::string text = test::read_file(page());
    const std::size_t begin = text.find(marker(name, "begin"));
    const std::size_t end = text.find(marker(name, "end"));
    ASSERT_NE(begin, std::string::npos) << name;
    ASSERT_NE(end, std::string::npos) << name;
    const std::size_t from = begin + marker(name, "begin").size();
    if (writes_expected()) {
        test::write_file(page(), text.replace(from, end - from, expected));
        return;
    }
    EXPECT_EQ(text.substr(from, end - from), expected) << name;
}

std::string fenced(const json::value& bundle) {
    return "```json\n" + json::write(bundle, json::layout::pretty) + "\n```\n";
}

json::value example_record() {
    return json::parse(test::read_file(test::source_folder() / "tests" / "data" / "feed" / "record.json"))
        .document.value();
}

std::string item_table(const layout& places) {
    std::string table = "| item | type | slot | place | left out |\n| --- | --- | --- | --- | --- |\n";
    for (const item_place& item : places.items) {
        const std::string absent = !item.absent.empty() ? "`" + item.absent + "`"
                                   : item.list          ? "empty"
                                                        : "null";
        table += "| `" + item.path + "` | " + type_text(item) + " | " + slots_text(places, item) + " | " +
                 place_text(places, item) + " | " + absent + " |\n";
    }
    return table;
}

TEST(FeedDocs, TheTableOfItemsIsCurrent) {
    expect_part("items", item_table(test::load_feed_layout()));
}

TEST(FeedDocs, TheExamplesAreCurrent) {
    const layout places = test::load_feed_layout();
    json::value record = example_record();
    const written_bundle created = write_bundle(record, places, {});
    ASSERT_TRUE(created.bundle) << created.findings.at(0).text;
    expect_part("create", fenced(*created.bundle));

    record.set("record_version", json::value(2));
    record.set("record_action", json::value("amend"));
    set_path(record, "selection.metastasis_code", json::value{});
    set_path(record, "safety.occurred", json::value("unknown"));
    set_path(record, "safety.events", json::value::array());
    const written_bundle amended = write_bundle(record, places, created.slots);
    ASSERT_TRUE(amended.bundle);
    expect_part("amend", fenced(*amended.bundle));

    record.set("record_version", json::value(3));
    record.set("record_action", json::value("retract"));
    for (const char* section :
         {"patient", "selection", "procedure", "efficacy", "safety", "follow_up", "data_quality"}) {
        record.set(section, json::value{});
    }
    const written_bundle retracted = write_bundle(record, places, amended.slots);
    ASSERT_TRUE(retracted.bundle);
    expect_part("retract", fenced(*retracted.bundle));
}

TEST(FeedDocs, TheStructureDefinitionsAreCurrent) {
    for (const layout& places : test::shipped_feed_layouts()) {
        const auto folder = test::source_folder() / "docs" / "structure-definitions" / places.dataset;
        const auto definitions = structure_definitions(places);
        for (const structure_definition& one : definitions) {
            const std::string text = json::write(one.resource, json::layout::pretty) + "\n";
            if (writes_expected()) {
                std::filesystem::create_directories(folder);
                test::write_file(folder / (one.id + ".json"), text);
            }
            ASSERT_TRUE(std::filesystem::exists(folder / (one.id + ".json"))) << one.id;
            EXPECT_EQ(test::read_file(folder / (one.id + ".json")), text) << one.id;
            EXPECT_LE(one.id.size(), 64U) << "too long for a FHIR id";
        }
        const auto files = std::distance(std::filesystem::directory_iterator(folder), {});
        EXPECT_EQ(static_cast<std::size_t>(files), definitions.size())
            << "a file belongs to no profile or extension";
    }
}

} // namespace
} // namespace auditgate::mapping::feed
