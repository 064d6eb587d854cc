#include "gateway/store/writer_gate.hpp"

namespace auditgate::gateway::store {

void writer_gate::enter(urgency who) {
    std::unique_lock lock(mutex_);
    if (who == urgency::journal) {
        ++journal_waiting_;
        changed_.wait(lock, [&] {
            return !busy_ && (others_waiting_ == 0 || journal_in_a_row_ < journal_in_a_row_max);
        });
        --journal_waiting_;
        ++journal_in_a_row_;
    } else {
        ++others_waiting_;
        changed_.wait(lock, [&] {
            return !busy_ && (journal_waiting_ == 0 || journal_in_a_row_ >= journal_in_a_row_max);
        });
        --others_waiting_;
        journal_in_a_row_ = 0;
    }
    busy_ = true;
}

void writer_gate::leave() {
    {
        const std::lock_guard lock(mutex_);
        busy_ = false;
    }
    changed_.notify_all();
}

} // namespace auditgate::gateway::store
