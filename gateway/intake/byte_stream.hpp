// A TCP connection with or without TLS.
#pragma once

#include "gateway/network/tls_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace auditgate::gateway::intake {

struct io_outcome {
    boost::system::error_code failure;
    std::size_t bytes = 0;
};

// Used from one strand only. One read and one write may run at the same time; buffers must outlive their operation. An
// operation that was cancelled leaves the stream fit for close() only.
class byte_stream {
public:
    virtual ~byte_stream() = default;

    // To be called once, before anything else.
    [[nodiscard]] virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;
    [[nodiscard]] virtual boost::asio::awaitable<io_outcome> read_some(boost::asio::mutable_buffer into) = 0;
    [[nodiscard]] virtual boost::asio::awaitable<io_outcome> write(boost::asio::const_buffer all_of) = 0;
    // Writes what the peer takes without a wait, perhaps nothing; not while a write() runs. A stream that cannot do
    // that, or that has failed, takes nothing: write() will tell.
    [[nodiscard]] virtual std::size_t write_at_once(boost::asio::const_buffer some_of) = 0;
    // Tells the peer that nothing more comes and ends every operation.
    virtual void close() = 0;
};

// Makes the stream of an accepted socket.
using stream_factory = std::function<std::unique_ptr<byte_stream>(boost::asio::ip::tcp::socket)>;

[[nodiscard]] stream_factory plain_streams();
[[nodiscard]] stream_factory tls_streams(std::shared_ptr<network::tls_server> tls);

} // namespace auditgate::gateway::intake
