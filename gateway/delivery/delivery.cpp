#include "gateway/delivery/delivery.hpp"

#include "fhir/json.hpp"
#include "gateway/delivery/answer.hpp"
#include "gateway/delivery/sealing.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

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
    case store::attempt_end::later:
        return "later";
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

// A connection, and what its thread has still to record.
struct connection {
    connection(std::unique_ptr<http_client> made, std::string name)
        : client(std::move(made)), owner(std::move(name)) {}

    std::unique_ptr<http_client> client;
    std::string owner; // of leases
    std::vector<store::ended_attempt> unsent;
    std::mt19937_64 random{std::random_device{}()};
};

std::int64_t seconds_from(store::utc_time now, store::utc_time until) {
    return std::chrono::ceil<std::chrono::seconds>(until - now).count();
}

} // namespace

struct delivery::state {
    destination to;
    delivery_context context;
    std::vector<connection> connections; // one for each thread
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t notified = 0;   // guarded by mutex
    store::utc_time not_before{}; // nothing is sent to the destination before; guarded by mutex
    std::atomic<bool> stopping{false};
    std::mutex recheck_mutex;
    std::string gate_revision; // of the last recheck; guarded by recheck_mutex

    state(destination where, const delivery_context& with) : to(std::move(where)), context(with) {}

    void run(connection& mine);
    void work(connection& mine);
    void recheck_after_change();
    std::uint64_t notifications();
    void wait_for_rows(std::uint64_t seen);
    bool is_asked_to_wait();
    void leave_alone_until(store::utc_time when);
    void deliver(store::outbox_row row, connection& mine);
    bool send(store::outbox_row& row, connection& mine, bool sealed_above);
    bool seal(store::outbox_row& row, store::record_action action);
    void finish(const store::outbox_row& row, const store::attempt_outcome& outcome);
    void finish_unsent(connection& mine);
    void tell(const store::outbox_row& row, const store::attempt_outcome& outcome);
};

// One worker. It outlives whatever goes wrong in one round: the rows stay in the outbox.
void delivery::state::run(connection& mine) {
    while (!stopping) {
        try {
            work(mine);
        } catch (const std::exception&) {
            // Not its text: nobody knows what it quotes.
            context.log.error("delivery-defect", "delivery met a defect; it goes on with the next record",
                              {{"destination", to.name}});
            wait_for_rows(notifications());
        }
    }
    finish_unsent(mine); // whoever delivers next need not wait for their leases to run out
}

