// Gauges of what waits in the store, for alerts: messages by source, records by destination. Read again from time to time, so
// that /metrics itself never waits for the store.
#pragma once

#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/result.hpp"
#include "gateway/store/store.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace auditgate::gateway::observe {

class store_gauges {
public:
    // What is referred to must outlive the gauges.
    store_gauges(store::store& from, metrics& into, clock_function now, logger& log);
    ~store_gauges();
    store_gauges(const store_gauges&) = delete;
    store_gauges& operator=(const store_gauges&) = delete;

    // Reads the store now and every refresh_interval, on a thread of its own, until stop().
    void start();
    void stop();

    // Reads the store once. One thread at a time.
    result<void> refresh();

private:
    struct kind { // of a gauge
        const char* name;
        const char* help;
    };

    void add(const kind& of, const labels& with, double value);
    void add_messages(const std::vector<store::message_count>& counts);
    void add_erasures(const store::erasure_state& erasures);
    void add_destinations(const std::vector<store::destination_count>& counts);

    store::store& store_;
    metrics& metrics_;
    const clock_function now_;
    logger& log_;
    struct shown {
        gauge where;
        double value = 0; // of this reading
    };
    std::map<std::pair<std::string, labels>, shown>
        gauges_; // by name; once there, a gauge stays and becomes 0

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace auditgate::gateway::observe
