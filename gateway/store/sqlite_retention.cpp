// What is erased of the journal and of the keys, and what is told of it (architecture.md, "Encryption").
//
// Order makes erasing safe against a crash: a row goes, and its key is noted in key_to_erase, in one transaction; the key
// file is rewritten without the key and the log cut off; then the note goes. Whatever comes between, the next call goes on
// from the notes, and no key goes that a row still needs.
#include "gateway/store/names.hpp"
#include "gateway/store/sqlite_engine.hpp"

#include <limits>
#include <set>

namespace auditgate::gateway::store::sqlite {

namespace {

constexpr std::int64_t milliseconds_a_day = 86'400'000;

// A row of the journal that a step looks at.
struct old_message {
    message_id id = 0;
    std::int64_t received_at = 0;
    security::key_id key_id = 0;
    message_state state = message_state::waiting;
    std::string another_content; // sealed by another_key, when the message stays and the key of its day goes
    security::key_id another_key = 0;
};

message_state state_in(const query& row, int column) {
    const auto state = message_state_of(row.bytes(column));
    if (!state)
        throw failure({errc::store_corrupt, "the store holds a message in a state that does not exist"});
    return *state;
}

bool is_unsettled(message_state state) {
    return state == message_state::held || state == message_state::quarantined;
}

bool is_erased_by(const message_limits& limits, const old_message& one) {
    if (one.state == message_state::waiting)
        return false;
    const utc_time since = is_unsettled(one.state) ? limits.unsettled_since : limits.settled_since;
    return to_time(one.received_at) < since;
}

std::set<security::key_id> day_keys_before(connection& db, std::int64_t day) {
    std::set<security::key_id> keys;
    auto rows = db.use("SELECT key_id FROM day_key WHERE day < ?");
    rows.bind(day);
    while (rows.step())
        keys.insert(rows.number(0));
    return keys;
}

// One step through the journal: first looked at and sealed anew without keeping anybody from writing, then written.
class erasing_messages {
public:
    erasing_messages(engine& owner, const message_limits& limits, utc_time now)
        : engine_(owner), limits_(limits), now_(now), today_(day_of(now)),
          closed_day_(day_of(limits.settled_since)) {}

    message_step run(message_id from, int max) {
        look(from, max);
        message_step step;
        step.next = next_;
        if (!found_.empty()) {
            write_scope scope(engine_, urgency::other);
            for (const old_message& one : found_)
                step.erased += write(scope.db(), one) ? 1 : 0;
            count_erased(scope.db(), "messages", step.erased);
            scope.commit();
        }
        if (next_ == 0)
            close_days();
        return step;
    }

private:
    // Ids grow in the order of arrival, so the first message that is young enough ends a search. One that came in the
    // future came while the clock was wrong: of those behind it nothing is known.
    [[nodiscard]] bool is_young(std::int64_t received_at) const {
        return to_time(received_at) >= limits_.settled_since && to_time(received_at) <= now_;
    }

    void look(message_id from, int max) {
        read_scope scope(engine_);
        const auto day_keys = day_keys_before(scope.db(), closed_day_);
        auto rows = scope.db().use(
            "SELECT j.id, j.received_at, j.key_id, coalesce(o.state, 'waiting') FROM journal j "
            "LEFT JOIN outcome o ON o.message = j.id WHERE j.id >= ? ORDER BY j.id");
        rows.bind(from);
        std::size_t bytes = 0;
        for (int looked = 0; rows.step(); ++looked) {
            old_message one{rows.number(0), rows.number(1), rows.number(2), state_in(rows, 3), {}, 0};
            if (is_young(one.received_at))
                return;
            if (looked >= max || bytes > engine_.options.claim_bytes_max) {
                next_ = one.id;
                return;
            }
            const bool stays = !is_erased_by(limits_, one);
            if (stays && !day_keys.contains(one.key_id))
                continue;
            if (stays && !seal_anew(scope.db(), one))
                continue;
            bytes += one.another_content.size();
            found_.push_back(std::move(one));
        }
    }

