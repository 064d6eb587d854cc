// The registry's port: HTTP/1.1, plain or TLS, one coroutine a connection, with limits on sizes, times and connections.
// Requests are handled on a thread of their own, so that the disk never holds up a connection.
#pragma once

#include "gateway/observe/log.hpp"
#include "gateway/registry/registry_config.hpp"
#include "gateway/registry/registry_service.hpp"
#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace auditgate::gateway::registry {

class http_server {
public:
    virtual ~http_server() = default; // stop() before, while the executor still runs

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    // Closes the port, lets requests under way end for `grace`, closes all connections. Blocks; not from a task of the
    // executor.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Listens at once; `service` and `log` outlive the server. configuration: the address or the certificate cannot be used.
[[nodiscard]] result<std::unique_ptr<http_server>> start_http_server(boost::asio::any_io_executor on,
                                                                     const registry_config& config,
                                                                     registry_service& service,
                                                                     observe::logger& log);

} // namespace auditgate::gateway::registry
