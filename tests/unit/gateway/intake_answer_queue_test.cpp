#include "gateway/intake/answer_queue.hpp"

#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using namespace std::chrono_literals;

namespace {

const steady_time start{};

TEST(AnswerQueue, SendsAnswersInTheOrderOfTheMessages) {
    answer_queue queue(8);
    const auto first = queue.open(start);
    const auto second = queue.open(start);
    const auto third = queue.open(start);
    queue.answer(second, "B");
    EXPECT_EQ(queue.take_ready(), "");
    queue.answer(first, "A");
    EXPECT_EQ(queue.take_ready(), "AB");
    queue.answer(third, "");
    EXPECT_EQ(queue.take_ready(), "");
    EXPECT_TRUE(queue.empty());
    queue.answer(queue.open(start), "D");
    EXPECT_EQ(queue.take_ready(), "D");
}

TEST(AnswerQueue, TakesNoMoreThanItsLimit) {
    answer_queue queue(2);
    const auto first = queue.open(start);
    EXPECT_TRUE(queue.has_room());
    (void)queue.open(start);
    EXPECT_FALSE(queue.has_room());
    queue.answer(first, "A");
    EXPECT_FALSE(queue.has_room()) << "an answer that has not gone out still takes its place";
    EXPECT_EQ(queue.take_ready(), "A");
    EXPECT_TRUE(queue.has_room());
}

TEST(AnswerQueue, KnowsHowLongTheFirstOneWaits) {
    answer_queue queue(4);
    EXPECT_FALSE(queue.waiting_since());
    const auto first = queue.open(start + 1s);
    (void)queue.open(start + 2s);
    EXPECT_EQ(queue.waiting_since(), start + 1s);
    queue.answer(first, "A");
    EXPECT_FALSE(queue.waiting_since());
    (void)queue.take_ready();
    EXPECT_EQ(queue.waiting_since(), start + 2s);
}

TEST(OverdueWait, EndsEveryWaitAtItsLimit) {
    mllp_limits limits;
    limits.idle_timeout = 100s;
    limits.frame_timeout = 10s;
    limits.store_timeout = 5s;
    limits.write_timeout = 3s;
    using waits = connection_waits;
    struct row {
        waits state;
        std::chrono::milliseconds last_good;
        overdue_wait then;
    };
    const row table[] = {
        {waits{start, {}, {}, {}}, 99'999ms, overdue_wait::idle},
        {waits{start, start, {}, {}}, 9'999ms, overdue_wait::slow_frame},
        {waits{start, start, start, {}}, 4'999ms, overdue_wait::store},
        {waits{start, {}, {}, start}, 2'999ms, overdue_wait::slow_answer},
    };
    for (const row& one : table) {
        EXPECT_EQ(find_overdue(one.state, limits, start + one.last_good), std::nullopt);
        EXPECT_EQ(find_overdue(one.state, limits, start + one.last_good + 1ms), one.then);
    }
    EXPECT_EQ(find_overdue(waits{start, start, start + 9s, {}}, limits, start + 12s), std::nullopt)
        << "a frame cannot be finished while the window is full";
}

} // namespace
