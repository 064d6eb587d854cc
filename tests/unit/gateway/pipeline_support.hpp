// Mapping from the journal to the outbox on a real store: messages in, desired records and states of messages out.
#pragma once

#include "gateway/config/configuration.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/store.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::test {

namespace gs = gateway::store;
namespace pipeline = gateway::pipeline;

using namespace std::chrono_literals;

class PipelineOnAStore : public testing::Test {
protected:
    inline static constexpr std::chrono::local_days today{std::chrono::year{2026} / 7 / 8};
    inline static constexpr gs::utc_time now{std::chrono::sys_days{std::chrono::year{2026} / 7 / 8}};

    static void SetUpTestSuite();
    static void TearDownTestSuite();
    void SetUp() override { open("plain"); }

    // A new store in a folder of its own.
    void open(const std::string& name, std::optional<std::uint32_t> hostile_seed = std::nullopt);
    void receive(const std::vector<std::string>& messages);
    // Rounds of `claim_max` pieces until no work is left.
    void map_all(int claim_max);
    void compute_everything_again();
    // Under another revision; what it says stays the same.
    void activate_another_configuration();
    // From now on messages are read with a profile that knows this type of local number only.
    void take_local_numbers_of_type(const std::string& type);

    // What should be at the destination, by record id; "" where a record is to be taken back.
    [[nodiscard]] std::map<std::string, std::string> desired();
    // The same without what is to be taken back: what a patient's messages say whatever was sent on the way.
    [[nodiscard]] std::map<std::string, std::string> desired_and_present();
    [[nodiscard]] std::map<gs::message_state, std::int64_t> counts();
    [[nodiscard]] gs::cluster_snapshot only_cluster_with(const std::string& key);
    [[nodiscard]] std::size_t clusters(); // how many there are

    [[nodiscard]] std::filesystem::path database() const; // of the store opened last
    [[nodiscard]] static std::vector<std::string> messages_of(const std::string& golden_case);

    static gateway::configuration* configuration_;
    pipeline::setup with_ = *configuration_->mapping;
    std::unique_ptr<gs::store> store_;

private:
    gs::utc_time asked_at_ = now + 1000h;
    int configurations_ = 0;
    temporary_folder folder_;
    std::filesystem::path opened_;
    std::unique_ptr<gateway::security::key_ring> keys_;
};

} // namespace auditgate::test
