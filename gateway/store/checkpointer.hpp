// Copies SQLite's write-ahead log into the database, on a thread and a connection of its own, so that no
// acknowledgement waits for it. Most of it is copied while others write; when the log has grown long, the
// rest is copied while nobody does, so that the next writer can begin the log anew and it does not grow for
// ever.
#pragma once

#include "gateway/store/sqlite.hpp"
#include "gateway/store/writer_gate.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace auditgate::gateway::store::sqlite {

class checkpointer {
public:
    checkpointer(const std::filesystem::path& path, const connection_options& options, writer_gate& gate);
    ~checkpointer();
    checkpointer(const checkpointer&) = delete;
    checkpointer& operator=(const checkpointer&) = delete;

    // The log has this many pages now. Cheap; called after every commit.
    void log_grew_to(int pages);

private:
    static constexpr int copy_every_pages = 1000;      // 4 MB
    static constexpr int begin_anew_from_pages = 2000; // 8 MB

    void run();
    [[nodiscard]] bool is_due() const; // with mutex_ held

    connection db_;
    writer_gate& gate_;
    std::mutex mutex_;
    std::condition_variable wake_;
    int pages_ = 0;
    int copied_pages_ = 0; // of the log, when the last copying began
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace auditgate::gateway::store::sqlite
