// Duplicate detection of the embedded engine: which messages were received lately, under which control id.
//
// The table `seen` holds them in the order in which they came, and an index in memory finds them. An index on
// the disk would be by keys without any order: every message would change a page of its own, which costs more
// than journaling the message itself.
//
// Used inside write transactions only, which take turns; nothing here is synchronised.
#pragma once

#include "gateway/store/sqlite.hpp"
#include "gateway/store/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::store::sqlite {

// What is remembered of a message: HMACs by the index key, at least 16 bytes each.
struct blind_message {
    std::string name;   // of source and control id
    std::string digest; // of the bytes
};

class seen_messages {
public:
    // The oldest beyond `messages_max` are forgotten even within their horizon.
    explicit seen_messages(std::size_t messages_max) : messages_max_(messages_max) {}

    // Begins a batch: takes in what other processes have written, and what an unfinished batch has not.
    // The first call reads the whole table.
    void begin(connection& db);

    struct match {
        std::optional<message_id> duplicate_of; // same name, same bytes
        bool name_reused = false;               // same name, only other bytes
    };
    // Looks among the messages received since then.
    [[nodiscard]] match find(connection& db, const blind_message& message, utc_time since) const;

    // Remembers a message until `horizon` after it was received.
    void add(connection& db, const blind_message& message, message_id id, utc_time received_at,
             std::chrono::seconds horizon);

    // Forgets messages whose time has passed, at most `rows_max`, so that a batch stays short; how many.
    std::size_t forget_old(connection& db, utc_time now, std::size_t rows_max);

    // The batch's transaction was committed: what it added counts from now on.
    void committed();

private:
    using key = std::uint64_t; // the beginning of an HMAC: as good as any hash, and nobody can choose it

    struct addition {
        message_id id;
        key name;
        key exact;
    };

    [[nodiscard]] std::optional<message_id> latest(key of) const;
    void index(const addition& row);

    const std::size_t messages_max_;
    // The latest message of a name, and the latest of a name and bytes, in one table.
    boost::unordered_flat_map<key, message_id> latest_;
    std::size_t rows_ = 0;         // of the table, as far as indexed
    message_id indexed_up_to_ = 0; // ids grow in the order of commits
    std::vector<addition> batch_;
    boost::unordered_flat_map<key, message_id> latest_of_batch_;
    std::vector<addition> forgotten_;
};

} // namespace auditgate::gateway::store::sqlite
