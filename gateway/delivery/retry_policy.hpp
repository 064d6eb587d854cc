// How long to wait before a record is sent again. Pure: randomness and clock come in.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace auditgate::gateway::delivery {

struct retry_policy {
    std::chrono::milliseconds first_ms{1'000};      // wait after the first failed attempt
    std::chrono::milliseconds longest_ms{900'000};  // the wait doubles with each attempt up to this
    std::chrono::seconds retry_after_max_s{86'400}; // a Retry-After beyond this is cut to it
};

// The wait after `attempts` failed attempts (1 or more): first_ms doubled with each further attempt, up to longest_ms,
// of which a part between one half and all is taken by `jitter` (0 to 1), so that many gateways do not come back in
// step. What the peer asked for by Retry-After is waited for at least.
[[nodiscard]] std::chrono::milliseconds retry_delay(const retry_policy& policy, int attempts, double jitter,
                                                    std::optional<std::chrono::seconds> retry_after);

// Retry-After (RFC 9110 section 10.2.3) in seconds from `now`: a number of seconds, or an HTTP date. None when it is
// neither.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view header,
                                                                    std::chrono::sys_seconds now);

} // namespace auditgate::gateway::delivery
