// Which things belong together because they share a key, directly or through others: disjoint sets.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auditgate::gateway::pipeline {

class key_groups {
public:
    // Adds a thing with its keys and returns its number, counted from 0. A thing without keys stands alone.
    std::size_t add(std::span<const std::string> keys);

    // The groups, each with the numbers of its things, ascending; ordered by their first thing.
    [[nodiscard]] std::vector<std::vector<std::size_t>> groups() const;

private:
    [[nodiscard]] std::size_t root_of(std::size_t thing) const;

    std::vector<std::size_t> parents_;
    std::unordered_map<std::string, std::size_t> first_with_key_;
};

} // namespace auditgate::gateway::pipeline
