#include "gateway/store/journal.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace auditgate::gateway::store {

namespace {

constexpr std::chrono::microseconds gathering_time_max{500};

// What a waiting message takes, for the limits.
std::size_t size_of(const incoming_message& message) {
    return message.bytes.size() + message.answer.size() + message.control_id.size();
}

struct batch {
    std::vector<incoming_message> messages;
    std::vector<journal::completion> completions;
};

} // namespace

struct journal::state {
    state(store& into, const journal_limits& chosen) : target(into), limits(chosen) {}

    store& target;
    const journal_limits limits;

    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::pair<incoming_message, completion>> queue;
    std::size_t queue_bytes = 0;
    bool stopping = false;
    std::size_t wanted_messages = 0; // enough to begin the next batch with
    bool failing = false;            // the store did not take what was last written
    store_listener heard;
    std::once_flag joined;
    std::thread thread;

    [[nodiscard]] batch take_batch();
    [[nodiscard]] bool wait_for_messages(std::unique_lock<std::mutex>& lock);
    void write(batch next);
    void tell(const result<void>& outcome);
    static void refuse(const batch& next);
    void run();
};

// With the mutex held.
batch journal::state::take_batch() {
    batch next;
    const std::size_t count = std::min(queue.size(), limits.batch_messages_max);
    next.messages.reserve(count);
    next.completions.reserve(count);
    std::size_t bytes = 0;
    while (!queue.empty() && next.messages.size() < limits.batch_messages_max) {
        const std::size_t size = size_of(queue.front().first);
        if (!next.messages.empty() && bytes + size > limits.batch_bytes_max)
            break;
        bytes += size;
        next.messages.push_back(std::move(queue.front().first));
        next.completions.push_back(std::move(queue.front().second));
        queue.pop_front();
    }
    queue_bytes -= bytes;
    return next;
}

// False when the time for a probe has come first.
bool journal::state::wait_for_messages(std::unique_lock<std::mutex>& lock) {
    const auto ready = [&] { return stopping || !queue.empty(); };
    if (failing)
        return wake.wait_for(lock, limits.probe_interval, ready);
    wake.wait(lock, ready);
    return true;
}

void journal::state::tell(const result<void>& outcome) {
    store_listener listener;
    {
        const std::lock_guard lock(mutex);
        failing = !outcome;
        listener = heard;
    }
    if (listener)
        listener(outcome);
}

void journal::state::refuse(const batch& next) {
    for (const completion& done : next.completions)
        done(error{errc::store_unavailable, "the gateway stops, and its store does not work"});
}

void journal::state::write(batch next) {
    auto outcomes = target.append(next.messages);
    tell(outcomes ? result<void>() : outcomes.error());
    for (std::size_t i = 0; i < next.completions.size(); ++i) {
        if (outcomes)
            next.completions[i](std::move((*outcomes)[i]));
        else
            next.completions[i](outcomes.error());
    }
}

void journal::state::run() {
    std::unique_lock lock(mutex);
    for (;;) {
        if (!wait_for_messages(lock)) {
            lock.unlock();
            tell(target.probe());
            lock.lock();
            continue;
        }
        if (queue.empty())
            return;
        // The senders just answered are about to send again: a commit for the first of them alone would make all
        // the others wait for two. A lone sender does not wait.
        wake.wait_for(lock, gathering_time_max, [&] { return stopping || queue.size() >= wanted_messages; });
        batch next = take_batch();
        wanted_messages = next.messages.size() * 3 / 4; // measured: with half, batches stay small
        const bool given_up = stopping && failing;
        lock.unlock();
        if (given_up)
            refuse(next);
        else
            write(std::move(next));
        lock.lock();
    }
}

journal::journal(store& target, const journal_limits& limits)
    : state_(std::make_unique<state>(target, limits)) {
    state_->thread = std::thread([this] { state_->run(); });
}

journal::~journal() {
    stop();
}

void journal::listen(store_listener heard) {
    const std::lock_guard lock(state_->mutex);
    state_->heard = std::move(heard);
}

bool journal::try_append(incoming_message& message, completion& done) {
    bool worth_waking = false;
    state_->target.prepare(message);
    {
        const std::lock_guard lock(state_->mutex);
        const std::size_t size = size_of(message);
        const bool too_many = state_->queue.size() >= state_->limits.queue_messages_max;
        const bool too_big =
            !state_->queue.empty() && state_->queue_bytes + size > state_->limits.queue_bytes_max;
        if (state_->stopping || too_many || too_big)
            return false;
        state_->queue_bytes += size;
        state_->queue.emplace_back(std::move(message), std::move(done));
        worth_waking = state_->queue.size() == 1 || state_->queue.size() == state_->wanted_messages;
    }
    if (worth_waking)
        state_->wake.notify_one();
    return true;
}

void journal::stop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_one();
    std::call_once(state_->joined, [&] { state_->thread.join(); });
}

std::size_t journal::queued_messages() const {
    const std::lock_guard lock(state_->mutex);
    return state_->queue.size();
}

} // namespace auditgate::gateway::store
