#include "gateway/observe/finding_counts.hpp"

namespace auditgate::gateway::observe {

void finding_counts::add(const std::string& source, const std::string& code, std::size_t times) {
    const std::lock_guard lock(mutex_);
    auto found = counters_.find({source, code});
    if (found == counters_.end()) {
        const labels with{{"source", source.empty() ? "unknown-source" : source}, {"code", code}};
        found = counters_
                    .emplace(std::pair(source, code),
                             in_.counter("auditgate_findings_total",
                                         "Findings in messages that were read or refused for one", with))
                    .first;
    }
    found->second.add(static_cast<double>(times));
}

} // namespace auditgate::gateway::observe
