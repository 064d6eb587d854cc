// A gateway that is stopped behind an integration engine with a queue: the hospital goes on, the engine keeps its messages
// and tries again, and when the gateway is back everything arrives, in order for each patient, none twice.
// AUDITGATE_STOP_SECONDS sets how long the gateway is stopped (default 3).
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "hl7v2/header.hpp"
#include "tests/support/idle.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace auditgate::test {
namespace {

namespace store = gateway::store;
using steady = std::chrono::steady_clock;

constexpr int queues = 3;
constexpr int patients_of_a_queue = 8; // their messages take turns
constexpr int retry_ms = 20;

int stop_seconds() {
    const char* value = std::getenv("AUDITGATE_STOP_SECONDS");
    return value != nullptr ? std::atoi(value) : 3;
}

std::string control_id_of(const std::string& message) {
    return hl7v2::read_header(message).message_control_id;
}

// One outbound channel of an engine: a queue, a connection, and the head is sent until it is acknowledged.
class queueing_sender {
public:
    explicit queueing_sender(std::uint16_t port) : port_(port), thread_([this] { run(); }) {}
    ~queueing_sender() {
        stopping_ = true;
        thread_.join();
    }
    queueing_sender(const queueing_sender&) = delete;
    queueing_sender& operator=(const queueing_sender&) = delete;

    void add(std::string message) {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(message));
    }
    [[nodiscard]] std::size_t waiting() const {
        const std::lock_guard lock(mutex_);
        return queue_.size();
    }
    [[nodiscard]] int acknowledged() const { return acknowledged_; }
    [[nodiscard]] int attempts_without_answer() const { return attempts_without_answer_; }

private:
    void run() {
        while (!stopping_) {
            mllp_connection connection(port_);
            while (!stopping_ && send_head(connection))
                continue;
            ::poll(nullptr, 0, retry_ms);
        }
    }

    // False when the connection is of no more use, or the queue is empty.
    bool send_head(mllp_connection& connection) {
        std::string head;
        {
            const std::lock_guard lock(mutex_);
            if (queue_.empty())
                return false;
            head = queue_.front();
        }
        if (connection.exchange(head).find("\rMSA|AA|" + control_id_of(head)) == std::string::npos) {
            ++attempts_without_answer_;
            return false;
        }
        const std::lock_guard lock(mutex_);
        queue_.pop_front();
        ++acknowledged_;
        return true;
    }

    std::uint16_t port_;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> acknowledged_ = 0, attempts_without_answer_ = 0;
    mutable std::mutex mutex_;
    std::deque<std::string> queue_;
    std::thread thread_;
};

// What happens in the hospital, in order: each message with the queue that it goes to, and the patient it speaks of.
struct happening {
    std::size_t queue = 0;
    int patient = 0;
    std::string message;
};

std::vector<happening> days_work(std::chrono::sys_days day_zero) {
    std::vector<std::vector<std::string>> journeys;
    for (int patient = 0; patient < queues * patients_of_a_queue; ++patient)
        journeys.push_back(sample_journey(patient, day_zero));
    std::vector<happening> all;
    for (std::size_t step = 0; step < journeys.front().size(); ++step)
        for (std::size_t patient = 0; patient < journeys.size(); ++patient)
            all.push_back(
                {patient % queues, static_cast<int>(patient), std::move(journeys[patient].at(step))});
    return all;
}

// The control ids that are in the journal, in its order; each patient's.
std::map<int, std::vector<std::string>> journaled(const demo_services& services,
                                                  const std::map<std::string, int>& patient_of) {
    const auto data = services.folder() / "gateway";
    const auto keys = gateway::security::key_ring::open(store::keys_folder(data)).value();
    const auto opened = store::create_sqlite_store(store::database_path(data), *keys).value();
    store::message_filter filter;
    filter.limit = 1'000'000;
    std::map<int, std::vector<std::string>> found;
    auto messages = opened->messages(filter).value(); // the newest first
    for (auto one = messages.rbegin(); one != messages.rend(); ++one)
        found[patient_of.at(one->control_id)].push_back(one->control_id);
    return found;
}

TEST(StoppedGateway, EverythingArrivesInOrderForEachPatientFromQueueingSenders) {
    const temporary_folder folder;
    demo_services services(folder.path());
    services.start_registry();
    services.start_gateway();
    const std::vector<happening> all = days_work(
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) - std::chrono::days(91));
    std::map<std::string, int> patient_of;            // by control id
    std::map<int, std::vector<std::string>> in_order; // of each patient
    std::deque<queueing_sender> senders;
    for (int i = 0; i < queues; ++i)
        senders.emplace_back(services.mllp_port());
    std::size_t next = 0;
    const auto happens = [&](std::size_t until) {
        for (; next < until; ++next) {
            const std::string control_id = control_id_of(all[next].message);
            patient_of[control_id] = all[next].patient;
            in_order[all[next].patient].push_back(control_id);
            senders[all[next].queue].add(all[next].message);
        }
    };

    // A third before the stop, which comes while they are being sent.
    happens(all.size() / 3);
    const auto deadline = steady::now() + std::chrono::minutes(1);
    while (senders.front().acknowledged() == 0 && steady::now() < deadline)
        ::poll(nullptr, 0, 1);
    ASSERT_TRUE(services.stop_gateway());
    std::size_t waiting_at_stop = 0;
    for (const queueing_sender& one : senders)
        waiting_at_stop += one.waiting();
    EXPECT_GT(waiting_at_stop, 0U) << "nobody was sending when the gateway was stopped: the test shows less";

    // A third while it is stopped, spread over the time.
    const auto stopped_for = std::chrono::seconds(stop_seconds());
    const auto stopped_at = steady::now();
    const std::size_t during = all.size() / 3;
    for (std::size_t i = 1; i <= during; ++i) {
        const auto at = stopped_at + stopped_for * i / during;
        while (steady::now() < at)
            ::poll(nullptr, 0, 1);
        happens(all.size() / 3 + i);
    }
    int attempts = 0;
    for (const queueing_sender& one : senders) {
        EXPECT_GT(one.attempts_without_answer(), 1);
        attempts += one.attempts_without_answer();
    }

    services.start_gateway();
    happens(all.size());
    const auto patience = steady::now() + std::chrono::minutes(2);
    for (const queueing_sender& one : senders)
        while (one.waiting() > 0) {
            ASSERT_LT(steady::now(), patience) << one.waiting() << " messages still wait";
            ::poll(nullptr, 0, 5);
        }
    const auto back = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - stopped_at);
    wait_until_delivered(services);
    EXPECT_EQ(journaled_messages(services), static_cast<std::int64_t>(all.size()));
    EXPECT_EQ(registry_records(services).size(), static_cast<std::size_t>(queues * patients_of_a_queue));
    senders.clear();
    EXPECT_TRUE(services.stop());
    EXPECT_EQ(journaled(services, patient_of), in_order);
    std::cout << all.size() << " messages, stopped for " << stopped_for.count() << " s with "
              << waiting_at_stop << " waiting, " << attempts
              << " attempts without an answer, all there after " << back.count() << " ms\n";
}

} // namespace
} // namespace auditgate::test
