// Stored messages that are read again: which, in what order, and that new ones need not wait behind them.
#include "gateway/cli/replay.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::cli;
using namespace std::chrono_literals;
using store::message_state;
using testing::HasSubstr;

namespace {

const store::utc_time now = std::chrono::sys_days(std::chrono::year(2026) / 5 / 4) + 9h + 30min;

class Replay : public testing::Test {
protected:
    Replay() {
        const auto keys_folder = store::keys_folder(folder_.path());
        EXPECT_TRUE(security::key_ring::create(keys_folder, std::chrono::sys_seconds{}));
        keys_ = *security::key_ring::open(keys_folder);
        store_ = *store::create_sqlite_store(store::database_path(folder_.path()), *keys_);
        config_.sources.resize(2);
        config_.sources[0].name = "pas";
        config_.sources[1].name = "ris";
        pace_.is_running = [] { return false; };
        pace_.wait = [] { ADD_FAILURE() << "nobody works on what waits"; };
    }

    store::message_id append(const std::string& source, const std::string& type,
                             std::chrono::minutes age = 1min, message_state state = message_state::held) {
        store::incoming_message message;
        message.source = source;
        message.format = "hl7v2";
        message.message_type = type;
        message.received_at = now - age;
        message.bytes = "MSH|^~\\&|";
        message.state = state;
        message.reason = "identity-conflict";
        return store_->append({&message, 1}).value().at(0).id;
    }

    exit_code replay(const replay_options& options) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const exit_code exit = replay_messages(*store_, config_, options, now, pace_);
        out_ = testing::internal::GetCapturedStdout();
        errors_ = testing::internal::GetCapturedStderr();
        return exit;
    }

    bool is_waiting(store::message_id id) {
        return store_->message(id).value()->state == message_state::waiting;
    }

    // As the pipeline does: takes up to `max` messages that wait and settles them.
    void map(int max) {
        const auto claimed = store_->claim("mapper", max, now, 1min).value();
        store::write_set changes;
        for (const store::work& one : claimed) {
            changes.done.push_back(one.id);
            changes.messages.push_back({one.message.id, message_state::not_relevant, ""});
        }
        ASSERT_EQ(store_->commit(changes).value(), store::commit_result::committed);
    }

    auditgate::test::temporary_folder folder_;
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_;
    gateway_config config_;
    replay_pace pace_;
    std::string out_, errors_;
};

TEST(Moment, IsAnAgeOrADay) {
    EXPECT_EQ(moment_of("7d", now), now - std::chrono::days(7));
    EXPECT_EQ(moment_of("36h", now), now - 36h);
    EXPECT_EQ(moment_of("90m", now), now - 90min);
    EXPECT_EQ(moment_of("0d", now), now);
    EXPECT_EQ(moment_of("2026-05-03", now), now - 33h - 30min);
    for (const char* wrong :
         {"", "7", "d", "-1d", "7 d", "7dd", "7w", "2026-13-01", "100001d", "99999999999999999999d"})
        EXPECT_FALSE(moment_of(wrong, now)) << wrong;
}

TEST_F(Replay, TellsWhatFitsBeforeAnythingIsChanged) {
    const auto one = append("pas", "ADT^A08");
    append("pas", "ADT^A08");
    append("ris", "ORU^R01");
    append("ris", "ORU^R01", 25h);
    EXPECT_EQ(replay({.since = "1d", .dry_run = true}), exit_done);
    EXPECT_EQ(out_, "pas     ADT^A08              2\n"
                    "ris     ORU^R01              1\n"
                    "3 messages would be given to mapping again; nothing was changed\n");
    EXPECT_FALSE(is_waiting(one));
    EXPECT_EQ(replay({.since = "1d", .dry_run = true, .json = true}), exit_done);
    EXPECT_THAT(out_, testing::AllOf(HasSubstr("\"replayed\": 0"), HasSubstr("\"messages\": 2")));
}

TEST_F(Replay, GivesThoseOfOneSourceTypeAndTime) {
    const auto mine = append("pas", "ADT^A08", 2h);
    const auto later = append("pas", "ADT^A08", 30min);
    const auto other_type = append("pas", "ORU^R01", 2h);
    const auto other_source = append("ris", "ADT^A08", 2h);
    EXPECT_EQ(replay({.since = "1d", .until = "1h", .sources = {"pas"}, .types = {"ADT^A08"}}), exit_done);
    EXPECT_THAT(out_, HasSubstr("\n1 message given to mapping again. How far it is: auditgate status\n"));
    EXPECT_TRUE(is_waiting(mine));
    for (const auto id : {later, other_type, other_source})
        EXPECT_FALSE(is_waiting(id));
}

TEST_F(Replay, LeavesMessagesOfASourceThatIsNoLongerConfigured) {
    const auto gone = append("lab", "ORU^R01");
    EXPECT_EQ(replay({.since = "1d"}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("no stored message fits"));
    EXPECT_FALSE(is_waiting(gone));
}

TEST_F(Replay, SaysWhatIsWrongWithTheQuestion) {
    append("pas", "ADT^A08");
    EXPECT_EQ(replay({.since = "soon"}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("--since must be an age such as 7d"));
    EXPECT_EQ(replay({.since = "1d", .until = "2d"}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("--until must be later than --since"));
    EXPECT_EQ(replay({.since = "1d", .until = "x"}), exit_usage);
    EXPECT_EQ(replay({.since = "1d", .sources = {"psa"}}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("no source `psa`, did you mean `pas`?"));
    EXPECT_EQ(replay({.since = "1d", .states = {"refused"}}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("--state must be applied, not-relevant, held or quarantined"));
}

TEST_F(Replay, WaitsForMappingSoThatNewMessagesNeedNot) {
    constexpr int messages = 1700; // four steps of the store
    for (int i = 0; i < messages; ++i)
        append("pas", "ADT^A08");
    std::int64_t most = 0;
    pace_.backlog_max = 600;
    pace_.is_running = [] { return true; };
    pace_.wait = [&] {
        most = std::max(most, store_->work_backlog().value());
        map(100);
    };
    EXPECT_EQ(replay({.since = "1d"}), exit_done);
    EXPECT_THAT(out_, HasSubstr("1700 messages given to mapping again"));
    EXPECT_GT(most, pace_.backlog_max) << "the test would show nothing";
    EXPECT_LE(most, pace_.backlog_max + 500) << "one step more";
}

TEST_F(Replay, GivesAllAtOnceWhenNobodyWorksOnThem) {
    for (int i = 0; i < 700; ++i)
        append("pas", "ADT^A08");
    pace_.backlog_max = 10;
    EXPECT_EQ(replay({.since = "1d"}), exit_done);
    EXPECT_EQ(store_->work_backlog().value(), 700);
}

} // namespace
