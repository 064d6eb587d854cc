#include "gateway/pipeline/pipeline.hpp"

#include "gateway/observe/finding_counts.hpp"
#include "gateway/pipeline/work_round.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace auditgate::gateway::pipeline {

using std::chrono::milliseconds;

struct pipeline::state {
    state(store::store& of, std::shared_ptr<const setup> compiled, const pipeline_options& wanted,
          observe::clock_function clock, observe::logger& to, observe::metrics& in, records_changed heard)
        : store(of), options(wanted), now(std::move(clock)), log(to), changed(std::move(heard)),
          mapped(in.counter("auditgate_work_done_total", "Messages and clusters mapped and committed")),
          conflicts(in.counter("auditgate_work_conflicts_total",
                               "Write sets computed again because of another one")),
          failures(in.counter("auditgate_work_failures_total", "Rounds of mapping that failed")), found(in),
          retention(
              store, options.retention, now, [this] { return is_stopping(); }, log, in),
          with_(std::move(compiled)) {}

    store::store& store;
    const pipeline_options options;
    const observe::clock_function now;
    observe::logger& log;
    const records_changed changed;
    const observe::counter mapped, conflicts, failures;
    observe::finding_counts found;
    eraser retention; // ticked by one thread

    std::mutex mutex;
    // One mapper without work is woken for it, and goes on until there is none. All other waits are for the end only.
    std::condition_variable work_came;
    std::condition_variable ended;
    bool stopping = false;
    std::uint64_t arrivals = 0; // counts calls of work_arrived(), so that none is missed while a thread works
    std::vector<std::thread> threads;

    // The setup of now; one round keeps to the one that it began with.
    [[nodiscard]] std::shared_ptr<const setup> current() const {
        const std::lock_guard lock(with_mutex_);
        return with_;
    }

    // Makes `next` what the store's cases are computed with.
    result<void> activate(std::shared_ptr<const setup> next) {
        const auto before = store.active_configuration();
        if (!before)
            return before.error();
        if (!before->empty() && *before != next->revision)
            retention.configuration_changed();
        if (auto activated = store.activate_configuration(next->revision); !activated)
            return activated;
        {
            const std::lock_guard lock(with_mutex_);
            with_ = std::move(next);
        }
        arrived();
        return {};
    }

    bool is_stopping() {
        const std::lock_guard lock(mutex);
        return stopping;
    }

    // Both wait for `wait` at most, and return false at the end.
    bool wait_for_work(milliseconds wait, std::uint64_t seen) {
        std::unique_lock lock(mutex);
        work_came.wait_for(lock, wait, [&] { return stopping || arrivals != seen; });
        return !stopping;
    }
    bool pause(milliseconds wait) {
        std::unique_lock lock(mutex);
        ended.wait_for(lock, wait, [&] { return stopping; });
        return !stopping;
    }

    [[nodiscard]] std::chrono::local_days today() const { return current()->local_date(now()); }

    void map_until_stopped() {
        milliseconds retry_wait = options.retry_wait_min;
        for (;;) {
            std::uint64_t seen = 0;
            {
                const std::lock_guard lock(mutex);
                if (stopping)
                    return;
                seen = arrivals;
            }
            const result<std::size_t> done = map_once();
            if (!done) {
                failures.add();
                log.error("mapping-failed", done.error().message);
                if (!pause(retry_wait))
                    return;
                retry_wait = std::min(retry_wait * 2, options.retry_wait_max);
                continue;
            }
            retry_wait = options.retry_wait_min;
            if (is_outdated_.exchange(false) && !pause(options.outdated_wait))
                return;
            if (*done == 0 && !wait_for_work(options.idle_wait, seen))
                return;
        }
    }

    // Claims and finishes one batch; how many pieces were claimed.
    result<std::size_t> map_once() {
        auto claimed = store.claim(options.owner, options.claim_max, now(), options.claim_lease);
        if (!claimed)
            return claimed.error();
        if (claimed->empty())
            return std::size_t{0};
        tell_of_damaged(*claimed);
        const auto outcome = guarded_round(*claimed);
        if (!outcome && concerns_one_piece(outcome.error())) {
            if (auto done = map_one_by_one(*claimed); !done)
                return done.error();
        } else if (!outcome) {
            give_back(*claimed);
            return outcome.error();
        } else if (outcome->is_outdated) {
            is_outdated_ = true;
            give_back(*claimed);
        } else if (outcome->pieces == 0 && outcome->conflicts > 0) {
            give_back(*claimed); // others were faster, every time
        }
        return claimed->size();
    }

