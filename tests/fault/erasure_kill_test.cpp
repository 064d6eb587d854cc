// Erasing under SIGKILL: wherever the process ends, nothing is lost that should live, and the next one finishes.
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

namespace auditgate::test {
namespace {

namespace gs = gateway::store;
namespace security = gateway::security;
using namespace std::chrono_literals;

constexpr gs::utc_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 9h};
constexpr int days_of_messages = 40; // every day one message that goes and one that is held
constexpr int kills = 12;

struct opened_store {
    explicit opened_store(const std::filesystem::path& folder)
        : keys(security::key_ring::open(folder / "keys").value()),
          store(gs::create_sqlite_store(gs::database_path(folder), *keys).value()) {}
    std::unique_ptr<security::key_ring> keys;
    std::unique_ptr<gs::store> store;
};

void plant(gs::store& store) {
    for (int day = 0; day < days_of_messages; ++day)
        for (const auto state : {gs::message_state::refused, gs::message_state::held}) {
            gs::incoming_message one;
            one.source = "pas";
            one.format = "hl7v2";
            one.received_at = now - std::chrono::days(200 - day);
            one.bytes = "message of day " + std::to_string(day);
            one.state = state;
            ASSERT_TRUE(store.append({&one, 1}));
        }
}

// Erases day by day, each with its keys, so that there is much to be interrupted.
[[noreturn]] void erase_until_killed(const std::filesystem::path& folder) {
    const opened_store opened(folder);
    for (int day = 1; day <= days_of_messages; ++day) {
        const gs::message_limits limits{now - std::chrono::days(200 - day), now - std::chrono::days(400)};
        for (gs::message_id from = 0;;) {
            const auto step = opened.store->erase_messages(limits, from, 10, now);
            if (!step)
                ::_exit(1);
            from = step->next;
            if (from == 0)
                break;
        }
        if (!opened.store->erase_keys())
            ::_exit(1);
    }
    ::_exit(0);
}

void expect_the_held_messages(gs::store& store) {
    gs::message_filter held;
    held.states = {gs::message_state::held};
    const auto messages = store.messages(held).value();
    EXPECT_EQ(messages.size(), static_cast<std::size_t>(days_of_messages));
    for (const gs::stored_message& one : messages) {
        EXPECT_FALSE(one.damaged);
        EXPECT_TRUE(one.bytes.starts_with("message of day "));
    }
    for (const gs::message_count& count : store.message_counts().value())
        EXPECT_TRUE(count.adds_up());
}

TEST(ErasureKilled, LosesNothingThatShouldLiveAndIsFinishedByTheNextProcess) {
    const temporary_folder folder;
    ASSERT_TRUE(security::key_ring::create(folder.path() / "keys", {}));
    {
        const opened_store opened(folder.path());
        plant(*opened.store);
    }
    std::mt19937 random(20261130);
    int killed = 0;
    for (int i = 0; i < kills; ++i) {
        const pid_t child = ::fork(); // no store is open here, so there is no thread but this one
        ASSERT_GE(child, 0);
        if (child == 0)
            erase_until_killed(folder.path());
        ::poll(nullptr, 0, std::uniform_int_distribution<int>(5, 60)(random));
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        killed += WIFSIGNALED(status) ? 1 : 0;
        ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        const opened_store opened(folder.path());
        expect_the_held_messages(*opened.store);
    }
    EXPECT_GT(killed, 0);

    const opened_store opened(folder.path());
    for (gs::message_id from = 0;;) {
        const auto step = opened.store->erase_messages(
            {now - std::chrono::days(90), now - std::chrono::days(400)}, from, 100, now);
        from = step.value().next;
        if (from == 0)
            break;
    }
    ASSERT_TRUE(opened.store->erase_keys());
    EXPECT_EQ(opened.store->erasures().value().keys_to_erase, 0);
    EXPECT_EQ(opened.store->erasures().value().erased.at("messages"), days_of_messages);
    expect_the_held_messages(*opened.store);
    // One key a held message; what was made in advance and not used is no key of a message.
    EXPECT_EQ(opened.store->messages({}).value().size(), static_cast<std::size_t>(days_of_messages));
}

} // namespace
} // namespace auditgate::test
