// The journal: receiving messages, duplicate detection, the states of messages and their counts.
#include "gateway/store/names.hpp"
#include "gateway/store/sqlite_engine.hpp"

#include <map>
#include <tuple>

namespace auditgate::gateway::store::sqlite {

namespace {

constexpr std::size_t blind_bytes = 16; // of the 32: enough to tell messages apart
constexpr std::size_t forgotten_per_message =
    4; // by duplicate detection: more than come in, so that it keeps up

// Source and control id, and the bytes, as duplicate detection knows them.
std::string blind_names(const security::key_ring& ring, const incoming_message& message) {
    return ring.blind_index("control", pack({message.source, message.control_id})).substr(0, blind_bytes) +
           ring.blind_index("bytes", message.bytes).substr(0, blind_bytes);
}

bool takes_part_in_duplicate_detection(const incoming_message& message) {
    return !message.control_id.empty() && message.duplicate_horizon.count() != 0 &&
           message.state != message_state::refused;
}

// What duplicate detection looks at. Empty for a message that takes no part.
blind_message blind(const engine& engine, const incoming_message& message) {
    if (!takes_part_in_duplicate_detection(message))
        return {};
    std::string names = message.prepared;
    if (names.empty())
        names = blind_names(engine.ring, message);
    return {names.substr(0, blind_bytes), names.substr(blind_bytes)};
}

using counts = std::map<std::tuple<std::string_view, std::int64_t, message_state>, std::int64_t>;

void change_count(connection& db, std::string_view source, std::int64_t day, message_state state,
                  std::int64_t change) {
    db.use("INSERT INTO message_count VALUES (?, ?, ?, ?) "
           "ON CONFLICT DO UPDATE SET count = count + excluded.count")
        .bind(source, day, name_of(state), change)
        .run();
}

void change_received(connection& db, std::string_view source, std::int64_t day, std::int64_t change) {
    db.use("INSERT INTO received_count VALUES (?, ?, ?) "
           "ON CONFLICT DO UPDATE SET count = count + excluded.count")
        .bind(source, day, change)
        .run();
}

// The packed content of a message; none when it does not authenticate, or its key is not there: a row that is damaged must
// not keep others from being received, mapped and looked at.
std::optional<std::string> open_content(engine& engine, message_id id, security::key_id key,
                                        std::string_view sealed) {
    try {
        return engine.key(key).open(sealed, "journal", "content", std::to_string(id));
    } catch (const failure& thrown) {
        if (thrown.cause().code != errc::store_corrupt && thrown.cause().code != errc::wrong_key)
            throw;
        return std::nullopt;
    }
}

struct day_sealer {
    explicit day_sealer(const named_key& key) : id(key.id), seal(key.key) {}

    security::key_id id;
    security::sealer seal;
};

// One batch being journaled.
class appending {
public:
    appending(engine& owner, std::span<const incoming_message> batch) : engine_(owner) {
        blind_.reserve(batch.size());
        for (const incoming_message& message : batch) {
            blind_.push_back(blind(owner, message));
            const std::int64_t day = day_of(message.received_at);
            if (!keys_.contains(day))
                keys_.emplace(day, owner.day_key(day));
        }
    }

    [[nodiscard]] std::vector<append_outcome> run(std::span<const incoming_message> batch) {
        std::vector<append_outcome> outcomes;
        outcomes.reserve(batch.size());
        write_scope scope(engine_, urgency::journal);
        engine_.seen.begin(scope.db());
        message_id next = scope.take_ids(static_cast<std::int64_t>(batch.size()));
        for (std::size_t i = 0; i < batch.size(); ++i)
            outcomes.push_back(append_one(scope.db(), batch[i], blind_[i], next++));
        engine_.seen.forget_old(scope.db(), batch.back().received_at, forgotten_per_message * batch.size());
        count_received(scope.db(), batch);
        for (const auto& [key, count] : counts_)
            change_count(scope.db(), std::get<0>(key), std::get<1>(key), std::get<2>(key), count);
        scope.commit();
        engine_.seen.committed();
        return outcomes;
    }

private:
    // Counts what came in, whatever becomes of it.
    static void count_received(connection& db, std::span<const incoming_message> batch) {
        std::map<std::pair<std::string_view, std::int64_t>, std::int64_t> received;
        for (const incoming_message& message : batch)
            ++received[{message.source, day_of(message.received_at)}];
        for (const auto& [key, count] : received)
            change_received(db, key.first, key.second, count);
    }

    append_outcome append_one(connection& db, const incoming_message& message, const blind_message& blind,
                              message_id id) {
        append_outcome outcome{.id = id, .answer = message.answer};
        if (!blind.name.empty()) {
            look_back(db, message, blind, outcome);
            if (outcome.duplicate) {
                ++counts_[{message.source, day_of(message.received_at), message_state::duplicate}];
                return outcome;
            }
            engine_.seen.add(db, blind, id, message.received_at, message.duplicate_horizon);
        }
        insert(db, message, id);
        ++counts_[{message.source, day_of(message.received_at), message.state}];
        return outcome;
    }

