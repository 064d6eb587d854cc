#include "gateway/observe/store_gauges.hpp"

#include <chrono>

namespace auditgate::gateway::observe {

namespace {

constexpr std::chrono::seconds refresh_interval{15}; // as often as Prometheus usually looks

double in_state(const store::message_count& count, store::message_state state) {
    const auto found = count.states.find(state);
    return found == count.states.end() ? 0 : static_cast<double>(found->second);
}

} // namespace

store_gauges::store_gauges(store::store& from, metrics& into, clock_function now, logger& log)
    : store_(from), metrics_(into), now_(std::move(now)), log_(log) {}

store_gauges::~store_gauges() {
    stop();
}

void store_gauges::start() {
    thread_ = std::thread([this] {
        std::unique_lock lock(mutex_);
        do {
            lock.unlock();
            if (const auto read = refresh(); !read)
                log_.error("store-gauges-failed", read.error().message);
            lock.lock();
        } while (!wake_.wait_for(lock, refresh_interval, [this] { return stopping_; }));
    });
}

void store_gauges::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable())
        thread_.join();
}

result<void> store_gauges::refresh() {
    const auto messages = store_.message_counts();
    if (!messages)
        return messages.error();
    const auto destinations = store_.destination_counts();
    if (!destinations)
        return destinations.error();
    const auto backlog = store_.work_backlog();
    if (!backlog)
        return backlog.error();
    const auto erasures = store_.erasures();
    if (!erasures)
        return erasures.error();
    for (auto& [which, one] : gauges_)
        one.value = 0;
    add_erasures(*erasures);
    add_messages(*messages);
    add_destinations(*destinations);
    add({"auditgate_work_waiting", "Pieces of mapping work waiting"}, {}, static_cast<double>(*backlog));
    for (const auto& [which, one] : gauges_)
        one.where.set(one.value);
    return {};
}

void store_gauges::add(const kind& of, const labels& with, double value) {
    auto place = gauges_.find({of.name, with});
    if (place == gauges_.end())
        place =
            gauges_.emplace(std::pair(of.name, with), shown{metrics_.gauge(of.name, of.help, with)}).first;
    place->second.value += value;
}

void store_gauges::add_messages(const std::vector<store::message_count>& counts) {
    const kind waiting{"auditgate_messages_waiting", "Messages not mapped yet"};
    const kind held{"auditgate_messages_held", "Messages held until somebody acts"};
    const kind quarantined{"auditgate_messages_quarantined", "Messages that could not be read"};
    for (const store::message_count& one : counts) { // one for each day
        const labels source{{"source", one.source.empty() ? "unknown-source" : one.source}};
        add(waiting, source, in_state(one, store::message_state::waiting));
        add(held, source, in_state(one, store::message_state::held));
        add(quarantined, source, in_state(one, store::message_state::quarantined));
    }
}

void store_gauges::add_erasures(const store::erasure_state& erasures) {
    const kind erased{"auditgate_erased", "What has been erased since the store was made"};
    const kind age{"auditgate_oldest_message_age_seconds",
                   "How long ago the oldest message that is kept came"};
    for (const auto& [what, count] : erasures.erased)
        add(erased, {{"what", what}}, static_cast<double>(count));
    const std::chrono::duration<double> kept =
        erasures.oldest_message ? now_() - *erasures.oldest_message : std::chrono::milliseconds(0);
    add(age, {}, kept.count());
}

void store_gauges::add_destinations(const std::vector<store::destination_count>& counts) {
    const kind pending{"auditgate_records_pending", "Versions of records sealed and not confirmed yet"};
    const kind age{"auditgate_records_pending_age_seconds", "For how long the oldest of them has waited"};
    const kind held{"auditgate_records_held", "Records held, by reason"};
    const auto now = now_();
    for (const store::destination_count& one : counts) {
        const labels destination{{"destination", one.destination}};
        add(pending, destination, static_cast<double>(one.pending));
        const std::chrono::duration<double> waited = now - one.pending_since.value_or(now);
        add(age, destination, waited.count());
        for (const auto& [reason, records] : one.held)
            add(held, {{"destination", one.destination}, {"reason", reason}}, static_cast<double>(records));
    }
}

} // namespace auditgate::gateway::observe
