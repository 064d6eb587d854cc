// Group commit above the seam.
#include "gateway/store/journal.hpp"
#include "tests/support/memory_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace auditgate::test {

namespace {

namespace gs = gateway::store;

gs::incoming_message message(const std::string& bytes) {
    gs::incoming_message made;
    made.source = "pas";
    made.bytes = bytes;
    made.answer = "answer to " + bytes;
    return made;
}

bool hand_in(gs::journal& journal, const std::string& bytes, gs::journal::completion done) {
    auto made = message(bytes);
    return journal.try_append(made, done);
}

// Keeps the journal's thread in the completion of a first message, so that a queue gathers behind it.
class stopped_journal {
private:
    std::promise<void> arrived_, go_on_; // before the journal, whose thread uses them

public:
    stopped_journal(gs::store& store, const gs::journal_limits& limits) : journal(store, limits) {
        EXPECT_TRUE(hand_in(journal, "first", [this](auto) {
            arrived_.set_value();
            go_on_.get_future().wait();
        }));
        arrived_.get_future().wait();
    }
    void go_on() { go_on_.set_value(); }

    gs::journal journal;
};

} // namespace

TEST(Journal, TellsEveryMessageItsOwnOutcomeInOrder) {
    memory_store store;
    std::vector<std::string> answers;
    {
        gs::journal journal(store);
        for (int i = 0; i < 500; ++i)
            ASSERT_TRUE(hand_in(journal, std::to_string(i),
                                [&](auto outcome) { answers.push_back(outcome.value().answer); }));
    }
    ASSERT_EQ(answers.size(), 500U) << "the end of the journal waits for all of them";
    for (std::size_t i = 0; i < answers.size(); ++i)
        EXPECT_EQ(answers[i], "answer to " + std::to_string(i));
    EXPECT_EQ(store.appended().size(), 500U);
}

TEST(Journal, TellsEveryMessageOfABatchThatItFailed) {
    memory_store store;
    store.set_down(true);
    int failed = 0;
    {
        gs::journal journal(store);
        for (int i = 0; i < 10; ++i)
            ASSERT_TRUE(hand_in(journal, "x", [&](auto outcome) {
                failed += !outcome && outcome.error().code == gateway::errc::store_unavailable;
            }));
    }
    EXPECT_EQ(failed, 10);
    EXPECT_TRUE(store.appended().empty());
}

TEST(Journal, ProbesAStoreThatFailedUntilItWorksAgain) {
    memory_store store;
    std::promise<void> failed_probe, works_again;
    int failures = 0; // on the journal's thread
    gs::journal journal(store, {.probe_interval = std::chrono::milliseconds(1)});
    journal.listen([&](const gateway::result<void>& outcome) {
        if (outcome) {
            works_again.set_value();
        } else if (++failures == 2) { // of the message, then of a probe
            failed_probe.set_value();
        }
    });
    store.set_down(true);
    ASSERT_TRUE(hand_in(journal, "x", [](auto) {}));
    failed_probe.get_future().wait();
    store.set_down(false);
    works_again.get_future().wait(); // set once: a store that works is not probed
    journal.stop();
    EXPECT_TRUE(store.appended().empty()) << "nothing was sent again";
}

TEST(Journal, GivesUpOnItsQueueWhenItStopsAndTheStoreDoesNotWork) {
    memory_store store;
    std::vector<std::string> failures;
    stopped_journal stopped(store, {.batch_messages_max = 1, .queue_messages_max = std::size_t{1} << 30});
    store.set_down(true);
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(hand_in(stopped.journal, "x",
                            [&](auto outcome) { failures.push_back(outcome.error().message); }));
    auto stopping = std::async(std::launch::async, [&] { stopped.journal.stop(); });
    while (hand_in(stopped.journal, "x", [](auto) {})) // until it stops
        std::this_thread::yield();
    stopped.go_on();
    stopping.wait();
    ASSERT_GE(failures.size(), 3U);
    EXPECT_EQ(failures[0], "the store is down");
    EXPECT_EQ(failures[1], "the gateway stops, and its store does not work");
    EXPECT_EQ(failures[2], failures[1]);
}

TEST(Journal, TakesAsManyMessagesAsItsLimitAndNotOneMore) {
    memory_store store;
    stopped_journal stopped(store, {.queue_messages_max = 3});
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(hand_in(stopped.journal, "x", [](auto) {}));
    auto kept = message("kept by its owner");
    gs::journal::completion done = [](auto) {};
    EXPECT_FALSE(stopped.journal.try_append(kept, done));
    EXPECT_EQ(kept.bytes, "kept by its owner");
    EXPECT_TRUE(done);
    EXPECT_EQ(stopped.journal.queued_messages(), 3U);
    stopped.go_on();
    stopped.journal.stop();
    EXPECT_EQ(store.appended().size(), 4U);
}

TEST(Journal, TakesAsManyBytesAsItsLimitAndNotOneMore) {
    memory_store store;
    const std::size_t answer = message("").answer.size();
    stopped_journal stopped(store, {.queue_bytes_max = 2 * (100 + 100 + answer)});
    EXPECT_TRUE(hand_in(stopped.journal, std::string(100, 'x'), [](auto) {}));
    EXPECT_FALSE(hand_in(stopped.journal, std::string(101, 'x'), [](auto) {}));
    EXPECT_TRUE(hand_in(stopped.journal, std::string(100, 'x'), [](auto) {}));
    EXPECT_FALSE(hand_in(stopped.journal, "", [](auto) {}));
    stopped.go_on();
}

TEST(Journal, TakesOneMessageAboveTheLimitWhenNothingElseWaits) {
    memory_store store;
    stopped_journal stopped(store, {.queue_bytes_max = 10});
    EXPECT_TRUE(hand_in(stopped.journal, std::string(1000, 'x'), [](auto) {}));
    EXPECT_FALSE(hand_in(stopped.journal, "x", [](auto) {}));
    stopped.go_on();
}

TEST(Journal, TakesNothingOnceStopped) {
    memory_store store;
    gs::journal journal(store);
    journal.stop();
    journal.stop();
    EXPECT_FALSE(hand_in(journal, "x", [](auto) {}));
}

TEST(Journal, ServesManyThreads) {
    memory_store store;
    std::atomic<int> done = 0;
    {
        gs::journal journal(store, {.batch_messages_max = 7, .queue_messages_max = 16});
        std::vector<std::thread> producers;
        for (int i = 0; i < 8; ++i) {
            producers.emplace_back([&] {
                for (int sent = 0; sent < 100;)
                    sent += hand_in(journal, "x", [&](auto outcome) { done += outcome.has_value(); });
            });
        }
        for (std::thread& producer : producers)
            producer.join();
    }
    EXPECT_EQ(done, 800);
    EXPECT_EQ(store.appended().size(), 800U);
}

} // namespace auditgate::test
