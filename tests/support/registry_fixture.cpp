#include "tests/support/registry_fixture.hpp"

#include <chrono>
#include <sstream>
#include <stdexcept>

namespace auditgate::test {

namespace registry = gateway::registry;

namespace {

template <class T>
T need(gateway::result<T> made) {
    if (!made) {
        throw std::runtime_error(made.error().message);
    }
    return *std::move(made);
}

} // namespace

registry_fixture::registry_fixture(std::uint16_t port) : layouts_{load_feed_layout()} {
    write_file(folder_.path() / "sender-token", "sender-token\n");
    write_file(folder_.path() / "reader-token", "reader-token\n");
    registry::registry_config config;
    config.data_folder = folder_.path() / "data";
    config.port = port;
    config.senders = {{"hospital", folder_.path() / "sender-token", {"RXX"}}};
    config.readers = {{"analysts", folder_.path() / "reader-token"}};
    keys_ = need(registry::open_registry_keys(
        config.data_folder, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())));
    store_ = need(registry::registry_store::open(registry::registry_database(config.data_folder), *keys_));
    service_ = need(registry::registry_service::create(
        config, layouts_, *store_, keys_->destination_key("registry"), log_, gateway::observe::system_now));
    server_ = need(registry::start_http_server(io_.executor(), config, *service_, log_));
}

registry_fixture::~registry_fixture() {
    stop();
}

void registry_fixture::stop() {
    server_->stop(std::chrono::milliseconds{200});
}

std::string registry_fixture::base_url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/fhir";
}

registry::service_response registry_fixture::send(std::string body) {
    return service_->handle(
        {"POST", "/fhir", "Bearer sender-token", "application/fhir+json; charset=utf-8", std::move(body)});
}

std::vector<fhir::json::value> registry_fixture::records() {
    const registry::service_response answer =
        service_->handle({"GET", "/records.ndjson", "Bearer reader-token", "", ""});
    std::string text;
    while (const std::optional<std::string> piece = need(answer.more())) {
        text += *piece;
    }
    std::vector<fhir::json::value> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        all.push_back(fhir::json::parse(line).document.value());
    }
    return all;
}

} // namespace auditgate::test
