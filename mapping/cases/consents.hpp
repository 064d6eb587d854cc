// The consents of a patient, as the release gate and the follow-up ask them (dataset.md sections 5 and 8).
#pragma once

#include "mapping/terminology/terminology.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <optional>
#include <span>
#include <vector>

namespace auditgate::mapping {

struct patient;

// A consent that is not void.
struct consent_fact {
    std::vector<concept_code> policies; // as sent, and what the sender's local codes lead to
    bool active = false;
    bool permits = false;
    std::optional<std::chrono::local_days> first, last; // of its period, both days included
    std::chrono::sys_time<std::chrono::milliseconds> recorded{};

    bool operator==(const consent_fact&) const = default;
};

// In the order in which they were recorded.
[[nodiscard]] std::vector<consent_fact> consents_of(const patient& who, const terminology& codes);

// The consents that decide about a policy: those of it that were recorded last. When several were recorded at one instant
// nothing tells which of them is the later one, so all of them decide, and they permit only together.
template <std::predicate<const concept_code&> is_policy>
[[nodiscard]] std::vector<const consent_fact*> deciding_consents(std::span<const consent_fact> consents,
                                                                 is_policy is_asked_for) {
    std::vector<const consent_fact*> result;
    for (const consent_fact& one : consents) {
        if (std::ranges::none_of(one.policies, is_asked_for) ||
            (!result.empty() && one.recorded < result.front()->recorded))
            continue;
        if (!result.empty() && one.recorded > result.front()->recorded)
            result.clear();
        result.push_back(&one);
    }
    return result;
}

} // namespace auditgate::mapping
