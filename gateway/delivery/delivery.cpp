#include "gateway/delivery/delivery.hpp"

#include "fhir/json.hpp"
#include "gateway/delivery/answer.hpp"
#include "gateway/delivery/sealing.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

namespace auditgate::gateway::delivery {

namespace {

constexpr std::string_view fhir_json = "application/fhir+json; charset=utf-8";

std::string_view to_string(store::attempt_end end) {
    switch (end) {
    case store::attempt_end::receipted:
        return "receipted";
    case store::attempt_end::unchanged:
        return "unchanged";
    case store::attempt_end::retry:
        return "retry";
    case store::attempt_end::held:
        return "held";
    case store::attempt_end::discarded:
        return "discarded";
    }
    return "held";
}

std::size_t entries_of(const std::string& bundle) {
    const auto parsed = fhir::json::parse(bundle);
    return parsed.document ? (*parsed.document)["entry"].size() : 0;
}

} // namespace

struct delivery::state {
    destination to;
    delivery_context context;
    std::vector<std::unique_ptr<http_client>> clients; // one for each thread
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t notified = 0; // guarded by mutex
    std::atomic<bool> stopping{false};
    std::mutex recheck_mutex;
    std::string gate_revision; // of the last recheck; guarded by recheck_mutex

    state(destination where, const delivery_context& with) : to(std::move(where)), context(with) {}

    void run(http_client& client, const std::string& owner);
    void work(http_client& client, const std::string& owner, double jitter);
    void recheck_after_change();
    std::uint64_t notifications();
    void wait_for_rows(std::uint64_t seen);
    void deliver(store::outbox_row row, http_client& client, double jitter);
    bool send(store::outbox_row& row, http_client& client, bool sealed_above, double jitter);
    bool seal(store::outbox_row& row, store::record_action action);
    peer_answer exchange(const store::sealed_record& sealed, http_client& client) const;
    void finish(const store::outbox_row& row, const store::attempt_outcome& outcome);
};

// One worker. It outlives whatever goes wrong in one round: the rows stay in the outbox.
void delivery::state::run(http_client& client, const std::string& owner) {
    std::mt19937_64 random{std::random_device{}()};
    std::uniform_real_distribution<double> jitter{0.0, 1.0};
    while (!stopping) {
        try {
            work(client, owner, jitter(random));
        } catch (const std::exception& defect) {
            context.log.error("delivery-defect", defect.what(), {{"destination", to.name}});
            wait_for_rows(notifications());
        }
    }
}

// One round: the rows that are due, or else a wait for some.
void delivery::state::work(http_client& client, const std::string& owner, double jitter) {
    const std::uint64_t seen = notifications();
    recheck_after_change();
    auto rows = context.outbox.lease(to.name, owner, to.lease_rows, context.now(), to.lease_ms);
    if (!rows) {
        context.log.error("outbox-unavailable", rows.error().message, {{"destination", to.name}});
    }
    if (!rows || rows->empty()) {
        wait_for_rows(seen);
        return;
    }
    for (store::outbox_row& row : *rows) {
        if (!stopping) {
            deliver(std::move(row), client, jitter);
        }
    }
}

// The gate may say something else of any record now, delivered or held: all are looked at again. Also after a start, for
// nobody knows what has changed meanwhile.
void delivery::state::recheck_after_change() {
    const std::string revision = context.gate.revision(context.now());
    const std::lock_guard lock(recheck_mutex);
    if (revision != gate_revision && context.outbox.recheck(to.name, std::nullopt)) {
        gate_revision = revision; // else tried again in the next round
    }
}

std::uint64_t delivery::state::notifications() {
    const std::lock_guard lock(mutex);
    return notified;
}

void delivery::state::wait_for_rows(std::uint64_t seen) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, to.poll_interval_ms, [&] { return stopping || notified != seen; });
}

void delivery::state::deliver(store::outbox_row row, http_client& client, double jitter) {
    bool sealed_above = false;
    while (true) {
        const auto now = context.now();
        const next_move next = before_attempt(row, context.gate.ask(row, now), to.schedule, now);
        if (next.what == move::finish) {
            finish(row, next.outcome);
            return;
        }
        if (next.what == move::seal && !seal(row, next.action)) {
            return;
        }
        if (next.what == move::send && sealed_above && !seal(row, row.sealed->action)) {
            return;
        }
        if (send(row, client, sealed_above, jitter)) {
            return;
        }
        sealed_above = true;
    }
}

