#include "gateway/delivery/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <atomic>
#include <fstream>
#include <sstream>

namespace auditgate::gateway::delivery {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = net::ssl;
using tcp = net::ip::tcp;
using request_type = http::request<http::string_body>;

namespace {

struct target {
    bool tls = false;
    std::string host;
    std::string port;
    std::string host_header;
    std::string path;
};

result<target> parse_url(const std::string& text) {
    const auto url = boost::urls::parse_uri(text);
    if (!url || (url->scheme() != "https" && url->scheme() != "http") || url->host().empty()) {
        return error{errc::configuration,
                     "`" + text + "` is not the URL of a FHIR server (https://host[:port]/path)"};
    }
    target made;
    made.tls = url->scheme() == "https";
    made.host = url->host_address();
    made.port = url->has_port() ? std::string{url->port()} : (made.tls ? "443" : "80");
    made.host_header = std::string{url->encoded_host_and_port()};
    made.path = url->encoded_path().empty() ? "/" : std::string{url->encoded_path()};
    return made;
}

result<std::string> read_token(const std::optional<std::filesystem::path>& file) {
    if (!file) {
        return std::string{};
    }
    std::ifstream in(*file);
    std::string token;
    if (!(in >> token)) {
        return error{errc::configuration, "the token file " + file->string() + " is empty or cannot be read"};
    }
    return token;
}

using plain_stream = beast::tcp_stream;
using secure_stream = beast::ssl_stream<beast::tcp_stream>;

struct exchange_failure {
    std::string code;
    bool before_answer =
        false; // nothing of an answer had come: a kept connection may have been closed meanwhile
};

// A question for the addresses of a name. The system's lookup cannot be broken off: one that takes too long is left to end
// by itself, and what it finds is dropped.
struct name_lookup {
    explicit name_lookup(net::io_context& io) : deadline(io) {}

    net::steady_timer deadline; // ends the wait, also when the answer has come
    bool found = false;
    tcp::resolver::results_type addresses;
};

std::string code_of(const boost::system::error_code& failed, const char* otherwise) {
    if (failed == beast::error::timeout) {
        return "timeout";
    }
    return failed == http::error::body_limit ? "answer-too-large" : otherwise;
}

} // namespace

struct http_client::state {
    http_client_options options;
    target to;
    net::io_context io{1};
    ssl::context tls{ssl::context::tls_client};
    std::unique_ptr<secure_stream> secure;
    std::unique_ptr<plain_stream> plain;
    tcp::resolver resolver{io};
    std::shared_ptr<name_lookup> lookup; // the last one
    beast::flat_buffer buffer;
    std::atomic<bool> stopped{false};

    bool connected() const { return secure != nullptr || plain != nullptr; }
    plain_stream& lowest() { return secure ? beast::get_lowest_layer(*secure) : *plain; }

    void close() {
        secure.reset();
        plain.reset();
        buffer.clear();
    }

    void break_off() {
        if (lookup) {
            lookup->deadline.cancel();
        }
        if (connected()) {
            lowest().close();
        }
    }

