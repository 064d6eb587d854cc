#include "tests/support/recording_logger.hpp"

#include <algorithm>

namespace auditgate::test {

std::vector<std::string> recording_logger::lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
}

bool recording_logger::has(std::string_view code) const {
    const std::string wanted = "\"code\":\"" + std::string(code) + '"';
    const std::scoped_lock lock(mutex_);
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const std::string& line) { return line.find(wanted) != std::string::npos; });
}

void recording_logger::write(gateway::observe::log_level level, std::string_view code, std::string_view text,
                             std::span<const gateway::observe::field> with) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(gateway::observe::json_line({}, level, code, text, with));
}

} // namespace auditgate::test
