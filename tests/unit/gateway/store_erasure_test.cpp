// What was erased is gone from the files of the embedded engine, and old copies of them do not open it.
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite.hpp"
#include "gateway/store/sqlite_schema.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

namespace auditgate::test {
namespace {

namespace fs = std::filesystem;
namespace gs = gateway::store;
namespace sqlite = gateway::store::sqlite;
namespace security = gateway::security;
using gateway::errc;
using namespace std::chrono_literals;

class ErasedFiles : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(security::key_ring::create(keys_folder(), {}));
        open();
        plant();
    }

    [[nodiscard]] fs::path keys_folder() const { return folder_.path() / "keys"; }
    [[nodiscard]] fs::path database() const { return gs::database_path(folder_.path()); }

    void open() {
        store_.reset();
        keys_ = security::key_ring::open(keys_folder()).value();
        store_ = gs::create_sqlite_store(database(), *keys_).value();
    }

    gs::message_id append(const std::string& bytes, gs::message_state state, gs::utc_time received_at) {
        gs::incoming_message one;
        one.source = "pas";
        one.transport = "mllp";
        one.format = "hl7v2";
        one.received_at = received_at;
        one.bytes = bytes;
        one.state = state;
        return store_->append({&one, 1}).value().at(0).id;
    }

    // An old and a new message, two clusters, and records of both.
    void plant() {
        old_message_ = append("the old message", gs::message_state::refused, old_day);
        held_message_ = append("the held message", gs::message_state::held, old_day);
        new_message_ = append("the new message", gs::message_state::refused, now);
        gs::write_set changes;
        for (const char* name : {"old", "new"}) {
            gs::cluster_write& write = changes.clusters.emplace_back();
            write.keys = {std::string("nhs|") + name, std::string("local|RXX|") + name};
            write.put_events = {{old_message_, std::string("events of the patient ") + name, {}}};
            write.cases = {{record_of(name), std::string("case of the patient ") + name}};
            changes.desired.push_back({"registry", record_of(name),
                                       std::string("content of the record ") + name,
                                       std::string("facts of the gate ") + name, ""});
        }
        ASSERT_EQ(store_->commit(changes).value(), gs::commit_result::committed);
        for (const gs::outbox_row& row : store_->lease("registry", "a", 10, now, 1min).value()) {
            ASSERT_TRUE(store_->seal(row,
                                     {1,
                                      gs::record_action::create,
                                      "hash",
                                      *row.desired_content,
                                      "body " + *row.desired_content,
                                      {}},
                                     now));
            ASSERT_TRUE(store_->finish(row, {gs::attempt_end::receipted, {}, "", ""}, now));
        }
    }

    static std::string record_of(std::string_view name) { return std::string(64, name == "old" ? 'a' : 'b'); }

    // The rows go; their keys only with erase_keys().
    void erase_rows() {
        const auto found = store_->clusters_with(std::vector<std::string>{"nhs|old"}, {}).value();
        ASSERT_EQ(found.size(), 1U);
        gs::write_set changes;
        gs::cluster_write& write = changes.clusters.emplace_back();
        write.id = found[0].id;
        write.expected_revision = found[0].revision;
        write.rekey = true;
        write.remove_events_of = {old_message_};
        changes.closed = {
            {"registry", record_of("old"), "remainder", std::chrono::floor<std::chrono::days>(now)}};
        ASSERT_EQ(store_->commit(changes).value(), gs::commit_result::committed);
        EXPECT_EQ(store_->erase_closed(10, now + 1h).value(), 1);
        const auto step =
            store_->erase_messages({now - std::chrono::days(90), now - std::chrono::days(400)}, 0, 100, now);
        EXPECT_EQ(step.value().erased, 1);
        EXPECT_EQ(step.value().next, 0);
    }

