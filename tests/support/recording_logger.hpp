// A logger that keeps its lines, for tests that ask what was logged.
#pragma once

#include "gateway/observe/log.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace auditgate::test {

class recording_logger final : public gateway::observe::logger {
public:
    [[nodiscard]] std::vector<std::string> lines() const;
    [[nodiscard]] bool has(std::string_view code) const; // was a line with this code logged?

protected:
    void write(gateway::observe::log_level level, std::string_view code, std::string_view text,
               std::span<const gateway::observe::field> with) override;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

} // namespace auditgate::test
