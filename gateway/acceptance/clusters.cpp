#include "gateway/acceptance/clusters.hpp"

#include <map>
#include <numeric>
#include <string>

namespace auditgate::gateway::acceptance {

namespace {

// Disjoint sets of the numbers 0 to n-1.
class disjoint_sets {
public:
    explicit disjoint_sets(std::size_t count) : parent_(count) {
        std::iota(parent_.begin(), parent_.end(), 0U);
    }

    std::size_t representative(std::size_t of) {
        while (parent_[of] != of) {
            parent_[of] = parent_[parent_[of]];
            of = parent_[of];
        }
        return of;
    }

    void unite(std::size_t left, std::size_t right) { parent_[representative(left)] = representative(right); }

private:
    std::vector<std::size_t> parent_;
};

} // namespace

std::vector<std::vector<std::size_t>> clusters_of(const std::vector<mapping::event>& events) {
    disjoint_sets sets(events.size());
    std::map<std::string, std::size_t> first_with_key;
    std::vector<bool> has_key(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        for (std::string& key : mapping::cluster_keys(events[i])) {
            has_key[i] = true;
            const auto [first, is_new] = first_with_key.try_emplace(std::move(key), i);
            if (!is_new) {
                sets.unite(i, first->second);
            }
        }
    }
    std::map<std::size_t, std::size_t> place;
    std::vector<std::vector<std::size_t>> clusters;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!has_key[i]) {
            continue;
        }
        const auto [found, is_new] = place.try_emplace(sets.representative(i), clusters.size());
        if (is_new) {
            clusters.emplace_back();
        }
        clusters[found->second].push_back(i);
    }
    return clusters;
}

} // namespace auditgate::gateway::acceptance
