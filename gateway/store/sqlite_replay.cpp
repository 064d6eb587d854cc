// Messages given to mapping again, many at a time.
#include "gateway/store/sqlite_engine.hpp"

#include <algorithm>

namespace auditgate::gateway::store::sqlite {

namespace {

struct candidate {
    message_id id{};
    std::string source;
    std::string message_type;
    message_state state{};
    std::string reason;
};

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Those that fit among the next `max` messages from `from` on, and where the ones after them begin.
std::vector<candidate> find_candidates(engine& engine, const replay_filter& which, message_id from, int max,
                                       message_id& next) {
    read_scope scope(engine);
    auto rows =
        scope.db().use("SELECT j.id, j.source, j.message_type, j.received_at, coalesce(o.state, 'waiting'), "
                       "coalesce(o.reason, '') "
                       "FROM journal j LEFT JOIN outcome o ON o.message = j.id "
                       "WHERE j.id >= ? ORDER BY j.id LIMIT ?");
    rows.bind(from, max);
    std::vector<candidate> found;
    int seen = 0;
    next = 0;
    while (rows.step()) {
        candidate one{rows.number(0), rows.text(1), rows.text(2), state_named(rows.bytes(4)), rows.text(5)};
        const utc_time received_at = to_time(rows.number(3));
        next = ++seen == max ? one.id + 1 : 0;
        const bool fits =
            std::find(which.states.begin(), which.states.end(), one.state) != which.states.end() &&
            received_at >= which.received_from &&
            (!which.received_before || received_at < *which.received_before) &&
            (which.sources.empty() ? !one.source.empty() : holds(which.sources, one.source)) &&
            (which.message_types.empty() || holds(which.message_types, one.message_type));
        if (fits)
            found.push_back(std::move(one));
    }
    return found;
}

// Whether the message is still in the state that it was found in: what is waiting by now needs no second work.
bool is_still(connection& db, const candidate& one) {
    auto row = db.use("SELECT state FROM outcome WHERE message = ?");
    return row.bind(one.id).step() && state_named(row.bytes(0)) == one.state;
}

} // namespace

replay_step replay_some(engine& engine, const replay_filter& which, message_id from, int max,
                        bool only_count) {
    replay_step step;
    std::vector<candidate> found = find_candidates(engine, which, from, max, step.next);
    if (!only_count && !found.empty()) {
        write_scope scope(engine, urgency::other);
        std::erase_if(found, [&](const candidate& one) { return !is_still(scope.db(), one); });
        message_id work = scope.take_ids(static_cast<std::int64_t>(found.size()));
        for (const candidate& one : found) {
            settle(scope.db(), {one.id, message_state::waiting, ""});
            scope.db().use("INSERT INTO work VALUES (?, ?)").bind(work++, one.id).run();
        }
        scope.commit();
    }
    for (candidate& one : found)
        ++step.fitted[{std::move(one.source), std::move(one.message_type)}];
    return step;
}

search_step find_messages(engine& engine, const replay_filter& which, message_id from, int max) {
    search_step step;
    for (candidate& one : find_candidates(engine, which, from, max, step.next))
        step.found.push_back({one.id, one.state, std::move(one.reason)});
    return step;
}

} // namespace auditgate::gateway::store::sqlite
