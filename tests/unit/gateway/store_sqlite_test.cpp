// What only the embedded engine promises: nothing in clear on the disk, its own keys only, schemas of its own program.
#include "gateway/store/sqlite_engine.hpp"
#include "gateway/store/sqlite_schema.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace auditgate::test {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace gs = gateway::store;
namespace security = gateway::security;
namespace sqlite = gs::sqlite;
using gateway::errc;

class SqliteStore : public testing::Test {
protected:
    void SetUp() override { keys_ = make_keys("keys"); }

    [[nodiscard]] std::unique_ptr<security::key_ring> make_keys(const std::string& name) const {
        EXPECT_TRUE(security::key_ring::create(folder_.path() / name, {}));
        return security::key_ring::open(folder_.path() / name).value();
    }
    [[nodiscard]] fs::path database() const { return gs::database_path(folder_.path()); }
    [[nodiscard]] auto open(gs::sqlite_role role = gs::sqlite_role::gateway) {
        gs::sqlite_options options;
        options.role = role;
        return gs::create_sqlite_store(database(), *keys_, options);
    }
    // As a command beside a gateway does, in another process.
    [[nodiscard]] auto open_beside() { return open(gs::sqlite_role::beside); }

    // Everything that lies on the disk for the store: the database, its log, the index of the log.
    [[nodiscard]] std::string raw_bytes() const {
        std::string all;
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
            if (entry.is_regular_file())
                all += read_file(entry.path());
        }
        return all;
    }

    temporary_folder folder_;
    std::unique_ptr<security::key_ring> keys_;
};

gs::append_outcome append(gs::store& store, const std::string& control_id, gs::utc_time received_at = {}) {
    gs::incoming_message message;
    message.control_id = control_id;
    message.bytes = control_id + " and what it says";
    message.received_at = received_at;
    message.duplicate_horizon = 24h;
    return store.append(std::span(&message, 1)).value().at(0);
}

