#include "gateway/delivery/http_client.hpp"
#include "gateway/registry/registry_config.hpp"
#include "mapping/feed/conflict.hpp"
#include "mapping/feed/feed.hpp"
#include "mapping/feed/places.hpp"
#include "mapping/release/record.hpp"
#include "tests/support/feed_layout.hpp"
#include "tests/support/registry_fixture.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::gateway::registry {
namespace {

namespace json = fhir::json;
namespace feed = mapping::feed;

const std::string record_id(64, 'a');

json::value record(const feed::layout& places, int version, std::string_view action,
                   std::string_view sex = "female") {
    json::value made =
        test::make_record(places, record_id, version, action, [](std::size_t bound) { return bound - 1; });
    made.set("provider_org", json::value("RXX"));
    if (action != "retract") {
        feed::set_path(made, "patient.sex", json::value(sex));
        feed::set_path(made, "patient.pseudonym", json::value(std::string(64, 'b')));
    }
    return made;
}

std::string bundle(const json::value& of, const feed::layout& places,
                   std::vector<std::string> slots_out = {}) {
    return json::write(feed::write_bundle(of, places, slots_out).bundle.value());
}

class Registry : public ::testing::Test {
protected:
    const feed::layout& places() { return registry_.layouts().front(); }
    unsigned send(int version, std::string_view action, std::string_view sex = "female") {
        answer_ = registry_.send(bundle(record(places(), version, action, sex), places()));
        return answer_.status;
    }
    std::string issue_code() {
        return std::string{json::parse(answer_.body).document.value()["issue"][0]["code"].text()};
    }

