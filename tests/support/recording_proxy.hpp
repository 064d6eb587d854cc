// A relay between a client and a server of this machine that keeps every byte that passes, in both directions.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace auditgate::test {

class recording_proxy {
public:
    // Relays connections to its own port, which nobody else has, to this port of 127.0.0.1.
    explicit recording_proxy(std::uint16_t to);
    ~recording_proxy();
    recording_proxy(const recording_proxy&) = delete;
    recording_proxy& operator=(const recording_proxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // All that has passed until now; the connections' bytes lie between each other's as they came.
    [[nodiscard]] std::string recorded() const;

private:
    using socket = boost::asio::ip::tcp::socket;
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> relay(std::shared_ptr<socket> from, std::shared_ptr<socket> into);

    const std::uint16_t to_;
    mutable std::mutex mutex_;
    std::string recorded_;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::thread thread_;
};

} // namespace auditgate::test
