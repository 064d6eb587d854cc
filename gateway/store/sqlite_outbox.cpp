// The outbox: what is wanted at each destination, who may deliver it, and what people are shown of it.
#include "gateway/store/sqlite_outbox.hpp"

namespace auditgate::gateway::store::sqlite {

namespace {

outbox_row load_row(engine& engine, connection& db, std::int64_t id) {
    auto columns = db.use(
        "SELECT destination, record_id, key_id, desired_revision, desired_content, gate_facts, "
        "desired_reason, "
        "last_version, live, may_be_there, last_content, last_content_hash, slots_out, sealed_revision, "
        "sealed_version, sealed_action, sealed_hash, sealed_content, sealed_body, sealed_slots, attempts, "
        "retry_at, hold_reason, hold_detail, "
        "configuration = coalesce((SELECT value FROM installation WHERE name = 'configuration'), '') "
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
    row.retry_at = to_time(columns.number(21));
    row.hold_reason = columns.text(22);
    row.hold_detail = columns.text(23);
    row.of_active_configuration = columns.number(24) != 0;
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

// What was desired with an older configuration is desired with the active one: a row that waited for it is due.
void confirm_configuration(connection& db, std::int64_t id) {
    db.use("UPDATE outbox SET configuration = active.value, due_at = iif(due_at IS NULL, NULL, 0), "
           "rechecks = rechecks + 1 "
           "FROM (SELECT value FROM installation WHERE name = 'configuration') AS active "
           "WHERE id = ? AND configuration <> active.value")
        .bind(id)
        .run();
}

// Whether the row, at its first five columns, desires just that. What cannot be opened does not.
bool is_desired_already(engine& engine, const query& columns, const desired_record& desired) {
    try {
        const outbox_key key(engine, columns.number(0), columns.number(1));
        const std::optional<std::string> content =
            columns.is_null(2) ? std::nullopt : std::optional(key.open("desired_content", columns.bytes(2)));
        return content == desired.content && key.open("gate_facts", columns.bytes(3)) == desired.gate_facts &&
               columns.bytes(4) == desired.reason;
    } catch (const failure& thrown) {
        if (thrown.cause().code == errc::store_unavailable)
            throw;
        return false;
    }
}

// The key of the row is gone, and with it all that it sealed: nobody knows what of a version under way arrived.
security::key_id give_another_key(engine& engine, connection& db, const desired_record& desired,
                                  std::int64_t id) {
    const security::key_id key_id = need(engine.ring.make_key());
    db.use(
          "UPDATE outbox SET key_id = ?, last_content = NULL, last_content_hash = '', sealed_version = NULL, "
          "sealed_action = NULL, sealed_hash = NULL, sealed_content = NULL, sealed_body = NULL, "
          "sealed_slots = NULL, attempts = 0, retry_at = 0 WHERE id = ?")
        .bind(key_id, id)
        .run();
    db.use("UPDATE delivered SET state = 'discarded' WHERE destination = ? AND record_id = ? AND "
           "state IN ('pending', 'held')")
        .bind(desired.destination, desired.record_id)
        .run();
    return key_id;
}

// What cannot be opened stays where it is, with its sealed version, until somebody has repaired it.
void hold_damaged(engine& engine, const std::vector<std::int64_t>& ids, utc_time now) {
    write_scope scope(engine, urgency::other);
    for (const std::int64_t id : ids) {
        scope.db()
            .use("UPDATE outbox SET due_at = NULL, hold_reason = 'cannot-be-opened', hold_detail = '', "
                 "held_since = CASE hold_reason WHEN 'cannot-be-opened' THEN held_since ELSE ? END "
                 "WHERE id = ?")
            .bind(to_number(now), id)
            .run();
        scope.db()
            .use("UPDATE delivered SET state = 'held' WHERE state = 'pending' AND (destination, record_id, "
                 "version) = (SELECT destination, record_id, sealed_version FROM outbox WHERE id = ?)")
            .bind(id)
            .run();
    }
    scope.commit();
}

} // namespace

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

void set_version_state(connection& db, const outbox_row& row, int version, seal_state state,
                       std::optional<std::int64_t> ended_at) {
    db.use("UPDATE delivered SET state = ?, ended_at = ? WHERE destination = ? AND record_id = ? AND version "
           "= ?")
        .bind(name_of(state), ended_at, row.destination, row.record_id, version)
        .run();
}

void reopen_version(connection& db, std::string_view destination, std::string_view record_id) {
    db.use("UPDATE delivered SET state = 'pending' "
           "WHERE destination = ? AND record_id = ? AND state = 'held'")
        .bind(destination, record_id)
        .run();
}

void desire(engine& engine, connection& db, const desired_record& desired) {
    std::int64_t id = 0;
    security::key_id key_id = 0;
    {
        auto columns =
            db.use("SELECT id, key_id, desired_content, gate_facts, desired_reason, closed FROM outbox "
                   "WHERE destination = ? AND record_id = ?");
        if (columns.bind(desired.destination, desired.record_id).step()) {
            id = columns.number(0);
            key_id = columns.number(1);
            if (columns.number(5) != 0 && desired.content) { // the case is closed
                if (!is_desired_already(engine, columns, desired))
                    count_erased(db, "closed-contents", 1);
                return;
            }
            if (is_desired_already(engine, columns, desired)) {
                confirm_configuration(db, id);
                return;
            }
        }
    }
    if (id != 0 && !engine.ring.key(key_id))
        key_id = give_another_key(engine, db, desired, id);
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
           "desired_reason = ?, due_at = 0, hold_reason = '', hold_detail = '', held_since = 0, "
           "closed = iif(closed = 2, 3, closed), "
           "configuration = coalesce((SELECT value FROM installation WHERE name = 'configuration'), '') "
           "WHERE id = ?")
        .bind(desired.content ? std::optional(blob{content}) : std::nullopt, blob{facts}, desired.reason, id)
        .run();
    reopen_version(db, desired.destination, desired.record_id);
}

std::vector<desired_view> desired(engine& engine, std::span<const record_name> records) {
    read_scope scope(engine);
    std::vector<desired_view> found;
    for (const record_name& one : records) {
        auto row =
            scope.db().use("SELECT id, key_id, desired_content, gate_facts, desired_reason, closed FROM "
                           "outbox WHERE destination = ? AND record_id = ?");
        if (!row.bind(one.destination, one.record_id).step())
            continue;
        desired_view view{{one.destination, one.record_id, std::nullopt, "", row.text(4)},
                          row.number(5) != 0};
        try {
            const outbox_key key(engine, row.number(0), row.number(1));
            if (!row.is_null(2))
                view.desired.content = key.open("desired_content", row.bytes(2));
            view.desired.gate_facts = key.open("gate_facts", row.bytes(3));
        } catch (const failure& thrown) {
            if (thrown.cause().code == errc::store_unavailable)
                throw;
            view.damaged = true;
            view.desired.content.reset();
        }
        found.push_back(std::move(view));
    }
    return found;
}

std::vector<outbox_row> lease(engine& engine, std::string_view destination, int max, utc_time now,
                              std::chrono::milliseconds lease) {
    std::vector<outbox_row> rows;
    std::vector<std::int64_t> damaged;
    {
        const std::lock_guard lock(engine.lease_mutex);
        engine.require_worker();
        read_scope scope(engine);
        auto due = scope.db().use("SELECT id, rechecks FROM outbox WHERE destination = ? AND due_at <= ? "
                                  "ORDER BY due_at, id");
        due.bind(destination, to_number(now));
        while (static_cast<int>(rows.size()) < max && due.step()) {
            const std::int64_t id = due.number(0);
            if (engine.outbox_leases.is_taken(id, now))
                continue;
            try {
                rows.push_back(load_row(engine, scope.db(), id));
            } catch (const failure& thrown) {
                if (thrown.cause().code == errc::store_unavailable)
                    throw;
                damaged.push_back(id);
                continue;
            }
            rows.back().lease_epoch = engine.outbox_leases.take(id, now + lease, due.number(1));
        }
    }
    if (!damaged.empty())
        try {
            hold_damaged(engine, damaged, now);
        } catch (const failure&) {
            if (rows.empty())
                throw; // else what was leased is worth more: the damaged ones come again
        }
    return rows;
}

std::int64_t recheck(engine& engine, std::string_view destination,
                     const std::optional<std::string>& record_id) {
    write_scope scope(engine, urgency::other);
    auto& db = scope.db();
    if (record_id) {
        db.use("UPDATE outbox SET due_at = 0, retry_at = 0, rechecks = rechecks + 1, hold_reason = '', "
               "hold_detail = '', held_since = 0 WHERE destination = ? AND record_id = ?")
            .bind(destination, *record_id)
            .run();
    } else {
        db.use("UPDATE outbox SET due_at = 0, rechecks = rechecks + 1 WHERE destination = ? "
               "AND closed <> 2")
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
    while (rows.step()) {
        try {
            all.push_back(
                outbox_key(engine, rows.number(0), rows.number(1)).open("gate_facts", rows.bytes(2)));
        } catch (const failure& thrown) {
            if (thrown.cause().code == errc::store_unavailable)
                throw; // else the row is held as cannot-be-opened, and must not keep the others from being asked about
        }
    }
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

std::vector<destination_count> destination_counts(engine& engine) {
    read_scope scope(engine);
    std::vector<destination_count> all;
    auto names = scope.db().use("SELECT DISTINCT destination FROM outbox ORDER BY destination");
    while (names.step()) {
        destination_count& one = all.emplace_back();
        one.destination = names.text(0);
        auto pending = scope.db().use("SELECT count(*), min(sealed_at) FROM delivered "
                                      "WHERE destination = ? AND state = 'pending'");
        if (pending.bind(one.destination).step() && pending.number(0) > 0) {
            one.pending = pending.number(0);
            one.pending_since = to_time(pending.number(1));
        }
    }
    auto held = scope.db().use("SELECT destination, hold_reason, count(*) FROM outbox "
                               "WHERE hold_reason <> '' GROUP BY destination, hold_reason");
    while (held.step()) {
        const auto of = std::find_if(all.begin(), all.end(), [&](const destination_count& one) {
            return one.destination == held.bytes(0);
        });
        if (of != all.end())
            of->held[held.text(1)] = held.number(2);
    }
    return all;
}

std::int64_t records_there(engine& engine, std::string_view destination) {
    read_scope scope(engine);
    auto row = scope.db().use("SELECT count(*) FROM outbox WHERE destination = ? AND may_be_there = 1");
    return row.bind(destination).step() ? row.number(0) : 0;
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
