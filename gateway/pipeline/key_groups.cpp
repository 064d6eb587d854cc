#include "gateway/pipeline/key_groups.hpp"

#include <algorithm>

namespace auditgate::gateway::pipeline {

std::size_t key_groups::add(std::span<const std::string> keys) {
    const std::size_t thing = parents_.size();
    parents_.push_back(thing);
    for (const std::string& key : keys) {
        const auto [place, is_new] = first_with_key_.try_emplace(key, thing);
        if (is_new)
            continue;
        // The lower root stays, so that groups come out in the order of their first thing.
        const std::size_t left = root_of(place->second);
        const std::size_t right = root_of(thing);
        parents_[std::max(left, right)] = std::min(left, right);
    }
    return thing;
}

std::size_t key_groups::root_of(std::size_t thing) const {
    while (parents_[thing] != thing)
        thing = parents_[thing];
    return thing;
}

std::vector<std::vector<std::size_t>> key_groups::groups() const {
    std::vector<std::vector<std::size_t>> by_root(parents_.size());
    for (std::size_t thing = 0; thing < parents_.size(); ++thing)
        by_root[root_of(thing)].push_back(thing);
    std::erase_if(by_root, [](const auto& group) { return group.empty(); });
    return by_root;
}

} // namespace auditgate::gateway::pipeline
