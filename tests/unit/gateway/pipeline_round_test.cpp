// Which records mapping asks for: golden cases' messages in, in any order and portions, desired records out.
#include "tests/unit/gateway/pipeline_support.hpp"

#include "fhir/json.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "mapping/event.hpp"
#include "tests/support/shipped_configuration.hpp"

#include <algorithm>
#include <random>

namespace auditgate::test {
namespace {

class WorkRound : public PipelineOnAStore {};

TEST_F(WorkRound, MakesOneRecordOfAJourney) {
    receive(messages_of("journey-hl7v2"));
    map_all(64);
    const auto records = desired();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_NE(records.begin()->second.find(R"("levels":["L3","L4"])"), std::string::npos)
        << records.begin()->second;
    EXPECT_EQ(counts()[gs::message_state::applied], 13);
    EXPECT_EQ(store_->work_backlog().value(), 0);
}

// Two datasets of one ablation; a destination may want one of them only.
TEST_F(WorkRound, MakesARecordOfEachDatasetThatADestinationWants) {
    const gateway::configuration both = shipped_configuration(shipped_datasets::all);
    ASSERT_EQ(both.mapping->definitions.size(), 2U);
    EXPECT_EQ(both.layouts.size(), 2U);
    with_ = *both.mapping;
    const auto datasets_of = [&](const std::string& golden_case) {
        open(golden_case + with_.destinations.front().dataset);
        receive(messages_of(golden_case));
        map_all(64);
        std::vector<std::string> datasets;
        for (const auto& [id, content] : desired_and_present())
            datasets.emplace_back((*fhir::json::parse(content).document)["dataset"].text());
        std::sort(datasets.begin(), datasets.end());
        return datasets;
    };
    const std::vector<std::string> ablation{"nice-rfa-spinal-metastases"};
    const std::vector<std::string> augmentation{"nice-rfa-vertebral-augmentation"};
    EXPECT_EQ(datasets_of("augmentation-both-datasets-hl7v2"),
              (std::vector<std::string>{ablation[0], augmentation[0]}));
    EXPECT_EQ(datasets_of("augmentation-standalone-excluded"), ablation);
    EXPECT_EQ(datasets_of("augmentation-not-recorded-then-without-cement"), ablation);
    with_.destinations.front().dataset = augmentation[0];
    EXPECT_EQ(datasets_of("augmentation-both-datasets-fhir"), augmentation);
}

TEST_F(WorkRound, GivesTheSameRecordInAnyOrderAndAnyPortions) {
    const std::vector<std::string> messages = messages_of("E05-six-feeds-one-operation");
    receive(messages);
    map_all(64);
    const auto expected = desired();
    ASSERT_EQ(expected.size(), 1U);
    std::mt19937 random(20260708);
    for (int i = 0; i < 6; ++i) {
        std::vector<std::string> shuffled = messages;
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        open("order-" + std::to_string(i));
        receive(shuffled);
        map_all(1 + i % 3);
        EXPECT_EQ(desired(), expected) << "order " << i;
    }
}

TEST_F(WorkRound, GivesTheSameRecordOnAHostileStore) {
    receive(messages_of("journey-hl7v2"));
    map_all(64);
    const auto expected = desired();
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        open("hostile-" + std::to_string(seed), seed);
        receive(messages_of("journey-hl7v2"));
        map_all(4);
        EXPECT_EQ(desired(), expected) << "seed " << seed;
    }
}

// What a cluster held before it was absorbed counts afterwards: in the round of the merge, in later ones, and when
// everything is computed again.
TEST_F(WorkRound, KeepsTheFactsOfClustersThatAMergeJoins) {
    for (const char* golden_case : {"E16-merge", "E16-merge-fhir", "E16-merge-same-operation", "E17-unmerge",
                                    "cluster-patient-after-observations", "cluster-subject-corrected"}) {
        const std::vector<std::string> messages = messages_of(golden_case);
        open(std::string(golden_case) + "-at-once");
        receive(messages);
        map_all(64);
        const auto expected = desired_and_present();
        EXPECT_FALSE(expected.empty()) << golden_case;
        for (const bool backwards : {false, true}) {
            std::vector<std::string> ordered = messages;
            if (backwards)
                std::reverse(ordered.begin(), ordered.end());
            open(std::string(golden_case) + (backwards ? "-backwards" : "-forwards"));
            receive(ordered);
            map_all(1);
            compute_everything_again();
            EXPECT_EQ(desired_and_present(), expected) << golden_case << (backwards ? " backwards" : "");
        }
    }
}

// A bundle speaks of two patients, who turn out to be one: its events lie in both clusters.
TEST_F(WorkRound, JoinsTheEventsOfOneMessageInTwoClusters) {
    const auto patient = [](const std::string& id, const std::string& number) {
        return R"({"fullUrl":"http://x/Patient/)" + id + R"(","resource":{"resourceType":"Patient","id":")" +
               id +
               R"(","gender":"female","birthDate":"1958-07-12","identifier":[{"type":{"coding":[{"system":)" +
               R"("http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"value":")" + number +
               R"(","assigner":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code",)" +
               R"("value":"RXX"}}}]}})";
    };
    receive({R"({"resourceType":"Bundle","type":"collection","timestamp":"2026-03-01T10:00:00Z","entry":[)" +
             patient("p1", "H1") + "," + patient("p2", "H2") + "]}"});
    map_all(64);
    receive({"MSH|^~\\&|PAS|RXX|A|RXX|202603081000||ADT^A40^ADT_A39|M1|P|2.4\r"
             "PID|1||H1^^^RXX^MR||NAME^SOME||19580712|F\rMRG|H2^^^RXX^MR\r"});
    map_all(64);
    const auto joined = only_cluster_with("local|RXX|H1");
    EXPECT_EQ(only_cluster_with("local|RXX|H2").id, joined.id);
    ASSERT_EQ(joined.events.size(), 2U);
    const auto of_bundle = mapping::events_from_bytes(joined.events[0].events);
    ASSERT_TRUE(of_bundle);
    EXPECT_EQ(std::count_if(
                  of_bundle->begin(), of_bundle->end(),
                  [](const auto& fact) { return fact.template as<mapping::patient_details>() != nullptr; }),
              2);
}

// Computed with one configuration, and another one is active by the time it is committed.
TEST_F(WorkRound, CommitsNothingThatWasComputedWithAnotherConfiguration) {
    activate_another_configuration();
    receive(messages_of("journey-hl7v2"));
    const auto claimed = store_->claim("mapper", 64, now, 1min).value();
    const pipeline::setup before = with_;
    activate_another_configuration();
    auto outcome = pipeline::work_round(*store_, claimed, before, today, true);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->is_outdated);
    EXPECT_EQ(outcome->pieces, 0U);
    EXPECT_TRUE(desired().empty());
    EXPECT_EQ(static_cast<std::size_t>(store_->work_backlog().value()), claimed.size());
    outcome = pipeline::work_round(*store_, claimed, with_, today, true);
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->is_outdated);
    EXPECT_EQ(desired_and_present().size(), 1U);
}

// Claimed under one configuration, and made again for the next one: that piece is gone, its neighbours are not.
TEST_F(WorkRound, FinishesTheNeighboursOfWorkThatIsGone) {
    receive(messages_of("E16-merge"));
    map_all(64);
    activate_another_configuration();
    receive(messages_of("journey-hl7v2"));
    const auto claimed = store_->claim("mapper", 64, now, 1min).value();
    EXPECT_EQ(claimed.size(), 14U);
    activate_another_configuration();
    const auto outcome = pipeline::work_round(*store_, claimed, with_, today, true);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->pieces, 13U);
    EXPECT_EQ(outcome->conflicts, 0U);
    EXPECT_EQ(store_->work_backlog().value(), 1) << "under the new configuration";
    EXPECT_EQ(desired_and_present().size(), 2U);
}

TEST_F(WorkRound, TakesBackWhatIsNoLongerACase) {
    const std::vector<std::string> messages = messages_of("E06-procedure-code-deleted");
    receive({messages[0]});
    map_all(64);
    const auto before = desired();
    ASSERT_EQ(before.size(), 1U);
    EXPECT_NE(before.begin()->second, "");
    receive({messages[1]});
    map_all(64);
    const auto snapshot = store_->cluster_of_record(before.begin()->first);
    ASSERT_TRUE(snapshot.value());
    const auto rows = store_->lease("registry", "other sender", 10, now + 2000h, 1min);
    ASSERT_EQ(rows.value().size(), 1U);
    EXPECT_FALSE(rows.value().front().desired_content);
}

// What `auditgate keys rotate --destination` says of a changed key_id.
TEST_F(WorkRound, TakesRecordsBackAndSendsThemAgainWhenADestinationGetsOtherKeys) {
    receive(messages_of("journey-hl7v2"));
    map_all(64);
    const auto before = desired();
    ASSERT_EQ(before.size(), 1U);
    with_.destinations.front().keys.record_key += "another";
    with_.destinations.front().keys.pseudonym_key += "another";
    compute_everything_again();
    auto after = desired();
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[before.begin()->first], "") << "is to be taken back";
    after.erase(before.begin()->first);
    const auto old_record = fhir::json::parse(before.begin()->second).document.value();
    const auto new_record = fhir::json::parse(after.begin()->second).document.value();
    EXPECT_NE(new_record["patient"]["pseudonym"].text(), old_record["patient"]["pseudonym"].text());
    EXPECT_EQ(new_record["procedure"], old_record["procedure"]);
}

TEST_F(WorkRound, ADoubledMessageChangesNothing) {
    receive(messages_of("journey-hl7v2"));
    map_all(64);
    const auto expected = desired();
    receive(messages_of("journey-hl7v2"));
    map_all(3);
    EXPECT_TRUE(desired().empty() || desired() == expected);
    EXPECT_EQ(counts()[gs::message_state::applied], 26);
}

} // namespace
} // namespace auditgate::test
