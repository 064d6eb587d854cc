// What mapping costs: messages for each second of one processor from the journal to committed cases, for the messages of
// patients who are in the audit and for a feed of which 95 % concern nobody in it; against reading them alone; and how the cost
// of one more message grows with what is known of a patient.
//
// Ends with 1 when a ratio of this run is worse than the bound that stands beside it.
#include "gateway/pipeline/pipeline.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "mapping/read/read.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/shipped_configuration.hpp"
#include "tests/support/support.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace auditgate::test {
namespace {

namespace gs = gateway::store;
namespace pipeline = gateway::pipeline;
using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int patients = 400; // of the relevant messages: a journey each
constexpr int irrelevant_in_hundred = 95;
constexpr int messages_of_a_size = 40; // measured for each size of a cluster
constexpr int rounds = 3;              // the median counts
// Reading is the part that nobody can do without. What stands here are bounds against growing worse, not aims.
constexpr double relevant_least = 0.06; // of reading alone
constexpr double mixed_least = 0.04;
constexpr double growth_max_100 = 4;   // of one message, from 30 to 100 events of its patient
constexpr double growth_max_1000 = 12; // from 100 to 1,000: no worse than in proportion

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "bench_mapping: %s\n", what);
    std::exit(1);
}

double median(std::vector<double> of) {
    std::sort(of.begin(), of.end());
    return of.at(of.size() / 2);
}

// For each second of the processor: what else the machine does matters less.
double per_cpu_second(std::size_t count, std::clock_t begin) {
    return static_cast<double>(count) * CLOCKS_PER_SEC / static_cast<double>(std::clock() - begin);
}

const std::chrono::sys_days day_zero{std::chrono::year{2026} / 3 / 2};
constexpr std::chrono::local_days today{std::chrono::year{2026} / 6 / 2};
const gs::utc_time now = std::chrono::sys_days{std::chrono::year{2026} / 6 / 2} + 9h;

std::vector<std::string> relevant_messages() {
    std::vector<std::string> all;
    for (int patient = 0; patient < patients; ++patient)
        for (std::string& one : sample_journey(patient, day_zero))
            all.push_back(std::move(one));
    return all;
}

// A blood count of somebody, `number` of the message.
std::string blood_count(int patient, int number) {
    const std::string id = std::to_string(number);
    return "MSH|^~\\&|LIMS|RXX|A|RXX|202605010900||ORU^R01^ORU_R01|B" + id + "|P|2.4\rPID|1||" + "P" +
           std::to_string(patient) + "^^^RXX^MR~" + nhs_test_number(patient) +
           "^^^NHS^NH||NAME^SOME||19580712|F\rPV1|1|O\rORC|RE|O" + id + "|F" + id + "\rOBR|1|O" + id + "|F" +
           id +
           "|FBC^Full blood count^L|||202605010800\r"
           "OBX|1|NM|HB^Haemoglobin^L||130|g/L|120-150||||F|||202605010800\r"
           "OBX|2|NM|WBC^White cells^L||6.1|10*9/L|4-11||||F|||202605010800\r"
           "OBX|3|NM|PLT^Platelets^L||250|10*9/L|150-400||||F|||202605010800\r";
}

// One in twenty is of the journeys, in their order.
std::vector<std::string> mixed_messages(const std::vector<std::string>& relevant) {
    constexpr int other_patients = 3'000;
    constexpr int first_other = 5'000;
    std::vector<std::string> all;
    std::size_t next = 0;
    for (int i = 0; i < static_cast<int>(relevant.size()); ++i)
        all.push_back(i % 100 < irrelevant_in_hundred ? blood_count(first_other + i % other_patients, i)
                                                      : relevant[next++]);
    return all;
}

class bench {
public:
    explicit bench(const gateway::configuration& configuration) : with_(*configuration.mapping) {
        if (!gateway::security::key_ring::create(gs::keys_folder(folder_.path()), {}))
            fail("no keys");
        ring_ = gateway::security::key_ring::open(gs::keys_folder(folder_.path())).value();
        store_ = gs::create_sqlite_store(gs::database_path(folder_.path()), *ring_).value();
        source_ = configuration.settings.sources.front().name;
    }

    // Journals them, which is not measured.
    void receive(const std::vector<std::string>& messages) {
        std::vector<gs::incoming_message> batch;
        for (const std::string& bytes : messages) {
            gs::incoming_message& one = batch.emplace_back();
            one.source = source_;
            one.format = "hl7v2";
            one.received_at = now;
            one.bytes = bytes;
        }
        if (!store_->append(batch))
            fail("not journaled");
    }

    // Read, mapped, computed and committed, as a mapper does it.
    void map(int claim_max = pipeline::pipeline_options{}.claim_max) {
        while (true) {
            const auto claimed = store_->claim("mapper", claim_max, now, 1min).value();
            if (claimed.empty())
                return;
            const auto outcome = pipeline::work_round(*store_, claimed, with_, today, false);
            if (!outcome || outcome->pieces != claimed.size())
                fail("a round did not finish its work");
        }
    }

