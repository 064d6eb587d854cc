// How much of what SQLite can do is left for durable acknowledgements: messages journaled a second by group commit, from
// 64 senders that each wait for their answer, encryption and duplicate detection on, against raw inserts of the same
// bytes into one table at 64 a transaction. Prints the median of the ratios of several rounds; exit code 1 below 0.45.
#include "gateway/security/key_file.hpp"
#include "gateway/store/journal.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace auditgate::gateway;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr int rounds = 5;
constexpr int messages = 20'000;
constexpr int senders = 64;
constexpr int sender_threads = 2; // as the gateway has
constexpr std::size_t message_bytes = 1200;
constexpr double ratio_least = 0.45;

// Messages for each second of the clock, and of the processors that this program used: the second says more on a machine
// that others use too.
struct rate {
    double per_second;
    double per_cpu_second;
};

class stopwatch {
public:
    [[nodiscard]] rate stop() const {
        const double seconds = std::chrono::duration<double>(steady::now() - begin_).count();
        const double cpu_seconds = static_cast<double>(std::clock() - cpu_begin_) / CLOCKS_PER_SEC;
        return {messages / seconds, messages / cpu_seconds};
    }

private:
    steady::time_point begin_ = steady::now();
    std::clock_t cpu_begin_ = std::clock();
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

store::incoming_message message_number(int number) {
    store::incoming_message message;
    message.source = "pas";
    message.transport = "mllp";
    message.peer = "192.0.2.7:40123";
    message.format = "hl7v2";
    message.message_type = "ADT^A08";
    message.received_at = store::utc_time(std::chrono::milliseconds(1'700'000'000'000));
    message.control_id = "MSG" + std::to_string(number);
    message.bytes = std::string(message_bytes, static_cast<char>('a' + number % 26));
    message.answer = std::string(90, 'A');
    message.duplicate_horizon = std::chrono::hours(24);
    return message;
}

rate raw_inserts(const fs::path& folder) {
    store::sqlite::connection db(folder / "raw", {});
    db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
               "CREATE TABLE message(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT");
    const stopwatch watch;
    for (int first = 0; first < messages; first += senders) {
        store::sqlite::transaction changes(db, store::sqlite::transaction::kind::write);
        for (int i = first; i < std::min(first + senders, messages); ++i)
            db.use("INSERT INTO message VALUES (?, ?)")
                .bind(i, store::sqlite::blob{message_number(i).bytes})
                .run();
        changes.commit();
    }
    return watch.stop();
}

// Senders served by one thread, as an I/O thread of the gateway serves connections: each hands in its next message when
// it has heard of the one before.
class sender_loop {
public:
    sender_loop(store::journal& journal, int count, int first, int last)
        : journal_(journal), next_(first), last_(last) {
        ready_ = std::min(count, last - first);
        unanswered_ = last - first;
    }

    void run() {
        std::unique_lock lock(mutex_);
        while (unanswered_ > 0) {
            wake_.wait(lock, [&] { return ready_ > 0 || unanswered_ == 0; });
            for (; ready_ > 0 && next_ < last_; --ready_) {
                const int number = next_++;
                lock.unlock();
                hand_in(number);
                lock.lock();
            }
            ready_ = 0;
        }
    }

private:
    void hand_in(int number) {
        auto message = message_number(number);
        store::journal::completion done = [this](const result<store::append_outcome>& outcome) {
            if (!outcome)
                std::abort();
            {
                const std::lock_guard lock(mutex_);
                ++ready_;
                --unanswered_;
            }
            wake_.notify_one();
        };
        if (!journal_.try_append(message, done))
            std::abort();
    }

    store::journal& journal_;
    std::mutex mutex_;
    std::condition_variable wake_;
    int next_, last_;
    int ready_ = 0;
    int unanswered_ = 0;
};

rate journaled(const fs::path& folder) {
    const auto keys = store::keys_folder(folder);
    if (!security::key_ring::create(keys, {}))
        std::abort();
    const auto ring = security::key_ring::open(keys).value();
    const auto target = store::create_sqlite_store(store::database_path(folder), *ring).value();
    store::journal journal(*target);
    const stopwatch watch;
    std::vector<std::thread> threads;
    for (int i = 0; i < sender_threads; ++i) {
        threads.emplace_back([&, i] {
            const int share = messages / sender_threads;
            sender_loop(journal, senders / sender_threads, i * share, (i + 1) * share).run();
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    return watch.stop();
}

} // namespace

int main() {
    std::string pattern = (fs::temp_directory_path() / "auditgate-bench.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return 1;
    std::vector<double> ratios, cpu_ratios;
    for (int round = 0; round < rounds; ++round) {
        const fs::path folder = fs::path(pattern) / std::to_string(round);
        fs::create_directories(folder);
        const rate raw = raw_inserts(folder);
        const rate safe = journaled(folder);
        ratios.push_back(safe.per_second / raw.per_second);
        cpu_ratios.push_back(safe.per_cpu_second / raw.per_cpu_second);
        std::printf("round %d: raw inserts %.0f/s (%.0f per CPU second), journaled and sealed %.0f/s (%.0f), "
                    "ratio %.2f (%.2f)\n",
                    round + 1, raw.per_second, raw.per_cpu_second, safe.per_second, safe.per_cpu_second,
                    ratios.back(), cpu_ratios.back());
        fs::remove_all(folder);
    }
    fs::remove_all(pattern);
    std::printf("median ratio %.2f (at least %.2f), per CPU second %.2f\n", median(ratios), ratio_least,
                median(cpu_ratios));
    return median(ratios) >= ratio_least ? 0 : 1;
}
