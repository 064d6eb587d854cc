// What the parts of the embedded engine share: the connections, the keys, the leases. Private to this folder.
//
// Inside, failures are thrown as sqlite::failure (see sqlite.hpp); guarded() turns them into values at the
// seam.
#pragma once

#include "gateway/security/durable_file.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/checkpointer.hpp"
#include "gateway/store/lease_table.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_seen.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "gateway/store/store.hpp"
#include "gateway/store/writer_gate.hpp"

#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auditgate::gateway::store::sqlite {

// A key and its id, as rows name it.
struct named_key {
    security::key_id id = 0;
    security::secret_key key;

    [[nodiscard]] named_key duplicate() const { return {id, key.duplicate()}; }
    [[nodiscard]] std::string seal(std::string_view clear, std::string_view table, std::string_view column,
                                   std::string_view row) const;
    [[nodiscard]] std::string open(std::string_view sealed, std::string_view table, std::string_view column,
                                   std::string_view row) const; // throws failure
};

class engine {
public:
    engine(const std::filesystem::path& path, security::key_ring& ring,
           const sqlite_options& options); // throws failure

    security::key_ring& ring;
    const sqlite_options options;

    [[nodiscard]] named_key key(security::key_id id) { return {id, need(ring.key(id))}; }
    [[nodiscard]] named_key new_key() {
        require_writer();
        return key(need(ring.make_key()));
    }
    // The key of this node for a receive day; made on first need. Not inside a write.
    [[nodiscard]] named_key day_key(std::int64_t day);
    // Lets go of the keys of receive days, for they may be erased. Not inside a write.
    void forget_day_keys();
    // Copies the write-ahead log into the database and cuts it off, so that nothing erased is left in it. False: somebody
    // reads or copies just now.
    [[nodiscard]] bool empty_log();

    seen_messages seen; // inside a write_scope only

    // Guards the leases below, and makes claims take turns. Taken after the writer's turn, never before it, so that nobody
    // who waits for the writer keeps others from claiming.
    std::mutex lease_mutex;
    lease_table work_leases;
    lease_table outbox_leases;
    // Throws unless this process is the one that may hand out leases.
    void require_worker() const;
    // Throws unless this process may write at all.
    void require_writer() const;

private:
    friend class write_scope;
    friend class read_scope;

    [[nodiscard]] std::unique_ptr<connection> open_reader() const;
    void become_worker();
    void open_to_write();
    void open_to_read();
    void bind_to_keys();
    void require_own_keys(connection& db);
    void require_one_of_the_newest_clusters(connection& db);

    const std::filesystem::path path_;
    std::unique_ptr<security::unique_descriptor> worker_lock_; // held: this process hands out leases
    const connection_options connection_options_;
    writer_gate gate_;
    std::unique_ptr<connection> writer_; // none: opened to be read
    std::mutex day_keys_mutex_;
    std::map<std::int64_t, named_key> day_keys_; // the latest few
    std::mutex readers_mutex_;
    std::vector<std::unique_ptr<connection>> idle_readers_;
    std::unique_ptr<checkpointer> checkpointer_; // last: it uses the gate until it is gone
};

// A turn at the writing connection, with a transaction that is rolled back unless it is committed.
class write_scope {
public:
    write_scope(engine& owner, urgency who);
    write_scope(const write_scope&) = delete;
    write_scope& operator=(const write_scope&) = delete;
    ~write_scope();

    [[nodiscard]] connection& db() { return *engine_.writer_; }
    // The first of `count` ids that nothing has ever had.
    [[nodiscard]] std::int64_t take_ids(std::int64_t count);
    void commit() { transaction_->commit(); }

private:
    engine& engine_;
    std::optional<transaction> transaction_;
};

// A reading connection of one's own with one snapshot of everything.
class read_scope {
public:
    explicit read_scope(engine& owner);
    read_scope(const read_scope&) = delete;
    read_scope& operator=(const read_scope&) = delete;
    ~read_scope();

    [[nodiscard]] connection& db() { return *db_; }

private:
    engine& engine_;
    std::unique_ptr<connection> db_;
    std::optional<transaction> transaction_;
};

// Runs the body of one call of the seam; what is thrown inside becomes its error. Texts of other exceptions are not
// shown: they may quote what was stored.
template <class Body>
auto guarded(Body body) -> result<decltype(body())> {
    try {
        if constexpr (std::is_void_v<decltype(body())>) {
            body();
            return {};
        } else {
            return body();
        }
    } catch (const failure& thrown) {
        return thrown.cause();
    } catch (const std::bad_alloc&) {
        return error{errc::store_unavailable, "there is not enough memory for what the store was asked"};
    } catch (const std::exception&) {
        return error{errc::store_corrupt, "a defect in the store: please report it; nothing was written"};
    }
}

// Several texts as one, for one sealed column; unpack() throws failure when there are not exactly `count`.
[[nodiscard]] std::string pack(std::initializer_list<std::string_view> texts);
[[nodiscard]] std::vector<std::string_view> unpack(std::string_view packed, std::size_t count);

