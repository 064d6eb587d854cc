// The journal: what is received, duplicates, states and counts.
#include "tests/unit/gateway/store_conformance.hpp"

namespace auditgate::test {

using gs::message_state;

class StoreJournal : public StoreConformance {};

TEST_P(StoreJournal, KeepsMessagesAsReceivedThroughReopening) {
    std::string bytes = "MSH|^~\\&|\rPID|1\r";
    bytes += '\0';
    bytes += "\xff\xfe";
    const auto outcome = append(message("c1", bytes));
    reopen();
    const auto stored = store().message(outcome.id).value();
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->bytes, bytes);
    EXPECT_EQ(stored->control_id, "c1");
    EXPECT_EQ(stored->source, "pas");
    EXPECT_EQ(stored->transport, "mllp");
    EXPECT_EQ(stored->peer, "192.0.2.7:40123");
    EXPECT_EQ(stored->format, "hl7v2");
    EXPECT_EQ(stored->message_type, "ADT^A08");
    EXPECT_EQ(stored->received_at, now);
    EXPECT_EQ(stored->state, message_state::waiting);
}

TEST_P(StoreJournal, IsProbedWithoutATrace) {
    EXPECT_TRUE(store().probe());
    EXPECT_TRUE(counts().empty());
    EXPECT_EQ(store().work_backlog().value(), 0);
    const auto first = append(message("c1", "one"));
    EXPECT_TRUE(store().probe());
    EXPECT_TRUE(append(message("c1", "one")).duplicate);
    EXPECT_NE(append(message("c2", "two")).id, first.id);
}

TEST_P(StoreJournal, AnswersADuplicateAsTheFirstTime) {
    const auto first = append(message("c1", "one"));
    auto again = message("c1", "one");
    again.answer = "another answer";
    again.received_at = now + 24h;
    const auto second = append(again);
    EXPECT_FALSE(first.duplicate);
    EXPECT_TRUE(second.duplicate);
    EXPECT_EQ(second.id, first.id);
    EXPECT_EQ(second.answer, "AA c1");
    EXPECT_EQ(store().work_backlog().value(), 1);
}

TEST_P(StoreJournal, ForgetsDuplicatesBeyondTheHorizon) {
    const auto first = append(message("c1", "one"));
    auto late = message("c1", "one");
    late.received_at = now + 24h + 1ms;
    const auto second = append(late);
    EXPECT_FALSE(second.duplicate);
    EXPECT_NE(second.id, first.id);
    late.received_at += 24h; // within the horizon of the second
    EXPECT_EQ(append(late).id, second.id);
}

TEST_P(StoreJournal, FindsDuplicatesOfBeforeReopening) {
    const auto first = append(message("c1", "one"));
    reopen();
    EXPECT_TRUE(append(message("c1", "two")).control_id_reused);
    const auto again = append(message("c1", "one"));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.id, first.id);
}

TEST_P(StoreJournal, FindsEachOfManyMessagesWithOneControlId) {
    std::vector<gs::message_id> ids;
    for (int i = 0; i < 20; ++i)
        ids.push_back(append(message("1", std::to_string(i))).id);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(append(message("1", std::to_string(i))).id, ids[static_cast<std::size_t>(i)]) << i;
    auto late = message("1", "late");
    late.received_at = now + 24h + 1ms;
    EXPECT_FALSE(append(late).control_id_reused);
}

TEST_P(StoreJournal, FindsDuplicatesWithinOneBatch) {
    const std::vector<gs::incoming_message> batch{message("c1", "one"), message("c2", "two"),
                                                  message("c1", "one")};
    const auto outcomes = store().append(batch).value();
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_FALSE(outcomes[0].duplicate);
    EXPECT_FALSE(outcomes[1].duplicate);
    EXPECT_TRUE(outcomes[2].duplicate);
    EXPECT_EQ(outcomes[2].id, outcomes[0].id);
}

TEST_P(StoreJournal, KnowsAMessageAgainWhetherItWasPreparedOrNot) {
    gs::incoming_message prepared = message("c1", "one");
    store().prepare(prepared);
    const auto first = append(prepared);
    const auto again = append(message("c1", "one"));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.id, first.id);
    gs::incoming_message other = message("c1", "two");
    store().prepare(other);
    EXPECT_TRUE(append(other).control_id_reused);
}

