// Ports to listen on.
#pragma once

#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace auditgate::gateway::network {

// `address` is an IPv4 or IPv6 address (no name); port 0 takes any free one. Fails with configuration and a text that
// says what to change.
[[nodiscard]] result<boost::asio::ip::tcp::acceptor>
open_acceptor(boost::asio::any_io_executor on, const std::string& address, std::uint16_t port);

// Gets a connection and the strand that it is to live on.
using connection_taker =
    std::function<void(const boost::asio::any_io_executor& strand, boost::asio::ip::tcp::socket)>;

// Hands every connection to `take` until it is cancelled; to be run where the acceptor is. Connections run on `on`.
[[nodiscard]] boost::asio::awaitable<void> accept_connections(boost::asio::any_io_executor on,
                                                              boost::asio::ip::tcp::acceptor acceptor,
                                                              connection_taker take);

} // namespace auditgate::gateway::network
