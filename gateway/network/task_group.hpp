// The coroutines that belong together (the connections of a listener) and must all have ended before what they use
// goes away.
#pragma once

#include "gateway/observe/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace auditgate::gateway::network {

// Any thread may call any member; `log` must outlive the group.
class task_group {
public:
    explicit task_group(observe::logger& log);
    // Every task must have ended: stop() before, while the executors still run.
    ~task_group();
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    // Runs `task` on `on`, a strand. An exception that leaves it is logged as task-failed with `name` and ends it.
    // Returns false, and the task is not run, once stop() was called.
    bool spawn(std::string name, boost::asio::any_io_executor on, boost::asio::awaitable<void> task);

    [[nodiscard]] std::size_t size() const;

    // Asks every task to end (cancellation `total`: what waits for new work stops), and returns at once.
    void begin_stop();
    // begin_stop(), waits up to `grace`, then forces those left (`terminal`: every wait fails) and waits for them. Blocks:
    // not to be called from a task.
    void stop(std::chrono::milliseconds grace);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace auditgate::gateway::network
