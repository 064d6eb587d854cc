// Group commit: many connections hand in messages, one thread journals whatever has gathered in one
// transaction, then every message's completion hears its outcome. An acknowledgement may be sent from the
// completion on, never before.
//
// While one batch is being committed the next one gathers. Only when the batch before was of several messages
// does the thread wait, at most half a millisecond, until most of as many have come again: their senders have just
// been answered. So a lone sender has the latency of one commit, and many senders share one.
//
// After a failure the store is probed now and then until it works: who waits for that before he sends would otherwise wait
// for ever.
#pragma once

#include "gateway/result.hpp"
#include "gateway/store/store.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace auditgate::gateway::store {

struct journal_limits {
    std::size_t batch_messages_max = 128;
    std::size_t batch_bytes_max = std::size_t{4} << 20; // a larger message makes a batch of its own
    std::size_t queue_messages_max = 4096;
    std::size_t queue_bytes_max = std::size_t{64} << 20; // a larger message is taken when the queue is empty
    std::chrono::milliseconds probe_interval{1000};      // after a failure, while no message comes
};

class journal {
public:
    // Called once for every message taken, on the journal's thread: it must be quick, must not throw and must
    // not call stop(). On failure nothing may be answered positively.
    using completion = std::function<void(result<append_outcome>)>;
    // Called on the journal's thread after every batch, before its completions, and after every probe: whether the store
    // took it. As a completion it must be quick and must not throw.
    using store_listener = std::function<void(const result<void>&)>;

    // The store must outlive the journal.
    explicit journal(store& target, const journal_limits& limits = {});
    ~journal(); // stop()
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    // Replaces the one who hears of the store; he must outlive the journal's thread, which ends with stop().
    void listen(store_listener heard);

    // Takes the message, or returns false and leaves both arguments as they are when the queue is full or the
    // journal is stopping: the caller then stops reading from its peer and tries again. Never blocks. Any
    // thread.
    [[nodiscard]] bool try_append(incoming_message& message, completion& done);

    // Takes no more messages, journals those in the queue, calls their completions, and returns. As soon
    // as the store does not work, the rest fails without being tried. May be called twice.
    void stop();

    [[nodiscard]] std::size_t queued_messages() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::store
