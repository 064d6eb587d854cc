// Mapping from the journal to the outbox on a real store: golden cases' messages in, desired records out.
#include "gateway/config/configuration.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "mapping/event.hpp"
#include "tests/support/hostile_store.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace auditgate::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace gs = gateway::store;
namespace pipeline = gateway::pipeline;

constexpr std::chrono::local_days today{std::chrono::year{2026} / 7 / 8};
const gs::utc_time now{std::chrono::sys_days{std::chrono::year{2026} / 7 / 8}};

// The configuration that ships, with one destination. Its keys are made up: record ids are the same within one test.
gateway::configuration shipped_configuration() {
    const temporary_folder folder;
    fs::copy(source_folder() / "config", folder.path(), fs::copy_options::recursive);
    const fs::path file = folder.path() / "gateway.yaml";
    std::string text = read_file(file);
    const std::string_view setting = "allow_test_numbers: false";
    text.replace(text.find(setting), setting.size(), "allow_test_numbers: true");
    write_file(file, text + "destinations:\n"
                            "  - name: registry\n"
                            "    url: http://127.0.0.1:1/fhir\n"
                            "    key_id: test\n");
    gateway::configuration_load read = gateway::check_configuration(file);
    for (const auto& problem : read.problems)
        ADD_FAILURE() << to_string(problem);
    return std::move(read.loaded.value());
}

class WorkRound : public testing::Test {
protected:
    static void SetUpTestSuite() { configuration_ = new gateway::configuration(shipped_configuration()); }
    static void TearDownTestSuite() {
        delete configuration_;
        configuration_ = nullptr;
    }

    void SetUp() override { open("plain"); }

    // A new store in a folder of its own.
    void open(const std::string& name, std::optional<std::uint32_t> hostile_seed = std::nullopt) {
        store_.reset();
        const fs::path keys = folder_.path() / name / "keys";
        ASSERT_TRUE(gateway::security::key_ring::create(keys, {}));
        keys_ = gateway::security::key_ring::open(keys).value();
        store_ = gs::create_sqlite_store(gs::database_path(folder_.path() / name), *keys_).value();
        if (hostile_seed)
            store_ = make_hostile(std::move(store_), *hostile_seed);
    }

    void receive(const std::vector<std::string>& messages) {
        std::vector<gs::incoming_message> batch;
        for (const std::string& bytes : messages) {
            gs::incoming_message message;
            message.source = "hospital";
            message.transport = "file";
            message.format = bytes.starts_with('{') ? "fhir-json" : "hl7v2";
            message.received_at = now;
            message.bytes = bytes;
            batch.push_back(std::move(message));
        }
        ASSERT_TRUE(store_->append(batch));
    }

    // Rounds of `claim_max` pieces until no work is left.
    void map_all(int claim_max) {
        gs::utc_time at = now;
        for (int round = 0; round < 2000; ++round) {
            at += 2min; // leases of rounds that a hostile store spoilt have run out
            const auto claimed = store_->claim("mapper", claim_max, at, 1min);
            ASSERT_TRUE(claimed);
            if (claimed->empty() && store_->work_backlog().value() == 0)
                return;
            ASSERT_TRUE(pipeline::work_round(*store_, *claimed, with_, today));
        }
        FAIL() << "work is left after 2000 rounds";
    }

    // From now on messages are read with a profile that knows this type of local number only.
    void take_local_numbers_of_type(const std::string& type) {
        with_.profiles.clear();
        with_.default_profile.identifiers.local_types = {type};
    }

    // What should be at the destination, by record id; "" where a record is to be taken back.
    std::map<std::string, std::string> desired() {
        std::map<std::string, std::string> all;
        asked_at_ += 2min; // the leases of the last time have run out
        const auto rows = store_->lease("registry", "sender", 100, asked_at_, 1min);
        EXPECT_TRUE(rows);
        for (const gs::outbox_row& row : *rows)
            all[row.record_id] = row.desired_content.value_or("");
        return all;
    }

    // The same without what is to be taken back: what a patient's messages say whatever was sent on the way.
    std::map<std::string, std::string> desired_and_present() {
        auto all = desired();
        std::erase_if(all, [](const auto& one) { return one.second.empty(); });
        return all;
    }

    void compute_everything_again() {
        ASSERT_TRUE(store_->activate_configuration("another"));
        map_all(64);
    }

    std::map<gs::message_state, std::int64_t> counts() {
        std::map<gs::message_state, std::int64_t> by_state;
        const auto counted = store_->message_counts();
        for (const gs::message_count& one : counted.value())
            for (const auto& [state, count] : one.states)
                by_state[state] += count;
        return by_state;
    }

    static std::vector<std::string> messages_of(const std::string& golden_case) {
        std::vector<fs::path> files;
        for (const auto& entry :
             fs::directory_iterator(source_folder() / "tests/acceptance" / golden_case / "messages"))
            files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        std::vector<std::string> messages;
        for (const fs::path& file : files)
            messages.push_back(read_file(file));
        return messages;
    }

    static gateway::configuration* configuration_;
    pipeline::setup with_ = *configuration_->mapping;
    gs::utc_time asked_at_ = now + 1000h;
    temporary_folder folder_;
    std::unique_ptr<gateway::security::key_ring> keys_;
    std::unique_ptr<gs::store> store_;
};

