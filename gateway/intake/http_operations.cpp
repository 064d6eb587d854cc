#include "gateway/intake/http_operations.hpp"

#include "gateway/intake/acceptor.hpp"
#include "gateway/intake/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <chrono>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds request_timeout{30};
constexpr std::chrono::milliseconds stop_grace{200};
constexpr std::chrono::milliseconds accept_pause{50};
constexpr std::uint32_t header_bytes_max = 8 * 1024;
constexpr std::uint64_t body_bytes_max = 1024;
constexpr std::size_t connections_max = 32;

bool is_cancelled(const asio::cancellation_state& state) {
    return state.cancelled() != asio::cancellation_type::none;
}

http::response<http::string_body> to_response(const operations_answer& answer, unsigned version,
                                              bool keep_alive) {
    http::response<http::string_body> response(http::int_to_status(answer.status), version);
    response.set(http::field::content_type, answer.content_type);
    response.set(http::field::cache_control, "no-store");
    response.keep_alive(keep_alive);
    response.body() = answer.body;
    response.prepare_payload();
    return response;
}

class beast_operations_server final : public operations_server {
public:
    beast_operations_server(asio::any_io_executor on, tcp::acceptor acceptor, const observe::metrics& metrics,
                            const observe::health& health, observe::logger& log)
        : on_(std::move(on)), port_(acceptor.local_endpoint().port()), metrics_(metrics), health_(health),
          tasks_(log) {
        const asio::any_io_executor strand = acceptor.get_executor();
        tasks_.spawn("operations-accept", strand, accept(std::move(acceptor)));
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    void stop() override { tasks_.stop(stop_grace); }

private:
    // Runs until it is cancelled; connections past the limit are closed at once.
    asio::awaitable<void> accept(tcp::acceptor acceptor) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        asio::steady_timer pause(acceptor.get_executor());
        while (!is_cancelled(co_await asio::this_coro::cancellation_state)) {
            auto strand = asio::make_strand(on_);
            auto [failure, socket] = co_await acceptor.async_accept(strand, as_result);
            if (failure) { // out of descriptors, or cancelled: do not spin
                pause.expires_after(accept_pause);
                (void)co_await pause.async_wait(as_result);
            } else if (tasks_.size() <= connections_max) {
                tasks_.spawn("operations-connection", strand, serve(beast::tcp_stream(std::move(socket))));
            }
        }
    }

    asio::awaitable<void> serve(beast::tcp_stream stream) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        beast::flat_buffer buffer;
        bool keep_alive = true;
        while (keep_alive && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(header_bytes_max);
            parser.body_limit(body_bytes_max);
            stream.expires_after(request_timeout);
            const auto read = co_await http::async_read(stream, buffer, parser, as_result);
            if (std::get<0>(read))
                co_return;
            const auto& request = parser.get();
            keep_alive = request.keep_alive();
            const auto response =
                to_response(answer_operations_request(std::string_view(request.method_string()),
                                                      std::string_view(request.target()), metrics_, health_),
                            request.version(), keep_alive);
            stream.expires_after(request_timeout);
            const auto written = co_await http::async_write(stream, response, as_result);
            if (std::get<0>(written))
                co_return;
        }
        boost::system::error_code ignored; // the peer may have closed first
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    asio::any_io_executor on_;
    std::uint16_t port_;
    const observe::metrics& metrics_;
    const observe::health& health_;
    task_group tasks_;
};

} // namespace

operations_answer answer_operations_request(std::string_view method, std::string_view target,
                                            const observe::metrics& metrics, const observe::health& health) {
    constexpr std::string_view text = "text/plain; charset=utf-8";
    if (method != "GET")
        return {405, std::string(text), "only GET\n"};
    const std::string_view path = target.substr(0, target.find('?'));
    if (path == "/metrics")
        return {200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()};
    if (path == "/health/live")
        return {200, "application/json", "{\"live\":true}\n"};
    if (path == "/health/ready")
        return {health.ready() ? 200U : 503U, "application/json", health.json() + "\n"};
    return {404, std::string(text), "there are /metrics, /health/live and /health/ready\n"};
}

result<std::unique_ptr<operations_server>>
start_operations_server(asio::any_io_executor on, const std::string& address, std::uint16_t port,
                        const observe::metrics& metrics, const observe::health& health,
                        observe::logger& log) {
    result<tcp::acceptor> acceptor = open_acceptor(asio::make_strand(on), address, port);
    if (!acceptor)
        return acceptor.error();
    return std::make_unique<beast_operations_server>(std::move(on), std::move(*acceptor), metrics, health,
                                                     log);
}

} // namespace auditgate::gateway::intake
