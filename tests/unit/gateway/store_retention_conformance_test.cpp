// What is erased, and what must not be.
#include "tests/unit/gateway/store_conformance.hpp"

#include <gmock/gmock.h>

namespace auditgate::test {

using gs::message_state;
using testing::IsEmpty;

class StoreRetention : public StoreConformance {
protected:
    gs::append_outcome append_in(message_state state, const std::string& control_id,
                                 const std::string& bytes = "bytes") {
        gs::incoming_message one = message(control_id, bytes);
        one.state = state;
        one.duplicate_horizon = 0s;
        return append(one);
    }

    // Maps every waiting message to `state`.
    void settle_all(message_state state) {
        map_everything([&](const gs::work& one) {
            gs::write_set changes;
            if (one.kind == gs::work_kind::message)
                changes.messages = {{one.message.id, state, ""}};
            return changes;
        });
    }

    // All steps through the journal with what is older than these days; how many messages went.
    std::int64_t erase_messages(std::chrono::days settled, std::chrono::days unsettled, int step_max = 2) {
        std::int64_t erased = 0;
        gs::message_id from = 0;
        do {
            const auto step =
                store().erase_messages({now - settled, now - unsettled}, from, step_max, now).value();
            erased += step.erased;
            from = step.next;
        } while (from != 0);
        return erased;
    }

    [[nodiscard]] std::int64_t erased(const std::string& what) {
        const auto state = store().erasures().value();
        const auto found = state.erased.find(what);
        return found == state.erased.end() ? 0 : found->second;
    }

    // Of which nothing stays but what is put.
    static gs::cluster_write anew(const gs::cluster_snapshot& found) {
        gs::cluster_write write;
        write.id = found.id;
        write.expected_revision = found.revision;
        write.rekey = true;
        return write;
    }

    // The row of the record under a lease; the lease of before has run out.
    [[nodiscard]] std::vector<gs::outbox_row> lease() {
        now += 2min;
        return store().lease("registry", "sender", 10, now, 1min).value();
    }

    // Tries until the lease was not lost.
    void send(gs::attempt_end end, gs::record_action action = gs::record_action::create) {
        for (int attempts = 0; attempts < 200; ++attempts) {
            const auto rows = lease();
            ASSERT_EQ(rows.size(), 1U);
            const int version = rows[0].last_version + 1;
            const bool sealed =
                rows[0].sealed || store().seal(rows[0],
                                               {.version = version,
                                                .action = action,
                                                .content_hash = "hash",
                                                .content = rows[0].desired_content.value_or(""),
                                                .body = "body",
                                                .slots = {"patient"}},
                                               now);
            if (sealed && store().finish(rows[0], {end, {}, "http-422", ""}, now))
                return;
        }
        FAIL() << "never sent";
    }

    void desire(std::optional<std::string> content) {
        commit([&] {
            gs::write_set changes;
            changes.desired = {{"registry", record, content, "facts of the gate", "reason"}};
            return changes;
        });
    }

    void close() {
        commit([&] {
            gs::write_set changes;
            changes.closed = {{"registry", record, "remainder", std::chrono::floor<std::chrono::days>(now)}};
            return changes;
        });
    }

    std::int64_t erase_closed() {
        std::int64_t erased = 0;
        for (std::int64_t some = 1; some > 0; erased += some)
            some = store().erase_closed(10, now + 1h).value();
        return erased;
    }

    const std::string record = std::string(64, 'a');
};

TEST_P(StoreRetention, ErasesSettledMessagesOfLongAgoAndKeepsTheirCounts) {
    append_in(message_state::waiting, "c1");
    append_in(message_state::waiting, "c2");
    append_in(message_state::refused, "c3");
    settle_all(message_state::applied);
    now += std::chrono::days(89);
    const auto fresh = append_in(message_state::waiting, "c4");
    const auto before = counts();
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(400)), 0);
    now += std::chrono::days(2);
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(400)), 3);
    EXPECT_EQ(counts(), before);
    const auto left = store().messages({}).value();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].id, fresh.id);
    EXPECT_EQ(erased("messages"), 3);
    EXPECT_EQ(store().erasures().value().oldest_message,
              std::chrono::floor<std::chrono::days>(now - std::chrono::days(2)));
}

