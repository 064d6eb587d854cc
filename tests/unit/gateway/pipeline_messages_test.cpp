// What becomes of messages that are mapped: applied, held, quarantined, read again.
#include "tests/unit/gateway/pipeline_support.hpp"

#include "gateway/observe/metrics.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "gateway/store/sqlite.hpp"
#include "tests/support/recording_logger.hpp"

#include <future>
#include <mutex>

namespace auditgate::test {
namespace {

class MessagesMapped : public PipelineOnAStore {};

using by_state = std::map<gs::message_state, std::int64_t>;

// Two numbers of different types stand in the message; which of them is the patient's is a matter of the profile.
constexpr const char* procedure_under_two_numbers =
    "MSH|^~\\&|PAS|RXX|A|RXX|202603060900||ADT^A03^ADT_A03|M1|P|2.4\r"
    "PID|1||H1^^^RXX^MR~H2^^^RXX^PI||NAME^SOME||19580712|F\r"
    "PR1|1||Y13.4^^OPCS4||20260305\rPR1|2||V43.8^^OPCS4||20260305\r";

TEST_F(MessagesMapped, AMessageReadAgainTakesBackWhatItGaveBefore) {
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
    EXPECT_EQ(counts(), (by_state{{gs::message_state::held, 1}}));

    take_local_numbers_of_type("MR");
    ASSERT_TRUE(store_->replay(id, ""));
    map_all(64);
    compute_everything_again();
    EXPECT_EQ(desired_and_present(), before);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 1}}));
}

// As above, but the message's neighbours stay where they are, and count.
TEST_F(MessagesMapped, AMessageReadAgainLeavesItsNeighboursAlone) {
    const std::string neighbour = "MSH|^~\\&|PAS|RXX|A|RXX|202603060800||ADT^A08^ADT_A01|M0|P|2.4\r"
                                  "PID|1||H1^^^RXX^MR||NAME^SOME||19580712|F\r";
    receive({neighbour, procedure_under_two_numbers});
    map_all(64);
    ASSERT_EQ(desired_and_present().size(), 1U);
    const gs::message_id id = store_->messages({}).value().front().id;
    take_local_numbers_of_type("PI");
    ASSERT_TRUE(store_->replay(id, ""));
    map_all(64);
    const auto neighbours = only_cluster_with("local|RXX|H1").events;
    ASSERT_EQ(neighbours.size(), 1U);
    EXPECT_NE(neighbours[0].message, id);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 2}}));
}

TEST_F(MessagesMapped, QuarantinesWhatCannotBeReadAndAppliesItsNeighbours) {
    std::vector<std::string> messages = messages_of("journey-hl7v2");
    messages.insert(messages.begin() + 4, "no message at all");
    receive(messages);
    map_all(64);
    EXPECT_EQ(counts()[gs::message_state::quarantined], 1);
    EXPECT_EQ(counts()[gs::message_state::applied], 13);
    EXPECT_EQ(desired().size(), 1U);
}

TEST_F(MessagesMapped, TellTheirFindingsBySourceAndCodeOnceTheyAreFinished) {
    const std::string odd = "MSH|^~\\&|LAB|RXX|A|RXX|202603060900||ADT^A08|M1|P|2.4\r"
                            "PID|1||4711^^^RXX^MR||a\\b^c\\d||19500101\r";
    receive({odd, odd, "no message at all"});
    const auto claimed = store_->claim("mapper", 64, now + 1h, 1min);
    ASSERT_TRUE(claimed);
    const auto outcome = pipeline::work_round(*store_, *claimed, with_, today, true);
    ASSERT_TRUE(outcome);
    const std::string source = store_->messages({}).value().front().source;
    EXPECT_EQ(outcome->findings, (std::map<std::pair<std::string, std::string>, std::size_t>{
                                     {{source, "lone-escape"}, 4}, {{source, "no-msh"}, 1}}));
}

TEST_F(MessagesMapped, HoldsFactsWithoutAnIdentifierThatCounts) {
    const std::string type_left_out = "PID|1||4711^^^RXX||NAME^SOME||19500101\r";
    receive({"MSH|^~\\&|LAB|RXX|A|RXX|202603060900||ADT^A08|M1|P|2.4\r" + type_left_out});
    map_all(64);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::held, 1}}));
    EXPECT_EQ(store_->messages({}).value().front().reason, "no-usable-identifier");
}