TEST_P(StoreJournal, StoresOtherBytesUnderAReusedControlId) {
    const auto first = append(message("c1", "one"));
    const auto second = append(message("c1", "two"));
    EXPECT_FALSE(first.control_id_reused);
    EXPECT_FALSE(second.duplicate);
    EXPECT_TRUE(second.control_id_reused);
    EXPECT_EQ(store().message(second.id).value()->bytes, "two");
    const auto again = append(message("c1", "two"));
    EXPECT_TRUE(again.duplicate);
    EXPECT_FALSE(again.control_id_reused);
}

TEST_P(StoreJournal, TakesEachForItselfWithoutControlIdOrHorizonOrWhenRefused) {
    auto no_horizon = message("c1", "one");
    no_horizon.duplicate_horizon = 0s;
    auto refused = message("c2", "one");
    refused.state = message_state::refused;
    auto other_source = message("c3", "one");
    EXPECT_FALSE(append(message("", "one")).duplicate);
    EXPECT_FALSE(append(message("", "one")).duplicate);
    EXPECT_FALSE(append(no_horizon).duplicate);
    EXPECT_FALSE(append(no_horizon).duplicate);
    EXPECT_FALSE(append(refused).duplicate);
    EXPECT_FALSE(append(message("c2", "one")).duplicate) << "the sender has acted";
    EXPECT_FALSE(append(other_source).duplicate);
    other_source.source = "ris";
    EXPECT_FALSE(append(other_source).duplicate);
}

TEST_P(StoreJournal, GivesOnlyWaitingMessagesToMapping) {
    auto held = message("c1", "one");
    held.state = message_state::held;
    held.reason = "unknown-source";
    const auto id = append(held).id;
    EXPECT_EQ(store().work_backlog().value(), 0);
    const auto stored = store().message(id).value();
    EXPECT_EQ(stored->state, message_state::held);
    EXPECT_EQ(stored->reason, "unknown-source");
}

TEST_P(StoreJournal, CountsEveryMessageInExactlyOneState) {
    for (int i = 0; i < 5; ++i)
        append(message("c" + std::to_string(i), "one"));
    append(message("c0", "one"));
    auto quarantined = message("", "\x1b");
    quarantined.state = message_state::quarantined;
    append(quarantined);
    auto tomorrow = message("c9", "one");
    tomorrow.received_at += 24h;
    append(tomorrow);

    int mapped = 0;
    map_everything([&](const gs::work& one) {
        gs::write_set changes;
        const bool relevant = one.message.control_id != "c1";
        changes.messages.push_back(
            {one.message.id, relevant ? message_state::applied : message_state::not_relevant, ""});
        ++mapped;
        return changes;
    });
    EXPECT_GE(mapped, 6);
    EXPECT_EQ(counts(), (std::map<message_state, std::int64_t>{{message_state::applied, 5},
                                                               {message_state::not_relevant, 1},
                                                               {message_state::duplicate, 1},
                                                               {message_state::quarantined, 1}}));
    std::map<std::chrono::sys_days, std::int64_t> by_day;
    for (const auto& count : store().message_counts().value())
        by_day[count.day] += count.received;
    EXPECT_EQ(by_day.size(), 2U);
    EXPECT_EQ(by_day.begin()->second, 7);
    EXPECT_EQ(by_day.rbegin()->second, 1);
}

