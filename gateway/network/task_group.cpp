#include "gateway/network/task_group.hpp"

#include "gateway/observe/defect.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <utility>

namespace auditgate::gateway::network {
namespace {

namespace asio = boost::asio;

// A signal may only be emitted where its task runs, so the task's executor is kept beside it.
struct running_task {
    asio::any_io_executor on;
    asio::cancellation_signal cancel;
};

} // namespace

struct task_group::state {
    explicit state(observe::logger& to) : log(to) {}

    observe::logger& log;
    std::mutex mutex;
    std::condition_variable ended;
    bool stopping = false;
    std::list<std::shared_ptr<running_task>> tasks;

    void report(const std::string& name, const std::exception_ptr& failure) {
        if (failure)
            log.error("task-failed", "a defect ended a task: please report it",
                      {observe::field("task", name), observe::field("type", observe::type_name(failure))});
    }

    void emit(asio::cancellation_type type) {
        const std::scoped_lock lock(mutex);
        for (const std::shared_ptr<running_task>& task : tasks)
            asio::post(task->on, [task, type] { task->cancel.emit(type); });
    }
};

task_group::task_group(observe::logger& log) : state_(std::make_shared<state>(log)) {}

task_group::~task_group() = default;

bool task_group::spawn(std::string name, asio::any_io_executor on, asio::awaitable<void> task) {
    auto running = std::make_shared<running_task>();
    running->on = on;
    const std::scoped_lock lock(state_->mutex);
    if (state_->stopping)
        return false;
    const auto place = state_->tasks.insert(state_->tasks.end(), running);
    auto when_ended = [group = state_, running, place,
                       name = std::move(name)](const std::exception_ptr& failure) {
        group->report(name, failure);
        const std::scoped_lock ending(group->mutex);
        group->tasks.erase(place);
        group->ended.notify_all();
    };
    // Posted, and under the mutex: a signal of stop() comes behind it on the strand, never at the same time.
    asio::post(on, [running, task = std::move(task), ended = std::move(when_ended)]() mutable {
        asio::co_spawn(running->on, std::move(task),
                       asio::bind_cancellation_slot(running->cancel.slot(), std::move(ended)));
    });
    return true;
}

std::size_t task_group::size() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->tasks.size();
}

void task_group::begin_stop() {
    {
        const std::scoped_lock lock(state_->mutex);
        if (std::exchange(state_->stopping, true))
            return;
    }
    state_->emit(asio::cancellation_type::total);
}

void task_group::stop(std::chrono::milliseconds grace) {
    begin_stop();
    const auto all_ended = [this] { return state_->tasks.empty(); };
    {
        std::unique_lock lock(state_->mutex);
        if (state_->ended.wait_for(lock, grace, all_ended))
            return;
    }
    state_->emit(asio::cancellation_type::terminal);
    std::unique_lock lock(state_->mutex);
    state_->ended.wait(lock, all_ended);
}

} // namespace auditgate::gateway::network
