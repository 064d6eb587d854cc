// Requests and answers of HTTP/1.1 (RFC 9110, RFC 9112), without sockets.
#pragma once

#include "gateway/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::network {

struct http_field {
    std::string name;
    std::string value;
};

struct http_request {
    std::string method;
    std::string target; // path and query as they came
    std::vector<http_field> fields;
    std::string body;
    std::string peer; // address and port

    // The first of that name, whose letters may be small or large; "" when there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    [[nodiscard]] std::string_view path() const {
        return std::string_view(target).substr(0, target.find('?'));
    }
};

// Gives the next piece of a body, which may be empty; none at its end. A copy goes on where the other one is. One thread
// at a time.
using body_source = std::function<result<std::optional<std::string>>()>;

struct http_answer {
    unsigned status = 200;
    std::string content_type;
    std::vector<http_field> fields; // besides Content-Type, Content-Length, Connection and Cache-Control
    std::string body;
    body_source more; // when set, the body is what it gives, piece by piece, instead of `body`
};

} // namespace auditgate::gateway::network