    double mapped_per_second(const std::vector<std::string>& messages) {
        receive(messages);
        const std::clock_t begin = std::clock();
        map();
        return per_cpu_second(messages.size(), begin);
    }

    [[nodiscard]] std::int64_t applied() const {
        std::int64_t sum = 0;
        for (const gs::message_count& one : store_->message_counts().value())
            for (const auto& [state, count] : one.states)
                sum += state == gs::message_state::applied ? count : 0;
        return sum;
    }

private:
    const temporary_folder folder_;
    const pipeline::setup with_;
    std::string source_;
    std::unique_ptr<gateway::security::key_ring> ring_;
    std::unique_ptr<gs::store> store_;
};

double read_per_second(const std::vector<std::string>& messages, const pipeline::setup& with) {
    std::size_t events = 0;
    const std::clock_t begin = std::clock();
    for (const std::string& bytes : messages)
        events += mapping::read_message({bytes, mapping::message_format::hl7v2, "1", now},
                                        with.profiles.begin()->second)
                      .events.size();
    const double rate = per_cpu_second(messages.size(), begin);
    if (events == 0)
        fail("nothing was read");
    return rate;
}

// A patient in the audit, of whom scores come day after day: microseconds for one more message, when so many events are
// known. Each message is two events.
double microseconds_at(int events, const gateway::configuration& configuration) {
    bench in(configuration);
    std::vector<std::string> messages = sample_journey(1, day_zero);
    const std::string& by_patient = messages.at(13); // a pain score
    const auto score = [&](int number) {
        std::string one = by_patient;
        const auto id = one.find("|", one.find("|ORU^R01") + 1);
        one.insert(id + 1, "S" + std::to_string(number) + "-");
        const auto order = one.find("OBR|1|");
        one.insert(one.find('|', order + 7), "-" + std::to_string(number)); // OBR-3
        return one;
    };
    in.receive(messages);
    std::vector<std::string> scores;
    for (int i = static_cast<int>(messages.size()); i < events; i += 2)
        scores.push_back(score(i));
    in.receive(scores);
    in.map();
    scores.clear();
    for (int i = 0; i < messages_of_a_size; ++i)
        scores.push_back(score(events + i));
    in.receive(scores);
    const std::clock_t begin = std::clock();
    in.map(1); // each by itself, as they come over months
    return 1e6 / per_cpu_second(messages_of_a_size, begin);
}

bool is_kept(const char* what, double value, double bound, bool at_least) {
    const bool kept = at_least ? value >= bound : value <= bound;
    std::printf("%-66s %8.3f (%s %.3g)%s\n", what, value, at_least ? "at least" : "at most", bound,
                kept ? "" : "  NOT KEPT");
    return kept;
}

} // namespace
} // namespace auditgate::test

int main() {
    using namespace auditgate::test;
    const auto configuration = shipped_configuration();
    const auto relevant = relevant_messages();
    const auto mixed = mixed_messages(relevant);
    std::vector<double> of_relevant, of_mixed, growth_100, growth_1000;
    for (int round = 0; round < rounds; ++round) {
        const double read_relevant = read_per_second(relevant, *configuration.mapping);
        const double read_mixed = read_per_second(mixed, *configuration.mapping);
        bench first(configuration), second(configuration);
        const double mapped_relevant = first.mapped_per_second(relevant);
        const double mapped_mixed = second.mapped_per_second(mixed);
        if (first.applied() == 0)
            fail("no message was applied");
        std::printf("messages for each second of a processor: relevant: read %.0f, read to committed %.0f; "
                    "%d %% irrelevant: "
                    "read %.0f, read to committed %.0f\n",
                    read_relevant, mapped_relevant, irrelevant_in_hundred, read_mixed, mapped_mixed);
        const double at_10 = microseconds_at(30, configuration), at_100 = microseconds_at(100, configuration),
                     at_1000 = microseconds_at(1'000, configuration);
        std::printf(
            "one more message of a patient: %.0f us with 30 events, %.0f us with 100, %.0f us with 1,000\n",
            at_10, at_100, at_1000);
        std::fflush(stdout);
        of_relevant.push_back(mapped_relevant / read_relevant);
        of_mixed.push_back(mapped_mixed / read_mixed);
        growth_100.push_back(at_100 / at_10);
        growth_1000.push_back(at_1000 / at_100);
    }
    bool kept = is_kept("relevant, of reading alone", median(of_relevant), relevant_least, true);
    kept = is_kept("95 % irrelevant, of reading alone", median(of_mixed), mixed_least, true) && kept;
    kept = is_kept("one more message: growth from 30 to 100 events", median(growth_100), growth_max_100,
                   false) &&
           kept;
    kept = is_kept("one more message: growth from 100 to 1,000 events", median(growth_1000), growth_max_1000,
                   false) &&
           kept;
    return kept ? 0 : 1;
}
