#include "gateway/network/http_server.hpp"

#include "gateway/network/acceptor.hpp"
#include "gateway/network/coroutine.hpp"
#include "gateway/network/task_group.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <array>
#include <atomic>
#include <exception>
#include <optional>

namespace auditgate::gateway::network {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds drain_timeout{10'000}; // for the rest of a body that is refused
constexpr unsigned http_1_1 = 11;                          // as Beast counts

using parser_type = http::request_parser<http::string_body>;
using secure_stream = beast::ssl_stream<beast::tcp_stream>;

http_request to_request(parser_type& parser, const std::string& peer) {
    auto& message = parser.get();
    http_request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message)
        request.fields.push_back({std::string(field.name_string()), std::string(field.value())});
    request.body = std::move(message.body());
    request.peer = peer;
    return request;
}

void set_fields(http::response_header<>& header, const http_answer& answer) {
    if (!answer.content_type.empty())
        header.set(http::field::content_type, answer.content_type);
    header.set(http::field::cache_control, "no-store");
    for (const http_field& one : answer.fields)
        header.insert(one.name, one.value);
}

// How an answer is to be written.
struct answer_form {
    unsigned version = http_1_1; // of the request
    bool keep_alive = false;
    bool head_only = false; // to a HEAD
};

// Memory for bodies, that all connections of a port share.
class body_budget {
public:
    explicit body_budget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // What one connection has of it.
    class share {
    public:
        explicit share(std::shared_ptr<body_budget> of) : of_(std::move(of)) {}
        ~share() { give_back(); }
        share(const share&) = delete;
        share& operator=(const share&) = delete;

        // False when there is not so much; a body may be longer than all there is when it is the only one.
        bool take(std::size_t bytes) {
            give_back();
            const std::size_t before = of_->used_.fetch_add(bytes);
            bytes_ = bytes;
            if (bytes == 0 || before == 0 || before + bytes <= of_->bytes_max_)
                return true;
            give_back();
            return false;
        }
        void give_back() {
            of_->used_.fetch_sub(bytes_);
            bytes_ = 0;
        }

    private:
        std::shared_ptr<body_budget> of_;
        std::size_t bytes_ = 0;
    };

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> used_ = 0;
};

// The status for a request that could not be received; none when nobody waits for an answer: the peer has gone, or has
// taken too long.
std::optional<unsigned> status_of(const error_code& failure) {
    if (failure == http::error::body_limit)
        return 413;
    if (failure == http::error::header_limit)
        return 431;
    if (failure == boost::system::errc::not_enough_memory)
        return 503;
    const bool is_of_http = failure.category() == make_error_code(http::error::bad_method).category();
    if (!is_of_http || failure == http::error::end_of_stream || failure == http::error::partial_message)
        return std::nullopt;
    return 400;
}

// An answer that a connection waits for. It belongs to both, so that either may end first.
struct pending_answer {
    pending_answer(asio::any_io_executor on, std::chrono::milliseconds wait)
        : home(std::move(on)), arrived(home, wait) {}

    asio::any_io_executor home; // of the connection: everything is touched there
    asio::steady_timer arrived; // cancelled when it is there
    std::optional<http_answer> answer;
};

// Holds the memory of the request's body until the handler lets go of it, which may be after the wait is over.
answer_taker taker_of(const std::shared_ptr<pending_answer>& pending,
                      std::shared_ptr<body_budget::share> memory) {
    return [pending, memory = std::move(memory)](http_answer answer) {
        asio::post(pending->home, [pending, answer = std::move(answer)]() mutable {
            if (!pending->answer)
                pending->answer = std::move(answer);
            pending->arrived.cancel();
        });
    };
}

class beast_http_server final : public http_server {
public:
    beast_http_server(asio::any_io_executor on, tcp::acceptor acceptor, const http_port& port,
                      http_handler& handler, observe::logger& log)
        : on_(std::move(on)), port_(acceptor.local_endpoint().port()), tls_(port.tls), limits_(port.limits),
          bodies_(std::make_shared<body_budget>(port.limits.buffered_bytes_max)), handler_(handler),
          tasks_(log) {
        const asio::any_io_executor strand = acceptor.get_executor();
        connection_taker take = [this, name = port.name + "-connection"](const asio::any_io_executor& home,
                                                                         tcp::socket socket) {
            if (tasks_.size() <= static_cast<std::size_t>(limits_.connections_max)) // the acceptor is one
                tasks_.spawn(name, home, open(beast::tcp_stream(std::move(socket))));
        };
        tasks_.spawn(port.name + "-accept", strand,
                     accept_connections(on_, std::move(acceptor), std::move(take)));
    }
    ~beast_http_server() override { downloads_.join(); }

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    void begin_stop() override { tasks_.begin_stop(); }
    void stop(std::chrono::milliseconds grace) override { tasks_.stop(grace); }

private:
    asio::awaitable<void> open(beast::tcp_stream stream) {
        error_code gone; // the peer may have closed first
        const tcp::endpoint endpoint = stream.socket().remote_endpoint(gone);
        const std::string peer = endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
        stream.socket().set_option(tcp::no_delay(true), gone);
        if (!tls_) {
            co_await serve(&stream, &peer);
            stream.socket().shutdown(tcp::socket::shutdown_send, gone);
            co_return;
        }
        const std::shared_ptr<ssl::context> certificate = tls_->current();
        secure_stream secure(std::move(stream), *certificate);
        beast::get_lowest_layer(secure).expires_after(limits_.request_timeout);
        const auto shaken = co_await secure.async_handshake(ssl::stream_base::server, as_result);
        if (!std::get<0>(shaken))
            co_await serve(&secure, &peer);
    }

