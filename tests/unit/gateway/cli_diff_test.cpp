// `auditgate diff` and `auditgate why` on the files of an installation.
#include "gateway/cli/cli.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/installation.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <sstream>

using namespace auditgate::gateway;
using namespace auditgate::gateway::cli;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

namespace {

namespace fs = std::filesystem;

// An installation with the records of one journey, whose patient had the operation 120 days ago.
class DiffCommand : public testing::Test {
protected:
    DiffCommand() {
        fs::copy(auditgate::test::source_folder() / "config", folder_.path() / "config",
                 fs::copy_options::recursive);
        edit("gateway.yaml", "allow_test_numbers: false", "allow_test_numbers: true");
        std::string text = auditgate::test::read_file(config());
        auditgate::test::write_file(config(), text + "destinations:\n"
                                                     "  - name: registry\n"
                                                     "    url: http://127.0.0.1:1/fhir\n"
                                                     "    key_id: test\n"
                                                     "    opt_out: exempt\n"
                                                     "    exemption_reference: test\n");
        fs::create_directories(data());
        EXPECT_TRUE(security::key_ring::create(store::keys_folder(data()), std::chrono::sys_seconds{}));
    }

    void map_a_journey() {
        auto opened = open_installation(config(), store::sqlite_role::gateway).value.value();
        const auto read = load_whole_configuration(opened).value();
        ASSERT_TRUE(opened.store->activate_configuration(read.mapping->revision));
        std::vector<store::incoming_message> batch;
        for (const std::string& bytes : auditgate::test::sample_journey(0, operation_)) {
            store::incoming_message& message = batch.emplace_back();
            message.source = "hospital";
            message.format = "hl7v2";
            message.received_at = now_;
            message.bytes = bytes;
        }
        ASSERT_TRUE(opened.store->append(batch));
        const auto claimed = opened.store->claim("mapper", 100, now_, 1min).value();
        ASSERT_TRUE(pipeline::work_round(*opened.store, claimed, *read.mapping,
                                         read.mapping->local_date(now_), true));
        ASSERT_EQ(opened.store->work_backlog().value(), 0);
    }

    void edit(const std::string& file, const std::string& old, const std::string& by) {
        const fs::path path = folder_.path() / "config" / file;
        std::string text = auditgate::test::read_file(path);
        const std::size_t at = text.find(old);
        ASSERT_NE(at, std::string::npos) << file;
        auditgate::test::write_file(path, text.replace(at, old.size(), by));
    }

    [[nodiscard]] fs::path data() const { return folder_.path() / "data"; } // as gateway.yaml says
    [[nodiscard]] std::string config() const { return folder_.path() / "config/gateway.yaml"; }

    int run(std::vector<std::string> words, const std::string& input = "") {
        std::vector<const char*> arguments{"auditgate"};
        for (const std::string& word : words)
            arguments.push_back(word.c_str());
        std::istringstream typed(input);
        std::streambuf* const terminal = std::cin.rdbuf(typed.rdbuf());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int exit = run_cli(static_cast<int>(arguments.size()), arguments.data());
        out_ = testing::internal::GetCapturedStdout();
        errors_ = testing::internal::GetCapturedStderr();
        std::cin.rdbuf(terminal);
        return exit;
    }

    const store::utc_time now_ =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) - 1h;
    const std::chrono::sys_days operation_ =
        std::chrono::floor<std::chrono::days>(now_) - std::chrono::days(120);
    auditgate::test::temporary_folder folder_;
    std::string out_, errors_;
};

std::string day_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

TEST_F(DiffCommand, TellsWhatAChangedFileWouldChange) {
    map_a_journey();
    EXPECT_EQ(run({"diff", "--config", config()}), exit_done) << errors_;
    EXPECT_THAT(out_, HasSubstr("1 record of 3 patients compared, 25 messages looked at: no record would "
                                "change\n"));
    EXPECT_THAT(errors_, HasSubstr("this configuration is in force already"));
    edit("datasets/nice-rfa-spinal-metastases.yaml", "window: [21, 45]", "window: [31, 45]");
    EXPECT_EQ(run({"diff", "--config", config()}), exit_findings) << errors_;
    EXPECT_THAT(out_, HasSubstr("    efficacy.M1.pain.worst: 3 -> nothing\n"));
    EXPECT_EQ(errors_, "");
    EXPECT_EQ(run({"diff", "--config", config(), "--all", "--json"}), exit_findings) << errors_;
    EXPECT_THAT(out_, HasSubstr("\"records_that_would_change\": 1"));
    for (const char* number : {"999", "H0X"})
        EXPECT_THAT(out_, Not(HasSubstr(number))) << "something of the patient";
}

TEST_F(DiffCommand, SaysWhatIsWrongWithTheQuestionTheFilesOrTheStore) {
    EXPECT_EQ(run({"diff", "--config", config()}), exit_store) << "there is none yet";
    EXPECT_FALSE(fs::exists(store::database_path(data())));
    map_a_journey();
    EXPECT_EQ(run({"diff", "--config", config(), "--since", "soon"}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("--since must be an age such as 7d"));
    EXPECT_EQ(run({"diff", "--config", config(), "--since", "1d", "--all"}), exit_usage);
    edit("datasets/nice-rfa-spinal-metastases.yaml", "window: [21, 45]", "window: [45, 21]");
    EXPECT_EQ(run({"diff", "--config", config()}), exit_configuration);
    EXPECT_THAT(errors_, HasSubstr("`window` ends before it begins, did you mean `[21, 45]`?"));
    EXPECT_EQ(run({"diff", "--config", config(), "--json"}), exit_configuration);
    EXPECT_THAT(out_, HasSubstr("\"line\": "));
}

TEST_F(DiffCommand, WhyFindsTheRecordOfAPatient) {
    map_a_journey();
    const std::string number = auditgate::test::nhs_test_number(0) + "\n";
    const std::vector<std::string> asked{
        "why", "--config", config(), "--nhs-number", "-", "--procedure-on", day_text(operation_)};
    const auto with = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all = asked;
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    EXPECT_EQ(run(with({}), number), exit_done) << errors_;
    EXPECT_THAT(out_, HasSubstr("nice-rfa-spinal-metastases for registry: record\n"));
    EXPECT_EQ(run(with({"efficacy.M1.pain.worst"}), number), exit_done) << errors_;
    EXPECT_THAT(out_, HasSubstr("efficacy.M1"));
    EXPECT_THAT(out_, Not(HasSubstr("efficacy.M3")));
    EXPECT_EQ(run(with({"--destination", "registry", "--dataset", "nice-rfa-spinal-metastases"}), number),
              exit_done);
    EXPECT_EQ(run(with({"--destination", "another"}), number), exit_usage);
    EXPECT_EQ(run(with({}), auditgate::test::nhs_test_number(77)), exit_findings);
    EXPECT_THAT(errors_, HasSubstr("which this patient, day and destination would have"));
    EXPECT_EQ(run(with({}), ""), exit_usage);
    EXPECT_EQ(run(with({"efficacy.M1", "one-too-many"}), number), exit_usage);
    EXPECT_EQ(run({"why", "--config", config()}), exit_usage);
    EXPECT_EQ(run({"why", "--config", config(), "--nhs-number", "-"}, number), exit_usage);
    EXPECT_EQ(run({"why", "--config", config(), "--nhs-number", auditgate::test::nhs_test_number(0),
                   "--procedure-on", day_text(operation_)}),
              exit_usage);
    EXPECT_THAT(errors_, testing::AllOf(HasSubstr("could be seen by others"), Not(HasSubstr("999"))));
}

} // namespace
