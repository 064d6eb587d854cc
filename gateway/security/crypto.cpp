#include "gateway/security/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

namespace auditgate::gateway::security {

namespace {

constexpr int nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t hash_size = 32;

struct deleter {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, deleter>;

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL counts in int. Nothing we seal comes near: messages are limited far below.
int length(std::string_view text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw std::length_error("too much data for one sealed value");
    return static_cast<int>(text.size());
}

void require(bool success, const char* what) {
    if (!success)
        throw std::runtime_error(std::string("OpenSSL failed: ") + what);
}

// Fetched once: an implicit fetch costs more than sealing a short value.
const EVP_CIPHER* aes_256_gcm() {
    static const std::unique_ptr<EVP_CIPHER, deleter> cipher(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    require(cipher != nullptr, "AES-256-GCM");
    return cipher.get();
}

// A nonce that was never used: random ones, fetched many at a time, because the generator costs as much for one as for
// many.
class nonce_source {
public:
    void take(unsigned char* into) {
        if (left_ == 0) {
            require(RAND_bytes(nonces_.data(), nonces_size) == 1, "random bytes");
            left_ = nonces_size;
        }
        left_ -= nonce_size;
        std::copy_n(nonces_.begin() + static_cast<std::ptrdiff_t>(left_), nonce_size, into);
    }

private:
    static constexpr int nonces_size = 64 * nonce_size;
    std::array<unsigned char, nonces_size> nonces_{};
    std::size_t left_ = 0;
};

// Parts are told apart by their lengths, so that no two places give the same text.
std::string associated_data(const sealed_place& place) {
    std::string text;
    text.reserve(place.table.size() + place.column.size() + place.row.size() + 48);
    for (const std::string_view part : {place.table, place.column, place.row}) {
        text += std::to_string(part.size());
        text += ':';
        text += part;
        text += '|';
    }
    text += std::to_string(place.key_id);
    return text;
}

} // namespace

secret_key secret_key::random() {
    secret_key key;
    require(RAND_priv_bytes(reinterpret_cast<unsigned char*>(key.bytes_.data()), size) == 1, "random bytes");
    return key;
}

secret_key secret_key::from_bytes(std::string_view bytes) {
    if (bytes.size() != size)
        throw std::length_error("a key is 32 bytes long");
    secret_key key;
    std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
    return key;
}

secret_key::secret_key(secret_key&& other) noexcept : bytes_(other.bytes_) {
    OPENSSL_cleanse(other.bytes_.data(), size);
}

secret_key& secret_key::operator=(secret_key&& other) noexcept {
    if (this != &other) {
        bytes_ = other.bytes_;
        OPENSSL_cleanse(other.bytes_.data(), size);
    }
    return *this;
}

secret_key::~secret_key() {
    OPENSSL_cleanse(bytes_.data(), size);
}

secret_key secret_key::duplicate() const {
    return from_bytes(expose());
}

std::string_view secret_key::expose() const {
    return {bytes_.data(), size};
}

void wipe(std::string& text) {
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    require(RAND_bytes(bytes(out), length(out)) == 1, "random bytes");
    return out;
}

std::int64_t random_id() {
    std::int64_t id = 0;
    while (id == 0) {
        require(RAND_bytes(reinterpret_cast<unsigned char*>(&id), sizeof id) == 1, "random bytes");
        id &= std::numeric_limits<std::int64_t>::max();
    }
    return id;
}

std::string sha256(std::string_view data) {
    std::string out(hash_size, '\0');
    require(EVP_Digest(data.data(), data.size(), bytes(out), nullptr, EVP_sha256(), nullptr) == 1, "SHA-256");
    return out;
}

std::string hmac_sha256(const secret_key& key, std::string_view data) {
    std::string out(hash_size, '\0');
    unsigned int written = 0;
    require(HMAC(EVP_sha256(), key.expose().data(), secret_key::size, bytes(data), data.size(), bytes(out),
                 &written) != nullptr,
            "HMAC-SHA-256");
    return out;
}

hmac_key::hmac_key(const secret_key& key) {
    const std::unique_ptr<EVP_MAC, security::deleter> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    require(mac != nullptr, "HMAC");
    prepared_.reset(EVP_MAC_CTX_new(mac.get()));
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    require(prepared_ != nullptr &&
                EVP_MAC_init(prepared_.get(), bytes(key.expose()), secret_key::size, parameters) == 1,
            "HMAC-SHA-256");
}

// A context that is used again begins anew with its key, which costs less than a copy of the prepared one.
hmac_key::context hmac_key::take_context() const {
    context own;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            own = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (own != nullptr) {
        require(EVP_MAC_init(own.get(), nullptr, 0, nullptr) == 1, "HMAC-SHA-256");
        return own;
    }
    own.reset(EVP_MAC_CTX_dup(prepared_.get()));
    require(own != nullptr, "HMAC-SHA-256");
    return own;
}

std::string hmac_key::digest(std::initializer_list<std::string_view> parts) const {
    context own = take_context();
    for (const std::string_view part : parts)
        require(EVP_MAC_update(own.get(), bytes(part), part.size()) == 1, "HMAC-SHA-256");
    std::string out(hash_size, '\0');
    std::size_t written = 0;
    require(EVP_MAC_final(own.get(), bytes(out), &written, out.size()) == 1, "HMAC-SHA-256");
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(own)); // never more than threads have asked at once
    return out;
}

void hmac_key::deleter::operator()(evp_mac_ctx_st* context) const {
    EVP_MAC_CTX_free(context);
}

secret_key derive_key(const secret_key& root, std::string_view purpose) {
    const std::unique_ptr<EVP_KDF, deleter> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    require(kdf != nullptr, "HKDF");
    const std::unique_ptr<EVP_KDF_CTX, deleter> context(EVP_KDF_CTX_new(kdf.get()));
    require(context != nullptr, "HKDF");

    char digest[] = "SHA256";
    std::string root_bytes(root.expose());
    std::string info(purpose);
    std::string out(secret_key::size, '\0');
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, root_bytes.data(), root_bytes.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end(),
    };
    const bool success = EVP_KDF_derive(context.get(), bytes(out), out.size(), parameters) == 1;
    wipe(root_bytes);
    require(success, "HKDF");
    secret_key key = secret_key::from_bytes(out);
    wipe(out);
    return key;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string to_hex(std::string_view data) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(data.size() * 2);
    for (const char byte : data) {
        const auto value = static_cast<unsigned char>(byte);
        out += digits[value >> 4];
        out += digits[value & 0x0f];
    }
    return out;
}

std::string from_hex(std::string_view text) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9')
            return c - '0';
        if (c >= 'a' && c <= 'f')
            return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
            return c - 'A' + 10;
        return -1;
    };
    if (text.size() % 2 != 0)
        return {};
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return {};
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

