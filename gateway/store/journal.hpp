// Group commit: many connections hand in messages, one thread journals whatever has gathered in one
// transaction, then every message's completion hears its outcome. An acknowledgement may be sent from the
// completion on, never before.
//
// While one batch is being committed the next one gathers. Only when the batch before was of several messages
// does the thread wait, at most half a millisecond, until half as many have come again: their senders have just
// been answered. So a lone sender has the latency of one commit, and many senders share one.
#pragma once

#include "gateway/result.hpp"
#include "gateway/store/store.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace auditgate::gateway::store {

struct journal_limits {
    std::size_t batch_messages_max = 128;
    std::size_t batch_bytes_max = std::size_t{4} << 20; // a larger message makes a batch of its own
    std::size_t queue_messages_max = 4096;
    std::size_t queue_bytes_max = std::size_t{64} << 20; // a larger message is taken when the queue is empty
};

class journal {
public:
    // Called once for every message taken, on the journal's thread: it must be quick, must not throw and must
    // not call stop(). On failure nothing may be answered positively.
    using completion = std::function<void(result<append_outcome>)>;

    // The store must outlive the journal.
    explicit journal(store& target, const journal_limits& limits = {});
    ~journal(); // stop()
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    // Takes the message, or returns false and leaves both arguments as they are when the queue is full or the
    // journal is stopping: the caller then stops reading from its peer and tries again. Never blocks. Any
    // thread.
    [[nodiscard]] bool try_append(incoming_message& message, completion& done);

    // Takes no more messages, journals those in the queue, calls their completions, and returns. May be
    // called twice.
    void stop();

    [[nodiscard]] std::size_t queued_messages() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::store
