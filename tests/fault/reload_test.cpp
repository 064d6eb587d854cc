// A changed configuration while the gateway runs: taken as a whole or refused as a whole, with messages coming all the time.
#include "tests/support/idle.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>

namespace auditgate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string replaced_everywhere(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

// A gateway of the demo with a configuration of its own, which a test may change.
class Reload : public testing::Test {
protected:
    Reload() {
        fs::copy(source_folder() / "config", folder_.path() / "config", fs::copy_options::recursive);
        change(yaml_, (source_folder() / "config").string(), (folder_.path() / "config").string());
        services_.start_registry();
    }

    static void change(const fs::path& file, const std::string& what, const std::string& with) {
        const std::string text = read_file(file);
        ASSERT_NE(text.find(what), std::string::npos) << file << " has no " << what;
        write_file(file, replaced_everywhere(text, what, with));
    }
    static void append(const fs::path& file, const std::string& line) {
        write_file(file, read_file(file) + line + "\n");
    }

    struct answer {
        int exit = 0;
        std::string text;
    };
    answer reload() {
        const fs::path output = folder_.path() / "reload.out";
        fs::remove(output);
        child_process command({AUDITGATE_BINARY, "reload", "--config", yaml_}, output);
        const int exit = command.wait();
        return {exit, read_file(output)};
    }

    // The messages of one patient, whose quality of life is told by a code that nobody has mapped.
    static std::vector<std::string> journey(int patient) {
        const auto day_zero =
            std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) - std::chrono::days(91);
        std::vector<std::string> messages = sample_journey(patient, day_zero);
        for (std::string& one : messages)
            one = replaced_everywhere(one, "|EQ5D-INDEX^", "|WARD-7^");
        return messages;
    }

    void send(mllp_connection& by, const std::vector<std::string>& messages) {
        for (const std::string& one : messages)
            ASSERT_THAT(by.exchange(one), HasSubstr("\rMSA|AA|"));
    }

    std::string metric(const std::string& name) {
        std::string body;
        EXPECT_EQ(http_get(services_.operations_port(), "/metrics", &body), 200);
        const auto at = body.find("\n" + name + " ");
        return at == std::string::npos
                   ? ""
                   : body.substr(at + name.size() + 2, body.find('\n', at + 1) - at - name.size() - 2);
    }

    temporary_folder folder_;
    demo_services services_{folder_.path()};
    const fs::path yaml_ = folder_.path() / "gateway.yaml";
    const fs::path local_codes_ = folder_.path() / "config/terminology/concept-maps/local-codes.csv";
};

TEST_F(Reload, TakesAChangedCodeMapForWhatCameBeforeItAndKeepsConnections) {
    services_.start_gateway();
    mllp_connection sender(services_.mllp_port());
    send(sender, journey(1));
    wait_until_delivered(services_);
    auto records = registry_records(services_);
    ASSERT_EQ(records.size(), 1U);
    const std::string before = records.begin()->second;
    EXPECT_THAT(before, Not(HasSubstr("0.312")));

    append(local_codes_, "local-codes,L,WARD-7,L,EQ5D-INDEX,,verified,");
    const answer taken = reload();
    EXPECT_EQ(taken.exit, 0) << taken.text;
    EXPECT_THAT(taken.text, HasSubstr("every case is computed again"));
    wait_until_delivered(services_);
    records = registry_records(services_);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_THAT(records.begin()->second, HasSubstr("0.312"));

    send(sender, journey(2)); // by the connection of before
    wait_until_delivered(services_);
    records = registry_records(services_);
    ASSERT_EQ(records.size(), 2U);
    for (const auto& [id, content] : records)
        EXPECT_THAT(content, HasSubstr("0.312"));
    EXPECT_EQ(metric("auditgate_configuration_reloads_total{result=\"activated\"}"), "1");
    const answer same = reload();
    EXPECT_EQ(same.exit, 0);
    EXPECT_THAT(same.text, HasSubstr("no case is computed otherwise"));
    EXPECT_TRUE(services_.stop());
}

