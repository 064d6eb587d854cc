// The journal's part of the store in memory, for tests of what stands in front of it. Mapping and delivery do not work
// with it: their calls fail.
#pragma once

#include "gateway/store/store.hpp"

#include <atomic>
#include <mutex>

namespace auditgate::test {

class memory_store : public gateway::store::store {
public:
    // What was appended, in order, without duplicates.
    [[nodiscard]] std::vector<gateway::store::incoming_message> appended() const;
    // From now on append() and probe() fail with store_unavailable (or work again).
    void set_down(bool down) { down_ = down; }

    using error = gateway::error;
    template <class T>
    using result = gateway::result<T>;

    void prepare(gateway::store::incoming_message& /*message*/) const override {}
    result<std::vector<gateway::store::append_outcome>>
    append(std::span<const gateway::store::incoming_message> batch) override;
    result<void> probe() override;
    result<std::vector<gateway::store::message_count>> message_counts() override { return not_here(); }
    result<std::int64_t> work_backlog() override { return not_here(); }
    result<std::vector<gateway::store::stored_message>>
    messages(const gateway::store::message_filter&) override {
        return not_here();
    }
    result<std::optional<gateway::store::stored_message>> message(gateway::store::message_id) override {
        return not_here();
    }
    result<void> replay(gateway::store::message_id, std::string_view) override { return not_here(); }
    result<gateway::store::replay_step> replay_some(const gateway::store::replay_filter&,
                                                    gateway::store::message_id, int, bool) override {
        return not_here();
    }
    result<gateway::store::search_step> find_messages(const gateway::store::replay_filter&,
                                                      gateway::store::message_id, int) override {
        return not_here();
    }
    result<std::vector<gateway::store::desired_view>>
    desired(std::span<const gateway::store::record_name>) override {
        return not_here();
    }
    result<std::vector<gateway::store::record_count>> record_counts() override { return not_here(); }
    result<std::vector<gateway::store::destination_count>> destination_counts() override {
        return not_here();
    }
    result<std::int64_t> records_there(std::string_view) override { return not_here(); }

    result<std::vector<gateway::store::work>> claim(std::string_view, int, gateway::store::utc_time,
                                                    std::chrono::milliseconds) override {
        return not_here();
    }
    result<void> give_back(std::span<const gateway::store::work>) override { return not_here(); }
    void give_back(const gateway::store::outbox_row&) override {}
    result<std::vector<gateway::store::cluster_snapshot>>
    clusters_with(std::span<const std::string>, std::span<const gateway::store::message_id>) override {
        return not_here();
    }
    result<std::optional<gateway::store::cluster_snapshot>> cluster(gateway::store::cluster_id) override {
        return not_here();
    }
    result<std::optional<gateway::store::cluster_snapshot>> cluster_of_record(std::string_view) override {
        return not_here();
    }
    result<void> each_cluster(const std::function<result<void>(gateway::store::cluster_snapshot)>&) override {
        return not_here();
    }
    result<gateway::store::cluster_step> find_clusters(std::chrono::sys_days, gateway::store::cluster_id,
                                                       int) override {
        return not_here();
    }
    result<gateway::store::commit_result> commit(const gateway::store::write_set&) override {
        return not_here();
    }
    result<std::int64_t> enqueue_due(std::chrono::sys_days) override { return not_here(); }
    result<std::int64_t> enqueue_reviews(std::chrono::sys_days, int) override { return not_here(); }
    result<gateway::store::message_step> erase_messages(const gateway::store::message_limits&,
                                                        gateway::store::message_id, int,
                                                        gateway::store::utc_time) override {
        return not_here();
    }
    result<std::int64_t> erase_closed(int, gateway::store::utc_time) override { return not_here(); }
    result<std::int64_t> forget_seen(int, gateway::store::utc_time) override { return not_here(); }
    result<std::int64_t> erase_keys() override { return not_here(); }
    result<void> note_retention_run(gateway::store::utc_time) override { return not_here(); }
    result<gateway::store::erasure_state> erasures() override { return not_here(); }
    result<std::optional<gateway::store::erased_messages>>
    erased_message(gateway::store::message_id) override {
        return not_here();
    }
    result<std::vector<gateway::store::closed_record>> closed_records(std::string_view) override {
        return not_here();
    }
    result<std::string> active_configuration() override { return not_here(); }
    result<void> activate_configuration(std::string_view) override { return not_here(); }
    result<std::vector<gateway::store::outbox_row>> lease(std::string_view, std::string_view, int,
                                                          gateway::store::utc_time,
                                                          std::chrono::milliseconds) override {
        return not_here();
    }
    result<void> seal(const gateway::store::outbox_row&, const gateway::store::sealed_record&,
                      gateway::store::utc_time) override {
        return not_here();
    }
    result<void> finish(const gateway::store::outbox_row&, const gateway::store::attempt_outcome&,
                        gateway::store::utc_time) override {
        return not_here();
    }
    result<void> finish_all(std::span<const gateway::store::ended_attempt>,
                            gateway::store::utc_time) override {
        return not_here();
    }
    result<std::int64_t> recheck(std::string_view, std::optional<std::string>) override { return not_here(); }
    result<std::vector<std::string>> gate_facts(std::string_view) override { return not_here(); }
    result<std::vector<gateway::store::held_record>> held_records(std::int64_t) override {
        return not_here();
    }

private:
    static error not_here() { return {gateway::errc::store_unavailable, "not part of the memory store"}; }
    [[nodiscard]] gateway::store::append_outcome append_one(const gateway::store::incoming_message& one);

    std::atomic<bool> down_ = false;
    mutable std::mutex mutex_;
    std::vector<gateway::store::incoming_message> appended_;
};

} // namespace auditgate::test
