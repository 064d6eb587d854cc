#include "gateway/cli/blocking_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace auditgate::gateway::cli {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct blocking_connection::state {
    asio::io_context context;
    tcp::socket socket{context};
    std::string peer;
    std::array<char, 64 * 1024> buffer{};

    // Runs the operation that was just started, to its end or to the deadline.
    result<void> finish(const error_code& outcome, std::chrono::milliseconds timeout, std::string_view what) {
        context.restart();
        context.run_for(timeout);
        const bool late = !context.stopped();
        if (late) {
            error_code ignored; // it is given up anyway
            socket.close(ignored);
            context.run();
        }
        if (!late && !outcome)
            return {};
        const std::string reason =
            late ? "no answer within " + std::to_string(timeout.count()) + " ms" : outcome.message();
        return error{errc::network, std::string(what) + " " + peer + ": " + reason};
    }
};

blocking_connection::blocking_connection(std::unique_ptr<state> connected) : state_(std::move(connected)) {}
blocking_connection::blocking_connection(blocking_connection&&) noexcept = default;
blocking_connection& blocking_connection::operator=(blocking_connection&&) noexcept = default;
blocking_connection::~blocking_connection() = default;

result<blocking_connection> blocking_connection::connect(const std::string& host, std::uint16_t port,
                                                         std::chrono::milliseconds timeout) {
    auto made = std::make_unique<state>();
    made->peer = host + ":" + std::to_string(port);
    error_code outcome;
    tcp::resolver resolver(made->context);
    const auto endpoints = resolver.resolve(host, std::to_string(port), outcome);
    if (outcome)
        return error{errc::network, "cannot find " + made->peer + ": " + outcome.message()};
    asio::async_connect(made->socket, endpoints,
                        [&outcome](const error_code& failure, const tcp::endpoint&) { outcome = failure; });
    if (result<void> connected = made->finish(outcome, timeout, "cannot connect to"); !connected)
        return connected.error();
    made->socket.set_option(tcp::no_delay(true), outcome);
    return blocking_connection(std::move(made));
}

result<void> blocking_connection::write(std::string_view all_of, std::chrono::milliseconds timeout) {
    error_code outcome;
    asio::async_write(state_->socket, asio::buffer(all_of),
                      [&outcome](const error_code& failure, std::size_t) { outcome = failure; });
    return state_->finish(outcome, timeout, "cannot send to");
}

result<std::string> blocking_connection::read(std::chrono::milliseconds timeout) {
    error_code outcome;
    std::size_t bytes = 0;
    state_->socket.async_read_some(asio::buffer(state_->buffer),
                                   [&outcome, &bytes](const error_code& failure, std::size_t read) {
                                       outcome = failure;
                                       bytes = read;
                                   });
    if (result<void> read = state_->finish(outcome, timeout, "cannot read from"); !read)
        return read.error();
    return std::string(state_->buffer.data(), bytes);
}

} // namespace auditgate::gateway::cli
