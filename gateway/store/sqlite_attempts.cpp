// Attempts to deliver: what was sealed for one, and how it ended.
#include "gateway/store/sqlite_outbox.hpp"

#include <algorithm>

namespace auditgate::gateway::store::sqlite {

namespace {

// A row under a lease, as it is now.
struct leased_row {
    std::int64_t id = 0;
    security::key_id key_id = 0;
    std::optional<int> sealed_version;
    std::optional<record_action> sealed_action;
    bool changed = false; // a desired state or recheck() came since it was leased
    bool newer_than_sealed = false;
    std::vector<std::string> slots_out;
    std::string sealed_slots;
};

// None when the lease is lost. With lease_mutex held.
std::optional<leased_row> find_under_lease(engine& engine, connection& db, const outbox_row& row) {
    auto columns =
        db.use("SELECT id, key_id, sealed_version, sealed_action, desired_revision, sealed_revision, "
               "rechecks, slots_out, sealed_slots FROM outbox WHERE destination = ? AND record_id = ?");
    const bool found = columns.bind(row.destination, row.record_id).step();
    const lease_entry* lease =
        found ? engine.outbox_leases.held(columns.number(0), row.lease_epoch) : nullptr;
    if (lease == nullptr)
        return std::nullopt;
    leased_row now;
    now.id = columns.number(0);
    now.key_id = columns.number(1);
    if (!columns.is_null(2)) {
        now.sealed_version = static_cast<int>(columns.number(2));
        now.sealed_action = record_action_of(columns.bytes(3));
    }
    now.changed = columns.number(4) != row.desired_revision || columns.number(6) != lease->rechecks;
    now.newer_than_sealed = columns.number(4) != columns.number(5);
    now.slots_out = split_slots(columns.bytes(7));
    now.sealed_slots = columns.text(8);
    return now;
}

leased_row row_under_lease(engine& engine, connection& db, const outbox_row& row) {
    auto found = find_under_lease(engine, db, row);
    if (!found)
        throw failure({errc::lease_lost, "another worker has the record by now"});
    return *std::move(found);
}

constexpr const char* no_sealed =
    "sealed_version = NULL, sealed_action = NULL, sealed_hash = NULL, "
    "sealed_content = NULL, sealed_body = NULL, sealed_slots = NULL, attempts = 0, retry_at = 0";

void record_receipt(connection& db, const leased_row& now) {
    const bool shows_content = now.sealed_action != record_action::retract;
    static const std::string sql =
        std::string("UPDATE outbox SET may_be_there = ?, slots_out = ?, ") + no_sealed + " WHERE id = ?";
    db.prepare(sql).bind(shows_content, now.sealed_slots, now.id).run();
}

// Nobody knows what of the version arrived: what was sealed before it still counts as there, its content does
// not.
void record_discard(connection& db, const leased_row& now) {
    static const std::string sql = std::string("UPDATE outbox SET live = live_before, last_content = NULL, "
                                               "last_content_hash = '', ") +
                                   no_sealed + " WHERE id = ?";
    db.prepare(sql).bind(now.id).run();
}

void set_due(connection& db, std::int64_t id, std::optional<std::int64_t> due_at) {
    db.use("UPDATE outbox SET due_at = ? WHERE id = ?").bind(due_at, id).run();
}

void end_hold(connection& db, const outbox_row& row, std::int64_t id) {
    db.use("UPDATE outbox SET hold_reason = '', hold_detail = '', held_since = 0 WHERE id = ?")
        .bind(id)
        .run();
    reopen_version(db, row.destination, row.record_id);
}

// Carries out one end of an attempt; the row's due time is what it returns.
std::optional<std::int64_t> end_attempt(connection& db, const outbox_row& row, const leased_row& leased,
                                        const attempt_outcome& outcome, std::int64_t now) {
    const auto require_sealed = [&] {
        if (!leased.sealed_version)
            throw failure({errc::store_corrupt, "an attempt ended that was never sealed"});
        return *leased.sealed_version;
    };
    switch (outcome.end) {
    case attempt_end::receipted:
        set_version_state(db, row, require_sealed(), seal_state::receipted, now);
        record_receipt(db, leased);
        return leased.newer_than_sealed ? std::optional(now) : std::nullopt;
    case attempt_end::discarded:
        set_version_state(db, row, require_sealed(), seal_state::discarded, now);
        record_discard(db, leased);
        return now;
    case attempt_end::retry:
        if (leased.sealed_version)
            db.use("UPDATE outbox SET attempts = attempts + 1, retry_at = ? WHERE id = ?")
                .bind(to_number(outcome.retry_at), leased.id)
                .run();
        return to_number(outcome.retry_at);
    case attempt_end::later:
        return to_number(outcome.retry_at);
    case attempt_end::held:
        if (leased.changed)
            return now;
        if (leased.sealed_version)
            set_version_state(db, row, *leased.sealed_version, seal_state::held, std::nullopt);
        db.use("UPDATE outbox SET hold_reason = ?2, hold_detail = ?3, "
               "held_since = CASE hold_reason WHEN ?2 THEN held_since ELSE ?4 END WHERE id = ?1")
            .bind(leased.id, outcome.reason.empty() ? std::string("held") : outcome.reason, outcome.detail,
                  now)
            .run();
        return std::nullopt;
    case attempt_end::unchanged:
        return std::nullopt;
    }
    return now;
}

void finish_row(connection& db, const outbox_row& row, const leased_row& leased,
                const attempt_outcome& outcome, std::int64_t now) {
    const bool as_it_was = outcome.end == attempt_end::later && outcome.reason.empty();
    if (outcome.end != attempt_end::held && !as_it_was && !row.hold_reason.empty())
        end_hold(db, row, leased.id);
    const auto due_at = end_attempt(db, row, leased, outcome, now);
    set_due(db, leased.id, leased.changed ? std::optional(now) : due_at);
}

} // namespace

void give_back(engine& engine, const outbox_row& row) {
    const std::lock_guard lock(engine.lease_mutex);
    engine.outbox_leases.give_back_epoch(row.lease_epoch);
}

void seal(engine& engine, const outbox_row& row, const sealed_record& sealed, utc_time now) {
    write_scope scope(engine, urgency::other);
    const std::lock_guard lock(engine.lease_mutex);
    auto& db = scope.db();
    const leased_row leased = row_under_lease(engine, db, row);
    if (leased.changed) {
        engine.outbox_leases.give_back(leased.id);
        throw failure({errc::lease_lost, "the record has changed since it was looked at"});
    }
    if (leased.sealed_version) {
        set_version_state(db, row, *leased.sealed_version, seal_state::discarded, to_number(now));
        record_discard(db, leased);
    }
    std::vector<std::string> slots_out = leased.slots_out;
    for (const std::string& slot : sealed.slots) {
        if (std::find(slots_out.begin(), slots_out.end(), slot) == slots_out.end())
            slots_out.push_back(slot);
    }
    const bool shows_content = sealed.action != record_action::retract;
    const outbox_key key(engine, leased.id, leased.key_id);
    const std::string last = key.seal("last_content", sealed.content);
    const std::string content = key.seal("sealed_content", sealed.content);
    const std::string body = key.seal("sealed_body", sealed.body);
    db.use(
          "UPDATE outbox SET last_version = ?2, live_before = live, live = ?3, may_be_there = "
          "max(may_be_there, ?3), "
          "last_content = ?4, last_content_hash = ?5, slots_out = ?6, sealed_revision = ?7, sealed_version = "
          "?2, "
          "sealed_action = ?8, sealed_hash = ?5, sealed_content = ?9, sealed_body = ?10, sealed_slots = ?11, "
          "attempts = 0, retry_at = 0, hold_reason = '', hold_detail = '', held_since = 0 "
          "WHERE id = ?1 AND last_version < ?2")
        .bind(leased.id, sealed.version, shows_content, blob{last}, sealed.content_hash,
              join_slots(slots_out), row.desired_revision, name_of(sealed.action), blob{content}, blob{body},
              join_slots(sealed.slots))
        .run();
    if (db.changes() != 1)
        throw failure({errc::store_corrupt, "a version was to be sealed that is not above the last one"});
    db.use("INSERT INTO delivered VALUES (?, ?, ?, ?, ?, 'pending', ?, NULL)")
        .bind(row.destination, row.record_id, sealed.version, name_of(sealed.action), sealed.content_hash,
              to_number(now))
        .run();
    scope.commit();
}

void finish(engine& engine, const outbox_row& row, const attempt_outcome& outcome, utc_time now) {
    write_scope scope(engine, urgency::other);
    const std::lock_guard lock(engine.lease_mutex);
    const leased_row leased = row_under_lease(engine, scope.db(), row);
    finish_row(scope.db(), row, leased, outcome, to_number(now));
    scope.commit();
    engine.outbox_leases.give_back(leased.id);
}

void finish_all(engine& engine, std::span<const ended_attempt> ended, utc_time now) {
    write_scope scope(engine, urgency::other);
    const std::lock_guard lock(engine.lease_mutex);
    std::vector<std::int64_t> finished;
    for (const ended_attempt& one : ended) {
        if (const auto leased = find_under_lease(engine, scope.db(), one.row)) {
            finish_row(scope.db(), one.row, *leased, one.outcome, to_number(now));
            finished.push_back(leased->id);
        }
    }
    scope.commit();
    for (const std::int64_t id : finished)
        engine.outbox_leases.give_back(id);
}

} // namespace auditgate::gateway::store::sqlite