TEST_P(StoreJournal, ListsMessagesByStateSourceAndTimeNewestFirst) {
    auto held = message("c1", "one");
    held.state = message_state::held;
    held.reason = "unknown-source";
    const auto first = append(held).id;
    const auto second = append(message("c2", "two")).id;
    auto late = message("c3", "three");
    late.received_at += 1h;
    late.source = "ris";
    const auto third = append(late).id;

    const auto ids = [&](const gs::message_filter& filter) {
        std::vector<gs::message_id> found;
        for (const auto& one : store().messages(filter).value())
            found.push_back(one.id);
        return found;
    };
    using list = std::vector<gs::message_id>;
    gs::message_filter filter;
    EXPECT_EQ(ids(filter), (list{third, second, first}));
    filter.limit = 2;
    EXPECT_EQ(ids(filter), (list{third, second}));
    filter = {};
    filter.states = {message_state::held, message_state::quarantined};
    EXPECT_EQ(ids(filter), (list{first}));
    filter.states = {message_state::held, message_state::waiting};
    EXPECT_EQ(ids(filter), (list{third, second, first}));
    filter.source = "pas";
    EXPECT_EQ(ids(filter), (list{second, first}));
    filter = {};
    filter.received_from = now + 1h;
    EXPECT_EQ(ids(filter), (list{third}));
    filter = {};
    filter.received_before = now + 1h;
    EXPECT_EQ(ids(filter), (list{second, first}));
    filter = {};
    filter.id_below = third;
    EXPECT_EQ(ids(filter), (list{second, first}));
    filter = {};
    filter.reason = "unknown-source";
    EXPECT_EQ(ids(filter), (list{first}));
    filter.states = {message_state::held};
    EXPECT_EQ(ids(filter), (list{first}));
    filter.id_below = first;
    EXPECT_EQ(ids(filter), (list{}));
    filter = {};
    filter.reason = "identity-conflict";
    EXPECT_EQ(ids(filter), (list{}));
}

TEST_P(StoreJournal, ReplaysAHeldMessageUnderItsSource) {
    auto held = message("c1", "one");
    held.source = "";
    held.state = message_state::held;
    held.reason = "unknown-source";
    const auto id = append(held).id;
    ASSERT_TRUE(store().replay(id, "pas"));
    ASSERT_TRUE(store().replay(id, "pas")) << "twice is once";
    EXPECT_EQ(store().work_backlog().value(), 1);
    EXPECT_TRUE(counts("").empty());
    EXPECT_EQ(counts(), (std::map<message_state, std::int64_t>{{message_state::waiting, 1}}));
    const auto claimed = store().claim("mapper", 1, now, 1min).value();
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].message.id, id);
    EXPECT_EQ(claimed[0].message.source, "pas");
    EXPECT_EQ(claimed[0].message.bytes, "one");
}

TEST_P(StoreJournal, DoesNotReplayWhatItDoesNotHaveOrWasRefused) {
    auto refused = message("c1", "one");
    refused.state = message_state::refused;
    const auto id = append(refused).id;
    EXPECT_EQ(store().replay(id, "").error().code, gateway::errc::refused);
    EXPECT_EQ(store().replay(id + 1, "").error().code, gateway::errc::not_found);
    EXPECT_FALSE(store().message(id + 1).value());
}

// Gives everything to mapping again in steps of two messages; how many fitted.
std::int64_t replay_all(gs::store& in, const gs::replay_filter& which, bool only_count = false) {
    std::int64_t fitted = 0;
    gs::message_id from = 0;
    do {
        const gs::replay_step step = in.replay_some(which, from, 2, only_count).value();
        for (const auto& [kind, count] : step.fitted)
            fitted += count;
        from = step.next;
    } while (from != 0);
    return fitted;
}

