#include "tests/support/recording_proxy.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>

namespace auditgate::test {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// What goes wrong ends the connection, as a relay's does.
void ignore(const std::exception_ptr&) {}

} // namespace

recording_proxy::recording_proxy(std::uint16_t to)
    : to_(to), acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()) {
    asio::co_spawn(context_, accept(), ignore);
    thread_ = std::thread([this] { context_.run(); });
}

recording_proxy::~recording_proxy() {
    context_.stop();
    thread_.join();
}

std::string recording_proxy::recorded() const {
    const std::lock_guard lock(mutex_);
    return recorded_;
}

asio::awaitable<void> recording_proxy::accept() {
    for (;;) {
        auto client = std::make_shared<socket>(co_await acceptor_.async_accept(asio::use_awaitable));
        auto server = std::make_shared<socket>(context_);
        const tcp::endpoint registry(asio::ip::address_v4::loopback(), to_);
        const auto connected = co_await server->async_connect(registry, as_result);
        if (std::get<0>(connected))
            continue; // nobody there: the client's connection ends with it
        asio::co_spawn(context_, relay(client, server), ignore);
        asio::co_spawn(context_, relay(server, client), ignore);
    }
}

asio::awaitable<void> recording_proxy::relay(std::shared_ptr<socket> from, std::shared_ptr<socket> into) {
    std::array<char, 16384> bytes{};
    for (;;) {
        const auto read = co_await from->async_read_some(asio::buffer(bytes), as_result);
        if (std::get<0>(read))
            break;
        const std::size_t size = std::get<1>(read);
        {
            const std::lock_guard lock(mutex_);
            recorded_.append(bytes.data(), size);
        }
        const auto written = co_await asio::async_write(*into, asio::buffer(bytes.data(), size), as_result);
        if (std::get<0>(written))
            break;
    }
    boost::system::error_code ignored;
    into->shutdown(socket::shutdown_both, ignored);
    from->shutdown(socket::shutdown_both, ignored);
}

} // namespace auditgate::test