    void look_back(connection& db, const incoming_message& message, const blind_message& blind,
                   append_outcome& outcome) {
        const auto found = engine_.seen.find(db, blind, message.received_at - message.duplicate_horizon);
        outcome.control_id_reused = found.name_reused;
        if (!found.duplicate_of)
            return;
        auto answer = answer_of(db, *found.duplicate_of);
        if (!answer)
            return; // what was stored of it is lost: this one is stored in its place
        outcome.id = *found.duplicate_of;
        outcome.duplicate = true;
        outcome.control_id_reused = false;
        outcome.answer = std::move(*answer);
    }

    std::optional<std::string> answer_of(connection& db, message_id id) {
        auto row = db.use("SELECT key_id, content FROM journal WHERE id = ?");
        if (!row.bind(id).step())
            return std::nullopt;
        const auto content = open_content(engine_, id, row.number(0), row.bytes(1));
        return content ? std::optional(std::string(unpack(*content, 3)[1])) : std::nullopt;
    }

    void insert(connection& db, const incoming_message& message, message_id id) {
        day_sealer& key = keys_.at(day_of(message.received_at));
        const std::string content = key.seal.seal(pack({message.control_id, message.answer, message.bytes}),
                                                  {"journal", "content", std::to_string(id), key.id});
        db.use("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(id, message.source, message.transport, message.peer, message.format, message.message_type,
                  to_number(message.received_at), key.id, blob{content})
            .run();
        if (message.state == message_state::waiting)
            db.use("INSERT INTO work VALUES (?, ?)").bind(id, id).run();
        else
            db.use("INSERT INTO outcome VALUES (?, ?, ?)")
                .bind(id, name_of(message.state), message.reason)
                .run();
    }

