// Known answers of the standards, and what sealing must refuse.
#include "gateway/security/crypto.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <sstream>
#include <type_traits>

namespace auditgate::gateway::security {

namespace {

secret_key key_of(char fill) {
    return secret_key::from_bytes(std::string(secret_key::size, fill));
}

template <class T>
concept printable = requires(std::ostream& out, const T& value) {
    out << value;
};

} // namespace

TEST(Crypto, HashesAsTheStandardsSay) {
    // FIPS 180-4, "abc".
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231 section 4.2: a key of 20 bytes 0x0b; zeros after it do not change an HMAC.
    const secret_key key = secret_key::from_bytes(std::string(20, '\x0b') + std::string(12, '\0'));
    EXPECT_EQ(to_hex(hmac_sha256(key, "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST(Crypto, PreparedKeyGivesTheSameHmacAgainAndAgain) {
    const secret_key key = key_of('k');
    const hmac_key prepared(key);
    for (const std::string& text : {std::string("one"), std::string(), std::string(100000, 'x')}) {
        EXPECT_EQ(prepared.digest({text}), hmac_sha256(key, text));
        EXPECT_EQ(prepared.digest({"a", text, "b"}), hmac_sha256(key, "a" + text + "b"));
    }
}

TEST(Crypto, PreparedKeyServesManyThreadsAtOnce) {
    const secret_key key = key_of('k');
    const hmac_key prepared(key);
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 500; ++i) {
                const std::string text = std::to_string(t) + "-" + std::to_string(i);
                right += prepared.digest({text}) == hmac_sha256(key, text) ? 1 : 0;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(right, 2000);
}

TEST(Crypto, PreparedSealerSealsAsOneValueAtATimeDoes) {
    const secret_key key = key_of('k');
    sealer prepared(key);
    for (const std::string& clear : {std::string(), std::string("x"), std::string(100000, '\0')}) {
        const std::string sealed = prepared.seal(clear, {"journal", "content", "7", 42});
        EXPECT_EQ(open(key, sealed, {"journal", "content", "7", 42}).value(), clear);
        EXPECT_FALSE(open(key, sealed, {"journal", "content", "8", 42}));
    }
}

TEST(Crypto, NeverUsesANonceTwice) {
    const secret_key key = key_of('k');
    std::set<std::string> nonces;
    for (int i = 0; i < 1000; ++i)
        nonces.insert(seal(key, "", {"journal", "content", "7", 42}).substr(0, 12));
    sealer prepared(key);
    for (int i = 0; i < 1000; ++i)
        nonces.insert(prepared.seal("", {"journal", "content", "7", 42}).substr(0, 12));
    EXPECT_EQ(nonces.size(), 2000U);
}

TEST(Crypto, DerivesADifferentKeyForEachPurpose) {
    const secret_key root = key_of('r');
    const secret_key again = derive_key(root, "one");
    EXPECT_EQ(derive_key(root, "one").expose(), again.expose());
    EXPECT_NE(derive_key(root, "two").expose(), again.expose());
    EXPECT_NE(derive_key(key_of('s'), "one").expose(), again.expose());
}

TEST(Crypto, OpensWhatItSealed) {
    const secret_key key = key_of('k');
    for (const std::string& clear : {std::string(), std::string("x"), std::string(100000, '\0')}) {
        const std::string sealed = seal(key, clear, {"journal", "content", "7", 42});
        EXPECT_EQ(sealed.size(), clear.size() + 28);
        EXPECT_EQ(open(key, sealed, {"journal", "content", "7", 42}).value(), clear);
        EXPECT_NE(seal(key, clear, {"journal", "content", "7", 42}), sealed)
            << "a nonce of its own each time";
    }
}

TEST(Crypto, RefusesAValueFromAnotherPlaceOrKeyOrChanged) {
    const secret_key key = key_of('k');
    const std::string sealed = seal(key, "clear", {"journal", "content", "7", 42});
    EXPECT_FALSE(open(key, sealed, {"event", "content", "7", 42}));
    EXPECT_FALSE(open(key, sealed, {"journal", "answer", "7", 42}));
    EXPECT_FALSE(open(key, sealed, {"journal", "content", "8", 42}));
    EXPECT_FALSE(open(key, sealed, {"journal", "content", "7", 43}));
    EXPECT_FALSE(open(key, sealed, {"journal|", "content", "7", 42}));
    EXPECT_FALSE(open(key_of('l'), sealed, {"journal", "content", "7", 42}));
    EXPECT_FALSE(open(key, "", {"journal", "content", "7", 42}));
    EXPECT_FALSE(open(key, sealed.substr(0, 27), {"journal", "content", "7", 42}));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        const auto opened = open(key, changed, {"journal", "content", "7", 42});
        ASSERT_FALSE(opened) << i;
        EXPECT_EQ(opened.error().code, errc::store_corrupt);
    }
}

TEST(Crypto, KeysCannotBeCopiedOrPrintedAndAreWipedWhenMoved) {
    static_assert(!std::is_copy_constructible_v<secret_key> && !std::is_copy_assignable_v<secret_key>);
    static_assert(!printable<secret_key>);
    secret_key first = key_of('k');
    const secret_key second = std::move(first);
    EXPECT_EQ(second.expose(), std::string(secret_key::size, 'k'));
    EXPECT_EQ(first.expose(), std::string(secret_key::size, '\0')) << "what was moved from is empty";
}

TEST(Crypto, ReadsOnlyHexadecimal) {
    EXPECT_EQ(from_hex("00ff7F"), std::string("\0\xff\x7f", 3));
    EXPECT_EQ(from_hex("abc"), "");
    EXPECT_EQ(from_hex("zz"), "");
    EXPECT_EQ(to_hex(std::string("\0\xff\x7f", 3)), "00ff7f");
}

} // namespace auditgate::gateway::security
