// What exchanging the configuration costs while messages come: 10,000 patients with a case each are computed again, and a
// sender of a busy hospital's rate sees how long its acknowledgements take before it and meanwhile.
//
// Ends with 1 when a cluster was not computed again, when new messages had to stand behind the old clusters, or when the
// acknowledgements suffered: their median meanwhile above so many times the one before.
#include "gateway/intake/mllp_listener.hpp"
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/shipped_configuration.hpp"
#include "tests/support/support.hpp"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace auditgate::test {
namespace {

namespace gs = gateway::store;
namespace intake = gateway::intake;
using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int patients = 10'000;
constexpr int messages_of_patient = 5; // from the diagnosis to the operation
constexpr auto pace = 10ms;            // a message every so often: 8.6 million a day
constexpr double median_growth_max = 8;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "bench_reload: %s\n", what);
    std::exit(1);
}

double milliseconds_since(steady::time_point begin) {
    return std::chrono::duration<double, std::milli>(steady::now() - begin).count();
}

// The messages of the journey that make a case of a patient.
std::vector<std::string> short_journey(int patient, std::chrono::sys_days day_zero) {
    constexpr int diagnosis = 3, coded = 12;
    const std::vector<std::string> all = sample_journey(patient, day_zero);
    std::vector<std::string> some(all.begin() + diagnosis, all.begin() + diagnosis + messages_of_patient - 1);
    some.push_back(all.at(coded));
    return some;
}

// Two setups that say the same: all is computed again because the revision is another one.
std::shared_ptr<const gateway::pipeline::setup> under(const std::string& revision,
                                                      const gateway::pipeline::setup& of) {
    auto made = std::make_shared<gateway::pipeline::setup>(of);
    made->revision = revision;
    return made;
}

class bench {
public:
    bench() {
        if (!gateway::security::key_ring::create(gs::keys_folder(folder_.path()), {}))
            fail("no keys");
        ring_ = gateway::security::key_ring::open(gs::keys_folder(folder_.path())).value();
        store_ = gs::create_sqlite_store(gs::database_path(folder_.path()), *ring_).value();
        mapping_ = std::make_unique<gateway::pipeline::pipeline>(
            *store_, under("before", *configuration_.mapping), gateway::pipeline::pipeline_options{},
            gateway::observe::system_now, log_, metrics_, [] {});
        journal_ = std::make_unique<gs::journal>(*store_);
        gate_ = std::make_unique<intake::journal_gate>(*journal_, *mapping_, health_, metrics_, log_);
        gateway::listener_config listener = configuration_.settings.listeners.front();
        listener.port = 0;
        auto started = intake::start_mllp_listener(threads_.executor(), listener, messages_, *gate_, health_,
                                                   metrics_, log_);
        if (!started || !mapping_->start())
            fail("the listener or the mapping did not start");
        listener_ = std::move(*started);
    }
    ~bench() {
        listener_->stop(1s);
        journal_->stop();
        mapping_->stop();
    }
    bench(const bench&) = delete;
    bench& operator=(const bench&) = delete;

    void run() {
        const double per_second = fill();
        std::printf("%d patients mapped from %d messages: %.0f messages/s\n", patients,
                    patients * messages_of_patient, per_second);
        const std::vector<double> before =
            acknowledgements_while([begin = steady::now()] { return steady::now() - begin < 5s; });
        wait_until_mapped();
        const auto begin = steady::now();
        std::atomic<double> activated_ms = 0;
        std::thread reload([&] {
            if (!mapping_->reconfigure(under("after", *configuration_.mapping)))
                fail("not activated");
            activated_ms = milliseconds_since(begin);
        });
        const std::vector<double> meanwhile =
            acknowledgements_while([&] { return activated_ms == 0 || backlog() > 1; });
        const double recomputed_ms = milliseconds_since(begin);
        reload.join();
        print("before", before);
        print("meanwhile", meanwhile);
        std::printf(
            "activated in %.0f ms; %d cases computed again in %.1f s, %.0f/s, %.2f of the messages/s above\n",
            activated_ms.load(), patients, recomputed_ms / 1000, patients / (recomputed_ms / 1000),
            patients / (recomputed_ms / 1000) / per_second);
        const double growth = median(meanwhile) / median(before);
        std::printf("median of the acknowledgements grew by %.2f (at most %.0f)\n", growth,
                    median_growth_max);
        if (growth > median_growth_max)
            fail("acknowledgements suffer");
        if (waited_longest_ > 2s)
            fail("a new message had to wait for clusters to be computed again");
        wait_until_mapped();
    }

private:
    static double median(std::vector<double> of) {
        std::sort(of.begin(), of.end());
        return of.at(of.size() / 2);
    }