TEST_P(StoreRetention, IsNotHeldUpByAMessageThatCameWhileTheClockWasAhead) {
    now += std::chrono::days(3'650);
    const auto ahead = append_in(message_state::refused, "c1");
    now -= std::chrono::days(3'650);
    append_in(message_state::refused, "c2");
    now += std::chrono::days(92);
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(400)), 1);
    EXPECT_EQ(store().erase_keys().value(), 1) << "of the day of the second";
    const auto left = store().messages({}).value();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].id, ahead.id);
    EXPECT_FALSE(left[0].damaged);
}

TEST_P(StoreRetention, NeverErasesWhatWaitsForMapping) {
    append_in(message_state::waiting, "c1", "not mapped yet");
    now += std::chrono::days(4'000);
    EXPECT_EQ(erase_messages(std::chrono::days(1), std::chrono::days(1)), 0);
    EXPECT_GT(store().erase_keys().value(), 0) << "the key of the day";
    const auto left = store().messages({}).value();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].bytes, "not mapped yet");
    EXPECT_FALSE(left[0].damaged);
}

TEST_P(StoreRetention, KeepsHeldMessagesReadableThoughTheKeyOfTheirDayGoes) {
    append_in(message_state::waiting, "c1");
    settle_all(message_state::not_relevant);
    const auto held = append_in(message_state::held, "c2", "held bytes");
    const auto unread = append_in(message_state::quarantined, "c3", "unread bytes");
    now += std::chrono::days(100);
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(400)), 1);
    EXPECT_EQ(store().erase_keys().value(), 1);
    reopen();
    EXPECT_EQ(store().message(held.id).value()->bytes, "held bytes");
    EXPECT_EQ(store().message(unread.id).value()->bytes, "unread bytes");
    ASSERT_TRUE(store().replay(held.id, ""));
    EXPECT_EQ(store().message(held.id).value()->state, message_state::waiting);
}

TEST_P(StoreRetention, CountsWhatNobodyDealtWithAsNotRelevantWhenItGoes) {
    const auto held = append_in(message_state::held, "c1");
    append_in(message_state::quarantined, "c2");
    now += std::chrono::days(100);
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(400)), 0);
    now += std::chrono::days(301);
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(400)), 2);
    EXPECT_EQ(counts()[message_state::not_relevant], 2);
    EXPECT_EQ(counts()[message_state::held], 0);
    EXPECT_FALSE(store().message(held.id).value());
    EXPECT_EQ(store().replay(held.id, "").error().code, gateway::errc::not_found);
    EXPECT_GT(store().erase_keys().value(), 1) << "of the day, and of each message that outlived it";
}

TEST_P(StoreRetention, TellsWhenAMessageWasErased) {
    append_in(message_state::refused, "c1");
    const auto second = append_in(message_state::refused, "c2");
    const auto received = std::chrono::floor<std::chrono::days>(now);
    now += std::chrono::days(91);
    EXPECT_FALSE(store().erased_message(second.id).value());
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(90), 1), 2);
    const auto told = store().erased_message(second.id).value();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->received_on, received);
    EXPECT_EQ(told->erased_on, std::chrono::floor<std::chrono::days>(now));
    EXPECT_FALSE(store().erased_message(second.id + 1'000).value());
}

TEST_P(StoreRetention, JournalsForADayWhoseKeyIsGone) {
    append_in(message_state::refused, "c1");
    const auto day = now;
    now += std::chrono::days(100);
    EXPECT_EQ(erase_messages(std::chrono::days(90), std::chrono::days(90)), 1);
    EXPECT_EQ(store().erase_keys().value(), 1);
    now = day; // a clock that was put back
    const auto late = append_in(message_state::held, "c2", "late bytes");
    reopen();
    EXPECT_EQ(store().message(late.id).value()->bytes, "late bytes");
}

TEST_P(StoreRetention, MakesWorkOfClustersWhoseReviewIsDue) {
    const auto today = std::chrono::floor<std::chrono::days>(now);
    commit([&] {
        gs::write_set changes;
        auto due = cluster_with({"nhs|1"}, 1, "events");
        due.review_on = today;
        auto later = cluster_with({"nhs|2"}, 2, "events");
        later.review_on = today + std::chrono::days(1);
        auto never = cluster_with({"nhs|3"}, 3, "events");
        changes.clusters = {std::move(due), std::move(later), std::move(never)};
        return changes;
    });
    EXPECT_EQ(store().enqueue_reviews(today, 100).value(), 1);
    EXPECT_EQ(store().enqueue_reviews(today, 100).value(), 0) << "it is work already";
    const auto claimed = store().claim("a", 8, now, 1min).value();
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].cluster, only_cluster_with("nhs|1").id);
    EXPECT_EQ(only_cluster_with("nhs|2").review_on, today + std::chrono::days(1));
}

