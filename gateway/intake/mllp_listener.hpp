// Listens for MLLP senders on one port.
#pragma once

#include "gateway/intake/journal_gate.hpp"
#include "gateway/intake/message_intake.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace auditgate::gateway::intake {

class mllp_listener {
public:
    virtual ~mllp_listener() = default; // stop() before, while the executor still runs

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    [[nodiscard]] virtual std::size_t connections() const = 0;
    // Closes the port, and lets every connection end as soon as it has answered what it has received whole. Does not
    // wait for them; not from a task of the executor.
    virtual void begin_stop() = 0;
    // begin_stop(), closes the connections that have not come to an end within `grace`, and returns when all are closed.
    // Blocks; not from a task of the executor.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Listens at once. `listener` is copied; what is passed by reference must outlive the listener. Fails with configuration
// when the address or the certificates cannot be used.
[[nodiscard]] result<std::unique_ptr<mllp_listener>>
start_mllp_listener(boost::asio::any_io_executor on, const listener_config& listener,
                    const message_intake& messages, journal_gate& journal, observe::health& health,
                    observe::metrics& metrics, observe::logger& log);

} // namespace auditgate::gateway::intake
