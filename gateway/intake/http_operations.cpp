#include "gateway/intake/http_operations.hpp"

#include "gateway/network/http_server.hpp"

#include <chrono>

namespace auditgate::gateway::intake {
namespace {

constexpr std::chrono::milliseconds stop_grace{200};
constexpr std::string_view plain_text = "text/plain; charset=utf-8";

network::http_limits operations_limits() {
    using namespace std::chrono_literals;
    network::http_limits limits;
    limits.header_bytes_max = 8 * 1024;
    limits.body_bytes_max = 1024;
    limits.connections_max = 32;
    limits.idle_timeout = 30s;
    return limits;
}

class operations_port final : public operations_server, public network::http_handler {
public:
    operations_port(const observe::metrics& metrics, const observe::health& health)
        : metrics_(metrics), health_(health) {}

    result<void> start(boost::asio::any_io_executor on, const std::string& address, std::uint16_t port,
                       observe::logger& log) {
        network::http_port wanted;
        wanted.name = "operations";
        wanted.address = address;
        wanted.port = port;
        wanted.limits = operations_limits();
        auto started = network::start_http_server(std::move(on), wanted, *this, log);
        if (!started)
            return started.error();
        server_ = std::move(*started);
        return {};
    }

    [[nodiscard]] std::uint16_t port() const override { return server_->port(); }
    void stop() override { server_->stop(stop_grace); }

    void handle(network::http_request request, network::answer_taker answer) override {
        answer(answer_operations_request(request.method, request.target, metrics_, health_));
    }
    network::http_answer refuse(unsigned status) override {
        return {
            status, std::string(plain_text), {}, "this is no request that the operations port takes\n", {}};
    }

private:
    const observe::metrics& metrics_;
    const observe::health& health_;
    std::unique_ptr<network::http_server> server_;
};

network::http_answer text_answer(unsigned status, std::string_view content_type, std::string body) {
    network::http_answer answer;
    answer.status = status;
    answer.content_type = content_type;
    answer.body = std::move(body);
    return answer;
}

} // namespace

network::http_answer answer_operations_request(std::string_view method, std::string_view target,
                                               const observe::metrics& metrics,
                                               const observe::health& health) {
    if (method != "GET" && method != "HEAD")
        return text_answer(405, plain_text, "only GET and HEAD\n");
    const std::string_view path = target.substr(0, target.find('?'));
    if (path == "/metrics")
        return text_answer(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
    if (path == "/health/live")
        return text_answer(200, "application/json", "{\"live\":true}\n");
    if (path == "/health/ready")
        return text_answer(health.ready() ? 200 : 503, "application/json", health.json() + "\n");
    return text_answer(404, plain_text, "there are /metrics, /health/live and /health/ready\n");
}

result<std::unique_ptr<operations_server>>
start_operations_server(boost::asio::any_io_executor on, const std::string& address, std::uint16_t port,
                        const observe::metrics& metrics, const observe::health& health,
                        observe::logger& log) {
    auto server = std::make_unique<operations_port>(metrics, health);
    if (auto started = server->start(std::move(on), address, port, log); !started)
        return started.error();
    return server;
}

} // namespace auditgate::gateway::intake