std::string to_base64(const std::string& text) {
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

// The forms in which a text may lie about. Base64 depends on what stands before: the part that is the same for each of
// the three alignments.
std::vector<std::string> forms_of(const std::string& text) {
    std::string utf16_little, utf16_big, hex_upper = security::to_hex(text);
    for (const char c : text) {
        utf16_little += {c, '\0'};
        utf16_big += {'\0', c};
    }
    std::transform(hex_upper.begin(), hex_upper.end(), hex_upper.begin(),
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    std::vector<std::string> forms{text, utf16_little, utf16_big, security::to_hex(text), hex_upper};
    for (std::size_t shift = 0; shift < 3; ++shift) {
        const std::string encoded = to_base64(std::string(shift, '\0') + text);
        forms.push_back(encoded.substr(4, encoded.size() - 8));
    }
    return forms;
}

int places_of(const std::string& text, const std::string& bytes) {
    const auto forms = forms_of(text);
    return static_cast<int>(std::count_if(forms.begin(), forms.end(), [&](const std::string& form) {
        return bytes.find(form) != std::string::npos;
    }));
}

// Everything that may hold what identifies a patient, each with a canary of its own.
const std::array canaries{"CANARY-BYTES-Zebedee Quixote", "CANARY-CONTROL-ID-4711",   "CANARY-ANSWER-Zebedee",
                          "CANARY-KEY-nhs|9990000018",    "CANARY-EVENTS-1931-03-04", "CANARY-CASE-SW1A1AA",
                          "CANARY-DESIRED-Quixote",       "CANARY-FACTS-9990000018",  "CANARY-BODY-Zebedee",
                          "CANARY-CONTENT-Quixote"};

void plant(gs::store& store) {
    gs::incoming_message message;
    message.source = "pas";
    message.bytes = canaries[0];
    message.control_id = canaries[1];
    message.answer = canaries[2];
    message.duplicate_horizon = 24h;
    const auto id = store.append(std::span(&message, 1)).value()[0].id;
    gs::cluster_write cluster;
    cluster.keys = {canaries[3]};
    cluster.put_events = {{id, canaries[4]}};
    cluster.cases = {{std::string(64, 'a'), canaries[5]}};
    ASSERT_EQ(
        store.commit({{}, {}, {cluster}, {{"registry", std::string(64, 'a'), canaries[6], canaries[7], ""}}})
            .value(),
        gs::commit_result::committed);
    const auto row = store.lease("registry", "sender", 1, {}, 1min).value().at(0);
    ASSERT_TRUE(
        store.seal(row, {1, gs::record_action::create, "hash", canaries[9], canaries[8], {"head"}}, {}));
}

} // namespace

TEST_F(SqliteStore, LeavesNothingInClearOnTheDisk) {
    {
        const auto store = open().value();
        plant(*store);
        for (const char* canary : canaries)
            EXPECT_EQ(places_of(canary, raw_bytes()), 0) << canary;
    }
    for (const char* canary : canaries)
        EXPECT_EQ(places_of(canary, raw_bytes()), 0) << canary << " after the log was copied";
}

// The control: the search above finds what a column in clear holds.
TEST_F(SqliteStore, TheSearchFindsWhatLiesInClear) {
    const auto store = open().value();
    gs::incoming_message message;
    message.peer = "CANARY-PEER-Zebedee";
    ASSERT_TRUE(store->append(std::span(&message, 1)));
    EXPECT_EQ(places_of("CANARY-PEER-Zebedee", raw_bytes()), 1);
    for (const std::string& form : forms_of("CANARY-PEER-Zebedee"))
        EXPECT_GE(places_of("CANARY-PEER-Zebedee", "x" + form + "x"), 1);
}

TEST_F(SqliteStore, CopiesItsLogIntoTheDatabaseAndBeginsItAnew) {
    const auto store = open().value();
    std::vector<gs::incoming_message> batch(8);
    for (gs::incoming_message& message : batch)
        message.bytes = std::string(128 * 1024, 'x');
    constexpr std::uintmax_t written = 64 * 1024 * 1024;
    for (std::uintmax_t bytes = 0; bytes < written; bytes += batch.size() * batch[0].bytes.size())
        ASSERT_TRUE(store->append(batch));
    EXPECT_LT(fs::file_size(database().string() + "-wal"), written / 2);
    EXPECT_GT(fs::file_size(database()), written / 2);
}

TEST_F(SqliteStore, IsForItsOwnerOnly) {
    const auto store = open().value();
    plant(*store);
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
        if (!entry.is_regular_file())
            continue;
        EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
            << entry.path();
    }
}

TEST_F(SqliteStore, RefusesOtherKeys) {
    plant(*open().value());
    const auto others = make_keys("other");
    EXPECT_EQ(gs::create_sqlite_store(database(), *others).error().code, errc::wrong_key);
    EXPECT_TRUE(open());
}

TEST_F(SqliteStore, RefusesARingThatLacksItsKeys) {
    plant(*open().value());
    fs::remove(folder_.path() / "keys" / "wrapped.log");
    keys_ = security::key_ring::open(folder_.path() / "keys").value();
    EXPECT_EQ(open().error().code, errc::wrong_key);
}

TEST_F(SqliteStore, RefusesANewerSchemaAndForeignFiles) {
    plant(*open().value());
    {
        sqlite::connection db(database(), {});
        db.execute("PRAGMA user_version = " + std::to_string(sqlite::migrations().size() + 1));
    }
    EXPECT_EQ(open().error().code, errc::store_version);
    fs::remove(database());
    write_file(database(), std::string(8192, 'x'));
    EXPECT_EQ(open().error().code, errc::store_corrupt);
    fs::remove(database());
    sqlite::connection(database(), {}).execute("CREATE TABLE somebody_elses(x)");
    EXPECT_EQ(open().error().code, errc::store_corrupt);
}

TEST_F(SqliteStore, RunsTheMigrationsThatADatabaseLacksAllOrNone) {
    sqlite::connection db(folder_.path() / "migrating", {});
    const auto version = [&] {
        auto row = db.use("PRAGMA user_version");
        return row.step() ? row.number(0) : -1;
    };
    const std::array<const char*, 3> scripts{"CREATE TABLE t(a INTEGER) STRICT; INSERT INTO t VALUES (1);",
                                             "ALTER TABLE t ADD COLUMN b INTEGER; UPDATE t SET b = a + 1;",
                                             "UPDATE t SET b = b + 1; SELECT no_such_column FROM t;"};
    sqlite::migrate(db, std::span(scripts).first(1));
    EXPECT_EQ(version(), 1);
    sqlite::migrate(db, std::span(scripts).first(2));
    sqlite::migrate(db, std::span(scripts).first(2));
    EXPECT_EQ(version(), 2);
    EXPECT_THROW(sqlite::migrate(db, scripts), sqlite::failure);
    EXPECT_EQ(version(), 2);
    auto row = db.use("SELECT b FROM t");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.number(0), 2);
}