    // What is wrong with one cluster, or a defect that one message shows, must not keep its neighbours waiting.
    static bool concerns_one_piece(const error& why) {
        return why.code == errc::store_corrupt || why.code == errc::wrong_key;
    }

    // A piece that cannot be mapped keeps its lease: it is tried again when that has run out.
    result<void> map_one_by_one(std::span<const store::work> claimed) {
        for (std::size_t i = 0; i < claimed.size(); ++i) {
            const auto outcome = guarded_round(claimed.subspan(i, 1));
            if (outcome)
                continue;
            if (!concerns_one_piece(outcome.error())) {
                give_back(claimed.subspan(i));
                return outcome.error();
            }
            failures.add();
            log.error("mapping-failed", outcome.error().message);
        }
        return {};
    }

    // When the store works again, what was claimed need not wait for its lease to run out.
    void give_back(std::span<const store::work> claimed) {
        if (const auto given = store.give_back(claimed); !given)
            log.error("mapping-failed", given.error().message);
    }

    void tell_of_damaged(std::span<const store::work> claimed) {
        for (const store::work& piece : claimed) {
            if (piece.message.damaged)
                log.error(
                    "message-cannot-be-opened",
                    "what the store holds of a message is damaged, or its key is gone; it is in quarantine",
                    {{"message", piece.message.id}});
        }
    }

    result<round_outcome> guarded_round(std::span<const store::work> claimed) {
        try {
            const store::utc_time at = now();
            const std::shared_ptr<const setup> with = current();
            auto outcome = work_round(store, claimed, *with, with->local_date(at), retention.allows(at));
            if (outcome) {
                mapped.add(static_cast<double>(outcome->pieces));
                conflicts.add(static_cast<double>(outcome->conflicts));
                for (const auto& [of, times] : outcome->findings)
                    found.add(of.first, of.second, times);
                if (outcome->records_changed)
                    changed();
            }
            return outcome;
        } catch (const std::exception&) {
            // A broken invariant. Its text may quote the message, so it is not shown.
            return error{errc::store_corrupt, "a defect while mapping message " +
                                                  std::to_string(claimed.front().message.id) +
                                                  ": please report it; the message is kept"};
        }
    }

    void tick_until_stopped() {
        do {
            const std::chrono::sys_days day{today().time_since_epoch()};
            const auto due = store.enqueue_due(day);
            if (!due)
                log.error("tick-failed", due.error().message);
            const bool are_reviews_due = retention.tick(today());
            if (are_reviews_due || (due && *due > 0))
                arrived();
        } while (pause(options.tick));
    }

    void arrived() {
        {
            const std::lock_guard lock(mutex);
            ++arrivals;
        }
        work_came.notify_one();
    }

private:
    mutable std::mutex with_mutex_;
    std::shared_ptr<const setup> with_;
    std::atomic<bool> is_outdated_ = false; // a round ended so since a mapper last waited
};

pipeline::pipeline(store::store& store, std::shared_ptr<const setup> with, const pipeline_options& options,
                   observe::clock_function now, observe::logger& log, observe::metrics& metrics,
                   records_changed changed)
    : state_(std::make_unique<state>(store, std::move(with), options, std::move(now), log, metrics,
                                     std::move(changed))) {}

pipeline::~pipeline() {
    stop();
}

result<void> pipeline::start() {
    if (auto activated = state_->activate(state_->current()); !activated)
        return activated;
    for (int i = 0; i < state_->options.threads; ++i)
        state_->threads.emplace_back([this] { state_->map_until_stopped(); });
    state_->threads.emplace_back([this] { state_->tick_until_stopped(); });
    return {};
}

void pipeline::stop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->work_came.notify_all();
    state_->ended.notify_all();
    for (std::thread& thread : state_->threads)
        thread.join();
    state_->threads.clear();
}

void pipeline::work_arrived() {
    state_->arrived();
}

result<void> pipeline::reconfigure(std::shared_ptr<const setup> with) {
    return state_->activate(std::move(with));
}

} // namespace auditgate::gateway::pipeline
