// A port that speaks HTTP/1.1, plain or TLS: one coroutine a connection, with limits on sizes, times and connections.
#pragma once

#include "gateway/network/http_message.hpp"
#include "gateway/network/tls_server.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace auditgate::gateway::network {

struct http_limits {
    std::size_t header_bytes_max = 16'384;
    std::size_t body_bytes_max = 1'000'000;
    std::size_t buffered_bytes_max = 256'000'000; // bodies of all connections; one alone may be longer
    int connections_max = 256;
    std::chrono::milliseconds idle_timeout{60'000};    // between requests of a connection
    std::chrono::milliseconds request_timeout{30'000}; // to receive a request, and to take an answer
    std::chrono::milliseconds answer_timeout{
        300'000}; // for the handler; then 504, and the connection is closed

    bool operator==(const http_limits&) const = default;
};

struct http_port {
    std::string name; // for the log
    std::string address;
    std::uint16_t port = 0; // 0: any free one
    http_limits limits;
    std::shared_ptr<tls_server> tls; // none: plain
};

using answer_taker = std::function<void(http_answer)>;

class http_handler {
public:
    virtual ~http_handler() = default;

    // Called by a thread that moves bytes for everybody: it must not block. The answer is to be given once, by any thread,
    // in the call or later; one that comes after the answer timeout goes nowhere. An exception closes the connection.
    virtual void handle(http_request request, answer_taker answer) = 0;

    // The answer to what does not become a request: 400 (it cannot be read), 413 and 431 (its body or its header is too
    // long), 503 (there is no memory for its body now), 504 (the handler gave no answer in time).
    [[nodiscard]] virtual http_answer refuse(unsigned status) = 0;
};

// So much of a refused body is taken in, so that its sender sees the answer; longer ones meet a reset.
inline constexpr std::size_t drained_bytes_max = 8'000'000;

class http_server {
public:
    virtual ~http_server() = default; // stop() before, while the executor still runs

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    // Closes the port and what waits for a request, and breaks downloads off; returns at once.
    virtual void begin_stop() = 0;
    // begin_stop(), lets other requests under way end for `grace`, closes all connections. Blocks; not from a task of
    // the executor.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Listens at once; the handler and the log outlive the server. configuration: the address cannot be used.
[[nodiscard]] result<std::unique_ptr<http_server>> start_http_server(boost::asio::any_io_executor on,
                                                                     const http_port& port,
                                                                     http_handler& handler,
                                                                     observe::logger& log);

} // namespace auditgate::gateway::network
