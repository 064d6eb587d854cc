#include "gateway/pipeline/eraser.hpp"

#include <utility>

namespace auditgate::gateway::pipeline {

eraser::eraser(store::store& store, const retention_options& options, observe::clock_function now,
               std::function<bool()> stopping, observe::logger& log, observe::metrics& metrics)
    : store_(store), options_(options), now_(std::move(now)), stopping_(std::move(stopping)), log_(log),
      failures_(metrics.counter("auditgate_retention_failures_total", "Runs of the eraser that failed")),
      step_seconds_(metrics.histogram("auditgate_retention_step_seconds",
                                      "How long one bounded step of the eraser took",
                                      {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5})) {}

bool eraser::tick(std::chrono::local_days today) {
    const store::utc_time now = now_();
    const bool may = may_erase(now);
    allowed_at_ = may ? now : never;
    if (!may)
        return false;
    const auto reviews =
        store_.enqueue_reviews(std::chrono::sys_days{today.time_since_epoch()}, options_.reviews_max);
    if (!reviews)
        fail(reviews.error());
    if (!next_run_ || now >= *next_run_) {
        next_run_ = now + options_.pause;
        if (const auto done = run(now); !done)
            fail(done.error());
        else if (from_ != 0)
            next_run_ = now;
    }
    return reviews && *reviews > 0;
}

bool eraser::allows(store::utc_time at) const {
    const store::utc_time allowed_at = allowed_at_;
    return allowed_at != never && at - allowed_at <= options_.silence_max;
}

// A clock that is far ahead would have everything erased.
bool eraser::may_erase(store::utc_time now) {
    bool is_silent = last_ && now - *last_ > options_.silence_max;
    if (!last_) {
        const auto state = store_.erasures();
        if (!state) {
            fail(state.error());
            return false;
        }
        reported_ = state->erased;
        is_silent = state->last_run
                        ? now - *state->last_run > options_.silence_max
                        : state->oldest_message && now - *state->oldest_message > options_.journal;
    }
    last_ = now;
    if (is_silent)
        pause(now,
              "nothing was erased for long, or ever, and the clock may be wrong: erasing begins later. Check "
              "the clock and `retention` in gateway.yaml until then");
    else if (is_configuration_new_)
        pause(now, "the configuration has changed: erasing begins later. Check until then that no dataset is "
                   "missing and no period of retention too short");
    is_configuration_new_ = false;
    // Also when the clock was put back.
    if (paused_until_ && (now >= *paused_until_ || *paused_until_ - now > options_.delay_when_in_doubt))
        paused_until_.reset();
    return !paused_until_;
}

void eraser::pause(store::utc_time now, std::string_view why) {
    paused_until_ = now + options_.delay_when_in_doubt;
    log_.warning("retention-paused", why, {{"hours", std::int64_t{options_.delay_when_in_doubt.count()}}});
}

result<void> eraser::run(store::utc_time now) {
    if (const auto messages = erase_messages(now); !messages)
        return messages;
    if (const auto records = erase_closed(now); !records)
        return records;
    if (const auto seen = forget_seen(now); !seen)
        return seen;
    if (const auto keys = store_.erase_keys(); !keys)
        return keys.error();
    if (const auto noted = store_.note_retention_run(now); !noted)
        return noted;
    return report(now);
}

result<void> eraser::erase_messages(store::utc_time now) {
    const store::message_limits limits{now - options_.journal, now - options_.unsettled};
    const auto tick_began = std::chrono::steady_clock::now();
    do {
        const auto begin = std::chrono::steady_clock::now();
        const auto step = store_.erase_messages(limits, from_, options_.step_max, now);
        if (!step)
            return step.error();
        step_seconds_.observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        from_ = step->next;
    } while (from_ != 0 && !stopping_() &&
             std::chrono::steady_clock::now() - tick_began < options_.journal_max);
    return {};
}

result<void> eraser::erase_closed(store::utc_time now) {
    bool more = true;
    while (more && !stopping_()) {
        const auto begin = std::chrono::steady_clock::now();
        const auto erased = store_.erase_closed(options_.step_max, now);
        if (!erased)
            return erased.error();
        step_seconds_.observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        more = *erased > 0;
    }
    return {};
}

result<void> eraser::forget_seen(store::utc_time now) {
    std::int64_t forgotten = options_.seen_max;
    while (forgotten == options_.seen_max && !stopping_()) {
        const auto begin = std::chrono::steady_clock::now();
        const auto step = store_.forget_seen(options_.seen_max, now);
        if (!step)
            return step.error();
        step_seconds_.observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        forgotten = *step;
    }
    return {};
}

result<void> eraser::report(store::utc_time now) {
    auto state = store_.erasures();
    if (!state)
        return state.error();
    const auto since_last_time = [&](const std::string& what) {
        return state->erased[what] - reported_[what];
    };
    const auto oldest_day = state->oldest_message.value_or(std::chrono::floor<std::chrono::days>(now));
    log_.info("retention-run", "what is no longer needed has been erased",
              {{"messages", since_last_time("messages")},
               {"events", since_last_time("events")},
               {"clusters", since_last_time("clusters")},
               {"records", since_last_time("records")},
               {"keys", since_last_time("keys")},
               {"closed_contents", since_last_time("closed-contents")},
               {"oldest_message_days", (std::chrono::floor<std::chrono::days>(now) - oldest_day).count()}});
    reported_ = std::move(state->erased);
    return {};
}

void eraser::fail(const error& why) {
    failures_.add();
    log_.error("retention-failed", why.message);
}

} // namespace auditgate::gateway::pipeline
