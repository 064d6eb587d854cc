// Who may write next: one at a time, journal batches before everything else, but never more than four in a
// row while something else waits.
#pragma once

#include <condition_variable>
#include <mutex>

namespace auditgate::gateway::store {

enum class urgency { journal, other };

class writer_gate {
public:
    void enter(urgency who); // waits
    void leave();

private:
    static constexpr int journal_in_a_row_max = 4;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool busy_ = false;
    int journal_waiting_ = 0;
    int others_waiting_ = 0;
    int journal_in_a_row_ = 0;
};

} // namespace auditgate::gateway::store
