// Rotating the master key under SIGKILL: whenever the process ends, the keys open all that they opened before.
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <string>

namespace auditgate::test {
namespace {

namespace fs = std::filesystem;
namespace gs = gateway::store;
namespace security = gateway::security;
using namespace std::chrono_literals;

constexpr gs::utc_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 9h};
constexpr int days_of_messages = 60;
constexpr int kills = 40;

void plant(const fs::path& folder) {
    const auto keys = security::key_ring::open(folder / "keys").value();
    const auto store = gs::create_sqlite_store(gs::database_path(folder), *keys).value();
    for (int day = 0; day < days_of_messages; ++day) {
        gs::incoming_message one;
        one.source = "pas";
        one.format = "hl7v2";
        one.received_at = now - std::chrono::days(day);
        one.bytes = "message of day " + std::to_string(day);
        one.state = gs::message_state::held;
        ASSERT_TRUE(store->append({&one, 1}));
    }
}

[[noreturn]] void rotate_until_killed(const fs::path& folder) {
    for (;;) {
        const auto keys = security::key_ring::open(folder / "keys");
        if (!keys || !(*keys)->rotate_master({}))
            ::_exit(1);
    }
}

void expect_a_working_installation(const fs::path& folder) {
    const auto keys = security::key_ring::open(folder / "keys");
    ASSERT_TRUE(keys) << keys.error().message;
    for (const auto& entry : fs::directory_iterator(folder / "keys")) {
        const std::string name = entry.path().filename();
        EXPECT_FALSE(name == "roots.old" || name.ends_with(".new")) << name << " holds keys that are gone";
    }
    const auto store = gs::create_sqlite_store(gs::database_path(folder), **keys);
    ASSERT_TRUE(store) << store.error().message;
    const auto messages = (*store)->messages({}).value();
    EXPECT_EQ(messages.size(), static_cast<std::size_t>(days_of_messages));
    for (const gs::stored_message& one : messages) {
        EXPECT_FALSE(one.damaged);
        EXPECT_TRUE(one.bytes.starts_with("message of day "));
    }
}

TEST(RotationKilled, LeavesTheOldKeysOrTheNewOnesWhole) {
    const temporary_folder folder;
    ASSERT_TRUE(security::key_ring::create(folder.path() / "keys", {}));
    plant(folder.path());
    std::mt19937 random(20261201);
    for (int i = 0; i < kills; ++i) {
        const pid_t child = ::fork(); // no store is open here, so there is no thread but this one
        ASSERT_GE(child, 0);
        if (child == 0)
            rotate_until_killed(folder.path());
        ::poll(nullptr, 0, std::uniform_int_distribution<int>(1, 40)(random));
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "a rotation failed by itself";
        ASSERT_NO_FATAL_FAILURE(expect_a_working_installation(folder.path()));
    }
    EXPECT_GT(security::key_ring::open(folder.path() / "keys").value()->summary().rotations, kills / 2);
}

} // namespace
} // namespace auditgate::test
