// The cryptography of the service, all of it OpenSSL 3: sealing of columns (AES-256-GCM), blind indexes
// (HMAC-SHA-256), key derivation (HKDF), hashes and random bytes. Bytes are std::string and std::string_view.
// Everything here may be called from any thread. A broken OpenSSL (no entropy, no algorithm) throws: the
// process cannot go on.
#pragma once

#include "gateway/result.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct evp_mac_ctx_st;    // OpenSSL's EVP_MAC_CTX
struct evp_cipher_ctx_st; // OpenSSL's EVP_CIPHER_CTX

namespace auditgate::gateway::security {

// 256 bits that must not leak: wiped when they are no longer needed, never copied by accident, and without a
// way to print them.
class secret_key {
public:
    static constexpr std::size_t size = 32;

    [[nodiscard]] static secret_key random();
    // `bytes` must be 32 long; the caller wipes its own copy.
    [[nodiscard]] static secret_key from_bytes(std::string_view bytes);

    secret_key(secret_key&& other) noexcept;
    secret_key& operator=(secret_key&& other) noexcept;
    secret_key(const secret_key&) = delete;
    secret_key& operator=(const secret_key&) = delete;
    ~secret_key();

    [[nodiscard]] secret_key duplicate() const;
    // The bytes themselves, for as long as this key lives.
    [[nodiscard]] std::string_view expose() const;

private:
    secret_key() = default;

    std::array<char, size> bytes_{};
};
std::ostream& operator<<(std::ostream&, const secret_key&) = delete;

// Overwrites the text so that the compiler cannot leave it out, and empties it.
void wipe(std::string& text);

[[nodiscard]] std::string random_bytes(std::size_t count);
// A random number above zero, for ids that must not collide and say nothing.
[[nodiscard]] std::int64_t random_id();

[[nodiscard]] std::string sha256(std::string_view data);                             // 32 bytes
[[nodiscard]] std::string hmac_sha256(const secret_key& key, std::string_view data); // 32 bytes

// HMAC-SHA-256 by one key for values by the thousand: the key is prepared once, which is most of the work for a
// short value. Any number of threads may use one at a time.
class hmac_key {
public:
    explicit hmac_key(const secret_key& key);

    // Of the parts as one value, 32 bytes.
    [[nodiscard]] std::string digest(std::initializer_list<std::string_view> parts) const;

private:
    struct deleter {
        void operator()(evp_mac_ctx_st* context) const;
    };
    using context = std::unique_ptr<evp_mac_ctx_st, deleter>;

    [[nodiscard]] context take_context() const;

    context prepared_;
    mutable std::mutex mutex_;
    mutable std::vector<context> idle_;
};

// HKDF-SHA-256 (RFC 5869) without salt: a key of its own for each purpose.
[[nodiscard]] secret_key derive_key(const secret_key& root, std::string_view purpose);
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

[[nodiscard]] std::string to_hex(std::string_view bytes);
// Empty when the text is not an even number of hexadecimal digits.
[[nodiscard]] std::string from_hex(std::string_view text);

// Where a sealed value stands. It authenticates the value together with its place, so that a value moved to
// another row or column, or sealed by another key, is refused.
struct sealed_place {
    std::string_view table;
    std::string_view column;
    std::string_view row;
    std::int64_t key_id = 0;
};

// AES-256-GCM with a random nonce: nonce (12 bytes), ciphertext, tag (16 bytes). One key may seal 2^32 values
// (NIST SP 800-38D section 8.3); keys per day and per cluster stay far below.
[[nodiscard]] std::string seal(const secret_key& key, std::string_view clear, const sealed_place& place);

// seal() with one key for values by the thousand: the key is prepared once. One thread at a time.
class sealer {
public:
    explicit sealer(const secret_key& key);

    [[nodiscard]] std::string seal(std::string_view clear, const sealed_place& place);

private:
    struct deleter {
        void operator()(evp_cipher_ctx_st* context) const;
    };
    std::unique_ptr<evp_cipher_ctx_st, deleter> context_;
};

// store_corrupt when the value was not sealed by this key at this place, or has been changed.
[[nodiscard]] result<std::string> open(const secret_key& key, std::string_view sealed,
                                       const sealed_place& place);

} // namespace auditgate::gateway::security
