// Whether the service can do its work just now: what /health/ready answers from.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace auditgate::gateway::observe {

// Parts of the service report here; it is ready when every part that ever reported is. Any thread.
class health {
public:
    // `part`: store, listener:theatre ... `reason`: a code, empty when ready.
    void set_ready(const std::string& part);
    void set_not_ready(const std::string& part, const std::string& reason);

    [[nodiscard]] bool ready() const;
    // {"ready":false,"parts":{"store":"store-unavailable","listener:theatre":"ready"}}
    [[nodiscard]] std::string json() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string> reasons_; // empty: ready
};

} // namespace auditgate::gateway::observe
