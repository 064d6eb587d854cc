// The root keys of an installation as they lie in <data>/keys/roots. Private to key_file.cpp and key_rotation.cpp.
#pragma once

#include "gateway/result.hpp"
#include "gateway/security/crypto.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace auditgate::gateway::security {

struct key_roots {
    std::string installation; // 32 hexadecimal digits
    std::int64_t created_at = 0;
    secret_key master, index, destinations;
    std::int64_t rotations = 0;  // of the master key
    std::int64_t master_made_at; // seconds

    // The file of the keys that this master wraps. Another rotation has another file, so that the moment in which the file
    // of roots is replaced is the moment in which both are.
    [[nodiscard]] std::string wrapped_name() const;
};

// With the check value by which to_roots() tells a mistyped or mixed-up file.
[[nodiscard]] std::string to_text(const key_roots& all);
// wrong_key when it is damaged.
[[nodiscard]] result<key_roots> to_roots(const std::string& text);

// Reads <folder>/roots. configuration: there are none, or other users may read them; wrong_key: damaged.
[[nodiscard]] result<key_roots> read_roots(const std::filesystem::path& folder);

inline constexpr std::string_view roots_name = "roots";

// The number of rotations for which a file of that name holds the wrapped keys; -1 when it is none.
[[nodiscard]] std::int64_t rotations_of_wrapped_name(std::string_view name);

} // namespace auditgate::gateway::security
