// What the calls for the outbox share: its sealed columns, its lists of slots, the states of its versions.
#pragma once

#include "gateway/store/names.hpp"
#include "gateway/store/sqlite_engine.hpp"

namespace auditgate::gateway::store::sqlite {

// The sealed columns of one outbox row.
class outbox_key {
public:
    outbox_key(engine& engine, std::int64_t row, security::key_id id)
        : key_(engine.key(id)), row_(std::to_string(row)) {}

    [[nodiscard]] std::string seal(std::string_view column, std::string_view clear) const {
        return key_.seal(clear, "outbox", column, row_);
    }
    [[nodiscard]] std::string open(std::string_view column, std::string_view sealed) const {
        return sealed.empty() ? std::string() : key_.open(sealed, "outbox", column, row_);
    }

private:
    named_key key_;
    std::string row_;
};

[[nodiscard]] std::string join_slots(const std::vector<std::string>& slots);
[[nodiscard]] std::vector<std::string> split_slots(std::string_view text);

void set_version_state(connection& db, const outbox_row& row, int version, seal_state state,
                       std::optional<std::int64_t> ended_at);
// What a held version is when somebody has acted: to be sent again.
void reopen_version(connection& db, std::string_view destination, std::string_view record_id);

} // namespace auditgate::gateway::store::sqlite