// A sender's way to say "not known" is no number of anybody.
TEST_F(MessagesMapped, StrangersWithAPlaceholderForTheirNumberStayApart) {
    const auto admitted = [](const std::string& id, const std::string& identifiers) {
        return "MSH|^~\\&|PAS|RXX|A|RXX|202603060900||ADT^A08^ADT_A01|" + id + "|P|2.4\rPID|1||" +
               identifiers + "||NAME^SOME||19580712|F\r";
    };
    receive({admitted("M1", "H1^^^RXX^MR~0000000000^^^NHS^NH"),
             admitted("M2", "H2^^^RXX^MR~0000000000^^^NHS^NH"), admitted("M3", "9999999999^^^NHS^NH")});
    map_all(64);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 2}, {gs::message_state::held, 1}}));
    EXPECT_EQ(store_->messages({}).value().front().reason, "no-usable-identifier");
    EXPECT_NE(only_cluster_with("local|RXX|H1").id, only_cluster_with("local|RXX|H2").id);
    EXPECT_EQ(clusters(), 2U);
}

// A report whose patient has no number that counts: its observations can be joined by the report's number, but what it
// says of the patient cannot.
TEST_F(MessagesMapped, LeavesOutFactsWithoutAKeyAndAppliesTheOthers) {
    receive({"MSH|^~\\&|LAB|RXX|A|RXX|202603060900||ORU^R01^ORU_R01|M1|P|2.4\r"
             "PID|1||4711^^^RXX||NAME^SOME||19500101|F\r"
             "OBR|1||F1^LAB|PROM^^L|||202603060800\r"
             "OBX|1|NM|BPI-WORST^^L||4|{score}|||||F|||202603060800\r"});
    map_all(64);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 1}}));
    EXPECT_EQ(clusters(), 2U) << "of the report and of its observation; none without keys";
}

TEST_F(MessagesMapped, WaitWithACaseThatIsHeldUntilItNoLongerIs) {
    const auto messages = messages_of("identity-conflict-holds-operation");
    receive({messages[0], messages[1], messages[2]});
    map_all(64);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::held, 3}}));
    receive({messages[3]});
    map_all(64);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 4}}));
}

// A case that nobody gets holds nothing.
TEST_F(MessagesMapped, DoNotWaitForACaseThatNoDestinationWants) {
    const auto destinations = with_.destinations;
    for (const bool before_go_live : {false, true}) {
        open(before_go_live ? "before go-live" : "no destination");
        with_.destinations.clear();
        if (before_go_live) {
            with_.destinations = destinations;
            with_.destinations[0].settings.procedures_from = today;
        }
        auto messages = messages_of("identity-conflict-holds-operation");
        messages.pop_back(); // the merge that ends the conflict
        receive(messages);
        map_all(64);
        EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 3}})) << before_go_live;
    }
}

TEST_F(MessagesMapped, AMessageThatCannotBeOpenedIsQuarantinedAndItsNeighboursAreApplied) {
    auto messages = messages_of("journey-hl7v2");
    receive({"any message"});
    receive(messages);
    const gs::message_id first = store_->messages({}).value().back().id;
    gs::sqlite::connection(database(), {})
        .execute("UPDATE journal SET content = zeroblob(200) WHERE id = " + std::to_string(first));
    map_all(64);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 13}, {gs::message_state::quarantined, 1}}));
    EXPECT_EQ(store_->message(first).value()->reason, "cannot-be-opened");
}

TEST_F(MessagesMapped, WhatAMessageGaveStaysWhenItCannotBeOpenedLater) {
    receive({procedure_under_two_numbers});
    map_all(64);
    const auto before = desired();
    ASSERT_EQ(before.size(), 1U);
    const gs::message_id id = store_->messages({}).value().front().id;
    gs::sqlite::connection(database(), {}).execute("UPDATE journal SET key_id = 4711");
    ASSERT_TRUE(store_->replay(id, ""));
    map_all(64);
    compute_everything_again();
    EXPECT_EQ(desired(), before);
    EXPECT_EQ(counts(), (by_state{{gs::message_state::quarantined, 1}}));
}

// A cluster that is damaged stops what belongs to it, and nothing else: with real threads.
TEST_F(MessagesMapped, ADamagedClusterStopsOnlyItsOwn) {
    receive({procedure_under_two_numbers});
    map_all(64);
    gs::sqlite::connection(database(), {}).execute("UPDATE event SET content = zeroblob(200)");
    receive({procedure_under_two_numbers});
    receive(messages_of("journey-hl7v2"));

    std::promise<void> changed;
    std::once_flag once;
    recording_logger log;
    gateway::observe::metrics metrics;
    pipeline::pipeline mapper(
        *store_, configuration_->mapping, {}, [] { return now; }, log, metrics,
        [&] { std::call_once(once, [&] { changed.set_value(); }); });
    ASSERT_TRUE(mapper.start());
    EXPECT_EQ(changed.get_future().wait_for(60s), std::future_status::ready);
    mapper.stop(); // when the batch is finished
    EXPECT_EQ(counts(), (by_state{{gs::message_state::applied, 14}, {gs::message_state::waiting, 1}}));
    EXPECT_TRUE(log.has("mapping-failed"));
    EXPECT_GE(metrics.counter("auditgate_work_failures_total", "").value(), 1);
}

} // namespace
} // namespace auditgate::test
