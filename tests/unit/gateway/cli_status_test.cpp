#include "gateway/cli/message_list.hpp"
#include "gateway/cli/status.hpp"
#include "gateway/observe/store_gauges.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

using namespace auditgate::gateway;
using namespace auditgate::gateway::cli;
using store::message_state;

namespace {

// A store with an installation's keys in a folder of its own.
class StatusCommand : public testing::Test {
protected:
    StatusCommand() {
        const auto keys_folder = store::keys_folder(folder_.path());
        EXPECT_TRUE(security::key_ring::create(keys_folder, std::chrono::sys_seconds{}));
        keys_ = *security::key_ring::open(keys_folder);
        store_ = *store::create_sqlite_store(store::database_path(folder_.path()), *keys_);
    }

    store::message_id append(const std::string& control_id, message_state state,
                             const std::string& reason = "") {
        store::incoming_message message;
        message.source = "pas";
        message.transport = "mllp";
        message.format = "hl7v2";
        message.received_at = std::chrono::sys_days(std::chrono::year(2026) / 5 / 4);
        message.control_id = control_id;
        message.bytes = "MSH|" + control_id;
        message.state = state;
        message.reason = reason;
        message.duplicate_horizon = std::chrono::hours(1);
        const auto stored = store_->append({&message, 1});
        EXPECT_TRUE(stored);
        return stored->at(0).id;
    }

    result<status_report> status(std::int64_t backlog_max) {
        return collect_status(*store_, config_, backlog_max, now_);
    }

    // A record that is sealed for the destination at `now_`, and not confirmed.
    store::outbox_row seal(const std::string& destination) {
        store::write_set changes;
        changes.desired = {{destination, std::string(64, 'a'), "content", "facts", ""}};
        EXPECT_EQ(store_->commit(changes).value(), store::commit_result::committed);
        const auto rows = store_->lease(destination, "test", 1, now_, std::chrono::minutes(1)).value();
        EXPECT_TRUE(
            store_->seal(rows.at(0), {1, store::record_action::create, "hash", "content", "body", {}}, now_));
        return rows.at(0);
    }

    gateway_config config_;
    store::utc_time now_ = std::chrono::sys_days(std::chrono::year(2026) / 5 / 4);
    auditgate::test::temporary_folder folder_;
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_;
};

TEST_F(StatusCommand, AddsUpTheStates) {
    append("1", message_state::waiting);
    append("2", message_state::waiting);
    append("2", message_state::waiting); // a duplicate
    const auto report = status(10);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->attention.empty());
    EXPECT_EQ(report->backlog, 2);
    const std::string text = to_text(*report);
    EXPECT_TRUE(text.starts_with("OK - 3 messages received, 2 pieces of work waiting, 0 records sealed\n"))
        << text;
}

TEST_F(StatusCommand, NamesWhatNeedsAttention) {
    append("1", message_state::held, "unknown-source");
    append("", message_state::quarantined, "no-msh");
    append("2", message_state::waiting);
    append("3", message_state::waiting);
    const auto report = status(1);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->attention,
              (std::vector<std::string>{"1 messages held (auditgate holds)",
                                        "1 messages in quarantine (auditgate quarantine list)",
                                        "2 pieces of work waiting"}));
    EXPECT_TRUE(to_text(*report).starts_with("WARNING - 4 messages received"));
}

TEST_F(StatusCommand, NamesADestinationThatConfirmsNothing) {
    config_.destinations.emplace_back().name = "registry";
    seal("registry");
    now_ += pending_age_max;
    EXPECT_THAT(status(10).value().attention, testing::IsEmpty());
    now_ += std::chrono::milliseconds(1);
    EXPECT_THAT(status(10).value().attention,
                testing::ElementsAre(
                    "1 records pending for destination registry, the oldest for 60 min (the log tells why)"));
    now_ += std::chrono::hours(70);
    EXPECT_THAT(status(10).value().attention, testing::ElementsAre(testing::HasSubstr("the oldest for 2 d")));
}

TEST_F(StatusCommand, WarnsOfFilesInAFailedFolderUntilTheyAreTakenAway) {
    directory_config& directory = config_.directories.emplace_back();
    directory.path = folder_.path() / "in";
    EXPECT_THAT(status(10).value().attention, testing::IsEmpty()) << "no such folder yet";
    const auto failed = directory.path / "failed";
    std::filesystem::create_directories(failed);
    auditgate::test::write_file(failed / "0123456789abcdef-a.csv", "x");
    auditgate::test::write_file(failed / "0123456789abcdef-a.csv.report.json", "{}");
    EXPECT_THAT(
        status(10).value().attention,
        testing::ElementsAre("1 file in " + failed.string() + " (the .report.json beside each tells why)"));
    EXPECT_TRUE(to_text(*status(10)).starts_with("WARNING - "));
    std::filesystem::remove(failed / "0123456789abcdef-a.csv");
    EXPECT_THAT(status(10).value().attention, testing::IsEmpty());
}

