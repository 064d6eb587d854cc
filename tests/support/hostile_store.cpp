#include "tests/support/hostile_store.hpp"

#include <algorithm>
#include <iterator>

namespace auditgate::test {

namespace {

using namespace gateway;
using namespace gateway::store;
using std::chrono::milliseconds;

class hostile_store final : public gateway::store::store {
public:
    hostile_store(std::unique_ptr<gateway::store::store> target, std::uint32_t seed, const hostility& how)
        : target_(std::move(target)), how_(how), random_(seed) {}

    void prepare(incoming_message& message) const override { target_->prepare(message); }
    result<std::vector<append_outcome>> append(std::span<const incoming_message> batch) override {
        return target_->append(batch);
    }

    result<void> probe() override { return target_->probe(); }

    result<std::vector<work>> claim(std::string_view owner, int max, utc_time now,
                                    milliseconds lease) override {
        auto claimed = target_->claim(
            owner, max > 1 ? 1 + static_cast<int>(below(static_cast<unsigned>(max))) : max, now, lease);
        if (claimed) {
            const std::lock_guard lock(mutex_);
            std::shuffle(claimed->begin(), claimed->end(), random_);
        }
        return claimed;
    }

    result<void> give_back(std::span<const work> claimed) override { return target_->give_back(claimed); }
    void give_back(const outbox_row& row) override { target_->give_back(row); }
    result<std::vector<cluster_snapshot>> clusters_with(std::span<const std::string> keys,
                                                        std::span<const message_id> messages) override {
        return target_->clusters_with(keys, messages);
    }
    result<std::optional<cluster_snapshot>> cluster(cluster_id id) override { return target_->cluster(id); }
    result<std::optional<cluster_snapshot>> cluster_of_record(std::string_view record_id) override {
        return target_->cluster_of_record(record_id);
    }
    result<void> each_cluster(const std::function<result<void>(cluster_snapshot)>& visit) override {
        return target_->each_cluster(visit);
    }

    result<commit_result> commit(const write_set& changes) override {
        const unsigned dice = below(100);
        if (dice < how_.conflict)
            return commit_result::conflict;
        if (dice < how_.conflict + how_.unknown_not_done)
            return commit_result::unknown;
        auto outcome = target_->commit(changes);
        if (outcome && dice < how_.conflict + how_.unknown_not_done + how_.unknown_done)
            return commit_result::unknown;
        return outcome;
    }

    result<std::int64_t> enqueue_due(std::chrono::sys_days today) override {
        return target_->enqueue_due(today);
    }
    result<std::int64_t> enqueue_reviews(std::chrono::sys_days today, int max) override {
        return target_->enqueue_reviews(
            today, max > 1 ? 1 + static_cast<int>(below(static_cast<unsigned>(max))) : max);
    }
    result<message_step> erase_messages(const message_limits& limits, message_id from, int max,
                                        utc_time now) override {
        return target_->erase_messages(
            limits, from, max > 1 ? 1 + static_cast<int>(below(static_cast<unsigned>(max))) : max, now);
    }
    result<std::int64_t> erase_closed(int max, utc_time now) override {
        return target_->erase_closed(max > 1 ? 1 + static_cast<int>(below(static_cast<unsigned>(max))) : max,
                                     now);
    }
    result<std::int64_t> forget_seen(int max, utc_time now) override {
        return target_->forget_seen(max, now);
    }
    result<std::int64_t> erase_keys() override { return target_->erase_keys(); }
    result<void> note_retention_run(utc_time now) override { return target_->note_retention_run(now); }
    result<erasure_state> erasures() override { return target_->erasures(); }
    result<std::optional<erased_messages>> erased_message(message_id id) override {
        return target_->erased_message(id);
    }
    result<std::vector<closed_record>> closed_records(std::string_view record_id) override {
        return target_->closed_records(record_id);
    }
    result<std::string> active_configuration() override { return target_->active_configuration(); }
    result<void> activate_configuration(std::string_view revision) override {
        return target_->activate_configuration(revision);
    }

    result<std::vector<outbox_row>> lease(std::string_view destination, std::string_view owner, int max,
                                          utc_time now, milliseconds lease) override {
        auto rows = target_->lease(destination, owner, max, now, lease);
        if (rows) {
            const std::lock_guard lock(mutex_);
            std::shuffle(rows->begin(), rows->end(), random_);
        }
        return rows;
    }

    result<void> seal(const outbox_row& row, const sealed_record& sealed, utc_time now) override {
        if (below(100) < how_.lease_lost)
            return lost();
        return target_->seal(row, sealed, now);
    }

    result<void> finish(const outbox_row& row, const attempt_outcome& outcome, utc_time now) override {
        if (below(100) < how_.lease_lost)
            return lost();
        return target_->finish(row, outcome, now);
    }

    result<void> finish_all(std::span<const ended_attempt> ended, utc_time now) override {
        std::vector<ended_attempt> kept;
        std::ranges::copy_if(ended, std::back_inserter(kept),
                             [&](const ended_attempt&) { return below(100) >= how_.lease_lost; });
        return target_->finish_all(kept, now);
    }

    result<std::int64_t> recheck(std::string_view destination,
                                 std::optional<std::string> record_id) override {
        return target_->recheck(destination, std::move(record_id));
    }
    result<std::vector<message_count>> message_counts() override { return target_->message_counts(); }
    result<std::vector<record_count>> record_counts() override { return target_->record_counts(); }
    result<std::vector<destination_count>> destination_counts() override {
        return target_->destination_counts();
    }
    result<std::int64_t> records_there(std::string_view destination) override {
        return target_->records_there(destination);
    }
    result<std::int64_t> work_backlog() override { return target_->work_backlog(); }
    result<std::vector<std::string>> gate_facts(std::string_view destination) override {
        return target_->gate_facts(destination);
    }
    result<std::vector<held_record>> held_records(std::int64_t limit) override {
        return target_->held_records(limit);
    }
    result<std::vector<stored_message>> messages(const message_filter& filter) override {
        return target_->messages(filter);
    }
    result<std::optional<stored_message>> message(message_id id) override { return target_->message(id); }
    result<void> replay(message_id id, std::string_view source) override {
        return target_->replay(id, source);
    }
    result<replay_step> replay_some(const replay_filter& which, message_id from, int max,
                                    bool only_count) override {
        return target_->replay_some(which, from, max, only_count);
    }
    result<cluster_step> find_clusters(std::chrono::sys_days received_since, cluster_id from,
                                       int max) override {
        return target_->find_clusters(received_since, from, max);
    }
    result<search_step> find_messages(const replay_filter& which, message_id from, int max) override {
        return target_->find_messages(which, from, max);
    }
    result<std::vector<desired_view>> desired(std::span<const record_name> records) override {
        return target_->desired(records);
    }

private:
    static error lost() { return {errc::lease_lost, "another worker has the record by now"}; }

    unsigned below(unsigned limit) {
        const std::lock_guard lock(mutex_);
        return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_);
    }

    std::unique_ptr<gateway::store::store> target_;
    hostility how_;
    std::mutex mutex_;
    std::mt19937 random_;
};

} // namespace

std::unique_ptr<gateway::store::store> make_hostile(std::unique_ptr<gateway::store::store> target,
                                                    std::uint32_t seed, const hostility& how) {
    return std::make_unique<hostile_store>(std::move(target), seed, how);
}

} // namespace auditgate::test
