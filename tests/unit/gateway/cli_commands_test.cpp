// The command line as people type it, on an installation of its own.
#include "gateway/cli/cli.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/why.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::cli;

namespace {

namespace fs = std::filesystem;

class Commands : public testing::Test {
protected:
    Commands() {
        fs::copy(auditgate::test::source_folder() / "config", folder_.path() / "config",
                 fs::copy_options::recursive);
        fs::create_directories(data());
        EXPECT_TRUE(security::key_ring::create(store::keys_folder(data()), std::chrono::sys_seconds{}));
    }

    [[nodiscard]] fs::path data() const { return folder_.path() / "data"; } // as gateway.yaml says
    [[nodiscard]] std::string config() const { return folder_.path() / "config/gateway.yaml"; }

    // A record of each id, held at its destination for its reason.
    struct held {
        std::string destination, record, reason;
    };
    void hold(const std::vector<held>& records) {
        const auto keys = security::key_ring::open(store::keys_folder(data())).value();
        const auto store = store::create_sqlite_store(store::database_path(data()), *keys).value();
        for (const held& one : records) {
            store::write_set changes;
            changes.desired = {{one.destination, one.record, "content", "facts", ""}};
            ASSERT_EQ(store->commit(changes).value(), store::commit_result::committed);
            const auto rows = store->lease(one.destination, "test", 1, {}, std::chrono::minutes(1)).value();
            ASSERT_TRUE(store->finish(rows.at(0), {store::attempt_end::held, {}, one.reason, ""}, {}));
        }
    }

    // Exit code; what was printed goes to out_ and errors_.
    int run(std::vector<std::string> words) {
        std::vector<const char*> arguments{"auditgate"};
        for (const std::string& word : words)
            arguments.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int exit = run_cli(static_cast<int>(arguments.size()), arguments.data());
        out_ = testing::internal::GetCapturedStdout();
        errors_ = testing::internal::GetCapturedStderr();
        return exit;
    }

