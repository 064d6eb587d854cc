// Delivery to one destination: leases a row of the outbox, asks the release gate before every attempt, seals, sends over
// HTTP(S), records how it ended. What to do is decided by attempt.hpp; this moves the bytes. A connection has one row at a
// time, so that what the gate is asked about is never older than the attempt. A destination that asks for time (429, or
// Retry-After) is left alone until then, whatever has become due.
#pragma once

#include "gateway/delivery/attempt.hpp"
#include "gateway/delivery/http_client.hpp"
#include "gateway/delivery/release_gate.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/result.hpp"
#include "gateway/store/store.hpp"
#include "mapping/feed/layout.hpp"

#include <memory>
#include <string>
#include <vector>

namespace auditgate::gateway::delivery {

struct destination {
    std::string name; // as in the outbox
    http_client_options endpoint;
    retry_policy retry;
    mapping::release_schedule schedule = mapping::release_schedule::weekly;
    int concurrency = 1; // connections, each with a thread of its own
    // Longer than a row can take: a request, and another above the registry's version, each perhaps sent twice.
    std::chrono::milliseconds lease_ms{600'000};
    std::chrono::milliseconds poll_interval_ms{
        1'000}; // how often to look for rows that have become due by time
};

// Failed attempts of one sealed version after which the log warns of it, once.
inline constexpr int attempts_until_warning = 10;
// Looks at rows that ended without sending anything are recorded together, up to so many.
inline constexpr std::size_t unsent_rows_max = 64;

// What delivery stands on; all of it outlives the delivery.
struct delivery_context {
    store::store& outbox;
    const std::vector<mapping::feed::layout>& layouts;
    release_gate& gate;
    observe::logger& log;
    observe::metrics& metrics;
    observe::clock_function now;
};

// Threads: start() and stop() from one thread; notify() from any.
class delivery {
public:
    // configuration: the destination's URL or certificates cannot be used.
    [[nodiscard]] static result<std::unique_ptr<delivery>> create(destination to,
                                                                  const delivery_context& context);
    ~delivery(); // stops
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;

    void start();
    // Breaks off what is under way (it will be sent again) and waits for the threads to end.
    void stop();
    // Something in the outbox or the gate has changed: look now.
    void notify();

private:
    struct state;
    explicit delivery(std::unique_ptr<state> initial);

    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::delivery
