// Which configured source a message belongs to.
#pragma once

#include "gateway/config/gateway_config.hpp"

#include <span>
#include <string_view>

namespace auditgate::gateway::intake {

// `*` stands for any text (none, too), `?` for exactly one character, all else for itself. Linear in text times pattern.
[[nodiscard]] bool matches_wildcard(std::string_view pattern, std::string_view text);

// What a message says of its sender.
struct message_origin {
    std::string_view listener;
    std::string_view sending_application; // MSH-3.1
    std::string_view sending_facility;    // MSH-4.1
    std::string_view message_type;        // ADT^A08
};

// The first source that fits, nullptr when none does. Valid as long as `sources`.
[[nodiscard]] const source_config* choose_source(std::span<const source_config> sources,
                                                 const message_origin& origin);

} // namespace auditgate::gateway::intake
