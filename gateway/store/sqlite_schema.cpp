#include "gateway/store/sqlite_schema.hpp"

#include <array>

namespace auditgate::gateway::store::sqlite {

namespace {

// "sealed": AES-256-GCM under the key named in the row or in the row it belongs to. "blind": HMAC by the
// index key. Times are milliseconds since 1970 (UTC), days are days since 1970.
constexpr const char* version_1 = R"sql(
-- key_check: the keys that this database was made with; configuration: what the cases were computed with.
CREATE TABLE installation(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The next id of a message, a piece of work or a cluster. Ids are never used again, so that nothing computed from an
-- older state can be taken for the answer to a newer question.
CREATE TABLE sequence(next INTEGER NOT NULL) STRICT;
INSERT INTO sequence VALUES (1);

CREATE TABLE day_key(
    day INTEGER NOT NULL, node TEXT NOT NULL, key_id INTEGER NOT NULL, PRIMARY KEY (day, node)
) STRICT, WITHOUT ROWID;

-- Insert only, but for the source of a message given to mapping again. content, sealed by the key of the receive day:
-- control id, answer and bytes.
CREATE TABLE journal(
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL, transport TEXT NOT NULL, peer TEXT NOT NULL, format TEXT NOT NULL,
    message_type TEXT NOT NULL, received_at INTEGER NOT NULL, key_id INTEGER NOT NULL, content BLOB NOT NULL
) STRICT;

-- Duplicate detection: source and control id (blind), bytes (blind), and the first message that had them.
CREATE TABLE seen(
    name BLOB NOT NULL, digest BLOB NOT NULL, message INTEGER NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY (name, digest)
) STRICT, WITHOUT ROWID;

-- Messages to map, and clusters to compute again (urgent: a day has come; otherwise another configuration). A row
-- exists as long as there is something to do.
CREATE TABLE work(id INTEGER PRIMARY KEY, message INTEGER NOT NULL) STRICT;
CREATE TABLE recompute(id INTEGER PRIMARY KEY, cluster INTEGER NOT NULL UNIQUE, urgent INTEGER NOT NULL) STRICT;
CREATE INDEX recompute_urgent ON recompute(id) WHERE urgent = 1;

-- What became of a message; none: it is waiting. Holds and quarantine are rows here.
CREATE TABLE outcome(message INTEGER PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE INDEX outcome_for_people ON outcome(state, message) WHERE state IN ('held', 'quarantined', 'refused');

CREATE TABLE message_count(
    source TEXT NOT NULL, day INTEGER NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (source, day, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE cluster(
    id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, key_id INTEGER NOT NULL, next_change_on INTEGER
) STRICT;
CREATE INDEX cluster_due ON cluster(next_change_on) WHERE next_change_on IS NOT NULL;

-- name: blind index of an identity or fact key; content: the key itself, sealed by the key of the cluster.
CREATE TABLE identity(
    name BLOB PRIMARY KEY, cluster INTEGER NOT NULL, content BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_by_cluster ON identity(cluster);

CREATE TABLE event(
    cluster INTEGER NOT NULL, message INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (cluster, message)
) STRICT;

CREATE TABLE case_record(
    cluster INTEGER NOT NULL, record_id TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (cluster, record_id)
) STRICT;
CREATE INDEX case_by_record ON case_record(record_id);

-- One row for each destination and record, sealed by a key of its own. due_at: when it wants attention, none when all is
-- said or somebody must act. rechecks counts the calls that made it due, so that one that comes in the middle of an
-- attempt is not lost.
CREATE TABLE outbox(
    id INTEGER PRIMARY KEY, destination TEXT NOT NULL, record_id TEXT NOT NULL, key_id INTEGER NOT NULL,
    desired_revision INTEGER NOT NULL, desired_content BLOB, gate_facts BLOB NOT NULL, desired_reason TEXT NOT NULL,
    last_version INTEGER NOT NULL DEFAULT 0, live INTEGER NOT NULL DEFAULT 0, live_before INTEGER NOT NULL DEFAULT 0,
    may_be_there INTEGER NOT NULL DEFAULT 0, last_content BLOB, last_content_hash TEXT NOT NULL DEFAULT '',
    slots_out TEXT NOT NULL DEFAULT '',
    sealed_revision INTEGER NOT NULL DEFAULT 0, sealed_version INTEGER, sealed_action TEXT, sealed_hash TEXT,
    sealed_content BLOB, sealed_body BLOB, sealed_slots TEXT, attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER, rechecks INTEGER NOT NULL DEFAULT 0,
    hold_reason TEXT NOT NULL DEFAULT '', hold_detail TEXT NOT NULL DEFAULT '', held_since INTEGER NOT NULL DEFAULT 0,
    UNIQUE (destination, record_id)
) STRICT;
CREATE INDEX outbox_due ON outbox(destination, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_held ON outbox(held_since) WHERE hold_reason <> '';

-- Every version ever sealed, and what became of it.
CREATE TABLE delivered(
    destination TEXT NOT NULL, record_id TEXT NOT NULL, version INTEGER NOT NULL, action TEXT NOT NULL,
    content_hash TEXT NOT NULL, state TEXT NOT NULL, sealed_at INTEGER NOT NULL, ended_at INTEGER,
    PRIMARY KEY (destination, record_id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivered_by_state ON delivered(destination, state);
)sql";

// What was received is counted apart from the states that it is in, so that the one can be held against the other.
constexpr const char* version_2 = R"sql(
CREATE TABLE received_count(
    source TEXT NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (source, day)
) STRICT, WITHOUT ROWID;
INSERT INTO received_count SELECT source, day, sum(count) FROM message_count GROUP BY source, day;
)sql";

// Duplicate detection in the order of arrival, found by an index in memory (sqlite_seen.hpp), and forgotten in time.
// Rows of before keep to the horizon that the shipped configuration has always had.
constexpr const char* version_3 = R"sql(
CREATE TABLE seen_in_order(
    message INTEGER PRIMARY KEY, name BLOB NOT NULL, digest BLOB NOT NULL, received_at INTEGER NOT NULL,
    keep_until INTEGER NOT NULL
) STRICT;
INSERT INTO seen_in_order SELECT message, name, digest, received_at, received_at + 7 * 86400000 FROM seen
    ORDER BY message;
DROP TABLE seen;
ALTER TABLE seen_in_order RENAME TO seen;
)sql";

// A message that is read again takes back what it gave before, wherever that is.
constexpr const char* version_4 = R"sql(
CREATE INDEX event_by_message ON event(message);
)sql";

// retry_at: the wait that a destination asked for, or the pause between attempts. It outlasts a desired state or a
// question to the gate that makes the row due. configuration: the active one when the state was desired last.
constexpr const char* version_5 = R"sql(
ALTER TABLE outbox ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN configuration TEXT NOT NULL DEFAULT '';
UPDATE outbox SET configuration = coalesce((SELECT value FROM installation WHERE name = 'configuration'), '');
)sql";

// Retention. review_on: when something in the cluster may no longer be needed (0: not looked at yet). closed: 0 open, 1 closed
// with a version that may be on its way, 2 erased, 3 erased and taken back by hand; remainder is sealed by remainder_key.
// key_to_erase: keys that seal nothing any more. erased_range: which messages were erased, by receive day. erased_count: how
// much, since the store was made.
constexpr const char* version_6 = R"sql(
ALTER TABLE cluster ADD COLUMN review_on INTEGER DEFAULT 0;
CREATE INDEX cluster_review ON cluster(review_on) WHERE review_on IS NOT NULL;
ALTER TABLE event ADD COLUMN received_on INTEGER NOT NULL DEFAULT 0;
UPDATE event SET received_on = coalesce((SELECT received_at / 86400000 FROM journal WHERE id = event.message), 0);
ALTER TABLE outbox ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN closed_on INTEGER;
ALTER TABLE outbox ADD COLUMN remainder_key INTEGER;
ALTER TABLE outbox ADD COLUMN remainder BLOB;
CREATE INDEX outbox_closing ON outbox(id) WHERE closed = 1;
CREATE INDEX outbox_by_record ON outbox(record_id);
CREATE TABLE key_to_erase(key_id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE erased_range(
    received_on INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, erased_on INTEGER NOT NULL
) STRICT;
CREATE TABLE erased_count(what TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array scripts_of_this_program{version_1, version_2, version_3,
                                             version_4, version_5, version_6};

std::int64_t single_number(connection& db, const char* sql) {
    auto query = db.use(sql);
    return query.step() ? query.number(0) : 0;
}

// How many of the scripts the database has had.
std::size_t version_of(connection& db, std::span<const char* const> scripts) {
    const auto version = static_cast<std::size_t>(single_number(db, "PRAGMA user_version"));
    if (version > scripts.size())
        throw failure({errc::store_version,
                       "the store has schema version " + std::to_string(version) +
                           ", this program knows versions up to " + std::to_string(scripts.size()) +
                           ": run the newer program, or restore the backup made before it"});
    if (version == 0 && single_number(db, "SELECT count(*) FROM sqlite_schema") != 0)
        throw failure({errc::store_corrupt, "the file is a database, but not one of auditgate"});
    return version;
}

} // namespace

std::span<const char* const> migrations() {
    return scripts_of_this_program;
}

void migrate(connection& db, std::span<const char* const> scripts) {
    transaction changes(db, transaction::kind::write);
    const std::size_t version = version_of(db, scripts);
    for (const char* script : scripts.subspan(version))
        db.execute(script);
    if (version < scripts.size())
        db.execute("PRAGMA user_version = " + std::to_string(scripts.size()));
    changes.commit();
}

void require_current(connection& db, std::span<const char* const> scripts) {
    if (version_of(db, scripts) == 0)
        migrate(db, scripts);
    else
        require_whole(db, scripts);
}

void require_whole(connection& db, std::span<const char* const> scripts) {
    const std::size_t version = version_of(db, scripts);
    if (version == 0)
        throw failure({errc::store_unavailable, "the store is empty: no gateway has worked with it yet"});
    if (version < scripts.size())
        throw failure({errc::store_version,
                       "the store has schema version " + std::to_string(version) + ", this program needs " +
                           std::to_string(scripts.size()) +
                           ": start the gateway of this program first, it brings the store up to date"});
}

} // namespace auditgate::gateway::store::sqlite
