#include "gateway/registry/http_server.hpp"

#include "gateway/intake/acceptor.hpp"
#include "gateway/intake/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <array>
#include <exception>
#include <functional>
#include <optional>

namespace auditgate::gateway::registry {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds accept_pause{50};
constexpr std::chrono::milliseconds drain_timeout{5'000}; // without a byte of a body that is refused
constexpr unsigned http_1_1 = 11;                         // as Beast counts

using parser_type = http::request_parser<http::string_body>;
using secure_stream = beast::ssl_stream<beast::tcp_stream>;

bool is_cancelled(const asio::cancellation_state& state) {
    return state.cancelled() != asio::cancellation_type::none;
}

service_request to_request(parser_type& parser) {
    auto& message = parser.get();
    service_request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.authorization = std::string(message[http::field::authorization]);
    request.content_type = std::string(message[http::field::content_type]);
    request.body = std::move(message.body());
    return request;
}

void set_headers(http::response_header<>& header, const service_response& answer) {
    header.set(http::field::content_type, answer.content_type);
    header.set(http::field::cache_control, "no-store");
    if (answer.status == 401) {
        header.set(http::field::www_authenticate, "Bearer");
    }
}

// How an answer is to be written.
struct answer_form {
    unsigned version = http_1_1; // of the request
    bool keep_alive = false;
    bool head_only = false; // to a HEAD
};

result<ssl::context> load_tls(const server_tls& files) {
    ssl::context context(ssl::context::tls_server);
    boost::system::error_code failed;
    if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
        return error{errc::configuration, "this OpenSSL cannot do TLS 1.2"};
    }
    context.use_certificate_chain_file(files.certificate_file.string(), failed);
    if (failed) {
        return error{errc::configuration,
                     "no certificate can be read from " + files.certificate_file.string()};
    }
    context.use_private_key_file(files.key_file.string(), ssl::context::pem, failed);
    if (failed) {
        return error{errc::configuration,
                     "the key " + files.key_file.string() + " does not fit the certificate"};
    }
    return context;
}

class beast_http_server final : public http_server {
public:
    beast_http_server(asio::any_io_executor on, tcp::acceptor acceptor, std::optional<ssl::context> tls,
                      const registry_limits& limits, registry_service& service, observe::logger& log)
        : on_(std::move(on)), port_(acceptor.local_endpoint().port()), tls_(std::move(tls)), limits_(limits),
          service_(service), tasks_(log) {
        const asio::any_io_executor strand = acceptor.get_executor();
        tasks_.spawn("registry-accept", strand, accept(std::move(acceptor)));
    }
    ~beast_http_server() override {
        workers_.join();
        downloads_.join();
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    void stop(std::chrono::milliseconds grace) override { tasks_.stop(grace); }

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
            } else if (tasks_.size() <= static_cast<std::size_t>(limits_.connections_max)) {
                tasks_.spawn("registry-connection", strand, open(beast::tcp_stream(std::move(socket))));
            }
        }
    }

    asio::awaitable<void> open(beast::tcp_stream stream) {
        if (!tls_) {
            co_await serve(&stream);
            boost::system::error_code ignored; // the peer may have closed first
            stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
            co_return;
        }
        secure_stream secure(std::move(stream), *tls_);
        beast::get_lowest_layer(secure).expires_after(limits_.request_timeout);
        const auto shaken = co_await secure.async_handshake(ssl::stream_base::server, as_result);
        if (!std::get<0>(shaken)) {
            co_await serve(&secure);
        }
    }

    // Waiting for a request ends with a stop; a request under way gets its answer. The caller's frame holds the stream.
    template <class Stream>
    asio::awaitable<void> serve(Stream* stream) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        beast::flat_buffer buffer;
        bool keep_alive = true;
        while (keep_alive && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
            parser_type parser;
            parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
            parser.body_limit(limits_.body_bytes_max);
            beast::get_lowest_layer(*stream).expires_after(limits_.idle_timeout);
            const auto headed = co_await http::async_read_header(*stream, buffer, parser, as_result);
            boost::system::error_code failure = std::get<0>(headed);
            if (!failure) {
                beast::get_lowest_layer(*stream).expires_after(limits_.request_timeout);
                const auto read = co_await http::async_read(*stream, buffer, parser, as_result);
                failure = std::get<0>(read);
            }
            if (failure && failure != http::error::body_limit) {
                co_return;
            }
            answer_form form;
            form.version = parser.get().version();
            form.keep_alive = !failure && parser.get().keep_alive();
            form.head_only = parser.get().method() == http::verb::head;
            service_response answer;
            if (failure) {
                answer =
                    registry_service::refuse(413, "too-long", "the body is larger than this registry takes");
            } else {
                service_request request = to_request(parser);
                answer = co_await handle(std::move(request));
            }
            keep_alive = co_await write(stream, std::move(answer), form) && form.keep_alive;
            if (failure) {
                co_await drain(stream);
            }
        }
    }

    // Takes in what still comes of a refused body: a connection that is closed over unread bytes is reset, and its peer
    // would not see the answer.
    template <class Stream>
    static asio::awaitable<void> drain(Stream* stream) {
        boost::system::error_code failed;
        beast::get_lowest_layer(*stream).socket().shutdown(tcp::socket::shutdown_send, failed);
        std::array<char, 16'384> unread{};
        const asio::mutable_buffer space = asio::buffer(unread);
        std::size_t drained = 0;
        while (!failed && drained < drained_bytes_max) {
            beast::get_lowest_layer(*stream).expires_after(drain_timeout);
            const auto read = co_await stream->async_read_some(space, as_result);
            failed = std::get<0>(read);
            drained += std::get<1>(read);
        }
    }

    asio::awaitable<service_response> handle(service_request request) {
        const std::function<service_response()> work = [&] { return service_.handle(request); };
        co_return co_await on_threads(&workers_, work);
    }

    // Runs `work` on those threads while the coroutine waits at home: it must not go there itself, for a stop emits the
    // cancellation of its connection on the connection's own strand, and it may only be at one place.
    template <class T>
    asio::awaitable<T> on_threads(asio::thread_pool* threads, std::function<T()> work) {
        std::optional<T> made;
        std::exception_ptr thrown;
        auto hand_over = [threads, &work, &made, &thrown](auto resume) {
            asio::any_io_executor home = asio::get_associated_executor(resume);
            asio::post(*threads, [&work, &made, &thrown, home, back = std::move(resume)]() mutable {
                try {
                    made = work();
                } catch (...) {
                    thrown =
                        std::current_exception(); // rethrown at home, where the connection may be touched
                }
                asio::post(home, std::move(back));
            });
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(hand_over),
                                                                             asio::use_awaitable);
        if (thrown) {
            std::rethrow_exception(thrown);
        }
        co_return *std::move(made);
    }

    // False when the connection is of no more use.
    template <class Stream>
    asio::awaitable<bool> write(Stream* stream, service_response answer, answer_form form) {
        beast::get_lowest_layer(*stream).expires_after(limits_.request_timeout);
        if (answer.more) {
            co_return co_await write_pieces(stream, std::move(answer), form);
        }
        http::response<http::string_body> response(http::int_to_status(answer.status), form.version);
        set_headers(response, answer);
        response.keep_alive(form.keep_alive);
        response.body() = std::move(answer.body);
        response.prepare_payload();
        http::response_serializer<http::string_body> serializer(response);
        if (form.head_only) {
            const auto written = co_await http::async_write_header(*stream, serializer, as_result);
            co_return !std::get<0>(written);
        }
        const auto written = co_await http::async_write(*stream, serializer, as_result);
        co_return !std::get<0>(written);
    }

    // Nobody knows how long it gets: in chunks, whose last one tells that the body is whole; for HTTP/1.0, which has none,
    // until the connection is closed. One that breaks off in the middle resets the connection.
    template <class Stream>
    asio::awaitable<bool> write_pieces(Stream* stream, service_response answer, answer_form form) {
        const bool chunked = form.version >= http_1_1;
        http::response<http::empty_body> response(http::int_to_status(answer.status), form.version);
        set_headers(response, answer);
        response.chunked(chunked);
        response.keep_alive(form.keep_alive && chunked);
        http::response_serializer<http::empty_body> serializer(response);
        const auto headed = co_await http::async_write_header(*stream, serializer, as_result);
        bool good = !std::get<0>(headed);
        if (form.head_only) {
            co_return good&& chunked;
        }
        while (good && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
            result<std::optional<std::string>> piece = co_await on_threads(&downloads_, answer.more);
            if (!piece) {
                break;
            }
            if (!*piece) {
                co_return co_await write_end(stream, chunked);
            }
            good = co_await write_piece(stream, *std::move(*piece), chunked);
        }
        boost::system::error_code ignored;
        beast::get_lowest_layer(*stream).socket().set_option(asio::socket_base::linger(true, 0), ignored);
        beast::get_lowest_layer(*stream).close();
        co_return false;
    }

    template <class Stream>
    asio::awaitable<bool> write_piece(Stream* stream, std::string piece, bool chunked) {
        if (piece.empty()) { // as a chunk it would be the last one
            co_return true;
        }
        beast::get_lowest_layer(*stream).expires_after(limits_.request_timeout);
        const asio::const_buffer bytes = asio::buffer(piece);
        if (!chunked) {
            const auto written = co_await asio::async_write(*stream, bytes, as_result);
            co_return !std::get<0>(written);
        }
        const auto chunk = http::make_chunk(bytes);
        const auto written = co_await asio::async_write(*stream, chunk, as_result);
        co_return !std::get<0>(written);
    }

    template <class Stream>
    asio::awaitable<bool> write_end(Stream* stream, bool chunked) {
        if (!chunked) {
            co_return false;
        }
        beast::get_lowest_layer(*stream).expires_after(limits_.request_timeout);
        const auto last = http::make_chunk_last();
        const auto written = co_await asio::async_write(*stream, last, as_result);
        co_return !std::get<0>(written);
    }

    asio::any_io_executor on_;
    std::uint16_t port_;
    std::optional<ssl::context> tls_;
    registry_limits limits_;
    registry_service& service_;
    asio::thread_pool workers_{1};
    asio::thread_pool downloads_{1};
    intake::task_group tasks_;
};

} // namespace

result<std::unique_ptr<http_server>> start_http_server(asio::any_io_executor on,
                                                       const registry_config& config,
                                                       registry_service& service, observe::logger& log) {
    std::optional<ssl::context> tls;
    if (config.tls) {
        auto loaded = load_tls(*config.tls);
        if (!loaded) {
            return loaded.error();
        }
        tls = std::move(*loaded);
    }
    auto acceptor = intake::open_acceptor(asio::make_strand(on), config.address, config.port);
    if (!acceptor) {
        return acceptor.error();
    }
    return std::make_unique<beast_http_server>(std::move(on), std::move(*acceptor), std::move(tls),
                                               config.limits, service, log);
}

} // namespace auditgate::gateway::registry