    static void print(const char* when, std::vector<double> of) {
        std::sort(of.begin(), of.end());
        std::printf("acknowledgements %-10s %5zu: median %.2f ms, 99 %% %.2f ms, longest %.2f ms\n", when,
                    of.size(), of[of.size() / 2], of[of.size() * 99 / 100], of.back());
    }

    [[nodiscard]] std::int64_t backlog() const { return store_->work_backlog().value(); }

    void wait_until_mapped() const {
        while (backlog() > 0)
            ::poll(nullptr, 0, 5);
    }

    // Messages for each second from the journal to the cases.
    double fill() {
        const auto begin = steady::now();
        std::vector<gs::incoming_message> batch;
        for (int patient = 0; patient < patients; ++patient) {
            for (std::string& bytes : short_journey(patient, day_zero_)) {
                gs::incoming_message& one = batch.emplace_back();
                one.source = configuration_.settings.sources.front().name;
                one.format = "hl7v2";
                one.received_at = gateway::observe::system_now();
                one.bytes = std::move(bytes);
            }
            if (batch.size() < 200 && patient + 1 < patients)
                continue;
            if (!store_->append(batch))
                fail("not journaled");
            batch.clear();
            mapping_->work_arrived();
        }
        wait_until_mapped();
        return patients * messages_of_patient / (milliseconds_since(begin) / 1000);
    }

    // How long each took, in ms. Looks every now and then how long the last message waited for mapping.
    template <class While>
    std::vector<double> acknowledgements_while(const While& go_on) {
        mllp_connection sender(listener_->port());
        std::vector<double> taken;
        auto due = steady::now();
        while (go_on()) {
            ::poll(nullptr, 0, static_cast<int>(std::max(0.0, -milliseconds_since(due))));
            due += pace;
            const auto journey = sample_journey(next_patient_ % patients, day_zero_);
            const std::string message =
                journey.at(static_cast<std::size_t>(next_patient_++) % journey.size());
            const auto begin = steady::now();
            if (sender.exchange(message).find("\rMSA|AA|") == std::string::npos)
                fail("an answer other than AA");
            taken.push_back(milliseconds_since(begin));
            look_for_waiting();
        }
        return taken;
    }

    void look_for_waiting() {
        gs::message_filter waiting;
        waiting.states = {gs::message_state::waiting};
        waiting.limit = 1;
        if (taken_ % 50 == 0) {
            const auto found = store_->messages(waiting).value();
            if (!found.empty())
                waited_longest_ =
                    std::max(waited_longest_, gateway::observe::system_now() - found.front().received_at);
        }
        ++taken_;
    }

    const temporary_folder folder_;
    const gateway::configuration configuration_ = shipped_configuration();
    const std::chrono::sys_days day_zero_ =
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) - std::chrono::days(91);
    recording_logger log_;
    gateway::observe::metrics metrics_;
    gateway::observe::health health_;
    std::unique_ptr<gateway::security::key_ring> ring_;
    std::unique_ptr<gs::store> store_;
    std::unique_ptr<gateway::pipeline::pipeline> mapping_;
    std::unique_ptr<gs::journal> journal_;
    std::unique_ptr<intake::journal_gate> gate_;
    std::atomic<std::uint64_t> answers_ = 0;
    const intake::message_intake messages_{configuration_.settings.sources, gateway::observe::system_now,
                                           [this] { return std::to_string(++answers_); }};
    io_threads threads_{2};
    std::unique_ptr<intake::mllp_listener> listener_;
    int next_patient_ = 0;
    int taken_ = 0;
    std::chrono::milliseconds waited_longest_{0};
};

} // namespace
} // namespace auditgate::test

int main() {
    auditgate::test::bench().run();
    return 0;
}