    void start_lookup(std::chrono::steady_clock::time_point until);
    net::awaitable<void> look_up(std::chrono::steady_clock::time_point until);
    net::awaitable<std::string> connect();
    net::awaitable<std::string> handshake();
    template <class Stream>
    net::awaitable<exchange_failure> exchange(Stream* stream, const request_type* request,
                                              http_answer* answer);
    net::awaitable<void> run(request_type request, http_answer* answer);
};

net::awaitable<std::string> http_client::state::handshake() {
    boost::system::error_code failed;
    secure->set_verify_callback(ssl::host_name_verification(to.host));
    if (SSL_set_tlsext_host_name(secure->native_handle(), to.host.c_str()) != 1) {
        co_return "tls";
    }
    co_await secure->async_handshake(ssl::stream_base::client,
                                     net::redirect_error(net::use_awaitable, failed));
    co_return failed ? code_of(failed, "tls") : std::string{};
}

// Outside the coroutine, which must not hold a capturing lambda.
void http_client::state::start_lookup(std::chrono::steady_clock::time_point until) {
    lookup = std::make_shared<name_lookup>(io);
    lookup->deadline.expires_at(until);
    resolver.async_resolve(
        to.host, to.port,
        [mine = lookup](boost::system::error_code failed, tcp::resolver::results_type addresses) {
            mine->found = !failed;
            mine->addresses = std::move(addresses);
            mine->deadline.cancel();
        });
}

net::awaitable<void> http_client::state::look_up(std::chrono::steady_clock::time_point until) {
    start_lookup(until);
    boost::system::error_code cancelled;
    co_await lookup->deadline.async_wait(net::redirect_error(net::use_awaitable, cancelled));
}

net::awaitable<std::string> http_client::state::connect() {
    const auto until = std::chrono::steady_clock::now() + options.connect_timeout_ms;
    co_await look_up(until);
    if (!lookup->found) {
        co_return std::chrono::steady_clock::now() < until ? "connect" : "timeout";
    }
    if (stopped) {
        co_return "stopped";
    }
    boost::system::error_code failed;
    if (to.tls) {
        secure = std::make_unique<secure_stream>(io, tls);
    } else {
        plain = std::make_unique<plain_stream>(io);
    }
    lowest().expires_at(until);
    co_await lowest().async_connect(lookup->addresses, net::redirect_error(net::use_awaitable, failed));
    if (failed) {
        co_return code_of(failed, "connect");
    }
    lowest().socket().set_option(tcp::no_delay(true), failed);
    if (to.tls) {
        co_return co_await handshake();
    }
    co_return std::string{};
}

template <class Stream>
net::awaitable<exchange_failure> http_client::state::exchange(Stream* stream, const request_type* request,
                                                              http_answer* answer) {
    boost::system::error_code failed;
    lowest().expires_after(options.answer_timeout_ms);
    co_await http::async_write(*stream, *request, net::redirect_error(net::use_awaitable, failed));
    if (failed) {
        co_return exchange_failure{code_of(failed, "broken"), failed != beast::error::timeout};
    }
    http::response_parser<http::string_body> parser;
    parser.body_limit(options.answer_bytes_max);
    co_await http::async_read(*stream, buffer, parser, net::redirect_error(net::use_awaitable, failed));
    if (failed) {
        const bool before_answer = !parser.is_header_done() && failed != beast::error::timeout;
        co_return exchange_failure{code_of(failed, "broken"), before_answer};
    }
    auto& message = parser.get();
    answer->status = static_cast<int>(message.result_int());
    answer->retry_after = std::string{message[http::field::retry_after]};
    answer->content_type = std::string{message[http::field::content_type]};
    answer->body = std::move(message.body());
    if (!message.keep_alive()) {
        close();
    }
    co_return exchange_failure{};
}

net::awaitable<void> http_client::state::run(request_type request, http_answer* answer) {
    bool may_be_stale = connected();
    while (!stopped) {
        if (!connected()) {
            std::string failure = co_await connect();
            if (!failure.empty()) {
                answer->failure = std::move(failure);
                close();
                co_return;
            }
        }
        exchange_failure failure;
        if (secure) {
            failure = co_await exchange(secure.get(), &request, answer);
        } else {
            failure = co_await exchange(plain.get(), &request, answer);
        }
        if (failure.code.empty()) {
            co_return;
        }
        close();
        if (!may_be_stale || !failure.before_answer) {
            answer->failure = failure.code;
            co_return;
        }
        may_be_stale = false;
    }
}

http_client::http_client(std::unique_ptr<state> initial) : state_(std::move(initial)) {}
http_client::~http_client() = default;

result<std::unique_ptr<http_client>> http_client::create(http_client_options options) {
    auto made = std::make_unique<state>();
    auto to = parse_url(options.base_url);
    if (!to) {
        return to.error();
    }
    made->to = *std::move(to);
    made->options = std::move(options);
    boost::system::error_code failed;
    if (SSL_CTX_set_min_proto_version(made->tls.native_handle(), TLS1_2_VERSION) != 1) {
        return error{errc::configuration, "this OpenSSL cannot do TLS 1.2"};
    }
    made->tls.set_verify_mode(ssl::verify_peer, failed);
    if (const auto& file = made->options.authorities_file) {
        made->tls.load_verify_file(file->string(), failed);
        if (failed) {
            return error{errc::configuration, "no certificates can be read from " + file->string()};
        }
    } else {
        made->tls.set_default_verify_paths(failed);
    }
    return std::unique_ptr<http_client>(new http_client(std::move(made)));
}

http_answer http_client::post(std::string_view content_type, std::string body) {
    http_answer answer;
    const auto token = read_token(state_->options.token_file);
    if (!token) {
        answer.failure = "token-file";
        return answer;
    }
    request_type request{http::verb::post, state_->to.path, 11};
    request.set(http::field::host, state_->to.host_header);
    request.set(http::field::user_agent, "auditgate");
    request.set(http::field::content_type, content_type);
    request.set(http::field::accept, "application/fhir+json");
    request.set("Prefer", "return=minimal");
    if (!token->empty()) {
        request.set(http::field::authorization, "Bearer " + *token);
    }
    request.body() = std::move(body);
    request.prepare_payload();
    std::exception_ptr thrown;
    bool done = false;
    state_->io.restart();
    const auto ended = [&](std::exception_ptr failure) {
        thrown = std::move(failure);
        done = true;
    };
    net::co_spawn(state_->io, state_->run(std::move(request), &answer), ended);
    while (!done) { // and no longer: a lookup that was given up may still be under way
        state_->io.run_one();
    }
    if (thrown) {
        state_->close();
        answer = http_answer{};
        answer.failure = "broken";
    }
    if (state_->stopped && answer.status == 0) {
        answer.failure = "stopped";
    }
    return answer;
}

void http_client::stop() {
    state_->stopped = true;
    state* const mine = state_.get();
    net::post(mine->io, [mine] { mine->break_off(); });
}

} // namespace auditgate::gateway::delivery
