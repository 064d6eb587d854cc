#include "gateway/delivery/retry_policy.hpp"

#include <algorithm>
#include <charconv>
#include <locale>
#include <sstream>
#include <string>

#include <date/date.h>

namespace auditgate::gateway::delivery {

std::chrono::milliseconds retry_delay(const retry_policy& policy, int attempts, double jitter,
                                      std::optional<std::chrono::seconds> retry_after) {
    auto wait = policy.first_ms;
    for (int attempt = 1; attempt < attempts && wait < policy.longest_ms; ++attempt) {
        wait *= 2;
    }
    wait = std::min(wait, policy.longest_ms);
    const double share = 0.5 + 0.5 * std::clamp(jitter, 0.0, 1.0);
    wait = std::chrono::milliseconds{static_cast<std::int64_t>(static_cast<double>(wait.count()) * share)};
    if (retry_after) {
        const std::chrono::milliseconds asked = std::min(*retry_after, policy.retry_after_max_s);
        wait = std::max(wait, asked);
    }
    return wait;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view header, std::chrono::sys_seconds now) {
    long seconds = 0;
    const char* const end = header.data() + header.size();
    if (const auto [stop, failed] = std::from_chars(header.data(), end, seconds);
        failed == std::errc{} && stop == end && seconds >= 0) {
        return std::chrono::seconds{seconds};
    }
    std::istringstream text{std::string{header}};
    text.imbue(std::locale::classic());
    std::chrono::sys_seconds at;
    text >> date::parse("%a, %d %b %Y %T GMT", at);
    if (text.fail()) {
        return std::nullopt;
    }
    return std::max(at - now, std::chrono::seconds{0});
}

} // namespace auditgate::gateway::delivery
