// A registry on a port of its own with one sender and one reader, for tests that send to it.
#pragma once

#include "gateway/registry/http_server.hpp"
#include "gateway/registry/registry_service.hpp"
#include "gateway/registry/registry_store.hpp"
#include "tests/support/feed_layout.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <memory>
#include <string>
#include <vector>

namespace auditgate::test {

class registry_fixture {
public:
    // The sender `hospital` (token `sender-token`) may write records of RXX; the reader's token is `reader-token`.
    explicit registry_fixture(std::uint16_t port = 0);
    ~registry_fixture();

    [[nodiscard]] std::string base_url() const;
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] std::filesystem::path sender_token() const { return folder_.path() / "sender-token"; }
    [[nodiscard]] gateway::registry::registry_service& service() { return *service_; }
    [[nodiscard]] gateway::registry::registry_store& store() { return *store_; }
    [[nodiscard]] const std::vector<mapping::feed::layout>& layouts() const { return layouts_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] recording_logger& log() { return log_; }

    // Stops the server, as at the end of the fixture.
    void stop();

    // The current records as a reader gets them, one JSON document each.
    [[nodiscard]] std::vector<fhir::json::value> records();
    // A request of the sender to the service, without sockets.
    [[nodiscard]] gateway::registry::service_response send(std::string body);

private:
    temporary_folder folder_;
    recording_logger log_;
    std::vector<mapping::feed::layout> layouts_;
    std::unique_ptr<gateway::security::key_ring> keys_;
    std::unique_ptr<gateway::registry::registry_store> store_;
    std::unique_ptr<gateway::registry::registry_service> service_;
    io_threads io_;
    std::unique_ptr<gateway::network::http_server> server_;
};

} // namespace auditgate::test
