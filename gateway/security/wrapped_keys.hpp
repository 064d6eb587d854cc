// Wrapped keys as they lie in the log of a key ring. Private to key_file.cpp.
#pragma once

#include "gateway/security/key_file.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace auditgate::gateway::security {

// A key that seals rows, sealed by the master key.
struct wrapped_key {
    std::int64_t created_at = 0; // seconds
    std::string sealed;
};

using wrapped_keys = std::unordered_map<key_id, wrapped_key>;

// One record of the log: id and time (little endian, 8 bytes each), then the sealed key.
inline constexpr std::size_t wrapped_record_size = 8 + 8 + 12 + secret_key::size + 16;
static_assert(wrapped_record_size == 76);

[[nodiscard]] std::string to_record(key_id id, const wrapped_key& key);
[[nodiscard]] std::string to_records(const wrapped_keys& keys);

[[nodiscard]] wrapped_key wrap(const secret_key& master, key_id id, const secret_key& key,
                               std::int64_t created_at);
// Empty when another master key has wrapped it.
[[nodiscard]] std::optional<secret_key> unwrap(const secret_key& master, key_id id, const wrapped_key& key);

// The records of `log` from `begin` on that open, into `keys`; where they end. Those at the end that a crash left short,
// torn or filled with zeros were never used: no commit that names them can have happened. Empty: a record does not open
// that others follow, or none opens at all, here or before.
[[nodiscard]] std::optional<std::size_t> read_records(const secret_key& master, std::string_view log,
                                                      std::size_t begin, wrapped_keys& keys);

} // namespace auditgate::gateway::security