TEST_P(StoreRetention, RemembersWhenTheMessageOfAnEventCame) {
    const auto day = std::chrono::sys_days(std::chrono::year(2026) / 2 / 1);
    const auto put = [&](std::chrono::sys_days received_on) {
        commit([&] {
            gs::write_set changes;
            changes.clusters = {cluster_with({"nhs|1"}, 1, "events")};
            changes.clusters[0].put_events.back().received_on = received_on;
            return changes;
        });
    };
    put(day);
    put(day + std::chrono::days(3)); // read again
    EXPECT_EQ(only_cluster_with("nhs|1").events.at(0).received_on, day);
}

TEST_P(StoreRetention, SealsWhatStaysOfAClusterByAnotherKey) {
    commit([&] {
        gs::write_set changes;
        auto write = cluster_with({"nhs|1", "fact|a"}, 1, "events of 1");
        write.put_events.push_back({2, "events of 2", {}});
        write.cases = {{record, "case"}};
        changes.clusters = {std::move(write)};
        return changes;
    });
    commit([&] {
        const auto found = only_cluster_with("nhs|1");
        gs::write_set changes;
        gs::cluster_write write = anew(found);
        write.erased_events = 5;
        write.keys = {"nhs|1"};
        write.put_events = {{2, "events of 2", {}}};
        write.remove_events_of = {1};
        write.cases = found.cases;
        changes.clusters = {std::move(write)};
        return changes;
    });
    EXPECT_EQ(store().erase_keys().value(), 1);
    reopen();
    const auto left = only_cluster_with("nhs|1");
    EXPECT_EQ(left.keys, std::vector<std::string>{"nhs|1"});
    ASSERT_EQ(left.events.size(), 1U);
    EXPECT_EQ(left.events[0].events, "events of 2");
    EXPECT_EQ(left.cases.at(0).content, "case");
    EXPECT_THAT(store().clusters_with(std::vector<std::string>{"fact|a"}, {}).value(), IsEmpty());
    EXPECT_EQ(erased("events"), 5);
}

TEST_P(StoreRetention, RefusesToLoseEventsWhenAClusterIsSealedAnew) {
    commit([&] {
        gs::write_set changes;
        changes.clusters = {cluster_with({"nhs|1"}, 1, "events of 1")};
        return changes;
    });
    gs::cluster_write write = anew(only_cluster_with("nhs|1"));
    write.keys = {"nhs|1"};
    gs::write_set changes;
    changes.clusters = {std::move(write)};
    for (int attempts = 0; attempts < 50; ++attempts) {
        const auto outcome = store().commit(changes);
        if (outcome)
            EXPECT_NE(*outcome, gs::commit_result::committed);
        else
            EXPECT_EQ(outcome.error().code, gateway::errc::store_corrupt);
    }
    EXPECT_EQ(only_cluster_with("nhs|1").events.size(), 1U);
}

TEST_P(StoreRetention, RemovesAClusterOfWhichNothingStays) {
    commit([&] {
        gs::write_set changes;
        changes.clusters = {cluster_with({"nhs|1"}, 1, "events of 1")};
        return changes;
    });
    commit([&] {
        gs::write_set changes;
        const auto found = store().clusters_with(std::vector<std::string>{"nhs|1"}, {}).value();
        if (!found.empty()) { // else an earlier try was carried out, and its answer lost
            changes.clusters = {anew(found[0])};
            changes.clusters[0].remove_events_of = {1};
            changes.clusters[0].erased_events = 1;
        }
        return changes;
    });
    EXPECT_THAT(store().clusters_with(std::vector<std::string>{"nhs|1"}, {}).value(), IsEmpty());
    EXPECT_EQ(store().erase_keys().value(), 1);
    EXPECT_EQ(erased("clusters"), 1);
    EXPECT_EQ(erased("keys"), 1);
    EXPECT_EQ(store().erasures().value().keys_to_erase, 0);
}

