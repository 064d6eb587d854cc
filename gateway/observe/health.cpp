#include "gateway/observe/health.hpp"

#include <algorithm>

namespace auditgate::gateway::observe {
namespace {

bool all_ready(const std::map<std::string, std::string>& reasons) {
    return std::all_of(reasons.begin(), reasons.end(), [](const auto& part) { return part.second.empty(); });
}

} // namespace

void health::set_ready(const std::string& part) {
    const std::scoped_lock lock(mutex_);
    reasons_[part].clear();
}

void health::set_not_ready(const std::string& part, const std::string& reason) {
    const std::scoped_lock lock(mutex_);
    reasons_[part] = reason;
}

bool health::ready() const {
    const std::scoped_lock lock(mutex_);
    return all_ready(reasons_);
}

std::string health::json() const {
    const std::scoped_lock lock(mutex_);
    std::string out = all_ready(reasons_) ? R"({"ready":true,"parts":{)" : R"({"ready":false,"parts":{)";
    // Parts are configured names ([a-z0-9-], checked at start) and codes: nothing to escape.
    for (const auto& [part, reason] : reasons_) {
        if (!out.ends_with('{'))
            out += ',';
        out += '"' + part + "\":\"" + (reason.empty() ? "ready" : reason) + '"';
    }
    return out + "}}";
}

} // namespace auditgate::gateway::observe