    engine& engine_;
    std::vector<blind_message> blind_;
    std::map<std::int64_t, day_sealer> keys_; // by day
    counts counts_;
};

// The ids of the messages that fit, newest first.
std::vector<message_id> ids_of(connection& db, const message_filter& filter) {
    // States that people look for have an index of their own; the others are found on the way back in time.
    std::string wanted;
    bool indexed = !filter.states.empty();
    for (const message_state state : filter.states) {
        wanted += (wanted.empty() ? "'" : ", '") + std::string(name_of(state)) + "'";
        indexed = indexed && (state == message_state::held || state == message_state::quarantined ||
                              state == message_state::refused);
    }
    std::string sql =
        indexed
            ? "SELECT j.id FROM outcome o CROSS JOIN journal j ON j.id = o.message WHERE o.state IN (" +
                  wanted + ")"
            : "SELECT j.id FROM journal j LEFT JOIN outcome o ON o.message = j.id WHERE " +
                  (wanted.empty() ? std::string("1") : "coalesce(o.state, 'waiting') IN (" + wanted + ")");
    sql += " AND (?1 IS NULL OR j.source = ?1) AND j.received_at >= ?2 AND j.received_at < ?3 "
           "AND (?4 IS NULL OR coalesce(o.reason, '') = ?4) AND j.id < ?5 ORDER BY j.id DESC LIMIT ?6";
    const auto from =
        filter.received_from ? to_number(*filter.received_from) : std::numeric_limits<std::int64_t>::min();
    const auto before = filter.received_before ? to_number(*filter.received_before)
                                               : std::numeric_limits<std::int64_t>::max();
    std::vector<message_id> ids;
    auto rows = db.prepare(sql);
    rows.bind(filter.source, from, before, filter.reason,
              filter.id_below.value_or(std::numeric_limits<message_id>::max()), filter.limit);
    while (rows.step())
        ids.push_back(rows.number(0));
    return ids;
}

} // namespace

void prepare(const engine& engine, incoming_message& message) {
    if (message.prepared.empty() && takes_part_in_duplicate_detection(message))
        message.prepared = blind_names(engine.ring, message);
}

std::vector<append_outcome> append(engine& engine, std::span<const incoming_message> batch) {
    if (batch.empty())
        return {};
    return appending(engine, batch).run(batch);
}

void probe(engine& engine) {
    write_scope scope(engine, urgency::journal);
    (void)scope.take_ids(1); // a change that SQLite cannot leave out
    scope.commit();
}

std::optional<stored_message> load_message(engine& engine, connection& db, message_id id) {
    auto row =
        db.use("SELECT j.source, j.transport, j.peer, j.format, j.message_type, j.received_at, j.key_id, "
               "j.content, coalesce(o.state, 'waiting'), coalesce(o.reason, '') "
               "FROM journal j LEFT JOIN outcome o ON o.message = j.id WHERE j.id = ?");
    if (!row.bind(id).step())
        return std::nullopt;
    stored_message found{.id = id,
                         .source = row.text(0),
                         .transport = row.text(1),
                         .peer = row.text(2),
                         .format = row.text(3),
                         .message_type = row.text(4),
                         .received_at = to_time(row.number(5)),
                         .state = state_named(row.bytes(8)),
                         .reason = row.text(9),
                         .bytes = {},
                         .control_id = {}};
    if (const auto content = open_content(engine, id, row.number(6), row.bytes(7))) {
        const auto texts = unpack(*content, 3);
        found.control_id = texts[0];
        found.bytes = texts[2];
    } else {
        found.damaged = true;
    }
    return found;
}

std::vector<stored_message> messages(engine& engine, const message_filter& filter) {
    read_scope scope(engine);
    std::vector<stored_message> found;
    for (const message_id id : ids_of(scope.db(), filter)) {
        if (auto one = load_message(engine, scope.db(), id))
            found.push_back(std::move(*one));
    }
    return found;
}

std::optional<stored_message> message(engine& engine, message_id id) {
    read_scope scope(engine);
    return load_message(engine, scope.db(), id);
}

std::vector<message_count> message_counts(engine& engine) {
    read_scope scope(engine);
    std::map<std::pair<std::string, std::int64_t>, message_count> found;
    const auto of = [&](std::string source, std::int64_t day) -> message_count& {
        message_count& count = found[{source, day}];
        count.source = std::move(source);
        count.day = to_day(day);
        return count;
    };
    auto received = scope.db().use("SELECT source, day, count FROM received_count WHERE count <> 0");
    while (received.step())
        of(received.text(0), received.number(1)).received = received.number(2);
    auto states = scope.db().use("SELECT source, day, state, count FROM message_count WHERE count <> 0");
    while (states.step())
        of(states.text(0), states.number(1)).states[state_named(states.bytes(2))] = states.number(3);
    std::vector<message_count> all;
    for (auto& [key, count] : found)
        all.push_back(std::move(count));
    return all;
}

message_state state_named(std::string_view name) {
    const auto state = message_state_of(name);
    if (!state)
        throw failure({errc::store_corrupt, "the store holds a message in a state that does not exist"});
    return *state;
}

void settle(connection& db, const message_outcome& outcome) {
    std::string source;
    std::int64_t day = 0;
    message_state before{};
    {
        auto row = db.use("SELECT j.source, j.received_at, coalesce(o.state, 'waiting') "
                          "FROM journal j LEFT JOIN outcome o ON o.message = j.id WHERE j.id = ?");
        if (!row.bind(outcome.id).step())
            return;
        source = row.text(0);
        day = day_of(to_time(row.number(1)));
        before = state_named(row.bytes(2));
    }
    if (outcome.state == message_state::waiting)
        db.use("DELETE FROM outcome WHERE message = ?").bind(outcome.id).run();
    else
        db.use("INSERT INTO outcome VALUES (?, ?, ?) "
               "ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason")
            .bind(outcome.id, name_of(outcome.state), outcome.reason)
            .run();
    if (before == outcome.state)
        return;
    change_count(db, source, day, before, -1);
    change_count(db, source, day, outcome.state, 1);
}

void replay(engine& engine, message_id id, std::string_view source) {
    write_scope scope(engine, urgency::other);
    auto& db = scope.db();
    std::string old_source;
    std::int64_t day = 0;
    {
        auto row = db.use("SELECT j.source, j.received_at, coalesce(o.state, 'waiting') "
                          "FROM journal j LEFT JOIN outcome o ON o.message = j.id WHERE j.id = ?");
        if (!row.bind(id).step())
            throw failure({errc::not_found, "there is no message " + std::to_string(id)});
        const message_state state = state_named(row.bytes(2));
        if (state == message_state::refused)
            throw failure({errc::refused,
                           "message " + std::to_string(id) + " was refused: its sender must send it again"});
        if (state == message_state::waiting)
            return;
        old_source = row.text(0);
        day = day_of(to_time(row.number(1)));
    }
    settle(db, {id, message_state::waiting, ""});
    if (!source.empty() && source != old_source) {
        db.use("UPDATE journal SET source = ? WHERE id = ?").bind(source, id).run();
        change_count(db, old_source, day, message_state::waiting, -1);
        change_count(db, source, day, message_state::waiting, 1);
        change_received(db, old_source, day, -1);
        change_received(db, source, day, 1);
    }
    db.use("INSERT INTO work VALUES (?, ?)").bind(scope.take_ids(1), id).run();
    scope.commit();
}

} // namespace auditgate::gateway::store::sqlite