    // False: the message cannot be opened. It stays as it is, and so does its key.
    bool seal_anew(connection& db, old_message& one) {
        auto row = db.use("SELECT content FROM journal WHERE id = ?");
        if (!row.bind(one.id).step())
            return false;
        const std::string name = std::to_string(one.id);
        try {
            const named_key old = engine_.key(one.key_id);
            const std::string content = old.open(row.bytes(0), "journal", "content", name);
            const named_key another = engine_.new_key();
            one.another_key = another.id;
            one.another_content = another.seal(content, "journal", "content", name);
        } catch (const failure& thrown) {
            if (thrown.cause().code == errc::store_unavailable)
                throw;
            return false;
        }
        return true;
    }

    // True: erased. A message that changed since it was looked at (replayed, settled) is left for the next time.
    bool write(connection& db, const old_message& one) {
        {
            auto row =
                db.use("SELECT j.key_id, coalesce(o.state, 'waiting') FROM journal j LEFT JOIN outcome o "
                       "ON o.message = j.id WHERE j.id = ?");
            if (!row.bind(one.id).step() || row.number(0) != one.key_id || state_in(row, 1) != one.state)
                return false;
        }
        if (one.another_key != 0) {
            db.use("UPDATE journal SET key_id = ?, content = ? WHERE id = ?")
                .bind(one.another_key, blob{one.another_content}, one.id)
                .run();
            return false;
        }
        if (is_unsettled(one.state))
            settle(db, {one.id, message_state::not_relevant, "erased-" + std::string(name_of(one.state))});
        if (!is_day_key(db, one.key_id))
            give_up_key(db, one.key_id); // sealed anew for this message alone
        db.use("DELETE FROM journal WHERE id = ?").bind(one.id).run();
        db.use("DELETE FROM outcome WHERE message = ?").bind(one.id).run();
        db.use("INSERT INTO erased_range VALUES (?1, ?2, ?2, ?3) ON CONFLICT DO UPDATE SET "
               "first = min(first, excluded.first), last = max(last, excluded.last), erased_on = "
               "excluded.erased_on")
            .bind(one.received_at / milliseconds_a_day, one.id, today_)
            .run();
        return true;
    }

    static bool is_day_key(connection& db, security::key_id id) {
        auto row = db.use("SELECT 1 FROM day_key WHERE key_id = ?");
        return row.bind(id).step();
    }

    // Gives up the keys of the days of which nothing is left that they seal.
    void close_days() {
        engine_.forget_day_keys();
        write_scope scope(engine_, urgency::other);
        auto& db = scope.db();
        auto keys = day_keys_before(db, closed_day_);
        if (keys.empty())
            return;
        {
            auto rows = db.use("SELECT received_at, key_id FROM journal ORDER BY id");
            while (rows.step() && !is_young(rows.number(0)))
                keys.erase(rows.number(1));
        }
        for (const security::key_id id : keys) {
            db.use("DELETE FROM day_key WHERE key_id = ?").bind(id).run();
            give_up_key(db, id);
        }
        scope.commit();
    }

