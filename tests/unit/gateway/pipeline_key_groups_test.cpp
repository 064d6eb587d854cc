#include "gateway/pipeline/key_groups.hpp"

#include <gtest/gtest.h>

namespace auditgate::gateway::pipeline {
namespace {

using groups = std::vector<std::vector<std::size_t>>;

groups groups_of(const std::vector<std::vector<std::string>>& things) {
    key_groups all;
    for (const auto& keys : things)
        all.add(keys);
    return all.groups();
}

TEST(KeyGroups, ThingsWithoutKeysStandAlone) {
    EXPECT_EQ(groups_of({{}, {}}), (groups{{0}, {1}}));
}

TEST(KeyGroups, ASharedKeyJoins) {
    EXPECT_EQ(groups_of({{"a"}, {"b"}, {"a", "c"}}), (groups{{0, 2}, {1}}));
}

TEST(KeyGroups, ALaterThingJoinsGroupsThatStoodApart) {
    EXPECT_EQ(groups_of({{"a"}, {"b"}, {"c"}, {"b", "a"}, {"c", "d"}}), (groups{{0, 1, 3}, {2, 4}}));
}

TEST(KeyGroups, AChainIsOneGroup) {
    EXPECT_EQ(groups_of({{"a", "b"}, {"c", "d"}, {"e", "f"}, {"b", "c"}, {"d", "e"}}),
              (groups{{0, 1, 2, 3, 4}}));
}

} // namespace
} // namespace auditgate::gateway::pipeline