TEST_F(StatusCommand, WarnsOfFilesThatWaitForMoreThanAnHour) {
    directory_config& directory = config_.directories.emplace_back();
    directory.path = folder_.path() / "in";
    const auto ready = directory.path / "ready";
    std::filesystem::create_directories(ready);
    auditgate::test::write_file(directory.path / "a.csv", "x");
    auditgate::test::write_file(ready / "b.csv", "x");
    auditgate::test::write_file(directory.path / "c.csv.part", "x");
    // Copied with the time at which it was written: it has not waited since then.
    std::filesystem::last_write_time(directory.path / "a.csv", std::filesystem::file_time_type{});
    now_ = observe::system_now();
    EXPECT_THAT(status(10).value().attention, testing::IsEmpty());
    now_ += std::chrono::hours(3);
    EXPECT_THAT(status(10).value().attention,
                testing::ElementsAre(
                    testing::MatchesRegex("2 files waiting in .*/in, the oldest for [23] h \\(is the gateway "
                                          "running\\? Its log tells why: file-waits\\)")));
    std::filesystem::remove(directory.path / "a.csv");
    std::filesystem::remove(ready / "b.csv");
    EXPECT_THAT(status(10).value().attention, testing::IsEmpty());
}

TEST_F(StatusCommand, NamesADestinationThatTheConfigurationNoLongerHas) {
    seal("registry");
    EXPECT_THAT(
        status(10).value().attention,
        testing::ElementsAre("1 records may still be at destination registry, which the configuration no "
                             "longer names: nobody corrects or retracts them there"));
    config_.destinations.emplace_back().name = "registry";
    EXPECT_THAT(status(10).value().attention, testing::IsEmpty());
}

TEST_F(StatusCommand, ShowsWhatWaitsAsGauges) {
    append("1", message_state::held, "unknown-source");
    append("2", message_state::waiting);
    const store::outbox_row row = seal("registry");
    now_ += std::chrono::seconds(90);
    observe::metrics metrics;
    auditgate::test::recording_logger log;
    observe::store_gauges gauges(
        *store_, metrics, [this] { return now_; }, log);
    ASSERT_TRUE(gauges.refresh());
    for (const char* line :
         {"auditgate_messages_held{source=\"pas\"} 1\n", "auditgate_messages_waiting{source=\"pas\"} 1\n",
          "auditgate_messages_quarantined{source=\"pas\"} 0\n", "auditgate_work_waiting 1\n",
          "auditgate_records_pending{destination=\"registry\"} 1\n",
          "auditgate_records_pending_age_seconds{destination=\"registry\"} 90\n"})
        EXPECT_THAT(metrics.text(), testing::HasSubstr(line));
    ASSERT_TRUE(store_->finish(row, {store::attempt_end::held, {}, "http-403", ""}, now_));
    ASSERT_TRUE(gauges.refresh());
    const std::string held = "auditgate_records_held{destination=\"registry\",reason=\"http-403\"} ";
    EXPECT_THAT(metrics.text(), testing::HasSubstr(held + "1\n"));
    EXPECT_THAT(metrics.text(),
                testing::HasSubstr("auditgate_records_pending{destination=\"registry\"} 0\n"));
    ASSERT_TRUE(store_->recheck("registry", row.record_id));
    ASSERT_TRUE(gauges.refresh());
    EXPECT_THAT(metrics.text(), testing::HasSubstr(held + "0\n"));
}

TEST_F(StatusCommand, TellsWhenTheCountsDoNotAddUp) {
    append("1", message_state::waiting);
    append("2", message_state::waiting);
    {
        store::sqlite::connection db(store::database_path(folder_.path()), {});
        db.execute("UPDATE message_count SET count = 1 WHERE state = 'waiting'");
    }
    const auto report = status(10);
    ASSERT_TRUE(report);
    EXPECT_THAT(report->attention,
                testing::ElementsAre("the counts do not add up: pas on 2026-05-04: 2 messages received, 1 in "
                                     "some state (keep the data folder as it is, and ask for help)"));
    EXPECT_TRUE(to_text(*report).starts_with("WARNING - 2 messages received"));
}

TEST_F(StatusCommand, ShowsWhatWasErasedAndWarnsWhenNothingIs) {
    const store::message_id id = append("1", message_state::refused, "unsupported-version");
    const auto later = now_ + std::chrono::days(91);
    ASSERT_TRUE(
        store_->erase_messages({later - std::chrono::days(90), later - std::chrono::days(90)}, 0, 10, later));
    EXPECT_EQ(absence_of(*store_, id)
                  .find("message " + std::to_string(id) +
                        " was received on 2026-05-04 and its bytes were erased by 2026-08-03"),
              0U)
        << absence_of(*store_, id);
    EXPECT_EQ(absence_of(*store_, id + 100), "there is no message " + std::to_string(id + 100));
    ASSERT_TRUE(store_->note_retention_run(now_));
    now_ += std::chrono::hours(48);
    EXPECT_TRUE(status(10)->attention.empty());
    const std::string text = to_text(*status(10));
    EXPECT_NE(text.find("\nerased  1 messages\nlast erased  2026-05-04T00:00:00Z\n"), std::string::npos)
        << text;
    now_ += std::chrono::seconds(1);
    EXPECT_THAT(status(10)->attention,
                testing::ElementsAre(testing::StartsWith("nothing has been erased for 2 d")));
}

TEST_F(StatusCommand, ListsMessagesWithoutTheirContent) {
    append("1", message_state::held, "unknown-source");
    const auto messages = store_->messages({});
    ASSERT_TRUE(messages);
    const std::string table = to_table(*messages);
    EXPECT_NE(table.find("  2026-05-04T00:00:00Z  pas  -  held  unknown-source  5 bytes"), std::string::npos)
        << table;
    EXPECT_EQ(table.find("MSH|1"), std::string::npos);
    EXPECT_EQ(to_json(*messages)[0]["reason"].text(), "unknown-source");
}

} // namespace