// False when the row could not be sealed, which has then been recorded.
bool delivery::state::seal(store::outbox_row& row, store::record_action action) {
    auto sealed = seal_record(row, action, row.last_version + 1, context.layouts);
    if (!sealed) {
        finish(row, {store::attempt_end::held, {}, "cannot-seal", sealed.error().message});
        return false;
    }
    if (const auto recorded = context.outbox.seal(row, *sealed, context.now()); !recorded) {
        context.log.warning("seal-not-recorded", recorded.error().message, {{"destination", to.name}});
        return false;
    }
    row.last_version = sealed->version;
    row.sealed = *std::move(sealed);
    row.attempts = 0;
    row.hold_reason.clear();
    row.hold_detail.clear();
    return true;
}

// One attempt. False when the registry has a later version: the row is to be decided and sealed above it.
bool delivery::state::send(store::outbox_row& row, http_client& client, bool sealed_above, double jitter) {
    const http_answer answer = client.post(fhir_json, row.sealed->body);
    const peer_answer read = read_answer(answer, entries_of(row.sealed->body), context.now());
    const after_attempt_result after =
        after_attempt(*row.sealed, read, sealed_above, row.attempts, to.retry, jitter, context.now());
    if (!after.seal_above) {
        finish(row, after.outcome);
        return true;
    }
    context.log.warning(
        "registry-has-later-version", "the record is sealed again above it",
        {{"destination", to.name}, {"record", row.record_id}, {"version", *after.seal_above}});
    row.last_version = *after.seal_above;
    return false;
}

void delivery::state::finish(const store::outbox_row& row, const store::attempt_outcome& outcome) {
    if (const auto recorded = context.outbox.finish(row, outcome, context.now()); !recorded) {
        context.log.warning("attempt-not-recorded", recorded.error().message, {{"destination", to.name}});
        return;
    }
    context.metrics
        .counter("auditgate_delivery_attempts_total", "Looks at outbox rows by how they ended",
                 {{"destination", to.name}, {"end", std::string{to_string(outcome.end)}}})
        .add();
    if (outcome.end == store::attempt_end::held && outcome.reason != row.hold_reason) {
        context.log.warning(
            "record-held", outcome.detail,
            {{"destination", to.name}, {"record", row.record_id}, {"reason", outcome.reason}});
    } else if (outcome.end == store::attempt_end::retry) {
        context.log.info("delivery-retry", outcome.detail,
                         {{"destination", to.name}, {"record", row.record_id}, {"reason", outcome.reason}});
    }
}

delivery::delivery(std::unique_ptr<state> initial) : state_(std::move(initial)) {}

delivery::~delivery() {
    stop();
}

result<std::unique_ptr<delivery>> delivery::create(destination to, const delivery_context& context) {
    auto made = std::make_unique<state>(std::move(to), context);
    for (int number = 0; number < made->to.concurrency; ++number) {
        auto client = http_client::create(made->to.endpoint);
        if (!client) {
            return client.error();
        }
        made->clients.push_back(*std::move(client));
    }
    return std::unique_ptr<delivery>(new delivery(std::move(made)));
}

void delivery::start() {
    for (std::size_t number = 0; number < state_->clients.size(); ++number) {
        http_client& client = *state_->clients[number];
        std::string owner = state_->to.name + "-" + std::to_string(number);
        state_->threads.emplace_back(
            [mine = state_.get(), &client, name = std::move(owner)] { mine->run(client, name); });
    }
}

void delivery::stop() {
    state_->stopping = true;
    for (const auto& client : state_->clients) {
        client->stop();
    }
    notify();
    for (std::thread& thread : state_->threads) {
        thread.join();
    }
    state_->threads.clear();
}

void delivery::notify() {
    {
        const std::lock_guard lock(state_->mutex);
        ++state_->notified;
    }
    state_->changed.notify_all();
}

} // namespace auditgate::gateway::delivery
