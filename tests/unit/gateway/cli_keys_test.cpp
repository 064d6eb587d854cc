// auditgate keys: what it tells, and when it refuses to rotate.
#include "gateway/cli/cli.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/registry/registry_store.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "gateway/store/worker_lock.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace auditgate::gateway::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class KeysCommand : public testing::Test {
protected:
    KeysCommand() {
        fs::create_directories(data());
        fs::permissions(data(), fs::perms::owner_all);
    }

    [[nodiscard]] fs::path data() const { return folder_.path() / "data"; }
    [[nodiscard]] fs::path keys() const { return store::keys_folder(data()); }
    [[nodiscard]] std::string roots() const { return test::read_file(keys() / "roots"); }
    [[nodiscard]] std::unique_ptr<security::key_ring> open() const {
        return security::key_ring::open(keys()).value();
    }

    // A gateway's database with one message in it.
    void make_database() {
        const auto ring = open();
        const auto made = store::create_sqlite_store(store::database_path(data()), *ring).value();
        store::incoming_message one;
        one.source = "pas";
        one.bytes = "message";
        ASSERT_TRUE(made->append({&one, 1}));
    }

    int run(std::vector<std::string> words) {
        std::vector<const char*> arguments{"auditgate", "keys"};
        for (const std::string& word : words)
            arguments.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int exit = run_cli(static_cast<int>(arguments.size()), arguments.data());
        out_ = testing::internal::GetCapturedStdout();
        errors_ = testing::internal::GetCapturedStderr();
        return exit;
    }

    test::temporary_folder folder_;
    std::string out_, errors_;
};

TEST_F(KeysCommand, RotateReplacesTheMasterKeyAndSaysToBackUp) {
    ASSERT_EQ(run({"init", "--data", data()}), exit_done) << errors_;
    make_database();
    const std::string before = roots();
    EXPECT_EQ(run({"rotate", "--data", data()}), exit_done) << errors_;
    EXPECT_THAT(out_, HasSubstr("Master key 2 wraps all 64 keys"));
    EXPECT_THAT(out_, HasSubstr("back that folder up"));
    EXPECT_NE(roots(), before);
    const auto ring = open();
    const auto opened = store::create_sqlite_store(store::database_path(data()), *ring).value();
    EXPECT_EQ(opened->messages({}).value().at(0).bytes, "message");
    EXPECT_EQ(run({"rotate", "--data", data(), "--json"}), exit_store) << "the store is open";
}

TEST_F(KeysCommand, RotateTellsJson) {
    ASSERT_EQ(run({"init", "--data", data()}), exit_done);
    EXPECT_EQ(run({"rotate", "--data", data(), "--json"}), exit_done) << errors_;
    EXPECT_THAT(out_, HasSubstr(R"("master_key": 2)"));
}

TEST_F(KeysCommand, RotateIsRefusedBesideARunningGatewayOrRegistry) {
    ASSERT_EQ(run({"init", "--data", data()}), exit_done);
    make_database();
    {
        const auto ring = open();
        ASSERT_TRUE(registry::registry_store::open(registry::registry_database(data()), *ring));
    }
    const std::string before = roots();
    for (const fs::path& database : {store::database_path(data()), registry::registry_database(data())}) {
        const auto running = store::take_worker_lock(database);
        ASSERT_TRUE(running);
        EXPECT_EQ(run({"rotate", "--data", data()}), exit_store);
        EXPECT_THAT(errors_, HasSubstr("Stop it, rotate, and start it again"));
        EXPECT_EQ(roots(), before);
    }
    EXPECT_EQ(run({"rotate", "--data", data()}), exit_done) << errors_;
}

TEST_F(KeysCommand, RotateIsRefusedWithKeysThatDoNotOpenTheDatabase) {
    ASSERT_EQ(run({"init", "--data", data()}), exit_done);
    make_database();
    fs::rename(keys(), folder_.path() / "right");
    ASSERT_TRUE(security::key_ring::create(keys(), {}));
    const std::string before = roots();
    EXPECT_EQ(run({"rotate", "--data", data()}), exit_store);
    EXPECT_THAT(errors_, HasSubstr("put its own folder of keys back"));
    EXPECT_EQ(roots(), before);
}

TEST_F(KeysCommand, ShowTellsWhatEachKeyIsForAndNoSecret) {
    ASSERT_EQ(run({"init", "--data", data()}), exit_done);
    ASSERT_TRUE(open()->make_key());
    ASSERT_TRUE(open()->rotate_master(std::chrono::sys_days{std::chrono::year{2026} / 12 / 1}));
    EXPECT_EQ(run({"show", "--data", data()}), exit_done) << errors_;
    EXPECT_THAT(out_, HasSubstr("master key        2, made 2026-12-01T00:00:00Z"));
    EXPECT_THAT(out_, HasSubstr("wrapped keys      64"));
    EXPECT_THAT(out_, HasSubstr("key_id"));
    const std::string all = roots();
    for (const char* name : {"master ", "index ", "destinations "})
        EXPECT_THAT(out_, Not(HasSubstr(all.substr(all.find(name) + std::string_view(name).size(), 64))));
    EXPECT_EQ(run({"show", "--data", data(), "--json"}), exit_done);
    EXPECT_THAT(out_, HasSubstr(R"("master_key_made": "2026-12-01T00:00:00Z")"));
}

TEST_F(KeysCommand, RotateOfADestinationChangesNothingAndTellsWhatFollows) {
    ASSERT_EQ(run({"init", "--data", data()}), exit_done);
    fs::copy(test::source_folder() / "config", folder_.path() / "config", fs::copy_options::recursive);
    const std::string config = folder_.path() / "config" / "gateway.yaml";
    const std::string configured = test::read_file(config) +
                                   "destinations:\n"
                                   "  - {name: registry, key_id: national-1, url: "
                                   "\"https://registry.example/fhir\", legal_basis: consent}\n";
    test::write_file(config, configured);
    make_database();
    const std::string before = roots();
    EXPECT_EQ(run({"rotate", "--destination", "registry", "--config", config}), exit_findings) << errors_;
    EXPECT_THAT(out_, HasSubstr("Nothing was changed"));
    EXPECT_THAT(out_, HasSubstr("instead of `national-1`"));
    EXPECT_THAT(out_, HasSubstr("retracted, and sent again"));
    EXPECT_EQ(roots(), before);
    EXPECT_EQ(test::read_file(config), configured);
    EXPECT_EQ(run({"rotate", "--destination", "registrie", "--config", config}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("did you mean `registry`?"));
    EXPECT_EQ(run({"rotate", "--destination", "registry", "--data", data()}), exit_usage);
}

} // namespace
} // namespace auditgate::gateway::cli
