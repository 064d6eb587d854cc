// Keyed and plain digests as lower-case hexadecimal text.
#pragma once

#include <string>
#include <string_view>

namespace auditgate::mapping {

// HMAC-SHA256 (RFC 2104, FIPS 198-1), 64 digits. Throws when OpenSSL cannot compute it: nothing may leave
// then.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view text);

// SHA-256 (FIPS 180-4), 64 digits. Throws like the above.
[[nodiscard]] std::string sha256_hex(std::string_view text);

} // namespace auditgate::mapping
