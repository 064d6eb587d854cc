// A store that behaves as badly as the seam allows: conflicts out of nothing, commits whose outcome is not told,
// leases that are lost, work handed out in any order and fewer at a time. What works with it works with every engine.
#pragma once

#include "gateway/store/store.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <random>

namespace auditgate::test {

// How often, in percent of the calls, each thing happens.
struct hostility {
    unsigned conflict = 15;
    unsigned unknown_done = 8;     // commit: carried out, but the answer is lost
    unsigned unknown_not_done = 8; // commit: neither
    unsigned lease_lost = 10;      // seal and finish: somebody else has the row, for all the caller can know
};

// Takes over the store. The same seed behaves the same as long as one thread calls.
[[nodiscard]] std::unique_ptr<gateway::store::store>
make_hostile(std::unique_ptr<gateway::store::store> target, std::uint32_t seed, const hostility& how = {});

} // namespace auditgate::test
