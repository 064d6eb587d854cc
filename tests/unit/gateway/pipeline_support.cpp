#include "tests/unit/gateway/pipeline_support.hpp"

#include "gateway/pipeline/work_round.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/hostile_store.hpp"
#include "tests/support/shipped_configuration.hpp"

#include <algorithm>

namespace auditgate::test {

namespace fs = std::filesystem;

gateway::configuration* PipelineOnAStore::configuration_ = nullptr;

void PipelineOnAStore::SetUpTestSuite() {
    configuration_ = new gateway::configuration(shipped_configuration());
}

void PipelineOnAStore::TearDownTestSuite() {
    delete configuration_;
    configuration_ = nullptr;
}

void PipelineOnAStore::open(const std::string& name, std::optional<std::uint32_t> hostile_seed) {
    store_.reset();
    opened_ = folder_.path() / name;
    ASSERT_TRUE(gateway::security::key_ring::create(opened_ / "keys", {}));
    keys_ = gateway::security::key_ring::open(opened_ / "keys").value();
    store_ = gs::create_sqlite_store(database(), *keys_).value();
    if (hostile_seed)
        store_ = make_hostile(std::move(store_), *hostile_seed);
}

void PipelineOnAStore::receive(const std::vector<std::string>& messages) {
    std::vector<gs::incoming_message> batch;
    for (const std::string& bytes : messages) {
        gs::incoming_message message;
        message.source = "hospital";
        message.transport = "file";
        message.format = bytes.starts_with('{')                  ? "fhir-json"
                         : bytes.starts_with("#auditgate-table") ? "table"
                                                                 : "hl7v2";
        message.received_at = now;
        message.bytes = bytes;
        batch.push_back(std::move(message));
    }
    ASSERT_TRUE(store_->append(batch));
}

void PipelineOnAStore::map_all(int claim_max) {
    gs::utc_time at = now;
    for (int round = 0; round < 2000; ++round) {
        at += 2min; // leases of rounds that a hostile store spoilt have run out
        const auto claimed = store_->claim("mapper", claim_max, at, 1min);
        ASSERT_TRUE(claimed);
        if (claimed->empty() && store_->work_backlog().value() == 0)
            return;
        ASSERT_TRUE(pipeline::work_round(*store_, *claimed, with_, today, true));
    }
    FAIL() << "work is left after 2000 rounds";
}

void PipelineOnAStore::compute_everything_again() {
    activate_another_configuration();
    map_all(64);
}

void PipelineOnAStore::activate_another_configuration() {
    with_.revision = "another " + std::to_string(++configurations_);
    ASSERT_TRUE(store_->activate_configuration(with_.revision));
}

void PipelineOnAStore::take_local_numbers_of_type(const std::string& type) {
    with_.profiles.clear();
    with_.default_profile.identifiers.local_types = {type};
}

std::map<std::string, std::string> PipelineOnAStore::desired() {
    std::map<std::string, std::string> all;
    asked_at_ += 2min; // the leases of the last time have run out
    const auto rows = store_->lease("registry", "sender", 100, asked_at_, 1min);
    EXPECT_TRUE(rows);
    for (const gs::outbox_row& row : *rows)
        all[row.record_id] = row.desired_content.value_or("");
    return all;
}

std::map<std::string, std::string> PipelineOnAStore::desired_and_present() {
    auto all = desired();
    std::erase_if(all, [](const auto& one) { return one.second.empty(); });
    return all;
}

std::map<gs::message_state, std::int64_t> PipelineOnAStore::counts() {
    std::map<gs::message_state, std::int64_t> by_state;
    const auto counted = store_->message_counts();
    for (const gs::message_count& one : counted.value())
        for (const auto& [state, count] : one.states)
            by_state[state] += count;
    return by_state;
}

gs::cluster_snapshot PipelineOnAStore::only_cluster_with(const std::string& key) {
    const auto found = store_->clusters_with(std::vector<std::string>{key}, {}).value();
    EXPECT_EQ(found.size(), 1U) << key;
    return found.empty() ? gs::cluster_snapshot{} : found.front();
}

std::size_t PipelineOnAStore::clusters() {
    EXPECT_EQ(store_->work_backlog().value(), 0);
    activate_another_configuration();
    const auto count = static_cast<std::size_t>(store_->work_backlog().value());
    map_all(64);
    return count;
}

fs::path PipelineOnAStore::database() const {
    return gs::database_path(opened_);
}

std::vector<std::string> PipelineOnAStore::messages_of(const std::string& golden_case) {
    std::vector<fs::path> files;
    for (const auto& entry :
         fs::directory_iterator(source_folder() / "tests/acceptance" / golden_case / "messages"))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> messages;
    for (const fs::path& file : files)
        messages.push_back(read_file(file));
    return messages;
}

} // namespace auditgate::test