// Version 2 counts what was received apart from its states.
TEST_F(SqliteStore, CountsAsReceivedWhatADatabaseOfVersionOneHeld) {
    {
        sqlite::connection db(database(), {});
        sqlite::migrate(db, sqlite::migrations().first(1));
        db.execute("INSERT INTO message_count VALUES ('pas', 3, 'applied', 4), ('pas', 3, 'duplicate', 2), "
                   "('pas', 4, 'held', 1)");
    }
    const auto counts = open().value()->message_counts().value();
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].received, 6);
    EXPECT_EQ(counts[1].received, 1);
    EXPECT_TRUE(counts[0].adds_up() && counts[1].adds_up());
}

TEST_F(SqliteStore, LetsOneProcessHandOutWorkAndOthersLook) {
    const auto gateway = open().value();
    const auto command_line = open_beside().value();
    plant(*gateway);
    EXPECT_EQ(command_line->claim("b", 1, {}, 1min).error().code, errc::store_unavailable);
    EXPECT_EQ(command_line->lease("registry", "b", 1, {}, 1min).error().code, errc::store_unavailable);
    EXPECT_EQ(command_line->messages({}).value().size(), 1U);
    gs::incoming_message message;
    EXPECT_TRUE(command_line->append(std::span(&message, 1)));
    EXPECT_EQ(gateway->messages({}).value().size(), 2U);
}

TEST_F(SqliteStore, LetsCommandsActBesideTheGateway) {
    const auto gateway = open().value();
    const auto id = append(*gateway, "c1").id;
    plant(*gateway);
    const gs::write_set holding{{}, {{id, gs::message_state::held, "unknown-source"}}, {}, {}};
    ASSERT_EQ(gateway->commit(holding).value(), gs::commit_result::committed);
    const auto command_line = open_beside().value();
    EXPECT_TRUE(command_line->replay(id, "ris"));
    EXPECT_EQ(command_line->recheck("registry", std::string(64, 'a')).value(), 1);
    EXPECT_EQ(gateway->message(id).value()->state, gs::message_state::waiting);
}

TEST_F(SqliteStore, RefusesASecondGatewayBeforeItTouchesAnything) {
    auto gateway = open().value();
    {
        sqlite::connection db(database(), {});
        db.execute("PRAGMA user_version = 1"); // a schema that the second would bring up to date
    }
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::store_unavailable);
    EXPECT_NE(second.error().message.find("another process works on the store"), std::string::npos);
    {
        sqlite::connection db(database(), {});
        auto version = db.prepare("PRAGMA user_version");
        ASSERT_TRUE(version.step());
        EXPECT_EQ(version.number(0), 1);
        db.execute("PRAGMA user_version = " + std::to_string(sqlite::migrations().size()));
    }
    gateway.reset();
    EXPECT_TRUE(open()) << "the first has ended";
}

TEST_F(SqliteStore, LeavesAnOlderSchemaToTheGateway) {
    {
        sqlite::connection db(database(), {});
        sqlite::migrate(db, sqlite::migrations().first(sqlite::migrations().size() - 1));
    }
    const auto refused = open_beside();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::store_version);
    EXPECT_NE(refused.error().message.find("start the gateway"), std::string::npos);
    (void)open().value();
    EXPECT_TRUE(open_beside());
}

TEST_F(SqliteStore, MakesTheDatabaseOfAFreshFolderForACommandToo) {
    EXPECT_TRUE(open_beside().value()->message_counts().value().empty());
    EXPECT_TRUE(open());
}