    // Waiting for a request ends with a stop; a request under way gets its answer. The caller's frame holds the stream.
    template <class Stream>
    asio::awaitable<void> serve(Stream* stream, const std::string* peer) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        beast::flat_buffer buffer;
        bool keep_alive = true;
        while (keep_alive && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
            parser_type parser;
            parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
            parser.body_limit(limits_.body_bytes_max);
            const auto memory = std::make_shared<body_budget::share>(bodies_);
            const error_code failure = co_await receive(stream, &buffer, &parser, memory.get());
            if (failure) {
                memory->give_back();
                co_await refuse(stream, failure);
                co_return;
            }
            answer_form form;
            form.version = parser.get().version();
            form.keep_alive = parser.get().keep_alive();
            form.head_only = parser.get().method() == http::verb::head;
            http_request request = to_request(parser, *peer);
            std::optional<http_answer> answer = co_await answer_to(std::move(request), memory);
            if (!answer) {
                answer = handler_.refuse(504);
                form.keep_alive = false;
            }
            keep_alive = co_await write(stream, *std::move(answer), form) && form.keep_alive;
        }
    }

    // How much the body may get; a chunked one does not say.
    [[nodiscard]] std::size_t body_bytes(const parser_type& parser) const {
        if (parser.is_done())
            return 0;
        const auto told = parser.content_length();
        return told ? static_cast<std::size_t>(*told) : limits_.body_bytes_max;
    }

    template <class Stream>
    asio::awaitable<error_code> receive(Stream* stream, beast::flat_buffer* buffer, parser_type* parser,
                                        body_budget::share* memory) {
        beast::get_lowest_layer(*stream).expires_after(limits_.idle_timeout);
        const auto headed = co_await http::async_read_header(*stream, *buffer, *parser, as_result);
        if (std::get<0>(headed))
            co_return std::get<0>(headed);
        // RFC 9112 section 6.3: where such a body ends nobody can say, and what follows would be read as a request.
        if (parser->get().find(http::field::transfer_encoding) != parser->get().end() && !parser->chunked())
            co_return make_error_code(http::error::bad_transfer_encoding);
        if (!memory->take(body_bytes(*parser)))
            co_return make_error_code(boost::system::errc::not_enough_memory);
        beast::get_lowest_layer(*stream).expires_after(limits_.request_timeout);
        if (beast::iequals(parser->get()[http::field::expect], "100-continue")) { // RFC 9110 section 10.1.1
            http::response<http::empty_body> go_on(http::status::continue_, http_1_1);
            const auto told = co_await http::async_write(*stream, go_on, as_result);
            if (std::get<0>(told))
                co_return std::get<0>(told);
        }
        const auto read = co_await http::async_read(*stream, *buffer, *parser, as_result);
        co_return std::get<0>(read);
    }

    template <class Stream>
    asio::awaitable<void> refuse(Stream* stream, error_code failure) {
        const std::optional<unsigned> status = status_of(failure);
        if (!status)
            co_return;
        http_answer answer = handler_.refuse(*status);
        const answer_form form;
        (void)co_await write(stream, std::move(answer), form);
        co_await drain(stream);
    }

    // Takes in what still comes of a refused body: a connection that is closed over unread bytes is reset, and its peer
    // would not see the answer.
    template <class Stream>
    static asio::awaitable<void> drain(Stream* stream) {
        error_code failed;
        beast::get_lowest_layer(*stream).socket().shutdown(tcp::socket::shutdown_send, failed);
        std::array<char, 16'384> unread{};
        const asio::mutable_buffer space = asio::buffer(unread);
        std::size_t drained = 0;
        beast::get_lowest_layer(*stream).expires_after(drain_timeout); // for all of it
        while (!failed && drained < drained_bytes_max) {
            const auto read = co_await stream->async_read_some(space, as_result);
            failed = std::get<0>(read);
            drained += std::get<1>(read);
        }
    }