    engine& engine_;
    const message_limits& limits_;
    const utc_time now_;
    const std::int64_t today_;
    const std::int64_t closed_day_; // this receive day and later ones keep their keys
    std::vector<old_message> found_;
    message_id next_ = 0;
};

std::vector<security::key_id> keys_to_erase(engine& engine) {
    read_scope scope(engine);
    std::vector<security::key_id> ids;
    auto rows = scope.db().use("SELECT key_id FROM key_to_erase");
    while (rows.step())
        ids.push_back(rows.number(0));
    return ids;
}

} // namespace

void give_up_key(connection& db, security::key_id id) {
    db.use("INSERT INTO key_to_erase VALUES (?) ON CONFLICT DO NOTHING").bind(id).run();
}

void count_erased(connection& db, std::string_view what, std::int64_t count) {
    if (count == 0)
        return;
    db.use("INSERT INTO erased_count VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count")
        .bind(what, count)
        .run();
}

std::int64_t enqueue_reviews(engine& engine, std::chrono::sys_days today, int max) {
    std::vector<cluster_id> due;
    {
        read_scope scope(engine);
        auto rows =
            scope.db().use("SELECT id FROM cluster WHERE review_on <= ? "
                           "AND id NOT IN (SELECT cluster FROM recompute) ORDER BY review_on LIMIT ?");
        rows.bind(to_number(today), max);
        while (rows.step())
            due.push_back(rows.number(0));
    }
    if (due.empty())
        return 0;
    write_scope scope(engine, urgency::other);
    work_id next = scope.take_ids(static_cast<std::int64_t>(due.size()));
    for (const cluster_id id : due)
        scope.db()
            .use("INSERT INTO recompute SELECT ?1, id, 0 FROM cluster WHERE id = ?2 ON CONFLICT DO NOTHING")
            .bind(next++, id)
            .run();
    scope.commit();
    return static_cast<std::int64_t>(due.size());
}

message_step erase_messages(engine& engine, const message_limits& limits, message_id from, int max,
                            utc_time now) {
    return erasing_messages(engine, limits, now).run(from, max);
}

std::int64_t forget_seen(engine& engine, int max, utc_time now) {
    write_scope scope(engine, urgency::other);
    engine.seen.begin(scope.db());
    const std::size_t forgotten = engine.seen.forget_old(scope.db(), now, static_cast<std::size_t>(max));
    scope.commit();
    engine.seen.committed();
    return static_cast<std::int64_t>(forgotten);
}

std::int64_t erase_keys(engine& engine) {
    engine.require_writer();
    const std::vector<security::key_id> ids = keys_to_erase(engine);
    if (ids.empty())
        return 0;
    need(engine.ring.erase(ids));
    // What is left of erased rows in the log is sealed by keys that are gone, but for blind indexes.
    if (!engine.empty_log())
        throw failure(
            {errc::store_unavailable,
             "keys are erased, but the write-ahead log could not be cut off, because somebody reads "
             "the store just now: it is tried again"});
    write_scope scope(engine, urgency::other);
    for (const security::key_id id : ids)
        scope.db().use("DELETE FROM key_to_erase WHERE key_id = ?").bind(id).run();
    count_erased(scope.db(), "keys", static_cast<std::int64_t>(ids.size()));
    scope.commit();
    return static_cast<std::int64_t>(ids.size());
}

void note_retention_run(engine& engine, utc_time now) {
    write_scope scope(engine, urgency::other);
    scope.db()
        .use("INSERT INTO installation VALUES ('retention_run', ?) ON CONFLICT DO UPDATE SET value = "
             "excluded.value")
        .bind(std::to_string(to_number(now)))
        .run();
    scope.commit();
}

erasure_state erasures(engine& engine) {
    read_scope scope(engine);
    erasure_state state;
    auto counts = scope.db().use("SELECT what, count FROM erased_count");
    while (counts.step())
        state.erased[counts.text(0)] = counts.number(1);
    auto keys = scope.db().use("SELECT count(*) FROM key_to_erase");
    if (keys.step())
        state.keys_to_erase = keys.number(0);
    auto oldest = scope.db().use("SELECT received_at FROM journal ORDER BY id LIMIT 1");
    if (oldest.step())
        state.oldest_message = to_day(day_of(to_time(oldest.number(0))));
    auto run = scope.db().use("SELECT CAST(value AS INTEGER) FROM installation WHERE name = 'retention_run'");
    if (run.step())
        state.last_run = to_time(run.number(0));
    return state;
}

std::optional<erased_messages> erased_message(engine& engine, message_id id) {
    read_scope scope(engine);
    {
        auto there = scope.db().use("SELECT 1 FROM journal WHERE id = ?");
        if (there.bind(id).step())
            return std::nullopt;
    }
    auto row =
        scope.db().use("SELECT received_on, erased_on FROM erased_range WHERE ? BETWEEN first AND last "
                       "ORDER BY received_on LIMIT 1");
    if (!row.bind(id).step())
        return std::nullopt;
    return erased_messages{to_day(row.number(0)), to_day(row.number(1))};
}

} // namespace auditgate::gateway::store::sqlite
