// The registry's port. Requests are handled on a thread of their own, so that the disk never holds up a connection, and
// downloads on another, so that neither records that arrive nor health wait for them.
#pragma once

#include "gateway/network/http_server.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/registry/registry_config.hpp"
#include "gateway/registry/registry_service.hpp"
#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace auditgate::gateway::registry {

// Listens at once; `service` and `log` outlive the server. configuration: the address or the certificate cannot be used.
[[nodiscard]] result<std::unique_ptr<network::http_server>> start_http_server(boost::asio::any_io_executor on,
                                                                              const registry_config& config,
                                                                              registry_service& service,
                                                                              observe::logger& log);

} // namespace auditgate::gateway::registry