TEST_P(StoreJournal, ReplaysWhatFitsAndNothingElse) {
    const auto add = [&](const char* id, const char* source, const char* type, message_state state,
                         std::chrono::minutes age) {
        auto one = message(id, id);
        one.source = source;
        one.message_type = type;
        one.received_at = now - age;
        one.state = state;
        one.reason = state == message_state::waiting ? "" : "some-reason";
        return append(one).id;
    };
    const auto old = add("c1", "pas", "ADT^A08", message_state::held, 61min);
    const auto at_the_limit = add("c2", "pas", "ADT^A08", message_state::held, 60min);
    const auto other_type = add("c3", "pas", "ORU^R01", message_state::held, 1min);
    const auto other_source = add("c4", "ris", "ADT^A08", message_state::held, 1min);
    const auto unknown_sender = add("c5", "", "ADT^A08", message_state::held, 1min);
    const auto unreadable = add("c6", "pas", "ADT^A08", message_state::quarantined, 1min);
    const auto refused = add("c7", "pas", "ADT^A08", message_state::refused, 1min);
    add("c8", "pas", "ADT^A08", message_state::waiting, 1min);
    const auto states = [&] {
        std::string all;
        for (const auto id :
             {old, at_the_limit, other_type, other_source, unknown_sender, unreadable, refused})
            all += store().message(id).value()->state == message_state::waiting ? 'w' : '.';
        return all;
    };
    gs::replay_filter which{.states = {message_state::held}, .received_from = now - 60min};
    EXPECT_EQ(replay_all(store(), which, true), 3);
    EXPECT_EQ(states(), ".......") << "only counted";
    EXPECT_EQ(store().work_backlog().value(), 1);
    which.sources = {"pas"};
    which.message_types = {"ADT^A08", "ADT^A31"};
    EXPECT_EQ(replay_all(store(), which), 1);
    EXPECT_EQ(states(), ".w.....");
    EXPECT_EQ(replay_all(store(), which), 0) << "what waits already is not given again";
    EXPECT_EQ(store().work_backlog().value(), 2);
    which = {.states = {message_state::held, message_state::quarantined},
             .received_from = now - 60min,
             .received_before = now - 1min};
    EXPECT_EQ(replay_all(store(), which), 0) << "received before: the moment itself is not in it";
    which.received_before = now;
    EXPECT_EQ(replay_all(store(), which), 3);
    EXPECT_EQ(states(), ".www.w.") << "whose the message of an unknown sender is, somebody must say";
    EXPECT_EQ(counts(),
              (std::map<message_state, std::int64_t>{
                  {message_state::waiting, 4}, {message_state::held, 1}, {message_state::refused, 1}}));
    EXPECT_EQ(store().work_backlog().value(), 5);
}

TEST_P(StoreJournal, FindsMessagesInStepsWithWhatBecameOfThem) {
    std::vector<gs::message_id> ids;
    for (const int minutes : {50, 40, 30, 20, 10}) {
        auto one = message("c" + std::to_string(minutes), "x");
        one.received_at = now - std::chrono::minutes(minutes);
        one.state = minutes == 30 ? message_state::quarantined : message_state::held;
        one.reason = minutes == 30 ? "no-msh" : "some-reason";
        ids.push_back(append(one).id);
    }
    const gs::replay_filter which{.states = {message_state::held, message_state::quarantined},
                                  .received_from = now - 40min,
                                  .received_before = now - 10min};
    std::vector<gs::message_id> found;
    std::string reasons;
    gs::message_id from = 0;
    do {
        const gs::search_step step = store().find_messages(which, from, 2).value();
        for (const gs::found_message& one : step.found) {
            found.push_back(one.id);
            reasons += one.reason + (one.state == message_state::held ? " held " : " quarantined ");
        }
        from = step.next;
    } while (from != 0);
    EXPECT_EQ(found, (std::vector<gs::message_id>{ids[1], ids[2], ids[3]}));
    EXPECT_EQ(reasons, "some-reason held no-msh quarantined some-reason held ");
    EXPECT_EQ(counts(), (std::map<message_state, std::int64_t>{{message_state::held, 4},
                                                               {message_state::quarantined, 1}}));
}

TEST_P(StoreJournal, CountsWhatIsReplayedBySourceAndType) {
    for (const char* id : {"c1", "c2", "c3"}) {
        auto one = message(id, id);
        one.message_type = id == std::string("c3") ? "ORU^R01" : "ADT^A08";
        one.state = message_state::held;
        append(one);
    }
    const gs::replay_step step = store().replay_some({.states = {message_state::held}}, 0, 10, false).value();
    EXPECT_EQ(step.next, 0);
    EXPECT_EQ(step.fitted, (std::map<std::pair<std::string, std::string>, std::int64_t>{
                               {{"pas", "ADT^A08"}, 2}, {{"pas", "ORU^R01"}, 1}}));
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreJournal, testing::Values(sqlite_engine(), hostile_sqlite_engine()),
                         [](const auto& engine) { return engine.param.name; });

} // namespace auditgate::test
