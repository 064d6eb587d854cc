#include "gateway/store/sqlite_seen.hpp"

#include "gateway/store/sqlite_engine.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace auditgate::gateway::store::sqlite {

namespace {

std::uint64_t beginning_of(std::string_view hmac) {
    std::uint64_t value = 0;
    std::memcpy(&value, hmac.data(), std::min(hmac.size(), sizeof value));
    return value;
}

std::uint64_t exact_key(std::string_view name, std::string_view digest) {
    return beginning_of(name) ^ std::rotl(beginning_of(digest), 1);
}

} // namespace

void seen_messages::begin(connection& db) {
    batch_.clear();
    latest_of_batch_.clear();
    forgotten_.clear();
    auto rows = db.use("SELECT message, name, digest FROM seen WHERE message > ? ORDER BY message");
    rows.bind(indexed_up_to_);
    while (rows.step())
        index({rows.number(0), beginning_of(rows.bytes(1)), exact_key(rows.bytes(1), rows.bytes(2))});
}

void seen_messages::index(const addition& row) {
    latest_[row.name] = row.id;
    latest_[row.exact] = row.id;
    indexed_up_to_ = row.id;
    ++rows_;
}

std::optional<message_id> seen_messages::latest(key of) const {
    for (const auto* among : {&latest_of_batch_, &latest_}) {
        if (const auto found = among->find(of); found != among->end())
            return found->second;
    }
    return std::nullopt;
}

seen_messages::match seen_messages::find(connection& db, const blind_message& message, utc_time since) const {
    match found;
    for (const key of : {exact_key(message.name, message.digest), beginning_of(message.name)}) {
        const auto candidate = latest(of);
        if (!candidate || found.duplicate_of)
            continue;
        // The row decides: keys in memory are short, and another process may have forgotten the message.
        auto row = db.use("SELECT digest FROM seen WHERE message = ? AND name = ? AND received_at >= ?");
        if (!row.bind(*candidate, blob{message.name}, to_number(since)).step())
            continue;
        if (row.bytes(0) == message.digest)
            found.duplicate_of = *candidate;
        else
            found.name_reused = true;
    }
    return found;
}

void seen_messages::add(connection& db, const blind_message& message, message_id id, utc_time received_at,
                        std::chrono::seconds horizon) {
    db.use("INSERT INTO seen VALUES (?, ?, ?, ?, ?)")
        .bind(id, blob{message.name}, blob{message.digest}, to_number(received_at),
              to_number(received_at + horizon))
        .run();
    const addition row{id, beginning_of(message.name), exact_key(message.name, message.digest)};
    batch_.push_back(row);
    latest_of_batch_[row.name] = id;
    latest_of_batch_[row.exact] = id;
}

std::size_t seen_messages::forget_old(connection& db, utc_time now, std::size_t rows_max) {
    std::size_t too_many = rows_ + batch_.size() > messages_max_ ? rows_ + batch_.size() - messages_max_ : 0;
    {
        auto oldest =
            db.use("SELECT message, name, digest, keep_until FROM seen WHERE message <= ? ORDER BY message");
        oldest.bind(indexed_up_to_);
        while (forgotten_.size() < rows_max && oldest.step()) {
            if (too_many == 0 && oldest.number(3) >= to_number(now))
                break;
            too_many -= too_many > 0 ? 1 : 0;
            forgotten_.push_back({oldest.number(0), beginning_of(oldest.bytes(1)),
                                  exact_key(oldest.bytes(1), oldest.bytes(2))});
        }
    }
    if (!forgotten_.empty())
        db.use("DELETE FROM seen WHERE message <= ?").bind(forgotten_.back().id).run();
    return forgotten_.size();
}

void seen_messages::committed() {
    for (const addition& row : forgotten_) {
        for (const key of : {row.name, row.exact}) {
            const auto found = latest_.find(of);
            if (found != latest_.end() && found->second == row.id)
                latest_.erase(found);
        }
        --rows_;
    }
    for (const addition& row : batch_)
        index(row);
    batch_.clear();
    latest_of_batch_.clear();
    forgotten_.clear();
}

} // namespace auditgate::gateway::store::sqlite