    auditgate::test::temporary_folder folder_;
    std::string out_, errors_;
};

TEST_F(Commands, CheckTakesTheFileWithAndWithoutItsOption) {
    EXPECT_EQ(run({"check", config()}), exit_done) << errors_;
    EXPECT_THAT(out_, testing::HasSubstr("gateway.yaml is right"));
    EXPECT_EQ(run({"check", "--config", config()}), exit_done) << errors_;
    EXPECT_EQ(run({"check", "nowhere.yaml"}), exit_configuration);
}

TEST_F(Commands, CheckKnowsTheConfigurationOfARegistry) {
    const fs::path file = folder_.path() / "config/registry.yaml";
    EXPECT_EQ(run({"check", file}), exit_configuration) << "there are no tokens yet";
    EXPECT_THAT(errors_,
                testing::AllOf(testing::HasSubstr("tokens/demo-hospital of demo-hospital is empty or "
                                                  "cannot be read"),
                               testing::HasSubstr("tokens/analysts of analysts is empty"),
                               testing::Not(testing::HasSubstr("unknown key"))));
    const fs::path tokens = folder_.path() / "data-registry/tokens";
    fs::create_directories(tokens);
    auditgate::test::write_file(tokens / "demo-hospital", "one\n");
    auditgate::test::write_file(tokens / "analysts", "two\n");
    EXPECT_EQ(run({"check", file}), exit_done) << errors_;
    EXPECT_THAT(out_, testing::HasSubstr("registry.yaml is right: a registry of 1 sender(s), 1 reader(s), "
                                         "1 dataset(s)\n"));
    EXPECT_EQ(run({"check", "--json", file}), exit_done);
    EXPECT_EQ(out_, "[]\n");
    std::string text = auditgate::test::read_file(file);
    const auto replace = [&](const std::string& what, const std::string& by) {
        ASSERT_NE(text.find(what), std::string::npos) << what;
        text.replace(text.find(what), what.size(), by);
    };
    replace("  # tls:\n  #   certificate: tls/registry.pem\n  #   key: tls/registry.key\n",
            "  tls: {certificate: registry.yaml, key: tls/registry.key}\n");
    replace("datasets: [nice-rfa-spinal-metastases]", "datasets: [nice-rfa-spinal-metastase]");
    auditgate::test::write_file(file, text);
    EXPECT_EQ(run({"check", file}), exit_configuration);
    EXPECT_THAT(errors_, testing::AllOf(testing::HasSubstr("did you mean `nice-rfa-spinal-metastases`?"),
                                        testing::HasSubstr("`certificate`: "),
                                        testing::HasSubstr("registry.yaml holds no PEM text"),
                                        testing::HasSubstr("tls/registry.key cannot be read")));
}

TEST_F(Commands, DescribeTellsTheDatasetsOfAFolder) {
    const std::string folder = folder_.path() / "config";
    EXPECT_EQ(run({"describe", "--config", folder}), exit_done) << errors_;
    EXPECT_EQ(out_, auditgate::test::read_file(auditgate::test::source_folder() / "docs" / "dataset.md"));
    EXPECT_EQ(run({"describe", "--config", folder, "--dataset", "nice-rfa-spinal-metastases"}), exit_done);
    EXPECT_THAT(out_, testing::HasSubstr("Dataset `nice-rfa-spinal-metastases`, version 1.0.0"));
    EXPECT_THAT(out_, testing::Not(testing::HasSubstr("Dataset `nice-rfa-vertebral-augmentation`")));
    EXPECT_EQ(run({"describe", "--config", folder, "--dataset", "nothing"}), exit_configuration);
    EXPECT_EQ(out_, "");
    EXPECT_THAT(errors_, testing::HasSubstr("datasets/nothing.yaml"));
}

TEST_F(Commands, HoldsAndQuarantineListWhenNoActionIsNamed) {
    hold({{"registry", "r1", "http-403"}});
    EXPECT_EQ(run({"holds", "--config", config()}), exit_done) << errors_;
    EXPECT_THAT(out_, testing::HasSubstr("registry  r1  since "));
    EXPECT_EQ(run({"holds", "list", "--config", config()}), exit_done) << errors_;
    EXPECT_THAT(out_, testing::HasSubstr("registry  r1  since "));
    EXPECT_EQ(run({"quarantine", "--config", config()}), exit_done) << errors_;
    EXPECT_EQ(out_, "nothing is in quarantine\n");
}

TEST_F(Commands, HoldsReleasesAllRecordsOfOneReason) {
    hold({{"registry", "r1", "http-403"},
          {"registry", "r2", "http-403"},
          {"registry", "r3", "http-422"},
          {"other", "r4", "http-403"}});
    EXPECT_EQ(run({"holds", "release-record", "registry", "--reason", "http-403", "--dry-run", "--config",
                   config()}),
              exit_done)
        << errors_;
    EXPECT_THAT(out_, testing::AllOf(testing::HasSubstr("registry  r1"), testing::HasSubstr("registry  r2"),
                                     testing::HasSubstr("2 records would be tried again; nothing was")));
    EXPECT_EQ(run({"holds", "release-record", "registry", "--reason", "http-403", "--config", config()}),
              exit_done)
        << errors_;
    EXPECT_EQ(out_, "2 records will be tried again\n");
    EXPECT_EQ(run({"holds", "--config", config()}), exit_done);
    EXPECT_THAT(out_, testing::AllOf(testing::HasSubstr("registry  r3"), testing::HasSubstr("other  r4")));
    EXPECT_THAT(out_, testing::Not(testing::HasSubstr("r1")));
    EXPECT_EQ(run({"holds", "release-record", "registry", "--reason", "http-403", "--config", config()}),
              exit_usage);
    EXPECT_EQ(run({"holds", "release-record", "registry", "--config", config()}), exit_usage);
    EXPECT_EQ(run({"holds", "release-record", "registry", "r3", "--config", config()}), exit_done) << errors_;
}

TEST_F(Commands, MessagesAreReleasedByIdsOrByReasonAndNotByBoth) {
    hold({}); // makes the store
    for (const std::vector<std::string>& action :
         {std::vector<std::string>{"holds", "release-message"}, {"quarantine", "replay"}}) {
        const auto with = [&](std::vector<std::string> more) {
            more.insert(more.begin(), action.begin(), action.end());
            more.insert(more.end(), {"--config", config()});
            return run(more);
        };
        EXPECT_EQ(with({"1", "2"}), exit_usage);
        EXPECT_EQ(errors_, "there is no message 1\nthere is no message 2\n");
        EXPECT_EQ(with({"--reason", "unknown-source", "--dry-run"}), exit_usage);
        EXPECT_THAT(errors_, testing::HasSubstr("for this reason"));
        EXPECT_EQ(with({"1", "--reason", "unknown-source"}), exit_usage);
        EXPECT_EQ(with({"1", "--of-source", "hospital"}), exit_usage);
        EXPECT_EQ(with({}), exit_usage);
    }
}

TEST_F(Commands, ExportNamesTheFormatsThatThereAre) {
    EXPECT_EQ(run({"export", "--format", "xml"}), exit_usage);
    EXPECT_THAT(errors_, testing::HasSubstr("there is no format `xml`: it is csv or ndjson"));
}

TEST_F(Commands, ReportSaysHowToNameTheDefinitionsWhenNoneFits) {
    const fs::path records = folder_.path() / "records.ndjson";
    const auto report = [&](const std::string& record, const std::string& folder) {
        auditgate::test::write_file(records, record + "\n");
        return run({"report", "--records", records, "--definitions", folder});
    };
    const std::string config_folder = folder_.path() / "config";
    EXPECT_EQ(report(R"({"dataset":"hip-replacement"})", config_folder), exit_configuration);
    EXPECT_THAT(errors_, testing::HasSubstr("the definition of dataset `hip-replacement` was looked for in " +
                                            config_folder + ": name with --definitions the folder"));
    EXPECT_EQ(report(R"({"dataset":"nice-rfa-spinal-metastases"})", folder_.path() / "nowhere"),
              exit_configuration);
    EXPECT_THAT(errors_, testing::HasSubstr("name with --definitions the folder"));
    EXPECT_EQ(report(R"({"dataset":"nice-rfa-spinal-metastases","dataset_version":"0.1"})", config_folder),
              exit_findings);
    EXPECT_THAT(errors_, testing::HasSubstr("no record fits version 1.0.0 of dataset"));
}

TEST_F(Commands, WhyTellsWhichRecordIdsItKnows) {
    hold({}); // makes the store
    EXPECT_EQ(run({"why", std::string(64, 'a'), "--config", config()}), exit_findings);
    EXPECT_THAT(errors_, testing::AllOf(testing::HasSubstr("`auditgate holds` shows it"),
                                        testing::HasSubstr("`auditgate registry` gives records another id")));
}

TEST(Why, ShowsTheValueOfAnItemThatIsNotTraced) {
    const auto record =
        auditgate::fhir::json::parse(
            R"({"patient":{"sex":"female"},"efficacy":[{"timepoint":"M1","opioid":{"mg":30}}]})")
            .document.value();
    const auto sex = untraced_item(record, "patient.sex");
    ASSERT_TRUE(sex.has_value());
    EXPECT_EQ(write(*sex),
              R"({"item":"patient.sex","value":"female","rule":null,"messages":[],"beaten":[]})");
    EXPECT_EQ(write((*untraced_item(record, "efficacy.M1.opioid.mg"))["value"]), "30");
    EXPECT_FALSE(untraced_item(record, "patient.shoe_size").has_value());
    EXPECT_FALSE(untraced_item(record, "efficacy.M3.opioid").has_value());
}

TEST_F(Commands, SayWhetherConfigIsTheFileOrItsFolder) {
    const std::string folder = folder_.path() / "config";
    const std::string message = folder_.path() / "message";
    auditgate::test::write_file(message, "a,b\n1,2\n");
    EXPECT_EQ(run({"explain", message, "--config", config()}), exit_usage);
    EXPECT_THAT(errors_, testing::HasSubstr("is the folder that holds terminology/"));
    EXPECT_EQ(run({"records", message, "--as-of", "2026-03-09", "--config", config()}), exit_usage);
    EXPECT_THAT(errors_, testing::HasSubstr("is the folder that holds terminology/"));
    EXPECT_EQ(run({"status", "--config", folder}), exit_usage);
    EXPECT_THAT(errors_, testing::HasSubstr("is the file, such as gateway.yaml"));
    EXPECT_EQ(run({"check", folder}), exit_usage);
    EXPECT_THAT(errors_, testing::HasSubstr("is the file, such as gateway.yaml"));
}

TEST_F(Commands, SayHowToNameAConfigurationThatIsNotThere) {
    const fs::path before = fs::current_path();
    fs::current_path(data());
    const int check = run({"check"});
    const std::string of_check = errors_;
    const int status = run({"status"});
    fs::current_path(before);
    EXPECT_EQ(check, exit_configuration);
    EXPECT_THAT(of_check, testing::HasSubstr("name the configuration file with --config"));
    EXPECT_EQ(status, exit_configuration);
    EXPECT_THAT(errors_, testing::HasSubstr("name the configuration file with --config"));
}

TEST_F(Commands, ExplainAndRecordsSayWhatATableNeeds) {
    const std::string folder = folder_.path() / "config";
    const std::string table = folder_.path() / "coding.csv";
    auditgate::test::write_file(table, "a,b\n1,2\n");
    EXPECT_EQ(run({"explain", table, "--config", folder}), exit_findings);
    EXPECT_THAT(errors_, testing::HasSubstr("If it is a table (CSV), say how to read it: --profile FILE"));
    EXPECT_EQ(run({"records", table, "--as-of", "2026-03-09", "--config", folder}), exit_findings);
    EXPECT_THAT(errors_, testing::HasSubstr("`auditgate explain --profile FILE` reads them"));
}

} // namespace
