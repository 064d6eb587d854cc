#include "gateway/intake/byte_stream.hpp"

#include "gateway/network/coroutine.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using network::as_result;

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

stream_factory tls_streams(std::shared_ptr<network::tls_server> tls) {
    return [tls = std::move(tls)](tcp::socket socket) -> std::unique_ptr<byte_stream> {
        return std::make_unique<tls_stream>(std::move(socket), tls->current());
    };
}

} // namespace auditgate::gateway::intake
