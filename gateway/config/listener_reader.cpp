#include "gateway/config/listener_reader.hpp"

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

namespace auditgate::gateway {

namespace yaml = mapping::yaml;

namespace {

constexpr std::uint16_t http_port_usual = 8443;

bool is_loopback(const std::string& address) {
    const auto v4 = boost::urls::parse_ipv4_address(address);
    const auto v6 = boost::urls::parse_ipv6_address(address);
    return (v4 && v4->is_loopback()) || (v6 && v6->is_loopback());
}

class listener_reader {
public:
    explicit listener_reader(config_parts& parts) : parts_(parts) {}

    listener_config read(const yaml::node& node, const std::vector<listener_config>& earlier) {
        yaml::map_reader from(node, "a listener", parts_.problems());
        listener_config listener;
        listener.name = read_name(from, earlier);
        listener.where = node.where;
        listener.protocol = from.choice_or<listener_protocol>(
            "protocol", {{"mllp", listener_protocol::mllp}, {"http", listener_protocol::http}},
            listener.protocol);
        const bool is_http = listener.protocol == listener_protocol::http;
        listener.address = from.text_or("address", listener.address);
        listener.port = read_port(from, is_http ? http_port_usual : listener.port);
        if (const yaml::node* limits = from.child("limits"); limits != nullptr && is_http)
            listener.http = read_http_limits(*limits);
        else if (limits != nullptr)
            listener.limits = read_limits(*limits);
        if (const yaml::node* tls = from.child("tls"))
            listener.tls = read_tls(*tls);
        if (is_http)
            read_clients(from, listener);
        from.finish();
        return listener;
    }

private:
    mllp_limits read_limits(const yaml::node& node) {
        yaml::map_reader from(node, "`limits`", parts_.problems());
        mllp_limits limits;
        limits.frame_bytes_max = from.size_or("frame", limits.frame_bytes_max);
        limits.buffered_bytes_max = from.size_or("buffered", limits.buffered_bytes_max);
        limits.connections_max =
            static_cast<int>(from.integer_or("connections", limits.connections_max, 1, 10'000));
        limits.pipelined_max = static_cast<int>(from.integer_or("pipelined", limits.pipelined_max, 1, 1000));
        limits.idle_timeout = read_timeout(from, "idle", limits.idle_timeout);
        limits.frame_timeout = read_timeout(from, "slow_frame", limits.frame_timeout);
        limits.store_timeout = read_timeout(from, "store", limits.store_timeout);
        limits.write_timeout = read_timeout(from, "slow_answer", limits.write_timeout);
        constexpr std::size_t frame_bytes_least = 1000;
        constexpr std::size_t frame_bytes_most = 1'000'000'000;
        if (limits.frame_bytes_max < frame_bytes_least || limits.frame_bytes_max > frame_bytes_most)
            from.problem_at("frame", "`frame` must be from 1kB to 1GB");
        check_buffered(from, limits.buffered_bytes_max);
        from.finish();
        return limits;
    }

    static void check_buffered(yaml::map_reader& from, std::size_t bytes) {
        constexpr std::size_t least = 1'000'000;
        constexpr std::size_t most = 100'000'000'000;
        if (bytes < least || bytes > most)
            from.problem_at("buffered", "`buffered` must be from 1MB to 100GB");
    }

    network::http_limits read_http_limits(const yaml::node& node) {
        yaml::map_reader from(node, "`limits`", parts_.problems());
        network::http_limits limits = http_intake_limits();
        limits.body_bytes_max = from.size_or("body", limits.body_bytes_max);
        limits.buffered_bytes_max = from.size_or("buffered", limits.buffered_bytes_max);
        limits.connections_max =
            static_cast<int>(from.integer_or("connections", limits.connections_max, 1, 10'000));
        limits.idle_timeout = read_timeout(from, "idle", limits.idle_timeout);
        limits.request_timeout = read_timeout(from, "slow_request", limits.request_timeout);
        limits.answer_timeout = read_timeout(from, "store", limits.answer_timeout);
        constexpr std::size_t body_bytes_least = 1000;
        constexpr std::size_t body_bytes_most = 1'000'000'000;
        if (limits.body_bytes_max < body_bytes_least || limits.body_bytes_max > body_bytes_most)
            from.problem_at("body", "`body` must be from 1kB to 1GB");
        check_buffered(from, limits.buffered_bytes_max);
        from.finish();
        return limits;
    }

    void read_clients(yaml::map_reader& from, listener_config& listener) {
        for (const yaml::node& one : from.list("clients")) {
            yaml::map_reader client(one, "a client", parts_.problems());
            http_client_config read;
            read.name = read_name(client, listener.clients);
            read.token_file = parts_.path(client.text("token_file"));
            parts_.need(client, "token_file", read.token_file, needed_file::content::token);
            client.finish();
            listener.clients.push_back(std::move(read));
        }
        if (is_loopback(listener.address))
            return;
        if (!listener.tls)
            from.problem_at("address",
                            "an HTTP listener that others reach needs `tls`: messages and tokens would "
                            "come in clear; or listen at 127.0.0.1, behind a proxy that does it");
        else if (listener.clients.empty() && !listener.tls->client_authorities_file)
            from.problem_at("clients",
                            "say who may send to an HTTP listener that others reach: `clients` with a "
                            "token each, or `client_authorities` in `tls`");
    }

    network::tls_settings read_tls(const yaml::node& node) {
        yaml::map_reader from(node, "`tls`", parts_.problems());
        network::tls_settings tls;
        tls.certificate_file = parts_.path(from.text("certificate"));
        tls.key_file = parts_.path(from.text("key"));
        tls.client_authorities_file = parts_.optional_path(from, "client_authorities");
        tls.client_names = from.texts("client_names");
        if (!tls.client_names.empty() && !tls.client_authorities_file)
            from.problem_at("client_names", "`client_names` needs `client_authorities`: a name says nothing "
                                            "unless somebody has signed for it");
        parts_.need(from, "certificate", tls.certificate_file, needed_file::content::pem);
        parts_.need(from, "key", tls.key_file, needed_file::content::pem);
        parts_.need(from, "client_authorities", tls.client_authorities_file, needed_file::content::pem);
        from.finish();
        return tls;
    }

    config_parts& parts_;
};

} // namespace

listener_config read_listener(const yaml::node& node, const std::vector<listener_config>& earlier,
                              config_parts& parts) {
    return listener_reader(parts).read(node, earlier);
}

} // namespace auditgate::gateway
