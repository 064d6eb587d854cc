#include "gateway/intake/journal_gate.hpp"

#include "gateway/store/names.hpp"

namespace auditgate::gateway::intake {

journal_gate::journal_gate(store::journal& journal, work_signal& mapping, observe::health& health,
                           observe::metrics& metrics, observe::logger& log)
    : journal_(journal), mapping_(mapping), health_(health), metrics_(metrics), log_(log),
      commit_seconds_(metrics.histogram("auditgate_commit_seconds",
                                        "From a whole message received to its commit in the journal",
                                        {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10})),
      failures_(metrics.counter("auditgate_journal_failures_total", "Messages that the store did not take")) {
    health_.set_ready("store");
    journal_.listen([this](const result<void>& outcome) { note_store(outcome); });
}

bool journal_gate::try_submit(store::incoming_message& message, const store::journal::completion& done) {
    const auto begun = std::chrono::steady_clock::now();
    store::journal::completion observed = [this, done, begun, source = message.source, state = message.state,
                                           on = std::chrono::floor<std::chrono::days>(message.received_at)](
                                              result<store::append_outcome> outcome) {
        commit_seconds_.observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
        note(source, on, state, outcome);
        done(std::move(outcome));
    };
    return journal_.try_append(message, observed);
}

void journal_gate::note(const std::string& source, day received_on, store::message_state state,
                        const result<store::append_outcome>& outcome) {
    if (!outcome) {
        failures_.add();
        return;
    }
    const store::message_state now = outcome->duplicate ? store::message_state::duplicate : state;
    source_counts& of = counts_[source];
    count_received(of, source, now);
    if (outcome->control_id_reused)
        alarm_reused(of, source, received_on);
    if (now == store::message_state::waiting)
        mapping_.work_arrived();
}

void journal_gate::note_store(const result<void>& outcome) {
    if (outcome && store_is_down_) {
        health_.set_ready("store");
        log_.info("store-back", "the store takes messages again");
    }
    if (!outcome && !store_is_down_) {
        health_.set_not_ready("store", "store-unavailable");
        log_.error("store-down", outcome.error().message);
    }
    store_is_down_ = !outcome;
}

void journal_gate::count_received(source_counts& of, const std::string& source, store::message_state state) {
    auto counter = of.received.find(state);
    if (counter == of.received.end()) {
        const observe::labels labels{{"source", source.empty() ? "unknown-source" : source},
                                     {"state", std::string(name_of(state))}};
        counter = of.received
                      .emplace(state, metrics_.counter("auditgate_messages_received_total",
                                                       "Messages received and journaled", labels))
                      .first;
    }
    counter->second.add();
}

void journal_gate::alarm_reused(source_counts& of, const std::string& source, day received_on) {
    if (!of.control_id_reused)
        of.control_id_reused =
            metrics_.counter("auditgate_control_id_reused_total",
                             "Messages with a control id that other bytes had before", {{"source", source}});
    of.control_id_reused->add();
    if (of.reuse_alarmed_on == received_on)
        return;
    of.reuse_alarmed_on = received_on;
    log_.warning("control-id-reused",
                 "a sender uses message control ids again for other messages; told once a day",
                 {observe::field("source", source)});
}

} // namespace auditgate::gateway::intake