    test::registry_fixture registry_;
    service_response answer_;
};

TEST_F(Registry, AnswersATransactionWithAResponseForEachEntry) {
    const std::string sent = bundle(record(places(), 1, "create"), places());
    const service_response answer = registry_.send(sent);
    ASSERT_EQ(answer.status, 200U) << answer.body;
    const json::value response = json::parse(answer.body).document.value();
    EXPECT_EQ(response["type"].text(), "transaction-response");
    EXPECT_EQ(response["entry"].size(), json::parse(sent).document.value()["entry"].size());
    EXPECT_EQ(response["entry"][0]["response"]["status"].text(), "201 Created");
}

TEST_F(Registry, KeepsNothingThatTheSenderCouldRecognise) {
    ASSERT_EQ(send(1, "create"), 200U);
    const auto records = registry_.records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_NE(records[0]["record_id"].text(), record_id);
    EXPECT_NE(records[0]["patient"]["pseudonym"].text(), std::string(64, 'b'));
    EXPECT_EQ(records[0]["record_id"].text().size(), 64U);
    json::value expected = record(places(), 1, "create");
    expected.set("record_id", records[0]["record_id"]);
    feed::set_path(expected, "patient.pseudonym", records[0]["patient"]["pseudonym"]);
    EXPECT_EQ(json::write(records[0]), json::write(expected));
}

TEST_F(Registry, TakesTheSameVersionAgainAndRefusesLowerOnesAndOtherContent) {
    ASSERT_EQ(send(2, "create"), 200U);
    EXPECT_EQ(send(2, "create"), 200U);
    EXPECT_EQ(send(1, "create"), 409U);
    const auto current = feed::read_conflict(json::parse(answer_.body).document.value());
    ASSERT_TRUE(current);
    EXPECT_EQ(current->version, 2);
    json::value content = record(places(), 2, "create");
    content.erase("record_version");
    content.erase("record_action");
    EXPECT_EQ(current->hash, mapping::content_hash(content));
    EXPECT_EQ(send(2, "amend", "male"), 409U);
    EXPECT_EQ(send(3, "amend", "male"), 200U);
    ASSERT_EQ(registry_.records().size(), 1U);
    EXPECT_EQ(registry_.records()[0]["patient"]["sex"].text(), "male");
}

TEST_F(Registry, RetractErasesTheRecordAndItsKeyUntilItComesBack) {
    ASSERT_EQ(send(1, "create"), 200U);
    ASSERT_EQ(send(2, "retract"), 200U);
    EXPECT_TRUE(registry_.records().empty());
    EXPECT_EQ(send(1, "create"), 409U);
    EXPECT_EQ(send(2, "retract"), 200U);
    ASSERT_EQ(send(3, "create"), 200U);
    EXPECT_EQ(registry_.records().size(), 1U);
}

TEST_F(Registry, TakesARetractOfARecordItNeverHad) {
    EXPECT_EQ(send(2, "retract"), 200U);
    EXPECT_TRUE(registry_.records().empty());
}

TEST_F(Registry, RefusesRecordsOfOtherOrganisations) {
    json::value foreign = record(places(), 1, "create");
    foreign.set("provider_org", json::value("RYY"));
    EXPECT_EQ(registry_.send(bundle(foreign, places())).status, 403U);
    foreign.set("provider_org", json::value{});
    EXPECT_EQ(registry_.send(bundle(foreign, places())).status, 403U);
    EXPECT_TRUE(registry_.records().empty());
}

TEST_F(Registry, SaysWhichDatasetVersionsItTakes) {
    json::value later = record(places(), 1, "create");
    later.set("dataset_version", json::value("9.0.0"));
    answer_ = registry_.send(bundle(later, places()));
    EXPECT_EQ(answer_.status, 422U);
    EXPECT_EQ(issue_code(), "not-supported");
    EXPECT_NE(answer_.body.find("1.0.0"), std::string::npos);
}

TEST_F(Registry, RefusesWithOneOperationOutcome) {
    struct refusal {
        const char* what;
        service_request request;
        unsigned status;
    };
    const std::string good = bundle(record(places(), 1, "create"), places());
    const std::string type = "application/fhir+json";
    const std::vector<refusal> cases = {
        {"no token", {"POST", "/fhir", "", type, good}, 401},
        {"wrong token", {"POST", "/fhir", "Bearer no", type, good}, 401},
        {"a reader's token", {"POST", "/fhir", "Bearer reader-token", type, good}, 401},
        {"a sender reads", {"GET", "/records.ndjson", "Bearer sender-token", "", ""}, 401},
        {"another media type", {"POST", "/fhir", "Bearer sender-token", "text/plain", good}, 415},
        {"no JSON", {"POST", "/fhir", "Bearer sender-token", type, "{"}, 400},
        {"another resource",
         {"POST", "/fhir", "Bearer sender-token", type, R"({"resourceType":"Patient"})"},
         422},
        {"another method", {"PUT", "/fhir", "Bearer sender-token", type, good}, 405},
        {"another path", {"GET", "/", "", "", ""}, 404},
        {"unknown dataset", {"GET", "/records.csv?dataset=x", "Bearer reader-token", "", ""}, 400},
        {"a query that is none", {"GET", "/records.csv?dataset=%", "Bearer reader-token", "", ""}, 400},
        {"unknown dataset behind another parameter",
         {"GET", "/records.csv?x=1&dataset=nope", "Bearer reader-token", "", ""},
         400},
    };
    for (const refusal& one : cases) {
        answer_ = registry_.service().handle(one.request);
        EXPECT_EQ(answer_.status, one.status) << one.what;
        EXPECT_EQ(json::parse(answer_.body).document.value()["resourceType"].text(), "OperationOutcome")
            << one.what;
    }
    EXPECT_TRUE(registry_.records().empty());
}

TEST_F(Registry, ShowsItsProfilesInMetadata) {
    answer_ = registry_.service().handle({"GET", "/fhir/metadata", "", "", ""});
    const json::value statement = json::parse(answer_.body).document.value();
    EXPECT_EQ(statement["fhirVersion"].text(), "4.0.1");
    EXPECT_NE(answer_.body.find("urn:auditgate:profile:nice-rfa-spinal-metastases:pain"), std::string::npos);
}

TEST_F(Registry, WritesCsvWithAColumnForEachItemAndTimePoint) {
    ASSERT_EQ(send(1, "create"), 200U);
    const service_response answer =
        registry_.service().handle({"GET", "/records.csv", "Bearer reader-token", "", ""});
    ASSERT_EQ(answer.status, 200U);
    std::string csv;
    while (const std::optional<std::string> piece = answer.more().value()) {
        csv += *piece;
    }
    const std::string header = csv.substr(0, csv.find("\r\n"));
    EXPECT_TRUE(header.starts_with("dataset,dataset_version,terminology_version,ome_table,record_id,"))
        << header;
    EXPECT_NE(header.find(",efficacy.key-0.pain.worst,"), std::string::npos) << header;
    EXPECT_NE(header.find(",safety.events,"), std::string::npos) << header;
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
}

TEST_F(Registry, ServesOverASocketAndRefusesBodiesOverTheLimit) {
    delivery::http_client_options options;
    options.base_url = registry_.base_url();
    options.token_file = registry_.sender_token();
    auto client = delivery::http_client::create(options).value();
    const std::string good = bundle(record(places(), 1, "create"), places());
    EXPECT_EQ(client->post("application/fhir+json", good).status, 200);
    EXPECT_EQ(client->post("application/fhir+json", good).status, 200);
    EXPECT_EQ(client->post("application/fhir+json", std::string(1'000'001, ' ')).status, 413);
}

TEST(RegistryConfig, TellsEveryMistakeWithItsLine) {
    const auto read = parse_registry_config(
        "data: d\nlisten:\n  prt: 1\nsenders:\n  - name: a\n    token_file: t\n", "r.yaml");
    ASSERT_FALSE(read.loaded);
    ASSERT_EQ(read.problems.size(), 2U);
    EXPECT_EQ(read.problems[0].line, 3);
    EXPECT_EQ(read.problems[1].line, 5);
}

TEST(RegistryConfig, PublishesTheDatasetsThatItNames) {
    registry_config config;
    config.file = "registry.yaml";
    config.feed_folder = auditgate::test::source_folder() / "config" / "feed";
    config.datasets_at = {7, 11};
    std::vector<mapping::yaml::problem> problems;
    EXPECT_EQ(published_layouts(config, problems).size(), auditgate::test::shipped_feed_layouts().size());
    config.datasets = {"nice-rfa-spinal-metastases"};
    ASSERT_EQ(published_layouts(config, problems).size(), 1U);
    EXPECT_EQ(published_layouts(config, problems).front().dataset, "nice-rfa-spinal-metastases");
    EXPECT_TRUE(problems.empty());
    config.datasets = {"nice-rfa-spinal-metastasis"};
    EXPECT_TRUE(published_layouts(config, problems).empty());
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(
        to_string(problems.front()),
        "registry.yaml:7:11: no file in `feed` is a layout of dataset `nice-rfa-spinal-metastasis`, did you "
        "mean `nice-rfa-spinal-metastases`?");
}

TEST(RegistryConfig, TheFileThatShipsIsRight) {
    const auto read = load_registry_config(test::source_folder() / "config" / "registry.yaml");
    EXPECT_TRUE(read.problems.empty()) << to_string(read.problems.at(0));
    EXPECT_TRUE(read.loaded);
}

} // namespace
} // namespace auditgate::gateway::registry
