#include "tests/support/memory_store.hpp"

namespace auditgate::test {

using namespace gateway::store;

std::vector<incoming_message> memory_store::appended() const {
    const std::scoped_lock lock(mutex_);
    return appended_;
}

append_outcome memory_store::append_one(const incoming_message& one) {
    append_outcome outcome;
    for (std::size_t i = 0; i < appended_.size() && !one.control_id.empty(); ++i) {
        const incoming_message& earlier = appended_[i];
        if (earlier.source != one.source || earlier.control_id != one.control_id ||
            one.received_at - earlier.received_at > one.duplicate_horizon)
            continue;
        if (earlier.bytes == one.bytes)
            return {static_cast<message_id>(i) + 1, true, false, earlier.answer};
        outcome.control_id_reused = true;
    }
    appended_.push_back(one);
    outcome.id = static_cast<message_id>(appended_.size());
    outcome.answer = one.answer;
    return outcome;
}

gateway::result<void> memory_store::probe() {
    if (down_)
        return error{gateway::errc::store_unavailable, "the store is down"};
    return {};
}

gateway::result<std::vector<append_outcome>> memory_store::append(std::span<const incoming_message> batch) {
    if (auto up = probe(); !up)
        return up.error();
    const std::scoped_lock lock(mutex_);
    std::vector<append_outcome> outcomes;
    for (const incoming_message& one : batch)
        outcomes.push_back(append_one(one));
    return outcomes;
}

} // namespace auditgate::test
