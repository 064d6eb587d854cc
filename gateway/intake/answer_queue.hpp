// The conversation on one MLLP connection, without the connection: answers go out in the order in which the messages
// came in, a bounded number of messages waits for its answer, and every wait has an end.
#pragma once

#include "gateway/config/gateway_config.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace auditgate::gateway::intake {

using steady_time = std::chrono::steady_clock::time_point;

class answer_queue {
public:
    using place = std::uint64_t;

    explicit answer_queue(int pipelined_max) : places_max_(static_cast<std::size_t>(pipelined_max)) {}

    // May another message be taken before an answer has gone out?
    [[nodiscard]] bool has_room() const { return waiting_.size() < places_max_; }
    [[nodiscard]] bool empty() const { return waiting_.empty(); }

    // A message was taken; its answer comes later, under the place returned.
    [[nodiscard]] place open(steady_time now);
    // The answer, ready to be sent; empty: the sender asked for none. An answer that never comes blocks those behind it.
    void answer(place of, std::string bytes);

    // All answers whose turn it is, joined in order; "" when there are none.
    [[nodiscard]] std::string take_ready();

    // Since when the message that has waited longest waits for its answer.
    [[nodiscard]] std::optional<steady_time> waiting_since() const;

private:
    struct waiting_message {
        steady_time since;
        std::optional<std::string> answer;
    };

    std::size_t places_max_;
    std::deque<waiting_message> waiting_;
    place first_ = 0; // of waiting_.front()
};

// Why a connection is closed by this side.
enum class overdue_wait { idle, slow_frame, store, slow_answer };

// What a connection waits for just now.
struct connection_waits {
    steady_time quiet_since;                // last byte moved in either direction
    std::optional<steady_time> frame_since; // a frame has begun and is not whole yet
    std::optional<steady_time> store_since; // a message waits to be committed
    std::optional<steady_time> write_since; // an answer is being written
};

// The wait that has lasted longer than its limit, if any.
[[nodiscard]] std::optional<overdue_wait> find_overdue(const connection_waits& waits,
                                                       const mllp_limits& limits, steady_time now);

} // namespace auditgate::gateway::intake