gateway::configuration* WorkRound::configuration_ = nullptr;

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
    const auto with_first = store_->clusters_with(std::vector<std::string>{"local|RXX|H1"}, {}).value();
    const auto with_second = store_->clusters_with(std::vector<std::string>{"local|RXX|H2"}, {}).value();
    ASSERT_EQ(with_first.size(), 1U);
    ASSERT_EQ(with_second.size(), 1U);
    EXPECT_EQ(with_first[0].id, with_second[0].id);
    ASSERT_EQ(with_first[0].events.size(), 2U);
    const auto of_bundle = mapping::events_from_bytes(with_first[0].events[0].events);
    ASSERT_TRUE(of_bundle);
    EXPECT_EQ(std::count_if(
                  of_bundle->begin(), of_bundle->end(),
                  [](const auto& fact) { return fact.template as<mapping::patient_details>() != nullptr; }),
              2);
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

// Two numbers of different types stand in the message; which of them is the patient's is a matter of the profile.
constexpr const char* procedure_under_two_numbers =
    "MSH|^~\\&|PAS|RXX|A|RXX|202603060900||ADT^A03^ADT_A03|M1|P|2.4\r"
    "PID|1||H1^^^RXX^MR~H2^^^RXX^PI||NAME^SOME||19580712|F\r"
    "PR1|1||Y13.4^^OPCS4||20260305\rPR1|2||V43.8^^OPCS4||20260305\r";

TEST_F(WorkRound, AMessageReadAgainTakesBackWhatItGaveBefore) {
    receive({procedure_under_two_numbers});
    map_all(64);
    const auto before = desired();
    ASSERT_EQ(before.size(), 1U);
    ASSERT_NE(before.begin()->second, "");
    const gs::message_id id = store_->messages({}).value().front().id;

    take_local_numbers_of_type("PI");
    ASSERT_TRUE(store_->replay(id, ""));
    map_all(64);
    const auto moved = desired();
    ASSERT_EQ(moved.size(), 2U) << "under another number it is another record";
    EXPECT_EQ(moved.at(before.begin()->first), "");
    EXPECT_EQ(desired_and_present().size(), 1U);

    take_local_numbers_of_type("XX");
    ASSERT_TRUE(store_->replay(id, ""));
    map_all(64);
    EXPECT_TRUE(desired_and_present().empty());
    EXPECT_EQ(counts(), (std::map<gs::message_state, std::int64_t>{{gs::message_state::held, 1}}));

    take_local_numbers_of_type("MR");
    ASSERT_TRUE(store_->replay(id, ""));
    map_all(64);
    compute_everything_again();
    EXPECT_EQ(desired_and_present(), before);
    EXPECT_EQ(counts(), (std::map<gs::message_state, std::int64_t>{{gs::message_state::applied, 1}}));
}

// As above, but the message's neighbours stay where they are, and count.
TEST_F(WorkRound, AMessageReadAgainLeavesItsNeighboursAlone) {
    const std::string neighbour = "MSH|^~\\&|PAS|RXX|A|RXX|202603060800||ADT^A08^ADT_A01|M0|P|2.4\r"
                                  "PID|1||H1^^^RXX^MR||NAME^SOME||19580712|F\r";
    receive({neighbour, procedure_under_two_numbers});
    map_all(64);
    ASSERT_EQ(desired_and_present().size(), 1U);
    const gs::message_id id = store_->messages({}).value().front().id;
    take_local_numbers_of_type("PI");
    ASSERT_TRUE(store_->replay(id, ""));
    map_all(64);
    const auto with_neighbour = store_->clusters_with(std::vector<std::string>{"local|RXX|H1"}, {}).value();
    ASSERT_EQ(with_neighbour.size(), 1U);
    ASSERT_EQ(with_neighbour[0].events.size(), 1U);
    EXPECT_NE(with_neighbour[0].events[0].message, id);
    EXPECT_EQ(counts(), (std::map<gs::message_state, std::int64_t>{{gs::message_state::applied, 2}}));
}

TEST_F(WorkRound, QuarantinesWhatCannotBeReadAndAppliesItsNeighbours) {
    std::vector<std::string> messages = messages_of("journey-hl7v2");
    messages.insert(messages.begin() + 4, "no message at all");
    receive(messages);
    map_all(64);
    EXPECT_EQ(counts()[gs::message_state::quarantined], 1);
    EXPECT_EQ(counts()[gs::message_state::applied], 13);
    EXPECT_EQ(desired().size(), 1U);
}

TEST_F(WorkRound, HoldsFactsWithoutAnIdentifierThatCounts) {
    const std::string type_left_out = "PID|1||4711^^^RXX||NAME^SOME||19500101\r";
    receive({"MSH|^~\\&|LAB|RXX|A|RXX|202603060900||ADT^A08|M1|P|2.4\r" + type_left_out});
    map_all(64);
    EXPECT_EQ(counts(), (std::map<gs::message_state, std::int64_t>{{gs::message_state::held, 1}}));
    EXPECT_EQ(store_->messages({}).value().front().reason, "no-usable-identifier");
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
