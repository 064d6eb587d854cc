#include "gateway/network/acceptor.hpp"

#include "gateway/network/coroutine.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <chrono>

namespace auditgate::gateway::network {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds accept_pause{50};

} // namespace

result<tcp::acceptor> open_acceptor(asio::any_io_executor on, const std::string& address,
                                    std::uint16_t port) {
    const std::string place = address + ":" + std::to_string(port);
    boost::system::error_code failure;
    const auto parsed = asio::ip::make_address(address, failure);
    if (failure)
        return error{errc::configuration, "`" + address + "` is not an IP address to listen on"};
    const tcp::endpoint endpoint(parsed, port);
    tcp::acceptor acceptor(on);
    acceptor.open(endpoint.protocol(), failure);
    if (!failure)
        acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure)
        acceptor.bind(endpoint, failure);
    if (!failure)
        acceptor.listen(asio::socket_base::max_listen_connections, failure);
    if (failure)
        return error{errc::configuration, "cannot listen on " + place + ": " + failure.message()};
    return acceptor;
}

asio::awaitable<void> accept_connections(asio::any_io_executor on, tcp::acceptor acceptor,
                                         connection_taker take) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(false);
    asio::steady_timer pause(acceptor.get_executor());
    while (!is_cancelled(co_await asio::this_coro::cancellation_state)) {
        const asio::any_io_executor strand = asio::make_strand(on);
        auto [failure, socket] = co_await acceptor.async_accept(strand, as_result);
        if (failure) { // out of descriptors, or cancelled: do not spin
            pause.expires_after(accept_pause);
            (void)co_await pause.async_wait(as_result);
        } else {
            take(strand, std::move(socket));
        }
    }
}

} // namespace auditgate::gateway::network
