#include "tests/support/answering_server.hpp"

#include "fhir/json.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <mutex>
#include <thread>

namespace auditgate::test {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = fhir::json;
using tcp = net::ip::tcp;

struct answering_server::state {
    explicit state(std::function<canned_answer(const std::string&)> with) : answer(std::move(with)) {}

    std::function<canned_answer(const std::string&)> answer;
    mutable std::mutex mutex;
    std::vector<std::string> bodies; // guarded by mutex
    net::io_context io{1};
    tcp::acceptor acceptor{io, {net::ip::make_address("127.0.0.1"), 0}};
    std::thread thread;

    net::awaitable<void> accept();
    net::awaitable<void> serve(std::shared_ptr<tcp::socket> socket);
};

net::awaitable<void> answering_server::state::accept() {
    const auto ended = [](const std::exception_ptr&) {};
    while (true) {
        boost::system::error_code failed;
        auto socket = std::make_shared<tcp::socket>(io);
        co_await acceptor.async_accept(*socket, net::redirect_error(net::use_awaitable, failed));
        if (failed) {
            co_return;
        }
        net::co_spawn(io, serve(std::move(socket)), ended);
    }
}

net::awaitable<void> answering_server::state::serve(std::shared_ptr<tcp::socket> socket) {
    beast::flat_buffer buffer;
    while (true) {
        boost::system::error_code failed;
        http::request<http::string_body> request;
        co_await http::async_read(*socket, buffer, request, net::redirect_error(net::use_awaitable, failed));
        if (failed) {
            co_return;
        }
        const canned_answer said = answer(request.body());
        {
            const std::lock_guard lock(mutex);
            bodies.push_back(request.body());
        }
        http::response<http::string_body> response{http::int_to_status(said.status), request.version()};
        response.set(http::field::content_type, "application/fhir+json");
        if (!said.retry_after.empty()) {
            response.set(http::field::retry_after, said.retry_after);
        }
        response.body() = said.body;
        response.prepare_payload();
        co_await http::async_write(*socket, response, net::redirect_error(net::use_awaitable, failed));
        if (failed) {
            co_return;
        }
    }
}

answering_server::answering_server(std::function<canned_answer(const std::string&)> answer)
    : state_(std::make_unique<state>(std::move(answer))) {
    const auto ended = [](const std::exception_ptr&) {};
    net::co_spawn(state_->io, state_->accept(), ended);
    state_->thread = std::thread([mine = state_.get()] { mine->io.run(); });
}

answering_server::~answering_server() {
    state_->io.stop();
    state_->thread.join();
}

std::string answering_server::base_url() const {
    return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port()) + "/fhir";
}

std::vector<std::string> answering_server::bodies() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bodies;
}

canned_answer confirmation_of(const std::string& bundle) {
    const auto sent = json::parse(bundle);
    json::value entries = json::value::array();
    for (std::size_t left = sent.document ? (*sent.document)["entry"].size() : 0; left > 0; --left) {
        entries.push_back(
            json::make_object({{"response", json::make_object({{"status", json::value("200 OK")}})}}));
    }
    canned_answer made;
    made.body = json::write(json::make_object({{"resourceType", json::value("Bundle")},
                                               {"type", json::value("transaction-response")},
                                               {"entry", std::move(entries)}}));
    return made;
}

} // namespace auditgate::test
