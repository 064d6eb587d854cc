#include "gateway/intake/acceptor.hpp"

#include <boost/asio/ip/address.hpp>

namespace auditgate::gateway::intake {

using boost::asio::ip::tcp;

result<tcp::acceptor> open_acceptor(boost::asio::any_io_executor on, const std::string& address,
                                    std::uint16_t port) {
    const std::string place = address + ":" + std::to_string(port);
    boost::system::error_code failure;
    const auto parsed = boost::asio::ip::make_address(address, failure);
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
        acceptor.listen(boost::asio::socket_base::max_listen_connections, failure);
    if (failure)
        return error{errc::configuration, "cannot listen on " + place + ": " + failure.message()};
    return acceptor;
}

} // namespace auditgate::gateway::intake