TEST_F(SqliteStore, AReaderMakesAndChangesNothing) {
    EXPECT_EQ(open(gs::sqlite_role::reader).error().code, errc::store_unavailable) << "there is nothing yet";
    EXPECT_FALSE(fs::exists(database()));
    {
        const auto gateway = open().value();
        plant(*gateway);
        const auto reader = open(gs::sqlite_role::reader).value();
        EXPECT_EQ(reader->messages({}).value().at(0).bytes, canaries[0]);
        const std::vector<gs::record_name> names{{"registry", std::string(64, 'a')}};
        EXPECT_EQ(reader->desired(names).value().at(0).desired.content, canaries[6]);
        const std::string keys_before = read_file(folder_.path() / "keys/wrapped.log");
        gs::incoming_message message;
        gs::cluster_write cluster;
        cluster.keys = {"k"};
        EXPECT_EQ(reader->append(std::span(&message, 1)).error().code, errc::store_unavailable);
        EXPECT_EQ(reader->commit({{}, {}, {cluster}, {}}).error().code, errc::store_unavailable);
        EXPECT_EQ(reader->activate_configuration("x").error().code, errc::store_unavailable);
        EXPECT_EQ(reader->erase_keys().error().code, errc::store_unavailable);
        EXPECT_EQ(reader->claim("b", 1, {}, 1min).error().code, errc::store_unavailable);
        EXPECT_EQ(read_file(folder_.path() / "keys/wrapped.log"), keys_before);
        EXPECT_EQ(append(*gateway, "c1").duplicate, false);
        EXPECT_EQ(reader->messages({}).value().size(), 2U) << "each call sees what is there by then";
    }
    const std::string before = read_file(database());
    EXPECT_EQ(open(gs::sqlite_role::reader).value()->messages({}).value().size(), 2U);
    EXPECT_TRUE(read_file(database()) == before);
    keys_ = make_keys("other keys");
    EXPECT_EQ(open(gs::sqlite_role::reader).error().code, errc::wrong_key);
}

TEST_F(SqliteStore, AReaderLeavesSchemasAlone) {
    const auto version = [&] {
        sqlite::connection db(database(), {});
        auto row = db.prepare("PRAGMA user_version");
        EXPECT_TRUE(row.step());
        return row.number(0);
    };
    write_file(database(), "");
    EXPECT_EQ(open(gs::sqlite_role::reader).error().code, errc::store_unavailable) << "an empty database";
    EXPECT_EQ(version(), 0);
    {
        sqlite::connection db(database(), {});
        sqlite::migrate(db, sqlite::migrations().first(sqlite::migrations().size() - 1));
    }
    EXPECT_EQ(open(gs::sqlite_role::reader).error().code, errc::store_version);
    EXPECT_EQ(version(), static_cast<std::int64_t>(sqlite::migrations().size()) - 1);
}

TEST_F(SqliteStore, FindsDuplicatesOfWhatAnotherProcessReceived) {
    const auto gateway = open().value();
    const auto command_line = open_beside().value();
    EXPECT_FALSE(append(*gateway, "c1").duplicate);
    EXPECT_FALSE(append(*command_line, "c2").duplicate);
    EXPECT_TRUE(append(*gateway, "c2").duplicate);
    EXPECT_TRUE(append(*command_line, "c1").duplicate);
    EXPECT_TRUE(append(*command_line, "c2").duplicate);
}

TEST_F(SqliteStore, KeepsDuplicatesOfTheSchemaThatHadThemByKey) {
    {
        sqlite::connection db(database(), {});
        sqlite::migrate(db, sqlite::migrations().first(2));
        db.execute("INSERT INTO seen VALUES (x'22', x'33', 7, 1000), (x'11', x'33', 9, 2000)");
    }
    (void)open().value();
    sqlite::connection db(database(), {});
    auto rows =
        db.prepare("SELECT group_concat(message || hex(name) || hex(digest) || received_at) FROM seen");
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.text(0), "722331000,911332000");
}

