#include "mapping/feed/feed.hpp"
#include "mapping/feed/places.hpp"
#include "mapping/feed/slot.hpp"
#include "tests/support/feed_layout.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

namespace auditgate::mapping::feed {
namespace {

namespace json = fhir::json;

const std::string record_id(64, 'a');

json::value parse(std::string_view text) {
    return *json::parse(text).document;
}

const layout& shipped_layout() {
    static const layout places = test::load_feed_layout();
    return places;
}

const std::vector<layout>& all_layouts() {
    static const std::vector<layout> layouts = test::all_feed_layouts();
    return layouts;
}

std::size_t always_last(std::size_t bound) {
    return bound - 1;
}

json::value full_record(int version = 1, std::string_view action = "create") {
    return test::make_record(shipped_layout(), record_id, version, action, always_last);
}

// What a FHIR server holds after a transaction, by identifier: the resources of the feed have nothing else in common.
using server_content = std::map<std::string, json::value>;

void apply(server_content& server, const json::value& bundle) {
    for (const json::value& entry : bundle["entry"].items()) {
        const std::string url{entry["request"]["url"].text()};
        const std::string key = url.substr(url.rfind('|') + 1);
        if (entry["request"]["method"].text() == "DELETE") {
            server.erase(key);
        } else {
            server[key] = entry["resource"];
        }
    }
}

std::vector<std::string> keys_of(const server_content& server) {
    std::vector<std::string> keys;
    for (const auto& [key, resource] : server) {
        keys.push_back(key);
    }
    return keys;
}

std::vector<std::string> expected_keys(const std::vector<std::string>& slots) {
    std::vector<std::string> keys{record_id};
    for (const std::string& slot : slots) {
        keys.push_back(record_id + "." + slot);
    }
    std::ranges::sort(keys);
    return keys;
}

TEST(Feed, EveryItemOfTheRecordComesBack) {
    const layout& places = shipped_layout();
    const json::value record = full_record();
    const written_bundle written = write_bundle(record, places, {});
    ASSERT_TRUE(written.bundle) << written.findings.at(0).text;
    const read_bundle_result read = read_bundle(*written.bundle, places);
    ASSERT_TRUE(read.record);
    EXPECT_EQ(json::write(*read.record), json::write(record));
}

RC_GTEST_PROP(Feed, AnyRecordComesBackByteForByte, ()) {
    const std::vector<layout>& layouts = all_layouts();
    const layout& places = layouts[*rc::gen::inRange<std::size_t>(0, layouts.size())];
    const auto choose = [](std::size_t bound) { return *rc::gen::inRange<std::size_t>(0, bound); };
    const bool retract = choose(8) == 0;
    const json::value record = test::make_record(places, record_id, 3, retract ? "retract" : "amend", choose);
    const written_bundle written = write_bundle(record, places, {});
    RC_ASSERT(written.bundle.has_value());
    const read_bundle_result read = read_bundle(*written.bundle, places);
    RC_ASSERT(read.record.has_value());
    RC_ASSERT(json::write(*read.record) == json::write(record));
    const written_bundle again = write_bundle(*read.record, places, read.deleted_slots);
    RC_ASSERT(json::write(*again.bundle) == json::write(*written.bundle));
}

RC_GTEST_PROP(Feed, AServerEndsWithTheResourcesOfTheLastVersion, ()) {
    const layout& places = shipped_layout();
    const auto choose = [](std::size_t bound) { return *rc::gen::inRange<std::size_t>(0, bound); };
    server_content server;
    std::vector<std::string> slots_out;
    for (int version = 1; version <= 4; ++version) {
        const std::string_view action = version == 1 ? "create" : choose(3) == 0 ? "retract" : "amend";
        const auto written =
            write_bundle(test::make_record(places, record_id, version, action, choose), places, slots_out);
        RC_ASSERT(written.bundle.has_value());
        apply(server, *written.bundle);
        RC_ASSERT(keys_of(server) == expected_keys(written.slots));
        slots_out = written.slots;
    }
}

TEST(Feed, RetractDeletesEverySlotAndLeavesTheListEmpty) {
    const layout& places = shipped_layout();
    const written_bundle created = write_bundle(full_record(), places, {});
    const written_bundle retracted = write_bundle(full_record(2, "retract"), places, created.slots);
    ASSERT_TRUE(retracted.bundle);
    EXPECT_TRUE(retracted.slots.empty());
    server_content server;
    apply(server, *created.bundle);
    apply(server, *retracted.bundle);
    ASSERT_EQ(server.size(), 1U);
    const json::value& head = server.begin()->second;
    EXPECT_EQ(head["status"].text(), "entered-in-error");
    EXPECT_EQ(head.find("entry"), nullptr);
    EXPECT_EQ(head.find("subject"), nullptr);
}

TEST(Feed, ReferencesAreThoseOfTheBundle) {
    const layout& places = shipped_layout();
    const written_bundle written = write_bundle(full_record(), places, {});
    const std::string text = json::write(*written.bundle);
    for (std::size_t at = text.find("\"reference\":\""); at != std::string::npos;
         at = text.find("\"reference\":\"", at + 1)) {
        const std::string urn = text.substr(at + 13, text.find('"', at + 13) - at - 13);
        EXPECT_NE(text.find("\"fullUrl\":\"" + urn + "\""), std::string::npos) << urn;
    }
}

TEST(Feed, WritesTheSameBytesForTheSameRecord) {
    const layout& places = shipped_layout();
    const std::vector<std::string> slots_out{"pain.BL"};
    EXPECT_EQ(json::write(*write_bundle(full_record(), places, slots_out).bundle),
              json::write(*write_bundle(full_record(), places, slots_out).bundle));
}

TEST(Feed, RefusesToWriteWhatWouldNotComeBack) {
    const layout& places = shipped_layout();
    json::value unknown_item = full_record();
    unknown_item.set("nickname", json::value("x"));
    EXPECT_EQ(write_bundle(unknown_item, places, {}).findings.at(0).code, "not-in-layout");

    json::value wrong_type = full_record();
    set_path(wrong_type, "selection.ecog", json::value("one"));
    EXPECT_EQ(write_bundle(wrong_type, places, {}).findings.at(0).path, "selection.ecog");

    json::value same_rows = full_record();
    json::value events = json::value::array();
    const json::value event =
        parse(R"({"category":"a","onset_day":1,"ctcae_grade":null,"relatedness":"unknown"})");
    events.push_back(event);
    events.push_back(event);
    set_path(same_rows, "safety.events", events);
    EXPECT_EQ(write_bundle(same_rows, places, {}).findings.at(0).code, "same-key");
}

struct broken_bundle {
    const char* what;
    const char* pointer;
    json::value replacement;
    const char* code;
};

TEST(Feed, RefusesToReadWhatIsNotTheFeed) {
    const layout& places = shipped_layout();
    const std::vector<broken_bundle> cases = {
        {"batch", "/type", json::value("batch"), "not-a-transaction"},
        {"no identifier of the list", "/entry/0/resource/identifier", json::value::array(), "no-head"},
        {"another method", "/entry/1/request/method", json::value("POST"), "wrong-method"},
        {"another record", "/entry/1/request/url",
         json::value("Patient?identifier=urn:auditgate:record|" + std::string(64, 'b') + ".patient"),
         "unknown-slot"},
        {"unknown slot", "/entry/1/request/url",
         json::value("Patient?identifier=urn:auditgate:record|" + record_id + ".nobody"), "unknown-slot"},
        {"same slot twice", "/entry/2/request/url",
         json::value("Patient?identifier=urn:auditgate:record|" + record_id + ".patient"), "same-slot"},
        {"another type", "/entry/1/resource/resourceType", json::value("Person"), "wrong-resource"},
        {"another identifier", "/entry/1/resource/identifier/0/value", json::value("x"), "wrong-identifier"},
        {"value of another type", "/entry/1/resource/gender", json::value(3), "wrong-value"},
    };
    for (const broken_bundle& one : cases) {
        json::value bundle = *write_bundle(full_record(), places, {}).bundle;
        *const_cast<json::value*>(bundle.at(one.pointer)) = one.replacement;
        const read_bundle_result read = read_bundle(bundle, places);
        EXPECT_FALSE(read.record) << one.what;
        ASSERT_FALSE(read.findings.empty()) << one.what;
        EXPECT_EQ(read.findings.front().code, one.code) << one.what;
    }
}

// A plain FHIR server only loses what is deleted by name, whatever the layout calls it by now.
TEST(Feed, DeletesWhatTheLayoutNoLongerHasUnderEachTypeItMayHaveHad) {
    const layout& places = shipped_layout();
    const std::vector<std::string> slots_out{"patient", "score.BL"};
    const auto written =
        write_bundle(test::make_record(places, record_id, 2, "retract", [](std::size_t) { return 0U; }),
                     places, slots_out);
    ASSERT_TRUE(written.bundle);
    std::vector<std::string> urls;
    for (const json::value& entry : (*written.bundle)["entry"].items()) {
        if (entry["request"]["method"].text() == "DELETE") {
            urls.emplace_back(entry["request"]["url"].text());
        }
    }
    const std::string score = "=urn:auditgate:record|" + record_id + ".score.BL";
    EXPECT_EQ(urls,
              (std::vector<std::string>{"Patient?identifier=urn:auditgate:record|" + record_id + ".patient",
                                        "Patient?identifier" + score, "Condition?identifier" + score,
                                        "Observation?identifier" + score, "Procedure?identifier" + score,
                                        "AdverseEvent?_tag" + score}));
    const read_bundle_result read = read_bundle(*written.bundle, places);
    EXPECT_TRUE(read.record);
    EXPECT_EQ(read.deleted_slots, slots_out);
}

TEST(Feed, TellsTheDatasetOfABundle) {
    const layout& places = shipped_layout();
    const bundle_dataset of = dataset_of(*write_bundle(full_record(), places, {}).bundle);
    EXPECT_EQ(of.dataset, places.dataset);
    EXPECT_EQ(of.dataset_version, "1.0.0");
}

// The golden cases of the datasets that ship, and of those that are for tests only.
TEST(Feed, CarriesEveryExpectedRecordOfTheAcceptanceCases) {
    int records = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(test::source_folder() / "tests")) {
        if (file.path().extension() != ".ndjson" || file.path().parent_path().filename() != "expected") {
            continue;
        }
        std::istringstream lines(test::read_file(file.path()));
        for (std::string line; std::getline(lines, line);) {
            const json::value record = parse(line);
            const layout* places =
                find_layout(all_layouts(), record["dataset"].text(), record["dataset_version"].text());
            ASSERT_NE(places, nullptr) << file.path();
            const written_bundle written = write_bundle(record, *places, {});
            ASSERT_TRUE(written.bundle) << file.path() << ": " << written.findings.at(0).text;
            ASSERT_EQ(json::write(*read_bundle(*written.bundle, *places).record), json::write(record))
                << file.path();
            ++records;
        }
    }
    EXPECT_GT(records, 0);
}

} // namespace
} // namespace auditgate::mapping::feed