    // Everything that the store holds of what is to be erased, as it stands in its files.
    [[nodiscard]] std::map<std::string, std::string> traces() {
        sqlite::connection db(database(), {});
        std::map<std::string, std::string> found;
        std::set<std::int64_t> keys;
        const auto note = [&](const char* what, const std::string& sql) {
            auto row = db.prepare(sql);
            for (int number = 0; row.step(); ++number) {
                found[std::string(what) + std::to_string(number)] = row.text(0);
                keys.insert(row.number(1));
            }
        };
        const std::string cluster =
            "(SELECT cluster FROM case_record WHERE record_id = '" + record_of("old") + "')";
        const std::string key = "(SELECT key_id FROM cluster WHERE id = " + cluster + ")";
        note("message", "SELECT content, key_id FROM journal WHERE id = " + std::to_string(old_message_));
        note("held message",
             "SELECT content, key_id FROM journal WHERE id = " + std::to_string(held_message_));
        note("event", "SELECT content, " + key + " FROM event WHERE cluster = " + cluster);
        note("case", "SELECT content, " + key + " FROM case_record WHERE cluster = " + cluster);
        note("blind index", "SELECT name, " + key + " FROM identity WHERE cluster = " + cluster);
        note("identity", "SELECT content, " + key + " FROM identity WHERE cluster = " + cluster);
        for (const char* column : {"desired_content", "gate_facts", "last_content"})
            note(column, std::string("SELECT ") + column + ", key_id FROM outbox WHERE record_id = '" +
                             record_of("old") + "'");
        const std::string log = read_file(keys_folder() / "wrapped.log");
        for (std::size_t at = 0; at + 76 <= log.size(); at += 76) {
            std::int64_t id = 0;
            std::memcpy(&id, log.data() + at, sizeof id);
            if (keys.contains(id))
                found["wrapped key " + std::to_string(id)] = log.substr(at + 16, 60);
        }
        EXPECT_GE(found.size(), 9U + 3U + 2U);
        return found;
    }

    // Which of the traces any file of the data folder holds.
    [[nodiscard]] std::set<std::string> in_files(const std::map<std::string, std::string>& traces) const {
        std::set<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
            if (!entry.is_regular_file())
                continue;
            const std::string bytes = read_file(entry.path());
            for (const auto& [what, trace] : traces)
                if (bytes.find(trace) != std::string::npos)
                    found.insert(what + " in " + entry.path().filename().string());
        }
        return found;
    }

    void expect_the_rest_is_there() {
        EXPECT_EQ(store_->message(new_message_).value()->bytes, "the new message");
        EXPECT_EQ(store_->message(held_message_).value()->bytes, "the held message");
        const auto left = store_->clusters_with(std::vector<std::string>{"nhs|new"}, {}).value();
        ASSERT_EQ(left.size(), 1U);
        EXPECT_EQ(left[0].events.at(0).events, "events of the patient new");
        EXPECT_EQ(store_->gate_facts("registry").value(), std::vector<std::string>{"facts of the gate new"});
    }

    static constexpr gs::utc_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 9h};
    static constexpr gs::utc_time old_day{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 9h};
    temporary_folder folder_;
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<gs::store> store_;
    gs::message_id old_message_ = 0, held_message_ = 0, new_message_ = 0;
};

TEST_F(ErasedFiles, HoldNothingOfWhatWasErased) {
    const auto gone = traces();
    EXPECT_GE(in_files(gone).size(), gone.size()) << "in the database or its log, and in the key file";
    erase_rows();
    EXPECT_FALSE(in_files(gone).empty()) << "the write-ahead log and the key file still do";
    EXPECT_EQ(store_->erase_keys().value(), 3) << "of the day, the cluster and the record";
    EXPECT_EQ(in_files(gone), std::set<std::string>{});
    expect_the_rest_is_there();
    store_.reset();
    EXPECT_EQ(in_files(gone), std::set<std::string>{});
}

