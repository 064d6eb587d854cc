// The outbox: what is wanted at each destination, what was sealed, what was confirmed.
#include "gateway/store/names.hpp"
#include "gateway/store/sqlite_engine.hpp"

#include <algorithm>

namespace auditgate::gateway::store::sqlite {

namespace {

std::string join_slots(const std::vector<std::string>& slots) {
    std::string text;
    for (const std::string& slot : slots)
        text += slot + '\n';
    return text;
}

std::vector<std::string> split_slots(std::string_view text) {
    std::vector<std::string> slots;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        slots.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return slots;
}

// The sealed columns of one outbox row.
class outbox_key {
public:
    outbox_key(engine& engine, std::int64_t row, security::key_id id)
        : key_(engine.key(id)), row_(std::to_string(row)) {}

    [[nodiscard]] std::string seal(std::string_view column, std::string_view clear) const {
        return key_.seal(clear, "outbox", column, row_);
    }
    [[nodiscard]] std::string open(std::string_view column, std::string_view sealed) const {
        return sealed.empty() ? std::string() : key_.open(sealed, "outbox", column, row_);
    }

private:
    named_key key_;
    std::string row_;
};

void set_version_state(connection& db, const outbox_row& row, int version, seal_state state,
                       std::optional<std::int64_t> ended_at) {
    db.use("UPDATE delivered SET state = ?, ended_at = ? WHERE destination = ? AND record_id = ? AND version "
           "= ?")
        .bind(name_of(state), ended_at, row.destination, row.record_id, version)
        .run();
}

// What a held version is when somebody has acted: to be sent again.
void reopen_version(connection& db, std::string_view destination, std::string_view record_id) {
    db.use("UPDATE delivered SET state = 'pending' "
           "WHERE destination = ? AND record_id = ? AND state = 'held'")
        .bind(destination, record_id)
        .run();
}

outbox_row load_row(engine& engine, connection& db, std::int64_t id) {
    auto columns = db.use(
        "SELECT destination, record_id, key_id, desired_revision, desired_content, gate_facts, "
        "desired_reason, "
        "last_version, live, may_be_there, last_content, last_content_hash, slots_out, sealed_revision, "
        "sealed_version, sealed_action, sealed_hash, sealed_content, sealed_body, sealed_slots, attempts "
        "FROM outbox WHERE id = ?");
    if (!columns.bind(id).step())
        throw failure({errc::store_corrupt, "the store lost a row of the outbox"});
    const outbox_key key(engine, id, columns.number(2));
    outbox_row row;
    row.destination = columns.text(0);
    row.record_id = columns.text(1);
    row.desired_revision = columns.number(3);
    if (!columns.is_null(4))
        row.desired_content = key.open("desired_content", columns.bytes(4));
    row.gate_facts = key.open("gate_facts", columns.bytes(5));
    row.desired_reason = columns.text(6);
    row.last_version = static_cast<int>(columns.number(7));
    row.live = columns.number(8) != 0;
    row.may_be_there = columns.number(9) != 0;
    row.last_content = key.open("last_content", columns.bytes(10));
    row.last_content_hash = columns.text(11);
    row.slots_out = split_slots(columns.bytes(12));
    row.sealed_revision = columns.number(13);
    row.attempts = static_cast<int>(columns.number(20));
    if (columns.is_null(14))
        return row;
    const auto action = record_action_of(columns.bytes(15));
    if (!action)
        throw failure({errc::store_corrupt, "the store holds a record with an action that does not exist"});
    row.sealed = sealed_record{.version = static_cast<int>(columns.number(14)),
                               .action = *action,
                               .content_hash = columns.text(16),
                               .content = key.open("sealed_content", columns.bytes(17)),
                               .body = key.open("sealed_body", columns.bytes(18)),
                               .slots = split_slots(columns.bytes(19))};
    return row;
}

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

// Throws lease_lost. With lease_mutex held.
leased_row row_under_lease(engine& engine, connection& db, const outbox_row& row) {
    auto columns =
        db.use("SELECT id, key_id, sealed_version, sealed_action, desired_revision, sealed_revision, "
               "rechecks, slots_out, sealed_slots FROM outbox WHERE destination = ? AND record_id = ?");
    const bool found = columns.bind(row.destination, row.record_id).step();
    const lease_entry* lease =
        found ? engine.outbox_leases.held(columns.number(0), row.lease_epoch) : nullptr;
    if (lease == nullptr)
        throw failure({errc::lease_lost, "another worker has the record by now"});
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

constexpr const char* no_sealed =
    "sealed_version = NULL, sealed_action = NULL, sealed_hash = NULL, "
    "sealed_content = NULL, sealed_body = NULL, sealed_slots = NULL, attempts = 0";

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
            db.use("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?").bind(leased.id).run();
        return to_number(outcome.retry_at);
    case attempt_end::held:
        if (leased.changed)
            return now;
        if (leased.sealed_version)
            set_version_state(db, row, *leased.sealed_version, seal_state::held, std::nullopt);
        db.use("UPDATE outbox SET hold_reason = ?, hold_detail = ?, held_since = ? WHERE id = ?")
            .bind(outcome.reason.empty() ? std::string("held") : outcome.reason, outcome.detail, now,
                  leased.id)
            .run();
        return std::nullopt;
    case attempt_end::unchanged:
        return std::nullopt;
    }
    return now;
}

} // namespace

