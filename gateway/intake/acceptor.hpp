// Opening a TCP port to listen on.
#pragma once

#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace auditgate::gateway::intake {

// `address` is an IPv4 or IPv6 address (no name); port 0 takes any free one. Fails with configuration and a text that
// says what to change.
[[nodiscard]] result<boost::asio::ip::tcp::acceptor>
open_acceptor(boost::asio::any_io_executor on, const std::string& address, std::uint16_t port);

} // namespace auditgate::gateway::intake
