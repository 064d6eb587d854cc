// Clusters: reading snapshots, and applying what a piece of mapping work leads to.
#include "gateway/store/sqlite_engine.hpp"

#include <algorithm>
#include <set>

namespace auditgate::gateway::store::sqlite {

namespace {

std::string blind_name(const security::key_ring& ring, std::string_view key) {
    return ring.blind_index("identity", key);
}

std::vector<std::string> load_keys(connection& db, cluster_id id, const named_key& key) {
    std::vector<std::string> keys;
    auto rows = db.use("SELECT name, content FROM identity WHERE cluster = ?");
    rows.bind(id);
    while (rows.step())
        keys.push_back(key.open(rows.bytes(1), "identity", "content", rows.bytes(0)));
    std::sort(keys.begin(), keys.end()); // their order in the table depends on the index key
    return keys;
}

std::optional<cluster_snapshot> load_cluster(engine& engine, connection& db, cluster_id id) {
    cluster_snapshot snapshot;
    snapshot.id = id;
    security::key_id key_id = 0;
    {
        auto row = db.use("SELECT revision, key_id, next_change_on, review_on FROM cluster WHERE id = ?");
        if (!row.bind(id).step())
            return std::nullopt;
        snapshot.revision = row.number(0);
        key_id = row.number(1);
        if (!row.is_null(2))
            snapshot.next_change_on = to_day(row.number(2));
        if (!row.is_null(3))
            snapshot.review_on = to_day(row.number(3));
    }
    const named_key key = engine.key(key_id);
    snapshot.keys = load_keys(db, id, key);
    {
        auto rows =
            db.use("SELECT message, content, received_on FROM event WHERE cluster = ? ORDER BY message");
        rows.bind(id);
        while (rows.step())
            snapshot.events.push_back(
                {rows.number(0), key.open(rows.bytes(1), "event", "content", std::to_string(rows.number(0))),
                 to_day(rows.number(2))});
    }
    auto rows = db.use("SELECT record_id, content FROM case_record WHERE cluster = ? ORDER BY record_id");
    rows.bind(id);
    while (rows.step())
        snapshot.cases.push_back(
            {rows.text(0), key.open(rows.bytes(1), "case_record", "content", rows.bytes(0))});
    return snapshot;
}

std::optional<cluster_id> owner_of(connection& db, const std::string& name) {
    auto row = db.use("SELECT cluster FROM identity WHERE name = ?");
    return row.bind(blob{name}).step() ? std::optional(row.number(0)) : std::nullopt;
}

// What a cluster was found to be when it was about to be written; none: not as expected.
std::optional<security::key_id> key_at_revision(connection& db, cluster_id id, std::int64_t revision) {
    auto row = db.use("SELECT key_id FROM cluster WHERE id = ? AND revision = ?");
    return row.bind(id, revision).step() ? std::optional(row.number(0)) : std::nullopt;
}

// A cluster that is absorbed, or sealed by another key, lets go of its events. A write that speaks of some of them only is a
// defect, and what it would destroy cannot be had again.
void refuse_to_lose_events(connection& db, const cluster_write& write) {
    std::set<message_id> spoken_of(write.remove_events_of.begin(), write.remove_events_of.end());
    for (const message_events& one : write.put_events)
        spoken_of.insert(one.message);
    std::vector<cluster_id> emptied;
    for (const auto& [absorbed, revision] : write.absorbs)
        emptied.push_back(absorbed);
    if (write.rekey && write.id)
        emptied.push_back(*write.id);
    for (const cluster_id cluster : emptied) {
        auto rows = db.use("SELECT message FROM event WHERE cluster = ?");
        rows.bind(cluster);
        while (rows.step())
            if (!spoken_of.contains(rows.number(0)))
                throw failure({errc::store_corrupt, "a write set would lose the events of message " +
                                                        std::to_string(rows.number(0)) +
                                                        ": please report it; nothing was written"});
    }
}

// With all that it held; its key is given up.
void remove_cluster(connection& db, cluster_id id) {
    db.use("INSERT INTO key_to_erase SELECT key_id FROM cluster WHERE id = ? ON CONFLICT DO NOTHING")
        .bind(id)
        .run();
    db.use("DELETE FROM identity WHERE cluster = ?").bind(id).run();
    db.use("DELETE FROM event WHERE cluster = ?").bind(id).run();
    db.use("DELETE FROM case_record WHERE cluster = ?").bind(id).run();
    db.use("DELETE FROM recompute WHERE cluster = ?").bind(id).run();
    db.use("DELETE FROM cluster WHERE id = ?").bind(id).run();
}

// Nothing stays of the cluster.
bool is_emptied(const cluster_write& write) {
    return write.id && write.rekey && write.put_events.empty() && write.cases.empty();
}

// A cluster_write with all that can be made ready before the writer's turn: hashing and sealing there would keep every
// sender waiting for his answer.
struct prepared_write {
    const cluster_write& write;
    named_key key;
    std::vector<std::pair<std::string, std::string>> new_keys; // blind name and sealed content
    std::vector<std::string> events;                           // sealed, as in `put_events`
    std::vector<std::string> cases;                            // sealed, as in `cases`
};

std::set<std::string> names_of(connection& db, cluster_id id) {
    std::set<std::string> names;
    auto rows = db.use("SELECT name FROM identity WHERE cluster = ?");
    rows.bind(id);
    while (rows.step())
        names.insert(std::string(rows.bytes(0)));
    return names;
}

// None: a conflict. What is read here holds as long as the cluster has the revision expected, which apply() makes sure of:
// keys that it has are not looked at again.
std::optional<prepared_write> prepare(engine& engine, connection& db, const cluster_write& write) {
    std::optional<security::key_id> key_id;
    std::set<std::string> known;
    if (write.id) {
        key_id = key_at_revision(db, *write.id, write.expected_revision);
        if (!key_id)
            return std::nullopt;
        if (write.rekey && !is_emptied(write))
            key_id.reset(); // another one is made
        else
            known = names_of(db, *write.id);
    }
    prepared_write ready{write, key_id ? engine.key(*key_id) : engine.new_key(), {}, {}, {}};
    for (const std::string& text : write.keys) {
        std::string name = blind_name(engine.ring, text);
        if (known.contains(name))
            continue;
        std::string content = ready.key.seal(text, "identity", "content", name);
        ready.new_keys.emplace_back(std::move(name), std::move(content));
    }
    for (const message_events& one : write.put_events)
        ready.events.push_back(ready.key.seal(one.events, "event", "content", std::to_string(one.message)));
    for (const case_row& one : write.cases)
        ready.cases.push_back(ready.key.seal(one.content, "case_record", "content", one.record_id));
    return ready;
}

[[nodiscard]] bool is_as_expected(connection& db, const prepared_write& ready) {
    const cluster_write& write = ready.write;
    if (write.id && !key_at_revision(db, *write.id, write.expected_revision))
        return false;
    std::set<cluster_id> absorbed;
    if (write.rekey && write.id)
        absorbed.insert(*write.id); // its keys are sealed anew
    for (const auto& [id, revision] : write.absorbs) {
        if (!key_at_revision(db, id, revision))
            return false;
        absorbed.insert(id);
    }
    return std::all_of(ready.new_keys.begin(), ready.new_keys.end(), [&](const auto& key) {
        const auto owner = owner_of(db, key.first);
        return !owner || absorbed.contains(*owner);
    });
}

void put_content(connection& db, cluster_id id, const prepared_write& ready) {
    const cluster_write& write = ready.write;
    for (const auto& [name, content] : ready.new_keys)
        db.use("INSERT INTO identity VALUES (?, ?, ?)").bind(blob{name}, id, blob{content}).run();
    for (const message_id message : write.remove_events_of)
        db.use("DELETE FROM event WHERE cluster = ? AND message = ?").bind(id, message).run();
    for (std::size_t i = 0; i < ready.events.size(); ++i)
        db.use("INSERT INTO event VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET content = excluded.content")
            .bind(id, write.put_events[i].message, blob{ready.events[i]},
                  to_number(write.put_events[i].received_on))
            .run();
    db.use("DELETE FROM case_record WHERE cluster = ?").bind(id).run();
    for (std::size_t i = 0; i < ready.cases.size(); ++i)
        db.use("INSERT INTO case_record VALUES (?, ?, ?)")
            .bind(id, write.cases[i].record_id, blob{ready.cases[i]})
            .run();
}

// What the cluster's key sealed goes; the caller puts what stays, sealed by another one.
void let_go_of_key(connection& db, cluster_id id) {
    db.use("INSERT INTO key_to_erase SELECT key_id FROM cluster WHERE id = ? ON CONFLICT DO NOTHING")
        .bind(id)
        .run();
    db.use("DELETE FROM identity WHERE cluster = ?").bind(id).run();
    db.use("DELETE FROM event WHERE cluster = ?").bind(id).run();
}

std::optional<std::int64_t> number_or_null(const std::optional<std::chrono::sys_days>& day) {
    return day ? std::optional(to_number(*day)) : std::nullopt;
}

// False: a conflict; the caller rolls back.
[[nodiscard]] bool apply(write_scope& scope, const prepared_write& ready) {
    auto& db = scope.db();
    const cluster_write& write = ready.write;
    if (!is_as_expected(db, ready))
        return false;
    refuse_to_lose_events(db, write);
    for (const auto& [absorbed, revision] : write.absorbs)
        remove_cluster(db, absorbed);
    if (write.rekey && write.id)
        count_erased(db, "events", write.erased_events);
    if (is_emptied(write)) {
        remove_cluster(db, *write.id);
        count_erased(db, "clusters", 1);
        return true;
    }
    const cluster_id id = write.id ? *write.id : scope.take_ids(1);
    if (write.rekey && write.id)
        let_go_of_key(db, id);
    db.use("INSERT INTO cluster VALUES (?, 1, ?, ?, ?) ON CONFLICT DO UPDATE "
           "SET revision = revision + 1, key_id = excluded.key_id, next_change_on = excluded.next_change_on, "
           "review_on = excluded.review_on")
        .bind(id, ready.key.id, number_or_null(write.next_change_on), number_or_null(write.review_on))
        .run();
    put_content(db, id, ready);
    return true;
}

// False: it is no longer there.
[[nodiscard]] bool remove_work(connection& db, work_id id) {
    db.use("DELETE FROM work WHERE id = ?").bind(id).run();
    if (db.changes() > 0)
        return true;
    db.use("DELETE FROM recompute WHERE id = ?").bind(id).run();
    return db.changes() > 0;
}

} // namespace

std::vector<cluster_snapshot> clusters_with(engine& engine, std::span<const std::string> keys,
                                            std::span<const message_id> messages) {
    read_scope scope(engine);
    std::set<cluster_id> ids;
    for (const std::string& key : keys) {
        if (const auto owner = owner_of(scope.db(), blind_name(engine.ring, key)))
            ids.insert(*owner);
    }
    for (const message_id message : messages) {
        auto rows = scope.db().use("SELECT cluster FROM event WHERE message = ?");
        rows.bind(message);
        while (rows.step())
            ids.insert(rows.number(0));
    }
    std::vector<cluster_snapshot> found;
    for (const cluster_id id : ids) {
        if (auto snapshot = load_cluster(engine, scope.db(), id))
            found.push_back(std::move(*snapshot));
    }
    return found;
}

std::optional<cluster_snapshot> cluster(engine& engine, cluster_id id) {
    read_scope scope(engine);
    return load_cluster(engine, scope.db(), id);
}

std::optional<cluster_snapshot> cluster_of_record(engine& engine, std::string_view record_id) {
    read_scope scope(engine);
    cluster_id id = 0;
    {
        auto row = scope.db().use("SELECT cluster FROM case_record WHERE record_id = ?");
        if (!row.bind(record_id).step())
            return std::nullopt;
        id = row.number(0);
    }
    return load_cluster(engine, scope.db(), id);
}

void each_cluster(engine& engine, const std::function<result<void>(cluster_snapshot)>& visit) {
    read_scope scope(engine);
    std::vector<cluster_id> ids;
    {
        auto rows = scope.db().use("SELECT id FROM cluster ORDER BY id");
        while (rows.step())
            ids.push_back(rows.number(0));
    }
    for (const cluster_id id : ids) {
        auto snapshot = load_cluster(engine, scope.db(), id);
        if (!snapshot)
            continue;
        if (const auto seen = visit(std::move(*snapshot)); !seen)
            throw failure(seen.error());
    }
}

cluster_step find_clusters(engine& engine, std::chrono::sys_days received_since, cluster_id from, int max) {
    read_scope scope(engine);
    auto rows = scope.db().use("SELECT id, EXISTS (SELECT 1 FROM event WHERE cluster = cluster.id AND "
                               "received_on >= ?) FROM cluster WHERE id >= ? ORDER BY id LIMIT ?");
    rows.bind(to_number(received_since), from, max);
    cluster_step step;
    int seen = 0;
    while (rows.step()) {
        const cluster_id id = rows.number(0);
        step.next = ++seen == max ? id + 1 : 0;
        if (rows.number(1) != 0)
            step.found.push_back(id);
    }
    return step;
}

namespace {

bool is_outdated(connection& db, const std::string& made_with) {
    if (made_with.empty())
        return false;
    const std::string active = configuration_in(db);
    return !active.empty() && active != made_with;
}

} // namespace

commit_result commit(engine& engine, const write_set& changes) {
    std::vector<prepared_write> clusters;
    {
        read_scope scope(engine);
        for (const cluster_write& one : changes.clusters) {
            auto ready = prepare(engine, scope.db(), one);
            if (!ready)
                return commit_result::conflict;
            clusters.push_back(std::move(*ready));
        }
    }
    {
        write_scope scope(engine, urgency::other);
        if (is_outdated(scope.db(), changes.made_with))
            return commit_result::outdated;
        for (const work_id id : changes.done) {
            if (!remove_work(scope.db(), id))
                return commit_result::work_gone;
        }
        for (const prepared_write& one : clusters) {
            if (!apply(scope, one))
                return commit_result::conflict;
        }
        for (const message_outcome& one : changes.messages)
            settle(scope.db(), one);
        for (const desired_record& one : changes.desired)
            desire(engine, scope.db(), one);
        for (const closed_case& one : changes.closed)
            close_case(engine, scope.db(), one);
        scope.commit();
    }
    const std::lock_guard lock(engine.lease_mutex);
    for (const work_id id : changes.done)
        engine.work_leases.give_back(id);
    return commit_result::committed;
}

} // namespace auditgate::gateway::store::sqlite
