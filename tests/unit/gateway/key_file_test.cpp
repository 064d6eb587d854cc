#include "gateway/security/durable_file.hpp"
#include "gateway/security/key_file.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace auditgate::gateway::security {

namespace {

namespace fs = std::filesystem;

class KeyFile : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(key_ring::create(keys(), std::chrono::sys_seconds(std::chrono::seconds(86400))));
    }

    [[nodiscard]] fs::path keys() const { return folder_.path() / "data" / "keys"; }
    [[nodiscard]] std::unique_ptr<key_ring> open() const { return key_ring::open(keys()).value(); }
    [[nodiscard]] std::string log() const { return test::read_file(keys() / "wrapped.log"); }

    test::temporary_folder folder_;
};

} // namespace

TEST(DurableFile, IsWrittenByItsBareNameIntoTheWorkingFolder) {
    const test::temporary_folder folder;
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    const auto replaced = replace_file("report.html", "content");
    const auto appended = append_at("log", 0, "line");
    fs::current_path(before);
    EXPECT_TRUE(replaced) << replaced.error().message;
    EXPECT_TRUE(appended) << appended.error().message;
    EXPECT_EQ(test::read_file(folder.path() / "report.html"), "content");
    EXPECT_EQ(test::read_file(folder.path() / "log"), "line");
}

TEST_F(KeyFile, IsForItsOwnerOnly) {
    EXPECT_EQ(fs::status(keys()).permissions(), fs::perms::owner_all);
    (void)open()->make_key();
    for (const auto& entry : fs::directory_iterator(keys()))
        EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
            << entry.path();
    fs::permissions(keys() / "roots", fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(key_ring::open(keys()).error().code, errc::configuration);
}

TEST_F(KeyFile, IsNeverOverwritten) {
    const std::string before = test::read_file(keys() / "roots");
    EXPECT_EQ(key_ring::create(keys(), {}).error().code, errc::refused);
    EXPECT_EQ(test::read_file(keys() / "roots"), before);
    EXPECT_EQ(key_ring::open(folder_.path() / "elsewhere").error().code, errc::configuration);
}

TEST_F(KeyFile, RefusesDamagedOrMixedUpRoots) {
    std::string text = test::read_file(keys() / "roots");
    for (const char* name : {"installation ", "created ", "master ", "index ", "destinations ", "check "}) {
        std::string changed = text;
        char& digit = changed[changed.find(name) + std::string_view(name).size()];
        digit = digit == '1' ? '2' : '1';
        test::write_file(keys() / "roots", changed);
        const auto opened = key_ring::open(keys());
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().code, errc::wrong_key);
    }
}

TEST_F(KeyFile, KeepsItsKeysThroughReopening) {
    auto first = open();
    const key_id id = first->make_key().value();
    const std::string sealed = seal(first->key(id).value(), "clear", {"t", "c", "r", id});
    const std::string index = first->blind_index("identity", "nhs|9990000018");
    const auto second = open();
    EXPECT_EQ(security::open(second->key(id).value(), sealed, {"t", "c", "r", id}).value(), "clear");
    EXPECT_EQ(second->blind_index("identity", "nhs|9990000018"), index);
    EXPECT_NE(second->blind_index("control", "nhs|9990000018"), index);
    EXPECT_EQ(second->check_value(), first->check_value());
    EXPECT_EQ(second->destination_key("registry").expose(), first->destination_key("registry").expose());
    EXPECT_NE(second->destination_key("registry").expose(), first->destination_key("other").expose());
    EXPECT_NE(second->make_key().value(), first->make_key().value());
}

TEST_F(KeyFile, SeesKeysThatAnotherProcessMade) {
    const auto gateway = open();
    const auto command_line = open();
    const key_id id = gateway->make_key().value();
    EXPECT_TRUE(command_line->key(id));
    const key_id other = command_line->make_key().value();
    EXPECT_TRUE(gateway->key(other));
    EXPECT_TRUE(open()->key(id));
    EXPECT_TRUE(open()->key(other));
}

TEST_F(KeyFile, ForgetsErasedKeysForGood) {
    const auto ring = open();
    const key_id gone = ring->make_key().value();
    const key_id kept = ring->make_key().value();
    const std::string before = log();
    ASSERT_TRUE(ring->erase(std::array{gone}));
    EXPECT_EQ(ring->key(gone).error().code, errc::wrong_key);
    EXPECT_TRUE(ring->key(kept));
    EXPECT_EQ(open()->key(gone).error().code, errc::wrong_key);
    EXPECT_TRUE(open()->key(kept));
    EXPECT_EQ(log().size(), before.size() - 76);
    EXPECT_TRUE(ring->key(ring->make_key().value())) << "goes on after the rewriting";
    EXPECT_TRUE(ring->erase(std::array{gone}));
}

TEST_F(KeyFile, SurvivesAnAppendCutShortByACrash) {
    const key_id id = open()->make_key().value();
    const std::string whole = log();
    for (const std::string& tail : {std::string(10, 'x'), std::string(76, '\0'), std::string(200, 'y')}) {
        test::write_file(keys() / "wrapped.log", whole + tail);
        const auto ring = open();
        EXPECT_TRUE(ring->key(id));
        for (int i = 0; i < 64; ++i)
            EXPECT_TRUE(open()->key(ring->make_key().value()));
        EXPECT_EQ(log().size(), whole.size() * 2);
    }
}

TEST_F(KeyFile, RefusesKeysOfAnotherMaster) {
    (void)open()->make_key();
    const fs::path other = folder_.path() / "other";
    ASSERT_TRUE(key_ring::create(other, {}));
    fs::copy_file(keys() / "wrapped.log", other / "wrapped.log");
    EXPECT_EQ(key_ring::open(other).error().code, errc::wrong_key);
}

TEST_F(KeyFile, TellsNoSecrets) {
    const auto ring = open();
    (void)ring->make_key();
    const key_ring_summary told = ring->summary();
    EXPECT_EQ(told.installation.size(), 32U);
    EXPECT_EQ(told.created_at, std::chrono::sys_seconds(std::chrono::seconds(86400)));
    EXPECT_EQ(told.wrapped_keys, 64U);
    EXPECT_TRUE(told.oldest_key && told.newest_key);
}

} // namespace auditgate::gateway::security
