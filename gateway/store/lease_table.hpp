// Leases kept in memory: who may work on what, until when. They end with the process.
#pragma once

#include "gateway/store/store.hpp"

#include <cstdint>
#include <map>

namespace auditgate::gateway::store {

struct lease_entry {
    std::int64_t epoch = 0; // proves the lease
    utc_time until{};
    std::int64_t rechecks = 0; // of the outbox row when it was leased
};

// Not synchronised: the engine's mutex guards it.
class lease_table {
public:
    [[nodiscard]] bool is_taken(std::int64_t id, utc_time now) const {
        const auto found = entries_.find(id);
        return found != entries_.end() && found->second.until > now;
    }

    // Ends whatever lease there was; returns the new one's epoch.
    std::int64_t take(std::int64_t id, utc_time until, std::int64_t rechecks = 0) {
        entries_[id] = {++last_epoch_, until, rechecks};
        return last_epoch_;
    }

    // The lease, when that epoch still holds it. One that ran out counts until somebody else takes it.
    [[nodiscard]] const lease_entry* held(std::int64_t id, std::int64_t epoch) const {
        const auto found = entries_.find(id);
        return found != entries_.end() && found->second.epoch == epoch ? &found->second : nullptr;
    }

    void give_back(std::int64_t id) { entries_.erase(id); }

    // The lease of that epoch, whoever has it by now.
    void give_back_epoch(std::int64_t epoch) {
        std::erase_if(entries_, [&](const auto& entry) { return entry.second.epoch == epoch; });
    }

    void forget_expired(utc_time now) {
        std::erase_if(entries_, [&](const auto& entry) { return entry.second.until <= now; });
    }

private:
    std::map<std::int64_t, lease_entry> entries_;
    std::int64_t last_epoch_ = 0;
};

} // namespace auditgate::gateway::store
