// The tests that every engine behind the seam must pass, written against gateway/store/store.hpp alone. A test may be
// told "conflict" or "lease lost" at any time (the hostile wrapper does so): the helpers here go on as the seam says.
#pragma once

#include "gateway/security/key_file.hpp"
#include "gateway/store/store.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace auditgate::test {

namespace gs = gateway::store;

using namespace std::chrono_literals;

// How to open the store that lives in a folder; opening the folder again finds what was stored.
struct store_engine {
    std::string name;
    std::function<std::unique_ptr<gs::store>(const std::filesystem::path&, gateway::security::key_ring&)>
        open;
};

[[nodiscard]] store_engine sqlite_engine();
[[nodiscard]] store_engine hostile_sqlite_engine();

class StoreConformance : public testing::TestWithParam<store_engine> {
protected:
    void SetUp() override;

    [[nodiscard]] gs::store& store() { return *store_; }
    void reopen();

    // A message of a source with a control id; received at `now`, waiting, with a horizon of a day.
    [[nodiscard]] gs::incoming_message message(const std::string& control_id, const std::string& bytes) const;
    gs::append_outcome append(const gs::incoming_message& message);
    [[nodiscard]] std::map<gs::message_state, std::int64_t> counts(const std::string& source = "pas");

    // Commits what `build` makes, again and again until it is committed: `build` reads again what it needs.
    void commit(const std::function<gs::write_set()>& build);
    // A cluster with these keys, which takes in every cluster that has one of them; with the events of one message.
    [[nodiscard]] gs::cluster_write cluster_with(const std::vector<std::string>& keys, gs::message_id message,
                                                 const std::string& events);
    [[nodiscard]] gs::cluster_snapshot only_cluster_with(const std::string& key);
    // Work until the store has none for us: `map` makes the write set of one piece of it, without `done`.
    void map_everything(const std::function<gs::write_set(const gs::work&)>& map,
                        const std::string& owner = "mapper");

    gs::utc_time now = std::chrono::sys_days(std::chrono::year(2026) / 3 / 14) + 9h;

private:
    temporary_folder folder_;
    std::unique_ptr<gateway::security::key_ring> keys_;
    std::unique_ptr<gs::store> store_;
};

} // namespace auditgate::test