TEST_P(StoreRetention, ErasesAClosedRecordButForItsIdVersionAndHash) {
    desire("content");
    send(gs::attempt_end::receipted);
    close();
    EXPECT_EQ(erase_closed(), 1);
    EXPECT_EQ(store().erase_keys().value(), 1);
    EXPECT_THAT(store().gate_facts("registry").value(), IsEmpty());
    const auto closed = store().closed_records(record).value();
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_TRUE(closed[0].erased);
    EXPECT_TRUE(closed[0].may_be_there);
    EXPECT_EQ(closed[0].last_version, 1);
    EXPECT_EQ(store().records_there("registry").value(), 1);
    // The gate is asked about every record of a destination again and again; of this one nothing may follow.
    ASSERT_TRUE(store().recheck("registry", std::nullopt));
    EXPECT_THAT(lease(), IsEmpty());
    desire("other content");
    EXPECT_THAT(lease(), IsEmpty());
    EXPECT_GE(erased("closed-contents"), 1) << "what is left out is counted";
}

TEST_P(StoreRetention, CountsNoContentThatAClosedRecordHasAlready) {
    desire("content");
    send(gs::attempt_end::receipted);
    close();
    desire("content");
    EXPECT_EQ(erased("closed-contents"), 0);
    desire("other content");
    EXPECT_GE(erased("closed-contents"), 1);
    EXPECT_THAT(lease(), IsEmpty());
}

TEST_P(StoreRetention, ForgetsMessagesWhoseHorizonHasPassedInBoundedSteps) {
    for (const char* id : {"c1", "c2", "c3"})
        append(message(id, "bytes"));
    EXPECT_EQ(store().forget_seen(2, now).value(), 0);
    EXPECT_TRUE(append(message("c1", "bytes")).duplicate);
    now += std::chrono::days(365);
    EXPECT_EQ(store().forget_seen(2, now).value(), 2);
    EXPECT_EQ(store().forget_seen(2, now).value(), 1);
    EXPECT_EQ(store().forget_seen(2, now).value(), 0);
    EXPECT_FALSE(append(message("c1", "bytes")).duplicate);
    EXPECT_TRUE(append(message("c1", "bytes")).duplicate);
}

TEST_P(StoreRetention, TakesAClosedRecordBackByHand) {
    desire("content");
    send(gs::attempt_end::receipted);
    close();
    EXPECT_EQ(erase_closed(), 1);
    EXPECT_EQ(store().erase_keys().value(), 1);
    desire(std::nullopt);
    const auto rows = lease();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].last_content, "remainder");
    EXPECT_TRUE(rows[0].may_be_there);
    EXPECT_EQ(rows[0].slots_out, std::vector<std::string>{"patient"});
    send(gs::attempt_end::receipted, gs::record_action::retract);
    EXPECT_EQ(store().closed_records(record).value().at(0).last_version, 2);
    EXPECT_FALSE(store().closed_records(record).value().at(0).may_be_there);
    EXPECT_EQ(erase_closed(), 0);
}

TEST_P(StoreRetention, WaitsForAVersionThatIsOnItsWay) {
    desire("content");
    close();
    EXPECT_EQ(erase_closed(), 0) << "it was never sent";
    send(gs::attempt_end::receipted);
    EXPECT_EQ(erase_closed(), 1);
}

TEST_P(StoreRetention, GivesUpWhatIsHeldWhenTheCaseIsClosed) {
    desire("content");
    send(gs::attempt_end::held);
    close();
    EXPECT_EQ(erase_closed(), 1);
    EXPECT_THAT(store().held_records(10).value(), IsEmpty());
    for (const gs::record_count& one : store().record_counts().value())
        EXPECT_EQ(one.state, gs::seal_state::discarded);
}

TEST_P(StoreRetention, NeverGivesUpARetract) {
    desire("content");
    send(gs::attempt_end::receipted);
    desire(std::nullopt);
    close();
    EXPECT_EQ(erase_closed(), 0) << "wanted";
    send(gs::attempt_end::held, gs::record_action::retract);
    EXPECT_EQ(erase_closed(), 0) << "refused by the registry: somebody must act";
    ASSERT_TRUE(store().recheck("registry", record));
    send(gs::attempt_end::receipted, gs::record_action::retract);
    EXPECT_EQ(erase_closed(), 1);
}

TEST_P(StoreRetention, RemembersTheLastRun) {
    EXPECT_FALSE(store().erasures().value().last_run);
    ASSERT_TRUE(store().note_retention_run(now));
    reopen();
    EXPECT_EQ(store().erasures().value().last_run, now);
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreRetention, testing::Values(sqlite_engine(), hostile_sqlite_engine()),
                         [](const auto& engine) { return engine.param.name; });

} // namespace auditgate::test
