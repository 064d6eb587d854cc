#include "gateway/observe/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace auditgate::gateway::observe {

struct metrics::state {
    prometheus::Registry registry;
};

void counter::add(double amount) const {
    of_->Increment(amount);
}

double counter::value() const {
    return of_->Value();
}

void gauge::set(double value) const {
    of_->Set(value);
}

void gauge::add(double amount) const {
    of_->Increment(amount);
}

double gauge::value() const {
    return of_->Value();
}

void histogram::observe(double value) const {
    of_->Observe(value);
}

metrics::metrics() : state_(std::make_unique<state>()) {}

metrics::~metrics() = default;

observe::counter metrics::counter(const std::string& name, const std::string& help, const labels& with) {
    return observe::counter(
        prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry).Add(with));
}

observe::gauge metrics::gauge(const std::string& name, const std::string& help, const labels& with) {
    return observe::gauge(
        prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry).Add(with));
}

observe::histogram metrics::histogram(const std::string& name, const std::string& help,
                                      const std::vector<double>& bounds, const labels& with) {
    return observe::histogram(
        prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry).Add(with, bounds));
}

std::string metrics::text() const {
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

} // namespace auditgate::gateway::observe
