// How often which finding was made in the messages of which source: auditgate_findings_total.
#pragma once

#include "gateway/observe/metrics.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace auditgate::gateway::observe {

// Codes come from closed lists (hl7v2/finding.hpp, mapping/read), sources from the configuration. Any thread.
class finding_counts {
public:
    explicit finding_counts(metrics& in) : in_(in) {}

    void add(const std::string& source, const std::string& code, std::size_t times = 1);

private:
    metrics& in_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, counter> counters_;
};

} // namespace auditgate::gateway::observe
