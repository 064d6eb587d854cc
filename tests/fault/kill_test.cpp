// The first promise under SIGKILL: what was acknowledged is there, and the registry ends with the same
// records as if nothing had happened. AUDITGATE_KILLS sets how often the gateway is killed (default 3),
// AUDITGATE_KILL_SEED which moments are chosen.
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
#include <filesystem>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace auditgate::test {
namespace {

constexpr int connections = 16;
constexpr int patients_between_kills = 4;

int setting(const char* name, int otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr ? std::atoi(value) : otherwise;
}

// Sixteen senders that share one queue. Each does what senders do: it sends a message until somebody
// acknowledges it.
class crowd_of_senders {
public:
    explicit crowd_of_senders(std::uint16_t port) : port_(port) {
        for (int i = 0; i < connections; ++i)
            threads_.emplace_back([this] { run(); });
    }
    ~crowd_of_senders() {
        stopping_ = true;
        for (std::thread& thread : threads_)
            thread.join();
    }

    void add(std::vector<std::string> messages) {
        const std::lock_guard lock(mutex_);
        for (std::string& message : messages)
            queue_.push_back(std::move(message));
        added_ += static_cast<std::int64_t>(messages.size());
    }
    [[nodiscard]] std::int64_t added() const { return added_; }
    [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] std::int64_t broken() const { return broken_; }

private:
    void run() {
        while (!stopping_) {
            mllp_connection connection(port_);
            while (!stopping_ && send_next(connection))
                continue;
            ::poll(nullptr, 0, 5);
        }
    }

    // False when the connection is of no more use, or there is nothing to send just now.
    bool send_next(mllp_connection& connection) {
        std::string message;
        {
            const std::lock_guard lock(mutex_);
            if (queue_.empty())
                return false;
            message = std::move(queue_.front());
            queue_.pop_front();
        }
        if (connection.exchange(message).find("\rMSA|AA|") != std::string::npos) {
            ++acknowledged_;
            return true;
        }
        ++broken_;
        const std::lock_guard lock(mutex_);
        queue_.push_front(std::move(message));
        return false;
    }

    std::uint16_t port_;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::int64_t> added_ = 0, acknowledged_ = 0, broken_ = 0;
    std::mutex mutex_;
    std::deque<std::string> queue_;
    std::vector<std::thread> threads_;
};

void wait_until_acknowledged(const crowd_of_senders& senders) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (senders.acknowledged() < senders.added()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << senders.acknowledged() << " acknowledged";
        ::poll(nullptr, 0, 5);
    }
}

TEST(Kill, AcknowledgedIsSafeAndTheRecordsAreThoseOfAnUndisturbedRun) {
    const int kills = setting("AUDITGATE_KILLS", 3);
    const int seed = setting("AUDITGATE_KILL_SEED", 20260101);
    const int patients = kills * patients_between_kills;
    const auto day_zero =
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) - std::chrono::days(91);
    std::mt19937 random(static_cast<unsigned>(seed));
    const temporary_folder calm_folder, rough_folder;

    demo_services calm(calm_folder.path());
    demo_services rough(rough_folder.path());

    calm.start_registry();
    calm.start_gateway();
    {
        crowd_of_senders senders(calm.mllp_port());
        for (int patient = 0; patient < patients; ++patient)
            senders.add(sample_journey(patient, day_zero));
        wait_until_acknowledged(senders);
    }
    wait_until_delivered(calm);
    const std::map<std::string, std::string> expected = registry_records(calm);
    EXPECT_EQ(expected.size(), static_cast<std::size_t>(patients));
    EXPECT_TRUE(calm.stop());

    // The same keys, so that the same patients have the same record ids.
    for (const char* keys : {"gateway/keys", "registry/keys"})
        std::filesystem::copy(calm.folder() / keys, rough.folder() / keys,
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::overwrite_existing);
    rough.start_registry();
    rough.start_gateway();
    std::int64_t added = 0;
    {
        crowd_of_senders senders(rough.mllp_port());
        for (int kill = 0; kill < kills; ++kill) {
            for (int i = 0; i < patients_between_kills; ++i)
                senders.add(sample_journey(kill * patients_between_kills + i, day_zero));
            // While they are being sent: a hundred messages take some tens of milliseconds.
            ::poll(nullptr, 0, static_cast<int>(random() % 40));
            rough.kill_gateway();
            rough.start_gateway();
        }
        wait_until_acknowledged(senders);
        added = senders.added();
        std::cout << kills << " kills (seed " << seed << "), " << added << " messages, " << senders.broken()
                  << " exchanges broken off\n";
    }
    wait_until_delivered(rough);
    // Every message was sent until it was acknowledged, and none after that: one that is missing was
    // acknowledged.
    EXPECT_EQ(journaled_messages(rough), added) << "acknowledged and missing";
    EXPECT_EQ(registry_records(rough), expected);
    EXPECT_TRUE(rough.stop());
}

} // namespace
} // namespace auditgate::test