TEST_F(ErasedFiles, CannotBeHadBackFromAnOldCopyOfTheDatabase) {
    store_.reset(); // closing copies the log into the database
    const fs::path copy = folder_.path() / "backup.sqlite";
    fs::copy_file(database(), copy);
    open();
    erase_rows();
    EXPECT_EQ(store_->erase_keys().value(), 3);
    const auto backup = gs::create_sqlite_store(copy, *keys_).value();
    const auto message = backup->message(old_message_).value();
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->damaged);
    EXPECT_EQ(message->bytes, "");
    EXPECT_EQ(backup->clusters_with(std::vector<std::string>{"nhs|old"}, {}).error().code, errc::wrong_key);
    EXPECT_EQ(backup->gate_facts("registry").value(), std::vector<std::string>{"facts of the gate new"});
    // What was not erased can be had back.
    EXPECT_EQ(backup->message(new_message_).value()->bytes, "the new message");
    EXPECT_EQ(backup->clusters_with(std::vector<std::string>{"nhs|new"}, {}).value().size(), 1U);
}

TEST_F(ErasedFiles, AreFinishedAfterACrashBeforeTheKeyFileWasRewritten) {
    const auto gone = traces();
    erase_rows();
    open();
    EXPECT_EQ(store_->erasures().value().keys_to_erase, 3);
    expect_the_rest_is_there();
    EXPECT_EQ(store_->erase_keys().value(), 3);
    EXPECT_EQ(in_files(gone), std::set<std::string>{});
    open();
    expect_the_rest_is_there();
}

TEST_F(ErasedFiles, AreFinishedAfterACrashBehindTheKeyFile) {
    const auto gone = traces();
    erase_rows();
    std::vector<security::key_id> ids;
    {
        sqlite::connection db(database(), {});
        auto rows = db.prepare("SELECT key_id FROM key_to_erase");
        while (rows.step())
            ids.push_back(rows.number(0));
    }
    ASSERT_TRUE(keys_->erase(ids));
    open();
    expect_the_rest_is_there();
    EXPECT_EQ(store_->erase_keys().value(), 3);
    EXPECT_EQ(store_->erasures().value().keys_to_erase, 0);
    EXPECT_EQ(in_files(gone), std::set<std::string>{});
}

TEST_F(ErasedFiles, AreTriedAgainWhileSomebodyReadsTheStore) {
    const auto gone = traces();
    erase_rows();
    sqlite::connection reader(database(), {.vfs = {}, .read_only = true});
    {
        const sqlite::transaction snapshot(reader, sqlite::transaction::kind::read);
        auto row = reader.prepare("SELECT count(*) FROM journal");
        ASSERT_TRUE(row.step());
        append("another message", gs::message_state::refused, now);
        EXPECT_EQ(store_->erase_keys().error().code, errc::store_unavailable);
        EXPECT_EQ(store_->erasures().value().keys_to_erase, 3);
    }
    EXPECT_EQ(store_->erase_keys().value(), 3);
    EXPECT_EQ(in_files(gone), std::set<std::string>{});
}

// Of events of before it is known when their messages came, and every cluster is looked at.
TEST(ErasureMigration, TakesOverWhatAnOlderProgramStored) {
    const temporary_folder folder;
    sqlite::connection db(folder.path() / "old.sqlite", {});
    sqlite::migrate(db, sqlite::migrations().first(5));
    db.execute(
        "INSERT INTO journal VALUES (7, 'pas', 'mllp', '', 'hl7v2', '', 20000 * 86400000 + 5, 1, x'00');"
        "INSERT INTO cluster VALUES (9, 1, 1, NULL);"
        "INSERT INTO event VALUES (9, 7, x'00'), (9, 8, x'00');");
    sqlite::migrate(db, sqlite::migrations());
    auto events = db.prepare("SELECT received_on FROM event ORDER BY message");
    ASSERT_TRUE(events.step());
    EXPECT_EQ(events.number(0), 20'000);
    ASSERT_TRUE(events.step());
    EXPECT_EQ(events.number(0), 0) << "its message is gone";
    auto due = db.prepare("SELECT count(*) FROM cluster WHERE review_on <= 0");
    ASSERT_TRUE(due.step());
    EXPECT_EQ(due.number(0), 1);
}

} // namespace
} // namespace auditgate::test