TEST_F(SqliteStore, ForgetsDuplicatesWhoseTimeHasPassedAndThoseAboveTheLimit) {
    gs::sqlite_options options;
    options.seen_messages_max = 3;
    const auto store = gs::create_sqlite_store(database(), *keys_, options).value();
    sqlite::connection db(database(), {});
    const auto rows = [&] {
        auto count = db.prepare("SELECT count(*) FROM seen");
        return count.step() ? count.number(0) : -1;
    };
    for (const char* id : {"c1", "c2", "c3"})
        EXPECT_FALSE(append(*store, id).duplicate);
    EXPECT_TRUE(append(*store, "c1").duplicate) << "at the limit";
    EXPECT_FALSE(append(*store, "c4").duplicate);
    EXPECT_EQ(rows(), 3);
    EXPECT_FALSE(append(*store, "c1").duplicate) << "forgotten: one above the limit";
    EXPECT_TRUE(append(*store, "c4").duplicate);
    EXPECT_FALSE(append(*store, "c5", gs::utc_time(24h + 1ms)).duplicate);
    EXPECT_EQ(rows(), 1) << "the day of the others is over";
    EXPECT_FALSE(append(*store, "c4", gs::utc_time(24h + 1ms)).duplicate);
}

TEST_F(SqliteStore, HoldsARecordThatCannotBeOpenedAndHandsOutTheOthers) {
    const auto store = open().value();
    gs::write_set changes;
    changes.desired = {{"registry", "damaged", "one", "facts", ""},
                       {"registry", "sound", "one", "facts", ""}};
    ASSERT_TRUE(store->commit(changes));
    const auto row = store->lease("registry", "sender", 1, {}, 1min).value().at(0);
    ASSERT_TRUE(store->seal(row, {1, gs::record_action::create, "hash", "one", "body", {}}, {}));
    sqlite::connection(database(), {})
        .execute("UPDATE outbox SET gate_facts = x'00' WHERE record_id = 'damaged'");
    const gs::utc_time later(1h); // the lease has run out
    const auto rows = store->lease("registry", "sender", 1, later, 1min).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].record_id, "sound");
    const auto held = store->held_records(10).value();
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].record_id, "damaged");
    EXPECT_EQ(held[0].reason, "cannot-be-opened");
    EXPECT_EQ(held[0].since, later);
    const auto counts = store->record_counts().value();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].state, gs::seal_state::held);
    EXPECT_TRUE(store->lease("registry", "sender", 1, later, 1min).value().empty());
    EXPECT_EQ(store->gate_facts("registry").value(), std::vector<std::string>{"facts"}) << "of the sound one";
    const std::vector<gs::record_name> names{{"registry", "damaged"}, {"registry", "sound"}};
    const auto desired = store->desired(names).value();
    ASSERT_EQ(desired.size(), 2U);
    EXPECT_TRUE(desired[0].damaged && !desired[0].desired.content);
    EXPECT_FALSE(desired[1].damaged);
}

TEST_F(SqliteStore, DesiresARecordWhoseRowCannotBeOpenedAnew) {
    const auto store = open().value();
    const auto desire = [&](const char* content) {
        gs::write_set changes;
        changes.desired = {{"registry", "record", content, "facts", ""}};
        return store->commit(changes);
    };
    ASSERT_TRUE(desire("one"));
    const auto row = store->lease("registry", "sender", 1, {}, 1min).value().at(0);
    ASSERT_TRUE(store->seal(row, {1, gs::record_action::create, "hash", "one", "body", {"head"}}, {}));
    security::key_id key = 0;
    {
        auto columns = sqlite::connection(database(), {}).prepare("SELECT key_id FROM outbox");
        ASSERT_TRUE(columns.step());
        key = columns.number(0);
    }
    ASSERT_TRUE(keys_->erase({&key, 1}));
    ASSERT_TRUE(desire("two")) << "the others of its cluster must not wait for it";
    const auto again = store->lease("registry", "sender", 1, gs::utc_time(1h), 1min).value();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].desired_content, "two");
    EXPECT_FALSE(again[0].sealed) << "nobody can open it";
    EXPECT_TRUE(again[0].may_be_there);
    EXPECT_EQ(again[0].last_version, 1);
    const auto counts = store->record_counts().value();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].state, gs::seal_state::discarded);
}

