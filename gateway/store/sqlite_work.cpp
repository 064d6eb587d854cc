// Work: what there is to compute, who has it, and what makes more of it.
#include "gateway/store/sqlite_engine.hpp"

namespace auditgate::gateway::store::sqlite {

namespace {

// Clusters of which a day has come go first (they are few), then messages, until their bytes are enough, then clusters
// to be computed again with another configuration.
std::vector<work> free_work(engine& engine, connection& db, std::size_t max, utc_time now) {
    std::vector<work> found;
    const auto add_clusters = [&](query rows) {
        while (found.size() < max && rows.step()) {
            if (!engine.work_leases.is_taken(rows.number(0), now))
                found.push_back({rows.number(0), work_kind::cluster, {}, rows.number(1)});
        }
    };
    add_clusters(db.use("SELECT id, cluster FROM recompute WHERE urgent = 1 ORDER BY id"));
    {
        auto rows = db.use("SELECT w.id, w.message, length(j.content) FROM work w "
                           "LEFT JOIN journal j ON j.id = w.message ORDER BY w.id");
        std::size_t bytes = 0;
        while (found.size() < max && rows.step()) {
            if (engine.work_leases.is_taken(rows.number(0), now))
                continue;
            const auto size = static_cast<std::size_t>(rows.number(2));
            if (bytes > 0 && bytes + size > engine.options.claim_bytes_max)
                break;
            bytes += size;
            auto message = load_message(engine, db, rows.number(1));
            if (!message) {
                message.emplace().id = rows.number(1);
                message->damaged = true;
            }
            found.push_back({rows.number(0), work_kind::message, std::move(*message), {}});
        }
    }
    add_clusters(db.use("SELECT id, cluster FROM recompute WHERE urgent = 0 ORDER BY id"));
    return found;
}

// Makes work of a cluster under a new id, so that a computation under way, made with what is now old, does
// not count.
void enqueue(write_scope& scope, cluster_id cluster, bool urgent) {
    scope.db()
        .use("INSERT INTO recompute VALUES (?, ?, ?) "
             "ON CONFLICT(cluster) DO UPDATE SET id = excluded.id, urgent = max(urgent, excluded.urgent)")
        .bind(scope.take_ids(1), cluster, urgent)
        .run();
}

std::vector<cluster_id> numbers_of(query rows) {
    std::vector<cluster_id> ids;
    while (rows.step())
        ids.push_back(rows.number(0));
    return ids;
}

} // namespace

std::vector<work> claim(engine& engine, int max, utc_time now, std::chrono::milliseconds lease) {
    if (max <= 0)
        return {};
    const std::lock_guard lock(engine.lease_mutex);
    engine.require_worker();
    engine.work_leases.forget_expired(now);
    read_scope scope(engine);
    auto found = free_work(engine, scope.db(), static_cast<std::size_t>(max), now);
    for (const work& one : found)
        engine.work_leases.take(one.id, now + lease);
    return found;
}

void give_back(engine& engine, std::span<const work> claimed) {
    const std::lock_guard lock(engine.lease_mutex);
    for (const work& one : claimed)
        engine.work_leases.give_back(one.id);
}

std::int64_t enqueue_due(engine& engine, std::chrono::sys_days today) {
    write_scope scope(engine, urgency::other);
    auto due = scope.db().use("SELECT id FROM cluster WHERE next_change_on <= ? "
                              "AND id NOT IN (SELECT cluster FROM recompute WHERE urgent = 1)");
    due.bind(to_number(today));
    const auto ids = numbers_of(std::move(due));
    for (const cluster_id id : ids)
        enqueue(scope, id, true);
    scope.commit();
    return static_cast<std::int64_t>(ids.size());
}

std::string configuration_in(connection& db) {
    auto row = db.use("SELECT value FROM installation WHERE name = 'configuration'");
    return row.step() ? row.text(0) : std::string();
}

std::string active_configuration(engine& engine) {
    read_scope scope(engine);
    return configuration_in(scope.db());
}

void activate_configuration(engine& engine, std::string_view revision) {
    write_scope scope(engine, urgency::other);
    if (configuration_in(scope.db()) == revision)
        return;
    scope.db()
        .use("INSERT INTO installation VALUES ('configuration', ?) ON CONFLICT DO UPDATE SET value = "
             "excluded.value")
        .bind(revision)
        .run();
    // One statement: other writers wait for it, and there may be a million clusters. A new id for those that are to be
    // computed already, too: a computation under way must not count. The order: people wait for records.
    std::int64_t clusters = 0;
    {
        auto row = scope.db().use("SELECT count(*) FROM cluster");
        clusters = row.step() ? row.number(0) : 0;
    }
    scope.db()
        .use("INSERT INTO recompute "
             "SELECT ?1 + row_number() OVER (ORDER BY id NOT IN (SELECT cluster FROM case_record), id) - 1, "
             "id, 0 "
             "FROM cluster WHERE true ON CONFLICT(cluster) DO UPDATE SET id = excluded.id")
        .bind(scope.take_ids(clusters))
        .run();
    scope.commit();
}

std::int64_t work_backlog(engine& engine) {
    read_scope scope(engine);
    auto row = scope.db().use("SELECT (SELECT count(*) FROM work) + (SELECT count(*) FROM recompute)");
    return row.step() ? row.number(0) : 0;
}

} // namespace auditgate::gateway::store::sqlite
