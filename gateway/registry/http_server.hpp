// The registry's port: HTTP/1.1, plain or TLS, one coroutine a connection, with limits on sizes, times and connections.
// Requests are handled on a thread of their own, so that the disk never holds up a connection, and downloads on another,
// so that neither records that arrive nor health wait for them.
#pragma once

#include "gateway/observe/log.hpp"
#include "gateway/registry/registry_config.hpp"
#include "gateway/registry/registry_service.hpp"
#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace auditgate::gateway::registry {

// So much of a refused body is taken in, so that its sender sees the answer; longer ones meet a reset.
inline constexpr std::size_t drained_bytes_max = 8'000'000;

class http_server {
public:
    virtual ~http_server() = default; // stop() before, while the executor still runs

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    // Closes the port, breaks downloads off, lets other requests under way end for `grace`, closes all connections.
    // Blocks; not from a task of the executor.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Listens at once; `service` and `log` outlive the server. configuration: the address or the certificate cannot be used.
[[nodiscard]] result<std::unique_ptr<http_server>> start_http_server(boost::asio::any_io_executor on,
                                                                     const registry_config& config,
                                                                     registry_service& service,
                                                                     observe::logger& log);

} // namespace auditgate::gateway::registry
