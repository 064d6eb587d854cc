#include "gateway/store/checkpointer.hpp"

#include <sqlite3.h>

namespace auditgate::gateway::store::sqlite {

checkpointer::checkpointer(const std::filesystem::path& path, const connection_options& options,
                           writer_gate& gate)
    : db_(path, options), gate_(gate) {
    // A connection that has not read yet does not know that there is a log, and copies nothing.
    db_.execute("SELECT count(*) FROM sqlite_schema");
    thread_ = std::thread([this] { run(); });
}

checkpointer::~checkpointer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void checkpointer::log_grew_to(int pages) {
    bool due = false;
    {
        const std::lock_guard lock(mutex_);
        pages_ = pages;
        if (pages < copied_pages_) // the log began anew
            copied_pages_ = 0;
        due = is_due();
    }
    if (due)
        wake_.notify_one();
}

bool checkpointer::is_due() const {
    return pages_ - copied_pages_ >= copy_every_pages;
}

void checkpointer::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return stopping_ || is_due(); });
        if (stopping_)
            return;
        const bool begin_anew = pages_ >= begin_anew_from_pages;
        copied_pages_ = pages_;
        lock.unlock();
        // A failure loses nothing, the log just grows on until the next time; commits tell of a full disk.
        sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        if (begin_anew) {
            gate_.enter(urgency::other);
            sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
            gate_.leave();
        }
        lock.lock();
    }
}

} // namespace auditgate::gateway::store::sqlite
