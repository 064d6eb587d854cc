// The way of every received message into the journal, whatever it came by: counts it, wakes the mapping after the
// commit, and tells readiness when the store does not take it and when it does again.
#pragma once

#include "gateway/intake/work_signal.hpp"
#include "gateway/observe/health.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/store/journal.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace auditgate::gateway::intake {

// What is passed by reference must outlive the gate, and the gate every message in the journal's queue. Any thread.
class journal_gate {
public:
    journal_gate(store::journal& journal, work_signal& mapping, observe::health& health,
                 observe::metrics& metrics, observe::logger& log);

    // As store::journal::try_append(): false when the journal's queue is full, and both arguments are as they were.
    [[nodiscard]] bool try_submit(store::incoming_message& message, const store::journal::completion& done);

private:
    using day = std::chrono::sys_days;

    // Counters are looked up once: their registry takes a lock and builds texts.
    struct source_counts {
        std::map<store::message_state, observe::counter> received;
        std::optional<observe::counter> control_id_reused;
        day reuse_alarmed_on{};
    };

    void note(const std::string& source, day received_on, store::message_state state,
              const result<store::append_outcome>& outcome);
    void note_store(const result<void>& outcome);
    void count_received(source_counts& of, const std::string& source, store::message_state state);
    void alarm_reused(source_counts& of, const std::string& source, day received_on);

    store::journal& journal_;
    work_signal& mapping_;
    observe::health& health_;
    observe::metrics& metrics_;
    observe::logger& log_;
    observe::histogram commit_seconds_;
    observe::counter failures_;
    // On the journal's thread only:
    bool store_is_down_ = false;
    std::map<std::string, source_counts> counts_; // by source
};

} // namespace auditgate::gateway::intake
