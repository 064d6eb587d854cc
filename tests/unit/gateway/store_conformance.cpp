#include "tests/unit/gateway/store_conformance.hpp"

#include "gateway/store/sqlite_store.hpp"
#include "tests/support/hostile_store.hpp"

#include <algorithm>
#include <set>

namespace auditgate::test {

namespace security = gateway::security;

store_engine sqlite_engine() {
    return {"Sqlite", [](const std::filesystem::path& folder, security::key_ring& keys) {
                return gs::create_sqlite_store(gs::database_path(folder), keys).value();
            }};
}

store_engine hostile_sqlite_engine() {
    return {"HostileSqlite", [](const std::filesystem::path& folder, security::key_ring& keys) {
                return make_hostile(gs::create_sqlite_store(gs::database_path(folder), keys).value(),
                                    20260314);
            }};
}

void StoreConformance::SetUp() {
    const auto keys = gs::keys_folder(folder_.path());
    ASSERT_TRUE(security::key_ring::create(keys, std::chrono::sys_seconds(0s)));
    keys_ = security::key_ring::open(keys).value();
    reopen();
}

void StoreConformance::reopen() {
    store_.reset();
    store_ = GetParam().open(folder_.path(), *keys_);
}

gs::incoming_message StoreConformance::message(const std::string& control_id,
                                               const std::string& bytes) const {
    gs::incoming_message made;
    made.source = "pas";
    made.transport = "mllp";
    made.peer = "192.0.2.7:40123";
    made.format = "hl7v2";
    made.message_type = "ADT^A08";
    made.received_at = now;
    made.control_id = control_id;
    made.bytes = bytes;
    made.answer = "AA " + control_id;
    made.duplicate_horizon = std::chrono::hours(24);
    return made;
}

gs::append_outcome StoreConformance::append(const gs::incoming_message& message) {
    return store().append(std::span(&message, 1)).value().at(0);
}

std::map<gs::message_state, std::int64_t> StoreConformance::counts(const std::string& source) {
    std::map<gs::message_state, std::int64_t> found;
    for (const gs::message_count& count : store().message_counts().value()) {
        EXPECT_TRUE(count.adds_up()) << count.source;
        if (count.source != source)
            continue;
        for (const auto& [state, messages] : count.states)
            found[state] += messages;
    }
    return found;
}

void StoreConformance::commit(const std::function<gs::write_set()>& build) {
    for (int attempts = 0; attempts < 200; ++attempts) {
        if (store().commit(build()).value() == gs::commit_result::committed)
            return;
    }
    FAIL() << "never committed";
}

gs::cluster_write StoreConformance::cluster_with(const std::vector<std::string>& keys, gs::message_id message,
                                                 const std::string& events) {
    gs::cluster_write write;
    std::set<std::string> all(keys.begin(), keys.end());
    for (const gs::cluster_snapshot& found : store().clusters_with(keys, {}).value()) {
        if (!write.id) {
            write.id = found.id;
            write.expected_revision = found.revision;
        } else {
            write.absorbs.emplace_back(found.id, found.revision);
            write.put_events.insert(write.put_events.end(), found.events.begin(), found.events.end());
        }
        all.insert(found.keys.begin(), found.keys.end());
        write.cases.insert(write.cases.end(), found.cases.begin(), found.cases.end());
    }
    write.keys.assign(all.begin(), all.end());
    write.put_events.push_back({message, events});
    return write;
}

gs::cluster_snapshot StoreConformance::only_cluster_with(const std::string& key) {
    const std::vector<std::string> keys{key};
    const auto found = store().clusters_with(keys, {}).value();
    EXPECT_EQ(found.size(), 1U) << key;
    return found.empty() ? gs::cluster_snapshot{} : found.front();
}

void StoreConformance::map_everything(const std::function<gs::write_set(const gs::work&)>& map,
                                      const std::string& owner) {
    for (;;) {
        const auto claimed = store().claim(owner, 8, now, 1min).value();
        if (claimed.empty()) {
            if (store().work_backlog().value() == 0)
                return;
            now += 2min; // what is left was leased by somebody who gave up: us
            continue;
        }
        for (const gs::work& one : claimed) {
            gs::write_set changes = map(one);
            changes.done.push_back(one.id);
            // Not committed: leave it, the lease will run out.
            (void)store().commit(changes).value();
        }
    }
}

} // namespace auditgate::test
