// What a registry keeps on the disk, and what of it goes when a record is retracted.
#include "gateway/registry/export_records.hpp"
#include "gateway/registry/registry_store.hpp"
#include "gateway/store/sqlite.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::gateway::registry {
namespace {

namespace fs = std::filesystem;

class RegistryStore : public ::testing::Test {
protected:
    RegistryStore() { open(); }

    void open() {
        store_.reset();
        keys_ = open_registry_keys(folder_.path() / "data", std::chrono::sys_seconds{}).value();
        auto opened = registry_store::open(registry_database(folder_.path() / "data"), *keys_);
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = *std::move(opened);
    }

    result<intake_outcome> put(int version, bool retract) {
        return store_->put({"hospital", std::string(64, 'a'), "dataset", version, retract,
                            retract ? "" : hash_, retract ? "" : "content"},
                           {});
    }

    // Everything of the keys fails as long as their lock cannot be taken.
    void break_keys() {
        fs::remove(lock());
        fs::create_directory(lock());
    }
    void mend_keys() { fs::remove(lock()); }
    [[nodiscard]] fs::path lock() const { return registry_keys(folder_.path() / "data") / "lock"; }

    [[nodiscard]] std::size_t key_count() const { return keys_->summary().wrapped_keys; }

    [[nodiscard]] std::string database() const {
        const fs::path file = registry_database(folder_.path() / "data");
        return test::read_file(file) + test::read_file(file.string() + "-wal");
    }

    const std::string hash_ = std::string(60, '7') + "beef";
    test::temporary_folder folder_;
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<registry_store> store_;
};

TEST_F(RegistryStore, ErasesAKeyThatCouldNotBeErasedWhenTheRetractComesAgain) {
    ASSERT_TRUE(put(1, false));
    const std::size_t before = key_count();
    break_keys();
    EXPECT_FALSE(put(2, true));
    EXPECT_FALSE(put(2, true)) << "it is not done yet";
    mend_keys();
    ASSERT_TRUE(put(2, true));
    EXPECT_EQ(key_count(), before - 1);
}

TEST_F(RegistryStore, ErasesAKeyThatCouldNotBeErasedAtTheNextStart) {
    ASSERT_TRUE(put(1, false));
    const std::size_t before = key_count();
    break_keys();
    EXPECT_FALSE(put(2, true));
    mend_keys();
    open();
    EXPECT_EQ(key_count(), before - 1);
}

TEST_F(RegistryStore, TakesARetractAndANewVersionOfARecordWhoseKeyIsGone) {
    ASSERT_TRUE(put(1, false));
    security::key_id key = 0;
    {
        store::sqlite::connection db(registry_database(folder_.path() / "data"), {});
        auto row = db.prepare("SELECT key_id FROM record");
        ASSERT_TRUE(row.step());
        key = row.number(0);
    }
    ASSERT_TRUE(keys_->erase({&key, 1}));
    const auto retracted = put(2, true);
    ASSERT_TRUE(retracted) << retracted.error().message;
    EXPECT_EQ(retracted->end, intake_end::updated);
    ASSERT_TRUE(put(3, false));
    EXPECT_EQ(put(3, false)->end, intake_end::repeated);
}

TEST_F(RegistryStore, ARecordThatCannotBeOpenedHidesNoOtherAndIsNamedOnce) {
    const auto key_of = [](char id) { return std::string(64, id); };
    for (const char id : {'a', 'b', 'c'})
        ASSERT_TRUE(store_->put({"hospital", key_of(id), "dataset", 1, false, hash_,
                                 R"({"patient":{"sex":")" + std::string(1, id) + R"("}})"},
                                {}));
    {
        store::sqlite::connection db(registry_database(folder_.path() / "data"), {});
        auto row = db.prepare("SELECT key_id FROM record WHERE record_key = ?");
        ASSERT_TRUE(row.bind(key_of('b')).step());
        const security::key_id key = row.number(0);
        ASSERT_TRUE(keys_->erase({&key, 1}));
    }
    const auto exported = [&](const body_source& from) {
        std::string text;
        while (const auto piece = from().value())
            text += *piece;
        return text;
    };
    std::vector<std::string> left;
    const auto left_out = [&](const std::string& record_key) { left.push_back(record_key); };
    EXPECT_EQ(exported(export_ndjson(*store_, "dataset", left_out)),
              "{\"patient\":{\"sex\":\"a\"}}\n{\"patient\":{\"sex\":\"c\"}}\n");
    EXPECT_EQ(left, std::vector<std::string>{key_of('b')});
    left.clear();
    mapping::feed::layout places;
    places.dataset = "dataset";
    places.items.resize(1);
    places.items[0].path = "patient.sex";
    places.items[0].local = "patient.sex";
    const std::string csv = exported(export_csv(*store_, places, left_out));
    EXPECT_EQ(csv, "patient.sex\r\na\r\nc\r\n");
    EXPECT_EQ(left, std::vector<std::string>{key_of('b')});
}

TEST_F(RegistryStore, KeepsTheHashOfARecordUnderItsKey) {
    ASSERT_TRUE(put(1, false));
    EXPECT_EQ(database().find(hash_), std::string::npos);
    const auto again = put(1, false);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->end, intake_end::repeated);
    EXPECT_EQ(again->current.hash, hash_);
}

TEST_F(RegistryStore, SealsTheHashesOfAnOlderDatabase) {
    ASSERT_TRUE(put(1, false));
    store_.reset();
    {
        store::sqlite::connection db(registry_database(folder_.path() / "data"), {});
        db.execute("UPDATE registry SET schema_version = 1; UPDATE record SET hash = '" + hash_ + "'");
    }
    open();
    EXPECT_EQ(database().find(hash_), std::string::npos);
    const auto again = put(1, false);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->end, intake_end::repeated);
}

} // namespace
} // namespace auditgate::gateway::registry