// One round: a row that is due, or else a wait for one.
void delivery::state::work(connection& mine) {
    const std::uint64_t seen = notifications();
    recheck_after_change();
    if (is_asked_to_wait()) {
        finish_unsent(mine);
        wait_for_rows(seen);
        return;
    }
    auto rows = context.outbox.lease(to.name, mine.owner, 1, context.now(), to.lease_ms);
    if (!rows) {
        context.log.error("outbox-unavailable", rows.error().message, {{"destination", to.name}});
    }
    if (rows && !rows->empty()) {
        deliver(std::move(rows->front()), mine);
        return;
    }
    finish_unsent(mine);
    wait_for_rows(seen);
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

bool delivery::state::is_asked_to_wait() {
    const std::lock_guard lock(mutex);
    return context.now() < not_before;
}

void delivery::state::leave_alone_until(store::utc_time when) {
    const std::lock_guard lock(mutex);
    not_before = std::max(not_before, when);
}

void delivery::state::deliver(store::outbox_row row, connection& mine) {
    bool sealed_above = false;
    while (true) {
        const auto now = context.now();
        const next_move next = before_attempt(row, context.gate.ask(row, now), to.schedule, now);
        if (next.what == move::finish) {
            mine.unsent.push_back({std::move(row), next.outcome});
            if (mine.unsent.size() >= unsent_rows_max) {
                finish_unsent(mine);
            }
            return;
        }
        if (!mine.unsent.empty()) {
            // Recorded before a request that may take its time. The row is due at once, to be looked at afresh.
            mine.unsent.push_back({std::move(row), {store::attempt_end::later, {}, {}, {}}});
            finish_unsent(mine);
            return;
        }
        if (next.what == move::seal && !seal(row, next.action)) {
            return;
        }
        if (next.what == move::send && sealed_above && !seal(row, row.sealed->action)) {
            return;
        }
        if (send(row, mine, sealed_above)) {
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
        if (recorded.error().code != errc::lease_lost) { // else the row has changed, and is due again
            context.log.warning("seal-not-recorded", recorded.error().message, {{"destination", to.name}});
            context.outbox.give_back(row); // nothing was sent: it need not wait for the lease to run out
            wait_for_rows(notifications());
        }
        return false;
    }
    row.last_version = sealed->version;
    for (const std::string& slot : sealed->slots) {
        if (std::ranges::find(row.slots_out, slot) == row.slots_out.end()) {
            row.slots_out.push_back(slot); // it may be there from now on, as the store knows
        }
    }
    row.sealed = *std::move(sealed);
    row.sealed_revision = row.desired_revision;
    row.attempts = 0;
    row.retry_at = {};
    row.hold_reason.clear();
    row.hold_detail.clear();
    return true;
}

// One attempt. False when the registry has a later version: the row is to be decided and sealed above it.
bool delivery::state::send(store::outbox_row& row, connection& mine, bool sealed_above) {
    const http_answer answer = mine.client->post(fhir_json, row.sealed->body);
    const peer_answer read = read_answer(answer, entries_of(row.sealed->body), context.now());
    const double jitter = std::uniform_real_distribution<double>{0.0, 1.0}(mine.random);
    const after_attempt_result after =
        after_attempt(*row.sealed, read, sealed_above, row.attempts, to.retry, jitter, context.now());
    if (after.leave_alone) {
        leave_alone_until(after.outcome.retry_at);
        context.log.warning("destination-asks-for-time", "nothing is sent to it for so long",
                            {{"destination", to.name},
                             {"status", read.status},
                             {"wait_s", seconds_from(context.now(), after.outcome.retry_at)}});
    }
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
        wait_for_rows(
            notifications()); // the row keeps its lease: what was sent is not to be sent again at once
        return;
    }
    tell(row, outcome);
}

// What cannot be recorded is looked at again.
void delivery::state::finish_unsent(connection& mine) {
    if (mine.unsent.empty()) {
        return;
    }
    const std::vector<store::ended_attempt> ended = std::exchange(mine.unsent, {});
    if (const auto recorded = context.outbox.finish_all(ended, context.now()); !recorded) {
        context.log.warning("attempt-not-recorded", recorded.error().message, {{"destination", to.name}});
        for (const store::ended_attempt& one : ended) {
            context.outbox.give_back(one.row);
        }
        return;
    }
    for (const store::ended_attempt& one : ended) {
        tell(one.row, one.outcome);
    }
}

void delivery::state::tell(const store::outbox_row& row, const store::attempt_outcome& outcome) {
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
        if (row.attempts + 1 == attempts_until_warning) {
            context.log.warning("delivery-keeps-failing", "the record is tried again for ever",
                                {{"destination", to.name},
                                 {"record", row.record_id},
                                 {"reason", outcome.reason},
                                 {"attempts", attempts_until_warning}});
        }
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
        made->connections.emplace_back(*std::move(client), made->to.name + "-" + std::to_string(number));
    }
    return std::unique_ptr<delivery>(new delivery(std::move(made)));
}

void delivery::start() {
    for (connection& one : state_->connections) {
        state_->threads.emplace_back([mine = state_.get(), &one] { mine->run(one); });
    }
}

void delivery::stop() {
    state_->stopping = true;
    for (const connection& one : state_->connections) {
        one.client->stop();
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
