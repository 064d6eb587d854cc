#include "gateway/intake/byte_stream.hpp"

#include "gateway/intake/coroutine.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <string_view>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// OpenSSL ends every handshake that resumes a session of a sender with a certificate, unless its context has a name.
constexpr std::string_view session_id_context = "auditgate-mllp";

void close_socket(tcp::socket& socket) {
    error_code ignored; // the peer may have closed first
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
}

template <class Stream>
asio::awaitable<io_outcome> read_some_of(Stream* stream, asio::mutable_buffer into) {
    const auto done = co_await stream->async_read_some(into, as_result);
    co_return io_outcome{std::get<0>(done), std::get<1>(done)};
}

template <class Stream>
asio::awaitable<io_outcome> write_all_to(Stream* stream, asio::const_buffer all_of) {
    const auto done = co_await asio::async_write(*stream, all_of, as_result);
    co_return io_outcome{std::get<0>(done), std::get<1>(done)};
}

class plain_stream final : public byte_stream {
public:
    explicit plain_stream(tcp::socket socket) : socket_(std::move(socket)) {
        error_code ignored; // closed already: the first operation tells
        socket_.non_blocking(true, ignored);
    }

    asio::awaitable<error_code> handshake() override { co_return error_code(); }
    asio::awaitable<io_outcome> read_some(asio::mutable_buffer into) override {
        return read_some_of(&socket_, into);
    }
    asio::awaitable<io_outcome> write(asio::const_buffer all_of) override {
        return write_all_to(&socket_, all_of);
    }
    std::size_t write_at_once(asio::const_buffer some_of) override {
        error_code failure;
        const std::size_t written = socket_.write_some(some_of, failure);
        return failure ? 0 : written;
    }
    void close() override { close_socket(socket_); }

private:
    tcp::socket socket_;
};

class tls_stream final : public byte_stream {
public:
    tls_stream(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)), stream_(std::move(socket), *context_) {}

    asio::awaitable<error_code> handshake() override {
        const auto done = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_result);
        co_return std::get<0>(done);
    }
    asio::awaitable<io_outcome> read_some(asio::mutable_buffer into) override {
        return read_some_of(&stream_, into);
    }
    asio::awaitable<io_outcome> write(asio::const_buffer all_of) override {
        return write_all_to(&stream_, all_of);
    }
    std::size_t write_at_once(asio::const_buffer /*some_of*/) override {
        return 0; // a record may need the peer's answer first
    }
    void close() override { close_socket(stream_.next_layer()); }

private:
    std::shared_ptr<asio::ssl::context> context_;
    asio::ssl::stream<tcp::socket> stream_;
};

} // namespace

stream_factory plain_streams() {
    return [](tcp::socket socket) -> std::unique_ptr<byte_stream> {
        return std::make_unique<plain_stream>(std::move(socket));
    };
}

result<stream_factory> tls_streams(const tls_settings& settings) {
    namespace ssl = asio::ssl;
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_session_id_context(context->native_handle(),
                                   reinterpret_cast<const unsigned char*>(session_id_context.data()),
                                   static_cast<unsigned>(session_id_context.size()));
    const auto unusable = [](const std::filesystem::path& file, const error_code& failure) {
        return error{errc::configuration, "cannot use " + file.string() + ": " + failure.message()};
    };
    error_code failure;
    context->use_certificate_chain_file(settings.certificate_file.string(), failure);
    if (failure)
        return unusable(settings.certificate_file, failure);
    context->use_private_key_file(settings.key_file.string(), ssl::context::pem, failure);
    if (failure)
        return unusable(settings.key_file, failure);
    if (settings.client_authorities_file) {
        context->load_verify_file(settings.client_authorities_file->string(), failure);
        if (failure)
            return unusable(*settings.client_authorities_file, failure);
        context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    }
    return stream_factory([context](tcp::socket socket) -> std::unique_ptr<byte_stream> {
        return std::make_unique<tls_stream>(std::move(socket), context);
    });
}

} // namespace auditgate::gateway::intake
