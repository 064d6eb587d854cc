#include "mapping/cases/consents.hpp"

#include "mapping/cases/session.hpp"

#include <tuple>

namespace auditgate::mapping {

std::vector<consent_fact> consents_of(const patient& who, const terminology& codes) {
    std::vector<const fact*> found;
    for (const fact& one : who.facts) {
        // The one recorded last counts, also when it is dated ahead: its period says when it holds.
        if (!one.is_void && one.is->as<consent>() != nullptr)
            found.push_back(&one);
    }
    // The hash only makes the order one and the same: no rule looks at it.
    std::ranges::sort(found, [](const fact* left, const fact* right) {
        return std::make_tuple(left->is->recorded, content_hash(*left->is)) <
               std::make_tuple(right->is->recorded, content_hash(*right->is));
    });
    std::vector<consent_fact> result;
    for (const fact* one : found) {
        const consent& said = *one->is->as<consent>();
        consent_fact& made = result.emplace_back();
        made.policies = meanings(said.policy, *one->is, codes);
        made.active = said.active;
        made.permits = said.permits;
        if (said.first)
            made.first = said.first->date();
        if (said.last)
            made.last = said.last->last_date();
        made.recorded = one->is->recorded;
    }
    return result;
}

} // namespace auditgate::mapping
