// The operations port: GET /metrics (Prometheus), /health/live (this program runs), /health/ready (it can do its work:
// 200, else 503). It shows no patient data and takes no input.
#pragma once

#include "gateway/network/http_message.hpp"
#include "gateway/observe/health.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace auditgate::gateway::intake {

// What a request to the operations port is answered with. Sans-I/O; any thread.
[[nodiscard]] network::http_answer answer_operations_request(std::string_view method, std::string_view target,
                                                             const observe::metrics& metrics,
                                                             const observe::health& health);

class operations_server {
public:
    virtual ~operations_server() = default; // stop() before, while the executor still runs

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    // Closes the port and all connections. Blocks; not from a task of the executor.
    virtual void stop() = 0;
};

// Listens at once; what is passed by reference must outlive the server. Fails with configuration when the address
// cannot be used.
[[nodiscard]] result<std::unique_ptr<operations_server>>
start_operations_server(boost::asio::any_io_executor on, const std::string& address, std::uint16_t port,
                        const observe::metrics& metrics, const observe::health& health, observe::logger& log);

} // namespace auditgate::gateway::intake
