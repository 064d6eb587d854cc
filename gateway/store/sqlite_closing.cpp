// Closed cases in the outbox: what stays of them is record id, last version and hash, and what a retract by hand needs.
#include "gateway/store/sqlite_outbox.hpp"

namespace auditgate::gateway::store::sqlite {

namespace {

struct closing_row {
    std::int64_t id = 0;
    security::key_id key_id = 0;
    security::key_id remainder_key = 0;
    std::int64_t desired_revision = 0, rechecks = 0, last_version = 0;
};

// Nothing is on its way: everything that was wanted has been confirmed, or what is left of it is held and given up with the
// case. A retract is never given up, whether it is sealed, wanted, or cannot be sealed.
constexpr const char* settled_rows =
    "SELECT id, key_id, remainder_key, desired_revision, rechecks, last_version FROM outbox WHERE closed = 1 "
    "AND coalesce(sealed_action, '') <> 'retract' AND (desired_content IS NOT NULL OR may_be_there = 0) "
    "AND hold_reason <> 'cannot-seal' "
    "AND (hold_reason <> '' OR (due_at IS NULL AND sealed_version IS NULL)) ORDER BY id LIMIT ?";

std::vector<closing_row> settled(engine& engine, int max) {
    read_scope scope(engine);
    std::vector<closing_row> found;
    auto rows = scope.db().use(settled_rows);
    rows.bind(max);
    while (rows.step())
        found.push_back(
            {rows.number(0), rows.number(1), rows.number(2), rows.number(3), rows.number(4), rows.number(5)});
    return found;
}

// Whether it is still as it was found: every change of what is wanted or under way changes one of these.
bool is_settled(connection& db, const closing_row& row) {
    auto found = db.use("SELECT 1 FROM outbox WHERE id = ? AND closed = 1 AND desired_revision = ? AND "
                        "rechecks = ? AND last_version = ?");
    return found.bind(row.id, row.desired_revision, row.rechecks, row.last_version).step();
}

void erase_row(connection& db, const closing_row& row, const std::string& no_facts, std::int64_t now) {
    db.use("UPDATE delivered SET state = 'discarded', ended_at = ? WHERE state IN ('pending', 'held') AND "
           "(destination, record_id, version) = "
           "(SELECT destination, record_id, sealed_version FROM outbox WHERE id = ?)")
        .bind(now, row.id)
        .run();
    // Nobody knows what of a version that was held arrived: what was sealed before it still counts as there.
    db.use(
          "UPDATE outbox SET closed = 2, key_id = remainder_key, desired_revision = desired_revision + 1, "
          "desired_content = NULL, desired_reason = 'case-closed', gate_facts = ?, last_content = remainder, "
          "live = iif(sealed_version IS NULL, live, live_before), "
          "last_content_hash = iif(sealed_version IS NULL, last_content_hash, ''), "
          "sealed_version = NULL, sealed_action = NULL, sealed_hash = NULL, sealed_content = NULL, "
          "sealed_body = NULL, sealed_slots = NULL, attempts = 0, retry_at = 0, due_at = NULL, hold_reason = "
          "'', "
          "hold_detail = '', held_since = 0, remainder = NULL, remainder_key = NULL WHERE id = ?")
        .bind(blob{no_facts}, row.id)
        .run();
    give_up_key(db, row.key_id);
}

} // namespace

void close_case(engine& engine, connection& db, const closed_case& closed) {
    std::int64_t id = 0;
    {
        auto row = db.use("SELECT id FROM outbox WHERE destination = ? AND record_id = ? AND closed = 0");
        if (!row.bind(closed.destination, closed.record_id).step())
            return;
        id = row.number(0);
    }
    const security::key_id key_id = need(engine.ring.make_key());
    const std::string remainder = outbox_key(engine, id, key_id).seal("last_content", closed.remainder);
    db.use("UPDATE outbox SET closed = 1, closed_on = ?, remainder_key = ?, remainder = ? WHERE id = ?")
        .bind(to_number(closed.closed_on), key_id, blob{remainder}, id)
        .run();
}

std::int64_t erase_closed(engine& engine, int max, utc_time now) {
    const std::vector<closing_row> rows = settled(engine, max);
    std::vector<std::string> no_facts;
    for (const closing_row& row : rows)
        no_facts.push_back(outbox_key(engine, row.id, row.remainder_key).seal("gate_facts", ""));
    if (rows.empty())
        return 0;
    write_scope scope(engine, urgency::other);
    const std::lock_guard lock(engine.lease_mutex);
    engine.require_worker(); // it alone knows what is leased
    std::int64_t erased = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (engine.outbox_leases.is_taken(rows[i].id, now) || !is_settled(scope.db(), rows[i]))
            continue;
        erase_row(scope.db(), rows[i], no_facts[i], to_number(now));
        ++erased;
    }
    count_erased(scope.db(), "records", erased);
    scope.commit();
    return erased;
}

std::vector<closed_record> closed_records(engine& engine, std::string_view record_id) {
    read_scope scope(engine);
    std::vector<closed_record> found;
    auto rows =
        scope.db().use("SELECT destination, closed_on, last_version, may_be_there, closed FROM outbox WHERE "
                       "record_id = ? AND closed <> 0 ORDER BY destination");
    rows.bind(record_id);
    while (rows.step())
        found.push_back({rows.text(0), to_day(rows.number(1)), static_cast<int>(rows.number(2)),
                         rows.number(3) != 0, rows.number(4) >= 2});
    return found;
}

} // namespace auditgate::gateway::store::sqlite
