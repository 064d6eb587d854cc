#include "gateway/security/wrapped_keys.hpp"

namespace auditgate::gateway::security {

namespace {

void put_number(std::string& out, std::int64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
}

std::int64_t get_number(std::string_view in) {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(in[i]);
    return static_cast<std::int64_t>(value);
}

sealed_place place_of(key_id id, const std::string& created_at) {
    return {"wrapped", "key", created_at, id};
}

} // namespace

std::string to_record(key_id id, const wrapped_key& key) {
    std::string record;
    record.reserve(wrapped_record_size);
    put_number(record, id);
    put_number(record, key.created_at);
    return record + key.sealed;
}

std::string to_records(const wrapped_keys& keys) {
    std::string records;
    records.reserve(keys.size() * wrapped_record_size);
    for (const auto& [id, key] : keys)
        records += to_record(id, key);
    return records;
}

wrapped_key wrap(const secret_key& master, key_id id, const secret_key& key, std::int64_t created_at) {
    const std::string row = std::to_string(created_at);
    return {created_at, seal(master, key.expose(), place_of(id, row))};
}

std::optional<secret_key> unwrap(const secret_key& master, key_id id, const wrapped_key& key) {
    auto raw = security::open(master, key.sealed, place_of(id, std::to_string(key.created_at)));
    if (!raw)
        return std::nullopt;
    secret_key made = secret_key::from_bytes(*raw);
    wipe(*raw);
    return made;
}

std::optional<std::size_t> read_records(const secret_key& master, std::string_view log, std::size_t begin,
                                        wrapped_keys& keys) {
    bool is_broken = false;
    std::size_t end = begin;
    for (std::size_t at = begin; at + wrapped_record_size <= log.size(); at += wrapped_record_size) {
        const std::string_view record = log.substr(at, wrapped_record_size);
        const key_id id = get_number(record);
        wrapped_key key{get_number(record.substr(8)), std::string(record.substr(16))};
        if (!unwrap(master, id, key)) {
            is_broken = true;
            continue;
        }
        if (is_broken)
            return std::nullopt;
        keys[id] = std::move(key);
        end = at + wrapped_record_size;
    }
    if (is_broken && keys.empty())
        return std::nullopt;
    return end;
}

} // namespace auditgate::gateway::security
