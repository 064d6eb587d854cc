#include "gateway/cli/cli.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/opt_out.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "mapping/release/gate.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <array>

using namespace auditgate::gateway;
using namespace auditgate::gateway::cli;
using auditgate::test::read_file;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view config_text = R"(data: data
listeners:
  - name: main
mapping: {terminology: t, datasets: a.yaml}
destinations:
  - name: registry
    url: https://registry.example/fhir
    key_id: k
    opt_out_files: {request: out/request.csv, response: out/response.csv}
  - name: research
    url: https://research.example/fhir
    key_id: k
    opt_out_files: {request: out/request.csv, response: out/response.csv}
  - name: consented
    url: https://consented.example/fhir
    key_id: k
    legal_basis: consent
  - name: exempted
    url: https://exempted.example/fhir
    key_id: k
    opt_out: exempt
    exemption_reference: CAG 1
)";

// An installation whose outbox wants records at its destinations.
class OptOutCommand : public testing::Test {
protected:
    OptOutCommand() {
        auditgate::test::write_file(config_file_, config_text);
        fs::create_directory(folder_.path() / "out");
        const fs::path data = folder_.path() / "data";
        fs::create_directory(data);
        EXPECT_TRUE(security::key_ring::create(store::keys_folder(data), std::chrono::sys_seconds{}));
        keys_ = *security::key_ring::open(store::keys_folder(data));
        store_ = *store::create_sqlite_store(store::database_path(data), *keys_);
        want("registry", 'a', "9000012538");
        want("registry", 'b', "9000009944");
        want("registry", 'c', "");
        want("research", 'd', "9000010225");
        want("consented", 'e', "9000014565");
    }

    void want(const std::string& destination, char record, const std::string& nhs_number) {
        store::desired_record wanted;
        wanted.destination = destination;
        wanted.record_id = std::string(64, record);
        wanted.content = "{}";
        wanted.gate_facts = to_bytes(auditgate::mapping::gate_facts{nhs_number, {}, {}});
        store::write_set changes;
        changes.desired.push_back(std::move(wanted));
        EXPECT_EQ(store_->commit(changes).value(), store::commit_result::committed);
    }

    int run(const char* destination) { return run_opt_out_request({config_file_, destination}); }

    auditgate::test::temporary_folder folder_;
    const fs::path config_file_ = folder_.path() / "gateway.yaml";
    const fs::path request_ = folder_.path() / "out/request.csv";
    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_;
};

TEST_F(OptOutCommand, WritesTheNumbersOfAllDestinationsThatShareTheFile) {
    for (const char* destination : {"", "registry", "research"}) {
        fs::remove(request_);
        EXPECT_EQ(run(destination), exit_done);
        EXPECT_EQ(read_file(request_), "9000009944,\n9000010225,\n9000012538,\n") << destination;
    }
}

TEST_F(OptOutCommand, AsksNoMoreAboutWhatIsNotWantedAnyMore) {
    store::write_set changes;
    changes.desired.push_back({"registry", std::string(64, 'b'), std::nullopt, "", "not-done"});
    ASSERT_TRUE(store_->commit(changes));
    EXPECT_EQ(run(""), exit_done);
    EXPECT_EQ(read_file(request_), "9000010225,\n9000012538,\n");
}

// Its response still answers it.
TEST_F(OptOutCommand, LeavesAFileWithTheSameNumbersAsItIs) {
    ASSERT_EQ(run(""), exit_done);
    const auto long_ago = fs::last_write_time(request_) - std::chrono::hours(1);
    fs::last_write_time(request_, long_ago);
    EXPECT_EQ(run(""), exit_done);
    EXPECT_EQ(fs::last_write_time(request_), long_ago);
    want("registry", 'f', "9000000001");
    EXPECT_EQ(run(""), exit_done);
    EXPECT_GT(fs::last_write_time(request_), long_ago);
}

TEST_F(OptOutCommand, RefusesDestinationsThatAskNoList) {
    for (const char* destination : {"consented", "exempted", "regstry"})
        EXPECT_EQ(run(destination), exit_usage) << destination;
    EXPECT_FALSE(fs::exists(request_));
}

TEST_F(OptOutCommand, RefusesAConfigurationWithoutARequestFile) {
    std::string text(config_text);
    text.replace(text.find("request: out/request.csv, "),
                 std::string_view("request: out/request.csv, ").size(), "");
    auditgate::test::write_file(config_file_, text);
    EXPECT_EQ(run(""), exit_configuration);
}

TEST_F(OptOutCommand, IsACommandOfTheProgram) {
    const std::string file = config_file_.string();
    const std::array<const char*, 7> words{"auditgate",  "opt-out",       "request", "--config",
                                           file.c_str(), "--destination", "registry"};
    EXPECT_EQ(run_cli(static_cast<int>(words.size()), words.data()), exit_done);
    EXPECT_TRUE(fs::exists(request_));
}

} // namespace
