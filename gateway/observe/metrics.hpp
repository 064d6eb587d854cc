// Counts, gauges and times of the service for Prometheus, text format 0.0.4.
//
// Names and labels are documented to users: auditgate_<thing>_<unit>, totals end in _total. Label values come
// from the configuration or from closed lists, never from messages, so that their number stays bounded.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
} // namespace prometheus

namespace auditgate::gateway::observe {

using labels = std::map<std::string, std::string>;

// Handles are small and copied freely; they live as long as the metrics they come from. Any thread may use
// them.
class counter {
public:
    explicit counter(prometheus::Counter& of) : of_(&of) {}
    void add(double amount = 1) const;
    [[nodiscard]] double value() const;

private:
    prometheus::Counter* of_;
};

class gauge {
public:
    explicit gauge(prometheus::Gauge& of) : of_(&of) {}
    void set(double value) const;
    void add(double amount) const; // may be negative
    [[nodiscard]] double value() const;

private:
    prometheus::Gauge* of_;
};

class histogram {
public:
    explicit histogram(prometheus::Histogram& of) : of_(&of) {}
    void observe(double value) const;

private:
    prometheus::Histogram* of_;
};

class metrics {
public:
    metrics();
    ~metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    // The same name and labels give the same metric. `help` is shown by /metrics. Throws
    // std::invalid_argument for a name that is none, which is a defect.
    [[nodiscard]] observe::counter counter(const std::string& name, const std::string& help,
                                           const labels& with = {});
    [[nodiscard]] observe::gauge gauge(const std::string& name, const std::string& help,
                                       const labels& with = {});
    // Upper bounds of the buckets, ascending; seconds for times.
    [[nodiscard]] observe::histogram histogram(const std::string& name, const std::string& help,
                                               const std::vector<double>& bounds, const labels& with = {});

    // Everything, as /metrics shows it.
    [[nodiscard]] std::string text() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace auditgate::gateway::observe
