#include "gateway/intake/buffer_budget.hpp"

#include <gtest/gtest.h>

using auditgate::gateway::intake::buffer_budget;

namespace {

constexpr std::size_t large = 10 * buffer_budget::free_bytes;

TEST(BufferBudget, LetsEverybodyGrowBelowItsLimit) {
    const auto budget = std::make_shared<buffer_budget>(2 * large + 1);
    buffer_budget::share first(budget), second(budget);
    first.hold(large);
    second.hold(large);
    EXPECT_TRUE(first.may_grow());
    EXPECT_TRUE(second.may_grow());
}

TEST(BufferBudget, LetsOneAfterTheOtherGrowAtItsLimit) {
    const auto budget = std::make_shared<buffer_budget>(2 * large);
    buffer_budget::share first(budget), second(budget);
    first.hold(large);
    second.hold(large);
    EXPECT_TRUE(second.may_grow());
    EXPECT_FALSE(first.may_grow());
    second.hold(3 * large);
    EXPECT_TRUE(second.may_grow()) << "until its message is whole";
    second.hold(buffer_budget::free_bytes + 1);
    first.hold(2 * large);
    EXPECT_FALSE(first.may_grow()) << "the other one still holds more than a little";
    second.hold(buffer_budget::free_bytes);
    EXPECT_TRUE(first.may_grow());
}

TEST(BufferBudget, NeverStopsWhoHoldsLittle) {
    const auto budget = std::make_shared<buffer_budget>(large);
    buffer_budget::share first(budget), second(budget), third(budget);
    first.hold(2 * large);
    EXPECT_TRUE(first.may_grow());
    second.hold(buffer_budget::free_bytes);
    EXPECT_TRUE(second.may_grow());
    third.hold(buffer_budget::free_bytes + 1);
    EXPECT_FALSE(third.may_grow());
}

TEST(BufferBudget, GetsBackWhatAConnectionHeldWhenItEnds) {
    const auto budget = std::make_shared<buffer_budget>(large);
    buffer_budget::share first(budget);
    first.hold(large);
    {
        buffer_budget::share second(budget);
        second.hold(large);
        EXPECT_TRUE(second.may_grow());
        EXPECT_FALSE(first.may_grow());
    }
    EXPECT_TRUE(first.may_grow());
    first.hold(large - 1);
    buffer_budget::share third(budget);
    EXPECT_TRUE(third.may_grow());
}

} // namespace