[[nodiscard]] inline std::int64_t to_number(utc_time time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] inline utc_time to_time(std::int64_t number) {
    return utc_time(utc_time::duration(number));
}
[[nodiscard]] inline std::int64_t to_number(std::chrono::sys_days day) {
    return day.time_since_epoch().count();
}
[[nodiscard]] inline std::chrono::sys_days to_day(std::int64_t number) {
    return std::chrono::sys_days(std::chrono::days(number));
}
[[nodiscard]] inline std::int64_t day_of(utc_time time) {
    return to_number(std::chrono::floor<std::chrono::days>(time));
}

// ---- the seam's calls, by subject. Each throws failure.
// -------------------------------------------------------------

// sqlite_journal.cpp
void prepare(const engine& engine, incoming_message& message);
[[nodiscard]] std::vector<append_outcome> append(engine& engine, std::span<const incoming_message> batch);
void probe(engine& engine);
[[nodiscard]] std::vector<stored_message> messages(engine& engine, const message_filter& filter);
[[nodiscard]] std::optional<stored_message> message(engine& engine, message_id id);
[[nodiscard]] std::vector<message_count> message_counts(engine& engine);
void replay(engine& engine, message_id id, std::string_view source);
// Moves a message to another state, and its count with it. Nothing when there is no such message.
void settle(connection& db, const message_outcome& outcome);
[[nodiscard]] std::optional<stored_message> load_message(engine& engine, connection& db, message_id id);
// Of a state's name in a table; throws store_corrupt when there is none.
[[nodiscard]] message_state state_named(std::string_view name);

// sqlite_replay.cpp
[[nodiscard]] replay_step replay_some(engine& engine, const replay_filter& which, message_id from, int max,
                                      bool only_count);
[[nodiscard]] search_step find_messages(engine& engine, const replay_filter& which, message_id from, int max);

// sqlite_work.cpp
[[nodiscard]] std::vector<work> claim(engine& engine, int max, utc_time now, std::chrono::milliseconds lease);
void give_back(engine& engine, std::span<const work> claimed);
void give_back(engine& engine, const outbox_row& row);
[[nodiscard]] std::int64_t enqueue_due(engine& engine, std::chrono::sys_days today);
[[nodiscard]] std::string active_configuration(engine& engine);
[[nodiscard]] std::string configuration_in(connection& db); // the same, in a transaction
void activate_configuration(engine& engine, std::string_view revision);
[[nodiscard]] std::int64_t work_backlog(engine& engine);

// sqlite_clusters.cpp
[[nodiscard]] std::vector<cluster_snapshot> clusters_with(engine& engine, std::span<const std::string> keys,
                                                          std::span<const message_id> messages);
[[nodiscard]] std::optional<cluster_snapshot> cluster(engine& engine, cluster_id id);
[[nodiscard]] std::optional<cluster_snapshot> cluster_of_record(engine& engine, std::string_view record_id);
void each_cluster(engine& engine, const std::function<result<void>(cluster_snapshot)>& visit);
[[nodiscard]] cluster_step find_clusters(engine& engine, std::chrono::sys_days received_since,
                                         cluster_id from, int max);
[[nodiscard]] commit_result commit(engine& engine, const write_set& changes);

// sqlite_retention.cpp
[[nodiscard]] std::int64_t enqueue_reviews(engine& engine, std::chrono::sys_days today, int max);
[[nodiscard]] message_step erase_messages(engine& engine, const message_limits& limits, message_id from,
                                          int max, utc_time now);
[[nodiscard]] std::int64_t forget_seen(engine& engine, int max, utc_time now);
[[nodiscard]] std::int64_t erase_keys(engine& engine);
void note_retention_run(engine& engine, utc_time now);
[[nodiscard]] erasure_state erasures(engine& engine);
[[nodiscard]] std::optional<erased_messages> erased_message(engine& engine, message_id id);
// The key seals nothing any more from this transaction on.
void give_up_key(connection& db, security::key_id id);
void count_erased(connection& db, std::string_view what, std::int64_t count);

// sqlite_closing.cpp
void close_case(engine& engine, connection& db, const closed_case& closed);
[[nodiscard]] std::int64_t erase_closed(engine& engine, int max, utc_time now);
[[nodiscard]] std::vector<closed_record> closed_records(engine& engine, std::string_view record_id);

// sqlite_outbox.cpp, sqlite_attempts.cpp
void desire(engine& engine, connection& db, const desired_record& desired);
[[nodiscard]] std::vector<outbox_row> lease(engine& engine, std::string_view destination, int max,
                                            utc_time now, std::chrono::milliseconds lease);
void seal(engine& engine, const outbox_row& row, const sealed_record& sealed, utc_time now);
void finish(engine& engine, const outbox_row& row, const attempt_outcome& outcome, utc_time now);
void finish_all(engine& engine, std::span<const ended_attempt> ended, utc_time now);
[[nodiscard]] std::int64_t recheck(engine& engine, std::string_view destination,
                                   const std::optional<std::string>& record_id);
[[nodiscard]] std::vector<desired_view> desired(engine& engine, std::span<const record_name> records);
[[nodiscard]] std::vector<std::string> gate_facts(engine& engine, std::string_view destination);
[[nodiscard]] std::vector<record_count> record_counts(engine& engine);
[[nodiscard]] std::vector<destination_count> destination_counts(engine& engine);
[[nodiscard]] std::int64_t records_there(engine& engine, std::string_view destination);
[[nodiscard]] std::vector<held_record> held_records(engine& engine, std::int64_t limit);

} // namespace auditgate::gateway::store::sqlite
