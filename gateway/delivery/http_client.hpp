// An HTTP client for one destination: one connection that is kept open between requests, TLS with the peer's name
// always checked, a deadline on everything.
#pragma once

#include "gateway/result.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::gateway::delivery {

struct http_client_options {
    std::string
        base_url; // https://registry.example.nhs.uk/fhir; http only for tests and behind a local TLS proxy
    std::optional<std::filesystem::path> authorities_file; // PEM; none: the system's
    std::optional<std::filesystem::path>
        token_file; // read before every request, so that it can be replaced any time
    std::chrono::milliseconds connect_timeout_ms{10'000}; // name, connection and TLS together
    std::chrono::milliseconds answer_timeout_ms{
        60'000}; // to send the request and to receive all of the answer
    std::size_t answer_bytes_max = 4UL << 20;
};

struct http_answer {
    int status = 0;           // 0: no answer, `failure` says why
    std::string failure;      // connect, tls, timeout, broken, answer-too-large, token-file, stopped
    std::string retry_after;  // header, as it came
    std::string content_type; // header
    std::string body;
};

// One thread at a time calls post(); any thread may call stop().
class http_client {
public:
    // configuration: the URL cannot be used, or the certificates cannot be read.
    [[nodiscard]] static result<std::unique_ptr<http_client>> create(http_client_options options);
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    // Sends the body to base_url and waits for the answer. Redirects are answers like any other: patient data follows
    // nobody to another place. A kept connection that turns out to be closed is opened again, once.
    [[nodiscard]] http_answer post(std::string_view content_type, std::string body);

    // Breaks off the exchange under way; every later one fails with `stopped`.
    void stop();

private:
    struct state;
    explicit http_client(std::unique_ptr<state> initial);

    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::delivery
