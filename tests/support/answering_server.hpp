// An HTTP server that answers as a test says, for tests of who sends to it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace auditgate::test {

struct canned_answer {
    unsigned status = 200;
    std::string body;
    std::string retry_after; // header; empty: none
};

class answering_server {
public:
    // `answer` is called with the body of each request, on the server's thread.
    explicit answering_server(std::function<canned_answer(const std::string& body)> answer);
    ~answering_server();
    answering_server(const answering_server&) = delete;
    answering_server& operator=(const answering_server&) = delete;

    [[nodiscard]] std::string base_url() const;
    [[nodiscard]] std::vector<std::string> bodies() const; // of the requests so far

private:
    struct state;
    std::unique_ptr<state> state_;
};

// What a FHIR server says to a transaction that it has carried out.
[[nodiscard]] canned_answer confirmation_of(const std::string& bundle);

} // namespace auditgate::test
