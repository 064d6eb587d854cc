// The same facts give the same records, however the messages are split over the claims of two mappers on one store, in
// whatever order they finish, and however the store misbehaves. What is expected is computed of all events at once.
#include "gateway/pipeline/planner.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "mapping/release/record.hpp"
#include "tests/property/checking.hpp"
#include "tests/support/hostile_store.hpp"
#include "tests/support/support.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace auditgate::test {
namespace {

namespace gs = gateway::store;
namespace pipeline = gateway::pipeline;

using namespace std::chrono_literals;
using records = std::map<std::string, std::string>; // by record id; "" where one is to be taken back

records expected_records(const event_set& set, std::chrono::local_days today) {
    const pipeline::destination& to = configuration().mapping->destinations.front();
    records all;
    for (const dataset_case& one : all_cases(events_of(messages_of(set)), today)) {
        const std::chrono::days closing(one.definition->closing_day());
        if (one.is.state == mapping::case_state::record && today < one.is.procedure_date + closing)
            all[mapping::record_id(to.keys.record_key, one.definition->dataset, one.is.patient_key,
                                   one.is.procedure_date)] =
                fhir::json::write(mapping::record_content(one.is, *one.definition, to.settings, to.keys));
    }
    return all;
}

// One of several mappers: between its steps the others may do anything.
class stepwise_mapper {
public:
    stepwise_mapper(std::string name, std::chrono::local_days today)
        : name_(std::move(name)), today_(today) {}

    [[nodiscard]] bool is_idle() const { return claimed_.empty(); }

    // Claims work and computes what becomes of it.
    void begin(gs::store& store, int claim_max, gs::utc_time now) {
        claimed_ = store.claim(name_, claim_max, now, 1min).value();
        std::vector<pipeline::reading> readings;
        for (const gs::work& piece : claimed_)
            readings.push_back(pipeline::read_work(piece, *configuration().mapping));
        const auto snapshots =
            store.clusters_with(pipeline::keys_of(readings), pipeline::messages_of(readings)).value();
        changes_ = pipeline::plan(readings, snapshots, *configuration().mapping, today_, true).value();
    }

    // Commits it, long after: whether somebody was faster.
    bool finish(gs::store& store) {
        const std::vector<gs::work> claimed = std::move(claimed_);
        claimed_.clear();
        const gs::commit_result result = store.commit(changes_).value();
        if (result != gs::commit_result::conflict && result != gs::commit_result::work_gone)
            return false;
        RC_ASSERT(pipeline::work_round(store, claimed, *configuration().mapping, today_, true).has_value());
        return true;
    }

private:
    std::string name_;
    std::chrono::local_days today_;
    std::vector<gs::work> claimed_;
    gs::write_set changes_;
};

// A gateway without its intake and delivery.
class mapped_store {
public:
    mapped_store(std::chrono::local_days today, unsigned seed)
        : today_(today), now_(std::chrono::sys_days(today.time_since_epoch())), random_(seed) {
        RC_ASSERT(gateway::security::key_ring::create(folder_.path() / "keys", {}).has_value());
        keys_ = gateway::security::key_ring::open(folder_.path() / "keys").value();
        store_ = gs::create_sqlite_store(gs::database_path(folder_.path()), *keys_).value();
        if (seed % 2 == 0)
            store_ = make_hostile(std::move(store_), seed);
    }

    // Everything in portions, while two mappers are at work on what came before.
    void receive_and_map(const std::vector<std::string>& messages) {
        std::vector<stepwise_mapper> mappers{{"one", today_}, {"two", today_}};
        auto next = messages.begin();
        for (int step = 0; step < 5'000; ++step) {
            now_ += 20s; // now and then a lease runs out before its holder commits
            if (next != messages.end() && random_() % 3 == 0) {
                const auto portion =
                    std::min<std::ptrdiff_t>(1 + static_cast<int>(random_() % 6), messages.end() - next);
                append({next, next + portion});
                next += portion;
            }
            stepwise_mapper& one = mappers[random_() % 2];
            if (one.is_idle())
                one.begin(*store_, 1 + static_cast<int>(random_() % 8), now_);
            else
                somebody_was_faster_ = one.finish(*store_) || somebody_was_faster_;
            if (next == messages.end() && mappers[0].is_idle() && mappers[1].is_idle() &&
                store_->work_backlog().value() == 0)
                return;
        }
        RC_FAIL("work is left after 5000 steps");
    }

    void compute_everything_again() {
        RC_ASSERT(store_->activate_configuration("another").has_value());
        receive_and_map({});
    }

    records desired() {
        records all;
        for (;;) {
            const auto rows = store_->lease("registry", "sender", 100, now_, 1h).value();
            if (rows.empty())
                return all;
            for (const gs::outbox_row& row : rows)
                all[row.record_id] = row.desired_content.value_or("");
        }
    }

    [[nodiscard]] bool was_somebody_faster() const { return somebody_was_faster_; }
    [[nodiscard]] bool counts_add_up() {
        const auto counts = store_->message_counts().value();
        return std::ranges::all_of(counts, [](const gs::message_count& one) { return one.adds_up(); });
    }

private:
    void append(std::span<const std::string> messages) {
        std::vector<gs::incoming_message> batch;
        for (const std::string& bytes : messages) {
            gs::incoming_message& message = batch.emplace_back();
            message.source = "hospital";
            message.transport = "file";
            message.format = bytes.starts_with('{') ? "fhir-json" : "hl7v2";
            message.received_at = now_;
            message.bytes = bytes;
        }
        RC_ASSERT(store_->append(batch).has_value());
    }

    std::chrono::local_days today_;
    gs::utc_time now_;
    std::mt19937 random_;
    temporary_folder folder_;
    std::unique_ptr<gateway::security::key_ring> keys_;
    std::unique_ptr<gs::store> store_;
    bool somebody_was_faster_ = false;
};

TEST(PipelineProperty, TwoMappersOnAnyStoreGiveTheRecordsOfAllFactsAtOnce) {
    shares happened;
    check_event_sets(30, [&](const event_set& set) {
        const auto today = some_day_of_computing();
        const auto seed = *rc::gen::arbitrary<unsigned>();
        std::vector<std::string> messages = messages_of(set);
        const records expected = expected_records(set, today);
        count_what_happens(happened, all_cases(events_of(messages), today));

        const std::size_t different = messages.size();
        for (std::size_t i = 0; i < different; i += 1 + seed % 5)
            messages.push_back(messages[i]);
        std::mt19937 random(seed);
        std::shuffle(messages.begin(), messages.end(), random);
        mapped_store target(today, seed);
        target.receive_and_map(messages);
        if (seed % 3 == 0)
            target.compute_everything_again();

        records desired = target.desired();
        const auto taken_back = std::erase_if(desired, [](const auto& one) { return one.second.empty(); });
        happened.count("a record taken back", taken_back > 0);
        happened.count("a commit that came too late", target.was_somebody_faster());
        RC_ASSERT(desired == expected);
        RC_ASSERT(target.counts_add_up());
    });
    expect_that_much_happens(happened);
    happened.expect("a record taken back", 8);
    happened.expect("a commit that came too late", 40);
}

} // namespace
} // namespace auditgate::test
