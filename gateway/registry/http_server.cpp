#include "gateway/registry/http_server.hpp"

#include "gateway/observe/defect.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>

namespace auditgate::gateway::registry {

namespace {

constexpr std::chrono::minutes answer_timeout{10}; // of a disk that hangs

service_request to_service(network::http_request from) {
    service_request request;
    request.method = std::move(from.method);
    request.target = std::move(from.target);
    request.authorization = from.field("Authorization");
    request.content_type = from.field("Content-Type");
    request.body = std::move(from.body);
    return request;
}

network::http_answer to_http(service_response from) {
    network::http_answer answer;
    answer.status = from.status;
    answer.content_type = std::move(from.content_type);
    answer.body = std::move(from.body);
    answer.more = std::move(from.more);
    if (answer.status == 401) {
        answer.fields.push_back({"WWW-Authenticate", "Bearer"});
    }
    return answer;
}

class service_on_a_thread final : public network::http_handler {
public:
    service_on_a_thread(registry_service& service, observe::logger& log) : service_(service), log_(log) {}
    ~service_on_a_thread() override { thread_.join(); }

    void handle(network::http_request request, network::answer_taker answer) override {
        boost::asio::post(
            thread_, [this, request = to_service(std::move(request)), answer = std::move(answer)] {
                try {
                    answer(to_http(service_.handle(request)));
                } catch (...) {
                    log_.error("task-failed", "a defect ended a request: please report it",
                               {observe::field("type", observe::type_name(std::current_exception()))});
                    answer(to_http(registry_service::refuse(500, "exception",
                                                            "a defect of this registry; its log says more")));
                }
            });
    }

    network::http_answer refuse(unsigned status) override {
        switch (status) {
        case 413:
            return to_http(
                registry_service::refuse(status, "too-long", "the body is larger than this registry takes"));
        case 431:
            return to_http(registry_service::refuse(status, "too-long",
                                                    "the header is larger than this registry takes"));
        case 503:
        case 504:
            return to_http(registry_service::refuse(
                503, "transient", "the registry is busy, or its disk did not answer in time: send it again"));
        default:
            return to_http(registry_service::refuse(status, "invalid", "this is no HTTP/1.1 request"));
        }
    }

private:
    registry_service& service_;
    observe::logger& log_;
    boost::asio::thread_pool thread_{1};
};

// The server with the handler that it needs.
class registry_server final : public network::http_server {
public:
    registry_server(registry_service& service, observe::logger& log) : handler_(service, log) {}

    result<void> start(boost::asio::any_io_executor on, const network::http_port& port,
                       observe::logger& log) {
        auto started = network::start_http_server(std::move(on), port, handler_, log);
        if (!started) {
            return started.error();
        }
        server_ = std::move(*started);
        return {};
    }

    [[nodiscard]] std::uint16_t port() const override { return server_->port(); }
    void begin_stop() override { server_->begin_stop(); }
    void stop(std::chrono::milliseconds grace) override { server_->stop(grace); }

private:
    service_on_a_thread handler_;
    std::unique_ptr<network::http_server> server_;
};

} // namespace

result<std::unique_ptr<network::http_server>> start_http_server(boost::asio::any_io_executor on,
                                                                const registry_config& config,
                                                                registry_service& service,
                                                                observe::logger& log) {
    network::http_port port;
    port.name = "registry";
    port.address = config.address;
    port.port = config.port;
    port.limits = config.limits;
    port.limits.answer_timeout = answer_timeout;
    if (config.tls) {
        auto tls = network::tls_server::open(*config.tls, port.name, log);
        if (!tls) {
            return tls.error();
        }
        port.tls = std::move(*tls);
    }
    auto server = std::make_unique<registry_server>(service, log);
    if (auto started = server->start(std::move(on), port, log); !started) {
        return started.error();
    }
    return server;
}

} // namespace auditgate::gateway::registry
