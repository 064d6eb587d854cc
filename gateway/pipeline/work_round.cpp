#include "gateway/pipeline/work_round.hpp"

#include "gateway/pipeline/planner.hpp"

#include <algorithm>
#include <vector>

namespace auditgate::gateway::pipeline {

namespace {

// All clusters that the readings touch: by key, by message, and those asked for by id.
result<std::vector<store::cluster_snapshot>>
snapshots_for(store::store& store, std::span<const reading> readings, const std::vector<std::string>& keys) {
    auto touched = store.clusters_with(keys, messages_of(readings));
    if (!touched)
        return touched.error();
    std::vector<store::cluster_snapshot> snapshots = std::move(*touched);
    for (const reading& one : readings) {
        if (!one.cluster)
            continue;
        const bool known = std::any_of(snapshots.begin(), snapshots.end(),
                                       [&](const auto& snapshot) { return snapshot.id == *one.cluster; });
        if (known)
            continue;
        auto by_id = store.cluster(*one.cluster);
        if (!by_id)
            return by_id.error();
        // Absorbed by another cluster since the work was made: that one was computed then.
        if (*by_id)
            snapshots.push_back(std::move(**by_id));
    }
    return snapshots;
}

result<round_outcome> one_by_one(store::store& store, std::span<const store::work> claimed, const setup& with,
                                 std::chrono::local_days today, bool may_erase) {
    round_outcome all;
    for (const store::work& piece : claimed) {
        const auto one = work_round(store, {&piece, 1}, with, today, may_erase);
        if (!one)
            return one.error();
        all.pieces += one->pieces;
        all.conflicts += one->conflicts;
        all.records_changed = all.records_changed || one->records_changed;
        all.is_outdated = all.is_outdated || one->is_outdated;
        for (const auto& [of, times] : one->findings)
            all.findings[of] += times;
    }
    return all;
}

} // namespace

result<round_outcome> work_round(store::store& store, std::span<const store::work> claimed, const setup& with,
                                 std::chrono::local_days today, bool may_erase) {
    std::vector<reading> readings;
    readings.reserve(claimed.size());
    for (const store::work& piece : claimed)
        readings.push_back(read_work(piece, with));
    const std::vector<std::string> keys = keys_of(readings);

    round_outcome outcome;
    for (int attempt = 0; attempt <= conflicts_max; ++attempt) {
        auto snapshots = snapshots_for(store, readings, keys);
        if (!snapshots)
            return snapshots.error();
        auto changes = plan(readings, *snapshots, with, today, may_erase);
        if (!changes)
            return changes.error();
        changes->made_with = with.revision;
        auto committed = store.commit(*changes);
        if (!committed)
            return committed.error();
        switch (*committed) {
        case store::commit_result::committed:
            outcome.pieces = claimed.size();
            outcome.records_changed = !changes->desired.empty();
            for (const reading& one : readings)
                for (const auto& [code, times] : one.findings)
                    outcome.findings[{one.source, code}] += times;
            return outcome;
        case store::commit_result::unknown:
            outcome.records_changed = true;
            return outcome;
        case store::commit_result::outdated:
            outcome.is_outdated = true;
            return outcome;
        case store::commit_result::work_gone:
            return claimed.size() > 1 ? one_by_one(store, claimed, with, today, may_erase) : outcome;
        case store::commit_result::conflict:
            ++outcome.conflicts;
        }
    }
    return outcome;
}

} // namespace auditgate::gateway::pipeline
