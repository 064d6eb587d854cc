#include "gateway/security/durable_file.hpp"
#include "gateway/security/key_file.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

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

// ---- rotation of the master key

TEST_F(KeyFile, OpensAllThatItOpenedBeforeItsMasterKeyWasRotated) {
    const auto ring = open();
    const key_id id = ring->make_key().value();
    const std::string sealed = seal(ring->key(id).value(), "clear", {"t", "c", "r", id});
    const std::string index = ring->blind_index("identity", "nhs|9990000018");
    const std::string destination(ring->destination_key("registry").expose());
    const std::string check = ring->check_value();
    for (int rotation = 1; rotation <= 3; ++rotation) {
        ASSERT_TRUE(ring->rotate_master(std::chrono::sys_seconds(std::chrono::days(rotation + 1))));
        const auto reopened = open();
        for (key_ring* one : {reopened.get(), ring.get()}) {
            EXPECT_EQ(security::open(one->key(id).value(), sealed, {"t", "c", "r", id}).value(), "clear");
            EXPECT_EQ(one->blind_index("identity", "nhs|9990000018"), index);
            EXPECT_EQ(one->destination_key("registry").expose(), destination);
            EXPECT_EQ(one->check_value(), check);
            EXPECT_EQ(one->summary().rotations, rotation);
            EXPECT_EQ(one->summary().created_at, std::chrono::sys_seconds(std::chrono::days(1)));
            EXPECT_EQ(one->summary().master_made_at,
                      std::chrono::sys_seconds(std::chrono::days(rotation + 1)));
        }
    }
    const key_id later = ring->make_key().value();
    EXPECT_TRUE(open()->key(later));
    ASSERT_TRUE(ring->erase(std::array{id}));
    EXPECT_EQ(open()->key(id).error().code, errc::wrong_key);
    EXPECT_TRUE(open()->key(later));
}

TEST_F(KeyFile, KeepsNothingOfTheMasterKeyBefore) {
    (void)open()->make_key();
    const std::string roots = test::read_file(keys() / "roots");
    const std::string master = roots.substr(roots.find("master "), 7 + 64);
    const std::string wrapped = log().substr(16, 60);
    ASSERT_TRUE(open()->rotate_master({}));
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(keys())) {
        names.insert(entry.path().filename());
        const std::string content = test::read_file(entry.path());
        EXPECT_EQ(content.find(master), std::string::npos) << entry.path();
        EXPECT_EQ(content.find(wrapped), std::string::npos) << entry.path();
        EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
    }
    EXPECT_EQ(names, (std::set<std::string>{"roots", "lock", "wrapped.1.log"}));
    fs::copy_file(keys() / "wrapped.1.log", folder_.path() / "taken");
    test::write_file(keys() / "roots", roots);
    test::write_file(keys() / "wrapped.log", test::read_file(folder_.path() / "taken"));
    EXPECT_EQ(key_ring::open(keys()).error().code, errc::wrong_key) << "opens with the old master key";
}

TEST_F(KeyFile, MakesNoKeysWhereTheRootsOfARotatedLogAreLost) {
    ASSERT_TRUE(open()->rotate_master({}));
    fs::remove(keys() / "roots");
    const auto made = key_ring::create(keys(), {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::refused);
}

TEST_F(KeyFile, FollowsARotationByAnotherProcess) {
    const auto beside = open();
    const key_id before = beside->make_key().value();
    const auto rotating = open();
    ASSERT_TRUE(rotating->rotate_master({}));
    const key_id after = rotating->make_key().value();
    EXPECT_TRUE(beside->key(after));
    EXPECT_TRUE(beside->key(before));
    ASSERT_TRUE(rotating->rotate_master({}));
    const key_id made = beside->make_key().value();
    EXPECT_TRUE(rotating->key(made));
    ASSERT_TRUE(rotating->rotate_master({}));
    ASSERT_TRUE(beside->erase(std::array{before}));
    EXPECT_EQ(open()->key(before).error().code, errc::wrong_key);
    for (const key_id id : {after, made})
        EXPECT_TRUE(open()->key(id));
}

TEST_F(KeyFile, ClearsAwayWhatARotationThatWasKilledLeft) {
    const key_id id = open()->make_key().value();
    const std::string roots = test::read_file(keys() / "roots");
    const std::string wrapped = log();

    // Before the roots were replaced: the new log is there, and another name of the roots.
    test::write_file(keys() / "wrapped.1.log", wrapped);
    test::write_file(keys() / "roots.new", "half of it");
    fs::create_hard_link(keys() / "roots", keys() / "roots.old");
    EXPECT_TRUE(open()->key(id));
    EXPECT_EQ(test::read_file(keys() / "roots"), roots);
    EXPECT_FALSE(fs::exists(keys() / "roots.new"));
    EXPECT_FALSE(fs::exists(keys() / "roots.old"));
    EXPECT_TRUE(fs::exists(keys() / "wrapped.1.log")) << "may belong to roots that are put back";

    // After that: what the old master key has wrapped is still there.
    ASSERT_TRUE(open()->rotate_master({}));
    EXPECT_TRUE(fs::exists(keys() / "wrapped.2.log"));
    test::write_file(keys() / "wrapped.log", wrapped);
    test::write_file(keys() / "roots.old", roots);
    fs::create_hard_link(keys() / "roots.old", folder_.path() / "other-name");
    EXPECT_TRUE(open()->key(id));
    EXPECT_FALSE(fs::exists(keys() / "wrapped.log"));
    EXPECT_FALSE(fs::exists(keys() / "roots.old"));
    EXPECT_EQ(test::read_file(folder_.path() / "other-name"), std::string(roots.size(), '\0'));
}

TEST_F(KeyFile, SaysWhatIsMissingOfAFolderRestoredInPart) {
    ASSERT_TRUE(open()->rotate_master({}));
    fs::remove(keys() / "wrapped.1.log");
    const auto opened = key_ring::open(keys());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::wrong_key);
    EXPECT_NE(opened.error().message.find("wrapped.1.log"), std::string::npos) << opened.error().message;
}

TEST_F(KeyFile, RefusesDamagedRootsAfterARotation) {
    ASSERT_TRUE(open()->rotate_master({}));
    const std::string text = test::read_file(keys() / "roots");
    for (const char* name : {"rotations ", "master_made ", "master ", "auditgate-keys "}) {
        std::string changed = text;
        char& digit = changed[changed.find(name) + std::string_view(name).size()];
        digit = digit == '1' ? '2' : '1';
        test::write_file(keys() / "roots", changed);
        const auto opened = key_ring::open(keys());
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().code, errc::wrong_key);
    }
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
