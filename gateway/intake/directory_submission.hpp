// Hands the messages of one file to the journal, many at a time, and waits for what becomes of them.
#pragma once

#include "gateway/intake/directory_report.hpp"
#include "gateway/intake/journal_gate.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

namespace auditgate::gateway::intake {

// For one thread, which it blocks. The gate and `stopping` must outlive it; stop the journal after it.
class file_submission {
public:
    static constexpr std::size_t under_way_max = 512;

    file_submission(journal_gate& gate, const std::atomic<bool>& stopping)
        : gate_(gate), stopping_(stopping), shared_(std::make_shared<shared_state>()) {}
    ~file_submission() { (void)finish(); }
    file_submission(const file_submission&) = delete;
    file_submission& operator=(const file_submission&) = delete;

    // False when the store did not take an earlier one, or the gateway stops: the file must be read again later.
    [[nodiscard]] bool submit(store::incoming_message message);
    // Waits for those under way. False as above; true: all that was submitted is on the disk.
    [[nodiscard]] bool finish();

    // What became of them, in the order in which the journal took them. After finish().
    [[nodiscard]] file_report& report() { return shared_->report; }

private:
    struct shared_state {
        std::mutex mutex;
        std::condition_variable changed;
        std::size_t under_way = 0;
        bool failed = false;
        file_report report;
    };

    journal_gate& gate_;
    const std::atomic<bool>& stopping_;
    std::shared_ptr<shared_state> shared_;
};

} // namespace auditgate::gateway::intake
