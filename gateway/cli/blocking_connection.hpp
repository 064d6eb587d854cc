// A TCP client for commands: every call blocks, and every call has a deadline.
#pragma once

#include "gateway/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace auditgate::gateway::cli {

// For one thread. After a failure the connection is closed and good for nothing but its destructor.
class blocking_connection {
public:
    // network when nobody listens there, or does not answer in time.
    [[nodiscard]] static result<blocking_connection> connect(const std::string& host, std::uint16_t port,
                                                             std::chrono::milliseconds timeout);
    blocking_connection(blocking_connection&&) noexcept;
    blocking_connection& operator=(blocking_connection&&) noexcept;
    ~blocking_connection();

    [[nodiscard]] result<void> write(std::string_view all_of, std::chrono::milliseconds timeout);
    // At least one byte; network when the peer has closed or nothing came in time.
    [[nodiscard]] result<std::string> read(std::chrono::milliseconds timeout);

private:
    struct state;
    explicit blocking_connection(std::unique_ptr<state> connected);
    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::cli