TEST_F(SqliteStore, HandsOutNoMoreBytesAtATimeThanTheLimitButAlwaysAMessage) {
    ASSERT_FALSE(append(*open().value(), "c1").duplicate);
    std::size_t size = 0;
    {
        sqlite::connection db(database(), {});
        auto row = db.prepare("SELECT length(content) FROM journal");
        ASSERT_TRUE(row.step());
        size = static_cast<std::size_t>(row.number(0));
    }
    const auto claimed_with = [&](std::size_t bytes_max) {
        gs::sqlite_options options;
        options.claim_bytes_max = bytes_max;
        const auto store = gs::create_sqlite_store(database(), *keys_, options).value();
        for (const char* id : {"c2", "c3"})
            (void)append(*store, id);
        return store->claim("mapper", 64, {}, 1min).value().size();
    };
    EXPECT_EQ(claimed_with(3 * size), 3U) << "at the limit";
    EXPECT_EQ(claimed_with(3 * size - 1), 2U);
    EXPECT_EQ(claimed_with(1), 1U) << "too large by itself";
}

TEST_F(SqliteStore, GivesDefectsAsErrorsWithoutTheirText) {
    const auto defect = [](auto thrown) { return sqlite::guarded([&]() -> int { throw thrown; }).error(); };
    EXPECT_EQ(defect(std::bad_alloc()).code, errc::store_unavailable);
    EXPECT_EQ(defect(std::out_of_range("CANARY")).code, errc::store_corrupt);
    EXPECT_EQ(defect(std::out_of_range("CANARY")).message.find("CANARY"), std::string::npos);
}

TEST_F(SqliteStore, HandsOutAndListsAMessageThatCannotBeOpenedBesideItsNeighbours) {
    for (const char* damage : {"UPDATE journal SET content = zeroblob(200) WHERE id = 1",
                               "UPDATE journal SET key_id = 4711 WHERE id = 1"}) {
        fs::remove(database());
        const auto store = open().value();
        const auto damaged = append(*store, "c1").id;
        ASSERT_EQ(damaged, 1);
        (void)append(*store, "c2");
        sqlite::connection(database(), {}).execute(damage);

        const auto claimed = store->claim("mapper", 64, {}, 1min).value();
        ASSERT_EQ(claimed.size(), 2U) << damage;
        EXPECT_TRUE(claimed[0].message.damaged);
        EXPECT_EQ(claimed[0].message.id, damaged);
        EXPECT_FALSE(claimed[1].message.damaged);
        EXPECT_EQ(store->messages({}).value().size(), 2U);
        EXPECT_TRUE(store->message(damaged).value()->damaged);

        const auto sent_again = append(*store, "c1");
        EXPECT_FALSE(sent_again.duplicate) << "of what is lost";
        EXPECT_EQ(store->message(sent_again.id).value()->bytes, "c1 and what it says");
        EXPECT_TRUE(append(*store, "c1").duplicate);
    }
}

TEST_F(SqliteStore, HandsOutWorkForAMessageThatIsNotThere) {
    const auto store = open().value();
    (void)append(*store, "c1");
    (void)append(*store, "c2");
    sqlite::connection(database(), {}).execute("DELETE FROM journal WHERE id = 1");
    const auto claimed = store->claim("mapper", 64, {}, 1min).value();
    ASSERT_EQ(claimed.size(), 2U);
    EXPECT_TRUE(claimed[0].message.damaged);
}

TEST_F(SqliteStore, TellsOfAFullDiskAndGoesOnWhenThereIsRoom) {
    const auto store = open().value();
    gs::incoming_message message;
    message.bytes = std::string(1 << 20, 'x');
    // A full disk is played by the shared limit on the size of a file, which SQLite meets as a failing write.
    EXPECT_TRUE(store->append(std::span(&message, 1)));
    struct rlimit before {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit tight = before;
    tight.rlim_cur = 64 * 1024;
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    message.control_id = "c1";
    message.duplicate_horizon = 24h;
    const auto refused = store->append(std::span(&message, 1));
    const auto probed = store->probe();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, old_handler);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::store_unavailable);
    EXPECT_FALSE(probed);
    EXPECT_TRUE(store->probe());
    const auto stored = store->append(std::span(&message, 1));
    ASSERT_TRUE(stored);
    EXPECT_FALSE(stored->at(0).duplicate) << "of the message that was not stored";
    EXPECT_EQ(store->messages({}).value().size(), 2U);
}

} // namespace auditgate::test
