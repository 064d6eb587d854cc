// The first promise under the worst fault: what was acknowledged is there after the power came back.
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/fault/power_cut_vfs.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <map>
#include <string>
#include <string_view>

namespace auditgate::test {

namespace {

using namespace std::chrono_literals;
namespace gs = gateway::store;
namespace security = gateway::security;

#ifdef AUDITGATE_SANITIZED
constexpr std::uint32_t cuts_with_syncs = 20;
#else
constexpr std::uint32_t cuts_with_syncs = 200;
#endif

// While it lives, every connection that SQLite opens has PRAGMA synchronous=OFF, whatever the program that opens it
// asks for afterwards.
class synchronous_off {
public:
    synchronous_off() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(on_open)); }
    ~synchronous_off() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(on_open)); }
    synchronous_off(const synchronous_off&) = delete;
    synchronous_off& operator=(const synchronous_off&) = delete;

private:
    static int on_open(sqlite3* db, const char**, const sqlite3_api_routines*) {
        const int code = sqlite3_exec(db, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
        return code != SQLITE_OK ? code : sqlite3_set_authorizer(db, authorize, nullptr);
    }
    static int authorize(void*, int action, const char* name, const char* value, const char*, const char*) {
        const bool asks_for_more =
            action == SQLITE_PRAGMA && std::string_view(name) == "synchronous" && value != nullptr;
        return asks_for_more ? SQLITE_IGNORE : SQLITE_OK;
    }
};

struct totals {
    std::int64_t acknowledged = 0;
    std::int64_t missing = 0;
    int unusable = 0; // stores that could not be opened or read again
};

class power_cut_run {
public:
    explicit power_cut_run(std::uint32_t seed) : random_(seed), disk_(seed) {
        const auto keys = gs::keys_folder(folder_.path());
        EXPECT_TRUE(security::key_ring::create(keys, {}));
        keys_ = security::key_ring::open(keys).value();
    }

    void run(totals& sum) {
        write_until_the_cut();
        disk_.restart();
        sum.acknowledged += static_cast<std::int64_t>(acknowledged_.size());
        count_missing(sum);
    }

private:
    [[nodiscard]] std::filesystem::path database() const { return gs::database_path(folder_.path()); }

    // Journals and maps, until the disk fails.
    void write_until_the_cut() {
        gs::sqlite_options options;
        options.vfs = disk_.name();
        auto opened = gs::create_sqlite_store(database(), *keys_, options);
        ASSERT_TRUE(opened);
        auto& store = **opened;
        disk_.cut_after(random_() % 3000);
        for (int batch = 0; batch < 2000; ++batch) {
            if (!append_some(store) || (batch % 3 == 0 && !map_some(store)))
                return;
        }
        FAIL() << "the power was never cut";
    }

    [[nodiscard]] bool append_some(gs::store& store) {
        std::vector<gs::incoming_message> batch(1 + random_() % 12);
        for (auto& message : batch) {
            message.source = "pas";
            message.control_id = std::to_string(next_++);
            message.bytes = message.control_id + ':' + std::string(200 + random_() % 6000, 'x');
            message.duplicate_horizon = 24h;
        }
        if (!store.append(batch))
            return false;
        for (const auto& message : batch)
            acknowledged_.emplace(message.control_id, message.bytes);
        return true;
    }

    [[nodiscard]] bool map_some(gs::store& store) {
        const auto claimed = store.claim("mapper", 8, {}, 1min);
        if (!claimed)
            return false;
        for (const gs::work& one : *claimed) {
            gs::write_set changes{{one.id}, {{one.message.id, gs::message_state::applied, ""}}, {}, {}};
            gs::cluster_write cluster;
            cluster.keys = {one.message.control_id};
            cluster.put_events = {{one.message.id, one.message.bytes}};
            changes.clusters.push_back(cluster);
            const auto committed = store.commit(changes);
            if (!committed)
                return false;
            mapped_.push_back(one.message.control_id);
        }
        return true;
    }

    void count_missing(totals& sum) {
        const auto reopened = gs::create_sqlite_store(database(), *keys_);
        gs::message_filter all;
        all.limit = 1'000'000;
        const auto stored = reopened ? (*reopened)->messages(all) : reopened.error();
        const auto counts = reopened ? (*reopened)->message_counts() : reopened.error();
        if (!stored || !counts) {
            ++sum.unusable;
            sum.missing += static_cast<std::int64_t>(acknowledged_.size());
            return;
        }
        std::int64_t counted = 0;
        for (const auto& count : *counts) {
            EXPECT_TRUE(count.adds_up());
            counted += count.received;
        }
        EXPECT_EQ(counted, static_cast<std::int64_t>(stored->size())) << "the counts add up";
        std::map<std::string, const gs::stored_message*> by_id;
        for (const auto& message : *stored)
            by_id[message.control_id] = &message;
        for (const auto& [id, bytes] : acknowledged_) {
            const auto found = by_id.find(id);
            sum.missing += found == by_id.end() || found->second->bytes != bytes;
        }
        for (const std::string& id : mapped_) {
            const auto found = by_id.find(id);
            sum.missing += found != by_id.end() && found->second->state != gs::message_state::applied;
        }
    }

    std::mt19937 random_;
    temporary_folder folder_;
    power_cut_vfs disk_;
    std::unique_ptr<security::key_ring> keys_;
    std::map<std::string, std::string> acknowledged_;
    std::vector<std::string> mapped_;
    int next_ = 1;
};

totals cut_many_times(std::uint32_t cuts) {
    totals sum;
    for (std::uint32_t seed = 1; seed <= cuts && !testing::Test::HasFatalFailure(); ++seed)
        power_cut_run(seed).run(sum);
    testing::Test::RecordProperty("acknowledged", std::to_string(sum.acknowledged));
    testing::Test::RecordProperty("missing", std::to_string(sum.missing));
    std::cout << cuts << " cuts: acknowledged " << sum.acknowledged << ", missing " << sum.missing
              << ", stores unusable " << sum.unusable << '\n';
    return sum;
}

} // namespace

TEST(StorePowerCut, LosesNothingThatWasAcknowledged) {
    const totals sum = cut_many_times(cuts_with_syncs);
    EXPECT_GT(sum.acknowledged, 10 * std::int64_t{cuts_with_syncs});
    EXPECT_EQ(sum.missing, 0);
    EXPECT_EQ(sum.unusable, 0);
}

// The control: without syncs the same runs must lose something, or the test above shows nothing.
TEST(StorePowerCut, LosesSomethingWithSynchronousOff) {
    const synchronous_off without_syncs;
    EXPECT_GT(cut_many_times(cuts_with_syncs).missing, 0);
}

} // namespace auditgate::test