    // None: it did not come in time, or the end of a stop's grace did.
    asio::awaitable<std::optional<http_answer>> answer_to(http_request request,
                                                          std::shared_ptr<body_budget::share> memory) {
        const asio::any_io_executor home = co_await asio::this_coro::executor;
        const auto pending = std::make_shared<pending_answer>(home, limits_.answer_timeout);
        handler_.handle(std::move(request), taker_of(pending, std::move(memory)));
        while (!pending->answer) {
            const auto waited = co_await pending->arrived.async_wait(as_result);
            const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
            const bool is_forced =
                (state.cancelled() & asio::cancellation_type::terminal) != asio::cancellation_type::none;
            if (!std::get<0>(waited) || is_forced)
                break;
        }
        co_return std::move(pending->answer);
    }

    // Runs `work` on the thread for downloads while the coroutine waits at home: it must not go there itself, for a stop
    // emits the cancellation of its connection on the connection's own strand, and it may only be at one place.
    asio::awaitable<result<std::optional<std::string>>> next_piece(const body_source* source) {
        std::optional<result<std::optional<std::string>>> made;
        std::exception_ptr thrown;
        auto hand_over = [threads = &downloads_, source, &made, &thrown](auto resume) {
            asio::any_io_executor home = asio::get_associated_executor(resume);
            asio::post(*threads, [source, &made, &thrown, home, back = std::move(resume)]() mutable {
                try {
                    made = (*source)();
                } catch (...) {
                    thrown =
                        std::current_exception(); // rethrown at home, where the connection may be touched
                }
                asio::post(home, std::move(back));
            });
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(hand_over),
                                                                             asio::use_awaitable);
        if (thrown)
            std::rethrow_exception(thrown);
        co_return *std::move(made);
    }

    // False when the connection is of no more use.
    template <class Stream>
    asio::awaitable<bool> write(Stream* stream, http_answer answer, answer_form form) {
        beast::get_lowest_layer(*stream).expires_after(limits_.request_timeout);
        if (answer.more)
            co_return co_await write_pieces(stream, std::move(answer), form);
        http::response<http::string_body> response(http::int_to_status(answer.status), form.version);
        response.result(answer.status);
        set_fields(response, answer);
        response.keep_alive(form.keep_alive);
        response.body() = std::move(answer.body);
        response.prepare_payload();
        if (answer.status == 204) // RFC 9110 section 8.6
            response.erase(http::field::content_length);
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
    asio::awaitable<bool> write_pieces(Stream* stream, http_answer answer, answer_form form) {
        const bool chunked = form.version >= http_1_1;
        http::response<http::empty_body> response(http::int_to_status(answer.status), form.version);
        set_fields(response, answer);
        response.chunked(chunked);
        response.keep_alive(form.keep_alive && chunked);
        http::response_serializer<http::empty_body> serializer(response);
        const auto headed = co_await http::async_write_header(*stream, serializer, as_result);
        bool good = !std::get<0>(headed);
        if (form.head_only) {
            co_return good&& chunked;
        }
        while (good && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
            result<std::optional<std::string>> piece = co_await next_piece(&answer.more);
            if (!piece)
                break;
            if (!*piece)
                co_return co_await write_end(stream, chunked);
            good = co_await write_piece(stream, *std::move(*piece), chunked);
        }
        error_code ignored;
        beast::get_lowest_layer(*stream).socket().set_option(asio::socket_base::linger(true, 0), ignored);
        beast::get_lowest_layer(*stream).close();
        co_return false;
    }

    template <class Stream>
    asio::awaitable<bool> write_piece(Stream* stream, std::string piece, bool chunked) {
        if (piece.empty()) // as a chunk it would be the last one
            co_return true;
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
        if (!chunked)
            co_return false;
        beast::get_lowest_layer(*stream).expires_after(limits_.request_timeout);
        const auto last = http::make_chunk_last();
        const auto written = co_await asio::async_write(*stream, last, as_result);
        co_return !std::get<0>(written);
    }

    asio::any_io_executor on_;
    std::uint16_t port_;
    std::shared_ptr<tls_server> tls_;
    http_limits limits_;
    std::shared_ptr<body_budget> bodies_;
    http_handler& handler_;
    asio::thread_pool downloads_{1};
    task_group tasks_;
};

} // namespace

std::string_view http_request::field(std::string_view name) const {
    for (const http_field& one : fields)
        if (beast::iequals(one.name, name))
            return one.value;
    return {};
}

result<std::unique_ptr<http_server>> start_http_server(asio::any_io_executor on, const http_port& port,
                                                       http_handler& handler, observe::logger& log) {
    auto acceptor = open_acceptor(asio::make_strand(on), port.address, port.port);
    if (!acceptor)
        return acceptor.error();
    return std::make_unique<beast_http_server>(std::move(on), std::move(*acceptor), port, handler, log);
}

} // namespace auditgate::gateway::network