TEST_F(Reload, RefusesAWrongFileAsAWholeAndGoesOnWithTheConfigurationBefore) {
    append(local_codes_, "local-codes,L,WARD-7,L,EQ5D-INDEX,,verified,");
    services_.start_gateway();
    mllp_connection sender(services_.mllp_port());
    send(sender, journey(1));
    wait_until_delivered(services_);
    const auto before = registry_records(services_);
    const std::string right = read_file(local_codes_);
    write_file(local_codes_,
               replaced_everywhere(right, "local-codes,L,WARD-7,L,EQ5D-INDEX,,verified,\n", "") +
                   "local-codes,L,WARD-8,LOINC-,X,,verified,\n");
    const answer checked = reload();
    EXPECT_EQ(checked.exit, 3);
    EXPECT_THAT(checked.text, testing::AllOf(HasSubstr("local-codes.csv:"), HasSubstr("LOINC-"),
                                             HasSubstr("nothing was asked of the gateway")));
    EXPECT_EQ(metric("auditgate_configuration_reloads_total{result=\"refused\"}"), "");

    services_.signal_gateway(SIGHUP); // by whoever has not checked
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (metric("auditgate_configuration_reloads_total{result=\"refused\"}") != "1") {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << read_file(folder_.path() / "gateway.log");
        ::poll(nullptr, 0, 20);
    }
    EXPECT_THAT(read_file(folder_.path() / "gateway.log"),
                testing::AllOf(HasSubstr("configuration-refused"), HasSubstr("local-codes.csv")));
    send(sender, journey(2));
    wait_until_delivered(services_);
    const auto after = registry_records(services_);
    ASSERT_EQ(after.size(), 2U);
    for (const auto& [id, content] : after)
        EXPECT_THAT(content, HasSubstr("0.312")) << "mapped as before";
    for (const auto& [id, content] : before)
        EXPECT_EQ(after.at(id), content);
    EXPECT_THAT(services_.run("gateway", {"status"}, 1), HasSubstr("refused a changed configuration"));

    write_file(local_codes_, right);
    EXPECT_EQ(reload().exit, 0);
    EXPECT_THAT(services_.run("gateway", {"status"}, 1), Not(HasSubstr("refused a changed configuration")));
    EXPECT_TRUE(services_.stop());
}

TEST_F(Reload, TakesDestinationsAndSourcesAndTellsWhatNeedsARestart) {
    services_.send_records_by_way_of(free_port()); // nobody is there
    services_.start_gateway();
    mllp_connection sender(services_.mllp_port());
    send(sender, journey(1));
    wait_until_mapped(services_);
    EXPECT_TRUE(registry_records(services_).empty());

    const std::string text = read_file(yaml_);
    const auto at = text.find("url: http://127.0.0.1:");
    ASSERT_NE(at, std::string::npos);
    std::string mended = text;
    mended.replace(at, text.find('\n', at) - at,
                   "url: http://127.0.0.1:" + std::to_string(services_.registry_port()) + "/fhir");
    write_file(yaml_, "log: warning\n" + replaced_everywhere(mended, "- name: hospital", "- name: north"));
    const answer taken = reload();
    EXPECT_EQ(taken.exit, 1) << taken.text;
    EXPECT_THAT(taken.text, HasSubstr("`log` has changed: that counts from the next start on"));
    wait_until_delivered(services_);
    EXPECT_EQ(registry_records(services_).size(), 1U);
    send(sender, {journey(2).front()});
    wait_until_mapped(services_);
    EXPECT_THAT(services_.run("gateway", {"status"}, 1), HasSubstr("\nnorth "));
    EXPECT_TRUE(services_.stop());
}

TEST_F(Reload, SaysThatNoGatewayIsRunning) {
    const answer none = reload();
    EXPECT_EQ(none.exit, 5);
    EXPECT_THAT(none.text, HasSubstr("it takes the configuration when it is started"));
    EXPECT_FALSE(fs::exists(folder_.path() / "gateway/reload.request"))
        << "a later start has nothing to answer";
}

} // namespace
} // namespace auditgate::test
