#include "gateway/intake/directory_submission.hpp"

#include <chrono>

namespace auditgate::gateway::intake {

bool file_submission::submit(store::incoming_message message) {
    constexpr std::chrono::milliseconds full_queue_wait{20};
    {
        std::unique_lock lock(shared_->mutex);
        shared_->changed.wait(lock, [&] { return shared_->under_way < under_way_max; });
        if (shared_->failed)
            return false;
        ++shared_->under_way;
    }
    const store::journal::completion done =
        [shared = shared_, source = message.source, type = message.message_type,
         state = message.state](const result<store::append_outcome>& outcome) {
            const std::scoped_lock lock(shared->mutex);
            --shared->under_way;
            if (outcome)
                shared->report.add(source, type, outcome->duplicate ? store::message_state::duplicate : state,
                                   outcome->id);
            else
                shared->failed = true;
            shared->changed.notify_all();
        };
    while (!gate_.try_submit(message, done)) {
        std::unique_lock lock(shared_->mutex);
        if (stopping_ || shared_->failed) {
            --shared_->under_way;
            return false;
        }
        shared_->changed.wait_for(lock, full_queue_wait);
    }
    return true;
}

bool file_submission::finish() {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [&] { return shared_->under_way == 0; });
    return !shared_->failed;
}

} // namespace auditgate::gateway::intake