void desire(engine& engine, connection& db, const desired_record& desired) {
    std::int64_t id = 0;
    security::key_id key_id = 0;
    {
        auto columns = db.use("SELECT id, key_id, desired_content, gate_facts, desired_reason FROM outbox "
                              "WHERE destination = ? AND record_id = ?");
        if (columns.bind(desired.destination, desired.record_id).step()) {
            id = columns.number(0);
            key_id = columns.number(1);
            const outbox_key key(engine, id, key_id);
            const std::optional<std::string> content =
                columns.is_null(2) ? std::nullopt
                                   : std::optional(key.open("desired_content", columns.bytes(2)));
            if (content == desired.content &&
                key.open("gate_facts", columns.bytes(3)) == desired.gate_facts &&
                columns.bytes(4) == desired.reason)
                return;
        }
    }
    if (id == 0) {
        key_id = need(engine.ring.make_key());
        auto inserted =
            db.use("INSERT INTO outbox(destination, record_id, key_id, desired_revision, gate_facts, "
                   "desired_reason) VALUES (?, ?, ?, 0, x'', '') RETURNING id");
        (void)inserted.bind(desired.destination, desired.record_id, key_id).step();
        id = inserted.number(0);
        inserted.run();
    }
    const outbox_key key(engine, id, key_id);
    const std::string facts = key.seal("gate_facts", desired.gate_facts);
    std::string content;
    if (desired.content)
        content = key.seal("desired_content", *desired.content);
    db.use("UPDATE outbox SET desired_revision = desired_revision + 1, desired_content = ?, gate_facts = ?, "
           "desired_reason = ?, due_at = 0, hold_reason = '', hold_detail = '', held_since = 0 WHERE id = ?")
        .bind(desired.content ? std::optional(blob{content}) : std::nullopt, blob{facts}, desired.reason, id)
        .run();
    reopen_version(db, desired.destination, desired.record_id);
}

std::vector<outbox_row> lease(engine& engine, std::string_view destination, int max, utc_time now,
                              std::chrono::milliseconds lease) {
    const std::lock_guard lock(engine.lease_mutex);
    engine.require_worker();
    read_scope scope(engine);
    std::vector<outbox_row> rows;
    auto due = scope.db().use("SELECT id, rechecks FROM outbox WHERE destination = ? AND due_at <= ? "
                              "ORDER BY due_at, id");
    due.bind(destination, to_number(now));
    while (static_cast<int>(rows.size()) < max && due.step()) {
        const std::int64_t id = due.number(0);
        if (engine.outbox_leases.is_taken(id, now))
            continue;
        rows.push_back(load_row(engine, scope.db(), id));
        rows.back().lease_epoch = engine.outbox_leases.take(id, now + lease, due.number(1));
    }
    return rows;
}

void seal(engine& engine, const outbox_row& row, const sealed_record& sealed, utc_time now) {
    const std::lock_guard lock(engine.lease_mutex);
    write_scope scope(engine, urgency::other);
    auto& db = scope.db();
    const leased_row leased = row_under_lease(engine, db, row);
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
          "attempts = 0 WHERE id = ?1 AND last_version < ?2")
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
    const std::lock_guard lock(engine.lease_mutex);
    std::int64_t id = 0;
    {
        write_scope scope(engine, urgency::other);
        const leased_row leased = row_under_lease(engine, scope.db(), row);
        id = leased.id;
        const auto due_at = end_attempt(scope.db(), row, leased, outcome, to_number(now));
        set_due(scope.db(), id, leased.changed ? std::optional(to_number(now)) : due_at);
        scope.commit();
    }
    engine.outbox_leases.give_back(id);
}

std::int64_t recheck(engine& engine, std::string_view destination,
                     const std::optional<std::string>& record_id) {
    write_scope scope(engine, urgency::other);
    auto& db = scope.db();
    if (record_id) {
        db.use("UPDATE outbox SET due_at = 0, rechecks = rechecks + 1, hold_reason = '', hold_detail = '', "
               "held_since = 0 WHERE destination = ? AND record_id = ?")
            .bind(destination, *record_id)
            .run();
    } else {
        db.use("UPDATE outbox SET due_at = 0, rechecks = rechecks + 1 WHERE destination = ? AND hold_reason "
               "= ''")
            .bind(destination)
            .run();
    }
    const std::int64_t count = db.changes();
    if (record_id)
        reopen_version(db, destination, *record_id);
    scope.commit();
    return count;
}

std::vector<std::string> gate_facts(engine& engine, std::string_view destination) {
    read_scope scope(engine);
    std::vector<std::string> all;
    auto rows = scope.db().use("SELECT id, key_id, gate_facts FROM outbox WHERE destination = ? AND "
                               "desired_content IS NOT NULL ORDER BY id");
    rows.bind(destination);
    while (rows.step())
        all.push_back(outbox_key(engine, rows.number(0), rows.number(1)).open("gate_facts", rows.bytes(2)));
    return all;
}

std::vector<record_count> record_counts(engine& engine) {
    read_scope scope(engine);
    std::vector<record_count> all;
    auto rows =
        scope.db().use("SELECT destination, state, count(*) FROM delivered GROUP BY destination, state");
    while (rows.step()) {
        const auto state = seal_state_of(rows.bytes(1));
        if (!state)
            throw failure({errc::store_corrupt, "the store holds a record in a state that does not exist"});
        all.push_back({rows.text(0), *state, rows.number(2)});
    }
    return all;
}

std::vector<held_record> held_records(engine& engine, std::int64_t limit) {
    read_scope scope(engine);
    std::vector<held_record> all;
    auto rows =
        scope.db().use("SELECT destination, record_id, hold_reason, hold_detail, held_since FROM outbox "
                       "WHERE hold_reason <> '' ORDER BY held_since, id LIMIT ?");
    rows.bind(limit);
    while (rows.step())
        all.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), to_time(rows.number(4))});
    return all;
}

} // namespace auditgate::gateway::store::sqlite