sealer::sealer(const secret_key& key) : context_(EVP_CIPHER_CTX_new()) {
    require(context_ != nullptr && EVP_EncryptInit_ex2(context_.get(), aes_256_gcm(), bytes(key.expose()),
                                                       nullptr, nullptr) == 1,
            "AES-256-GCM");
}

void sealer::deleter::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context); // wipes what it holds of the key
}

std::string sealer::seal(std::string_view clear, const sealed_place& place) {
    const std::string aad = associated_data(place);
    std::string out(nonce_size + clear.size() + tag_size, '\0');
    unsigned char* nonce = bytes(out);
    unsigned char* body = nonce + nonce_size;
    int written = 0;
    thread_local nonce_source nonces;
    nonces.take(nonce);
    require(EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, nonce, nullptr) == 1 &&
                EVP_EncryptUpdate(context_.get(), nullptr, &written, bytes(aad), length(aad)) == 1 &&
                EVP_EncryptUpdate(context_.get(), body, &written, bytes(clear), length(clear)) == 1 &&
                EVP_EncryptFinal_ex(context_.get(), body + clear.size(), &written) == 1 &&
                EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_GET_TAG, tag_size, body + clear.size()) == 1,
            "AES-256-GCM");
    return out;
}

std::string seal(const secret_key& key, std::string_view clear, const sealed_place& place) {
    return sealer(key).seal(clear, place);
}

result<std::string> open(const secret_key& key, std::string_view sealed, const sealed_place& place) {
    const auto refused = [&] {
        return error{errc::store_corrupt, "a sealed value of table " + std::string(place.table) +
                                              " does not authenticate: restore the database from a backup"};
    };
    if (sealed.size() < nonce_size + tag_size)
        return refused();
    const cipher_context context(EVP_CIPHER_CTX_new());
    require(context != nullptr, "AES-256-GCM");
    const std::string aad = associated_data(place);
    const std::string_view cipher_text = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    std::string tag(sealed.substr(sealed.size() - tag_size));
    std::string clear(cipher_text.size(), '\0');
    int written = 0;
    require(EVP_DecryptInit_ex2(context.get(), aes_256_gcm(), bytes(key.expose()), bytes(sealed), nullptr) ==
                    1 &&
                EVP_DecryptUpdate(context.get(), nullptr, &written, bytes(aad), length(aad)) == 1 &&
                EVP_DecryptUpdate(context.get(), bytes(clear), &written, bytes(cipher_text),
                                  length(cipher_text)) == 1 &&
                EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1,
            "AES-256-GCM");
    if (EVP_DecryptFinal_ex(context.get(), bytes(clear) + clear.size(), &written) != 1) {
        wipe(clear);
        return refused();
    }
    return clear;
}

} // namespace auditgate::gateway::security
