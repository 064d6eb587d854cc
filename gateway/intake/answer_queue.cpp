#include "gateway/intake/answer_queue.hpp"

namespace auditgate::gateway::intake {

answer_queue::place answer_queue::open(steady_time now) {
    waiting_.push_back({now, std::nullopt});
    return first_ + waiting_.size() - 1;
}

void answer_queue::answer(place of, std::string bytes) {
    waiting_.at(of - first_).answer = std::move(bytes);
}

std::string answer_queue::take_ready() {
    std::string ready;
    while (!waiting_.empty() && waiting_.front().answer) {
        ready += *waiting_.front().answer;
        waiting_.pop_front();
        ++first_;
    }
    return ready;
}

std::optional<steady_time> answer_queue::waiting_since() const {
    if (waiting_.empty() || waiting_.front().answer)
        return std::nullopt;
    return waiting_.front().since;
}

std::optional<overdue_wait> find_overdue(const connection_waits& waits, const mllp_limits& limits,
                                         steady_time now) {
    const auto longer = [&](const std::optional<steady_time>& since, std::chrono::milliseconds limit) {
        return since && now - *since >= limit;
    };
    if (longer(waits.store_since, limits.store_timeout))
        return overdue_wait::store;
    if (longer(waits.write_since, limits.write_timeout))
        return overdue_wait::slow_answer;
    if (waits.store_since || waits.write_since)
        return std::nullopt; // the sender is not to blame for what it cannot send
    if (longer(waits.frame_since, limits.frame_timeout))
        return overdue_wait::slow_frame;
    if (!waits.frame_since && longer(waits.quiet_since, limits.idle_timeout))
        return overdue_wait::idle;
    return std::nullopt;
}

} // namespace auditgate::gateway::intake
