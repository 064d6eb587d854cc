#include "gateway/store/sqlite_store.hpp"

#include "gateway/store/sqlite_engine.hpp"

namespace auditgate::gateway::store {

namespace {

using sqlite::guarded;

class sqlite_store final : public store {
public:
    sqlite_store(const std::filesystem::path& path, security::key_ring& keys, const sqlite_options& options)
        : engine_(path, keys, options) {}

    void prepare(incoming_message& message) const override { sqlite::prepare(engine_, message); }
    result<std::vector<append_outcome>> append(std::span<const incoming_message> batch) override {
        return guarded([&] { return sqlite::append(engine_, batch); });
    }
    result<void> probe() override {
        return guarded([&] { sqlite::probe(engine_); });
    }
    result<std::vector<work>> claim(std::string_view, int max, utc_time now,
                                    std::chrono::milliseconds lease) override {
        return guarded([&] { return sqlite::claim(engine_, max, now, lease); });
    }
    result<void> give_back(std::span<const work> claimed) override {
        return guarded([&] { sqlite::give_back(engine_, claimed); });
    }
    void give_back(const outbox_row& row) override { sqlite::give_back(engine_, row); }
    result<std::vector<cluster_snapshot>> clusters_with(std::span<const std::string> keys,
                                                        std::span<const message_id> messages) override {
        return guarded([&] { return sqlite::clusters_with(engine_, keys, messages); });
    }
    result<std::optional<cluster_snapshot>> cluster(cluster_id id) override {
        return guarded([&] { return sqlite::cluster(engine_, id); });
    }
    result<std::optional<cluster_snapshot>> cluster_of_record(std::string_view record_id) override {
        return guarded([&] { return sqlite::cluster_of_record(engine_, record_id); });
    }
    result<void> each_cluster(const std::function<result<void>(cluster_snapshot)>& visit) override {
        return guarded([&] { sqlite::each_cluster(engine_, visit); });
    }
    result<cluster_step> find_clusters(std::chrono::sys_days received_since, cluster_id from,
                                       int max) override {
        return guarded([&] { return sqlite::find_clusters(engine_, received_since, from, max); });
    }
    result<commit_result> commit(const write_set& changes) override {
        return guarded([&] { return sqlite::commit(engine_, changes); });
    }
    result<std::int64_t> enqueue_due(std::chrono::sys_days today) override {
        return guarded([&] { return sqlite::enqueue_due(engine_, today); });
    }
    result<std::int64_t> enqueue_reviews(std::chrono::sys_days today, int max) override {
        return guarded([&] { return sqlite::enqueue_reviews(engine_, today, max); });
    }
    result<message_step> erase_messages(const message_limits& limits, message_id from, int max,
                                        utc_time now) override {
        return guarded([&] { return sqlite::erase_messages(engine_, limits, from, max, now); });
    }
    result<std::int64_t> erase_closed(int max, utc_time now) override {
        return guarded([&] { return sqlite::erase_closed(engine_, max, now); });
    }
    result<std::int64_t> forget_seen(int max, utc_time now) override {
        return guarded([&] { return sqlite::forget_seen(engine_, max, now); });
    }
    result<std::int64_t> erase_keys() override {
        return guarded([&] { return sqlite::erase_keys(engine_); });
    }
    result<void> note_retention_run(utc_time now) override {
        return guarded([&] { sqlite::note_retention_run(engine_, now); });
    }
    result<erasure_state> erasures() override {
        return guarded([&] { return sqlite::erasures(engine_); });
    }
    result<std::optional<erased_messages>> erased_message(message_id id) override {
        return guarded([&] { return sqlite::erased_message(engine_, id); });
    }
    result<std::vector<closed_record>> closed_records(std::string_view record_id) override {
        return guarded([&] { return sqlite::closed_records(engine_, record_id); });
    }
    result<std::string> active_configuration() override {
        return guarded([&] { return sqlite::active_configuration(engine_); });
    }
    result<void> activate_configuration(std::string_view revision) override {
        return guarded([&] { sqlite::activate_configuration(engine_, revision); });
    }
    result<std::vector<outbox_row>> lease(std::string_view destination, std::string_view, int max,
                                          utc_time now, std::chrono::milliseconds lease) override {
        return guarded([&] { return sqlite::lease(engine_, destination, max, now, lease); });
    }
    result<void> seal(const outbox_row& row, const sealed_record& sealed, utc_time now) override {
        return guarded([&] { sqlite::seal(engine_, row, sealed, now); });
    }
    result<void> finish(const outbox_row& row, const attempt_outcome& outcome, utc_time now) override {
        return guarded([&] { sqlite::finish(engine_, row, outcome, now); });
    }
    result<void> finish_all(std::span<const ended_attempt> ended, utc_time now) override {
        return guarded([&] { sqlite::finish_all(engine_, ended, now); });
    }
    result<std::int64_t> recheck(std::string_view destination,
                                 std::optional<std::string> record_id) override {
        return guarded([&] { return sqlite::recheck(engine_, destination, record_id); });
    }
    result<std::vector<message_count>> message_counts() override {
        return guarded([&] { return sqlite::message_counts(engine_); });
    }
    result<std::vector<record_count>> record_counts() override {
        return guarded([&] { return sqlite::record_counts(engine_); });
    }
    result<std::vector<destination_count>> destination_counts() override {
        return guarded([&] { return sqlite::destination_counts(engine_); });
    }
    result<std::int64_t> records_there(std::string_view destination) override {
        return guarded([&] { return sqlite::records_there(engine_, destination); });
    }
    result<std::int64_t> work_backlog() override {
        return guarded([&] { return sqlite::work_backlog(engine_); });
    }
    result<std::vector<desired_view>> desired(std::span<const record_name> records) override {
        return guarded([&] { return sqlite::desired(engine_, records); });
    }
    result<std::vector<std::string>> gate_facts(std::string_view destination) override {
        return guarded([&] { return sqlite::gate_facts(engine_, destination); });
    }
    result<std::vector<held_record>> held_records(std::int64_t limit) override {
        return guarded([&] { return sqlite::held_records(engine_, limit); });
    }
    result<std::vector<stored_message>> messages(const message_filter& filter) override {
        return guarded([&] { return sqlite::messages(engine_, filter); });
    }
    result<std::optional<stored_message>> message(message_id id) override {
        return guarded([&] { return sqlite::message(engine_, id); });
    }
    result<void> replay(message_id id, std::string_view source) override {
        return guarded([&] { sqlite::replay(engine_, id, source); });
    }
    result<replay_step> replay_some(const replay_filter& which, message_id from, int max,
                                    bool only_count) override {
        return guarded([&] { return sqlite::replay_some(engine_, which, from, max, only_count); });
    }
    result<search_step> find_messages(const replay_filter& which, message_id from, int max) override {
        return guarded([&] { return sqlite::find_messages(engine_, which, from, max); });
    }

private:
    sqlite::engine engine_;
};

} // namespace

std::filesystem::path database_path(const std::filesystem::path& data_folder) {
    return data_folder / "auditgate.sqlite";
}

std::filesystem::path keys_folder(const std::filesystem::path& data_folder) {
    return data_folder / "keys";
}

result<std::unique_ptr<store>> create_sqlite_store(const std::filesystem::path& path,
                                                   security::key_ring& keys, const sqlite_options& options) {
    return guarded(
        [&]() -> std::unique_ptr<store> { return std::make_unique<sqlite_store>(path, keys, options); });
}

} // namespace auditgate::gateway::store
