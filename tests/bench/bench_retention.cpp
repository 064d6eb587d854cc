// What erasing costs those who wait for an acknowledgement: batches of 64 messages are journaled without and with the eraser at
// work on a journal of long ago, and the time of each is taken. Then what the keys cost: the key file is rewritten at once for
// all keys of a run.
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/support.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace auditgate::test {
namespace {

namespace gs = gateway::store;
namespace security = gateway::security;
using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int old_messages = 40'000;
constexpr int batch_size = 64;
constexpr std::size_t message_bytes = 2'000;
constexpr int step_max = 200; // as pipeline::retention_options
constexpr int keys = 100'000; // clusters, records and days of some years
constexpr gs::utc_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 9h};

double milliseconds_since(steady::time_point begin) {
    return std::chrono::duration<double, std::milli>(steady::now() - begin).count();
}

struct times {
    std::vector<double> ms;

    void print(const char* what) {
        std::sort(ms.begin(), ms.end());
        std::printf("%-44s %6zu times: median %.2f ms, 99 %% %.2f ms, longest %.2f ms\n", what, ms.size(),
                    ms[ms.size() / 2], ms[ms.size() * 99 / 100], ms.back());
    }
};

// One in a hundred of the old ones is held and stays.
void append_batch(gs::store& store, gs::utc_time received_at, bool fresh) {
    static int number = 0;
    std::vector<gs::incoming_message> batch(batch_size);
    for (gs::incoming_message& one : batch) {
        one.source = "pas";
        one.format = "hl7v2";
        one.received_at = received_at;
        one.bytes = std::to_string(++number) + std::string(message_bytes, 'x');
        one.state = !fresh && number % 100 == 0 ? gs::message_state::held : gs::message_state::refused;
    }
    if (!store.append(batch))
        std::abort();
}

times append_for(gs::store& store, std::chrono::milliseconds duration, const std::atomic<bool>* until) {
    times taken;
    const auto begin = steady::now();
    while (until != nullptr ? !*until : steady::now() - begin < duration) {
        const auto began = steady::now();
        append_batch(store, now, true);
        taken.ms.push_back(milliseconds_since(began));
    }
    return taken;
}

times erase_all(gs::store& store, std::int64_t& erased) {
    times steps;
    gs::message_id from = 0;
    do {
        const auto began = steady::now();
        const auto step = store.erase_messages({now - std::chrono::days(90), now - std::chrono::days(400)},
                                               from, step_max, now);
        if (!step)
            std::abort();
        steps.ms.push_back(milliseconds_since(began));
        erased += step->erased;
        from = step->next;
    } while (from != 0);
    return steps;
}

} // namespace
} // namespace auditgate::test

int main() {
    using namespace auditgate::test;
    const temporary_folder folder;
    if (!security::key_ring::create(folder.path() / "keys", {}))
        return 1;
    const auto ring = security::key_ring::open(folder.path() / "keys").value();
    const auto store = gs::create_sqlite_store(gs::database_path(folder.path()), *ring).value();
    for (int i = 0; i < old_messages / batch_size; ++i)
        append_batch(*store, now - std::chrono::days(100), false);

    append_for(*store, 4s, nullptr).print("64 messages journaled, nothing erased");
    std::atomic<bool> done = false;
    times steps;
    std::int64_t erased = 0;
    const auto began = steady::now();
    std::thread eraser([&] {
        steps = erase_all(*store, erased);
        done = true;
    });
    times beside = append_for(*store, 0s, &done);
    eraser.join();
    const double seconds = milliseconds_since(began) / 1000;
    beside.print("64 messages journaled while messages are erased");
    steps.print("a step of 200 messages");
    std::printf("%lld messages erased in %.1f s, %.0f/s\n", static_cast<long long>(erased), seconds,
                static_cast<double>(erased) / seconds);

    for (int i = 0; i < keys; ++i)
        (void)ring->make_key();
    const auto keys_began = steady::now();
    const auto gone = store->erase_keys();
    std::printf("%lld key(s) of %d erased in %.0f ms\n", static_cast<long long>(gone.value()), keys,
                milliseconds_since(keys_began));
    return 0;
}
