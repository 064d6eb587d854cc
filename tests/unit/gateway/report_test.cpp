// `auditgate report` on 500 generated journeys, against an independent calculation, and on a gateway's store.
#include "fhir/json.hpp"
#include "gateway/acceptance/dry_run.hpp"
#include "gateway/acceptance/environment.hpp"
#include "gateway/cli/cli.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/pipeline/work_round.hpp"
#include "gateway/security/key_file.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/journeys.hpp"
#include "tests/support/shipped_configuration.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

using namespace auditgate::gateway;
using namespace auditgate::gateway::cli;
using namespace std::chrono_literals;
using auditgate::test::read_file;
using auditgate::test::source_folder;
using auditgate::test::write_file;
using testing::HasSubstr;

namespace {

namespace fs = std::filesystem;
namespace json = auditgate::fhir::json;

class Report : public testing::Test {
protected:
    // Exit code; what was printed goes to out_ and errors_.
    int run(std::vector<std::string> words) {
        words.insert(words.begin(), {"auditgate", "report"});
        std::vector<const char*> arguments;
        for (const std::string& word : words)
            arguments.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int exit = run_cli(static_cast<int>(arguments.size()), arguments.data());
        out_ = testing::internal::GetCapturedStdout();
        errors_ = testing::internal::GetCapturedStderr();
        return exit;
    }

    // The command with --records on `text`.
    int run_on(const std::string& text, std::vector<std::string> words) {
        const fs::path file = folder_.path() / "records.ndjson";
        write_file(file, text);
        const std::vector<std::string> more{"--records", file.string(), "--definitions",
                                            (source_folder() / "config").string()};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    [[nodiscard]] json::value printed() const { return json::parse(out_).document.value_or(json::value()); }

    auditgate::test::temporary_folder folder_;
    std::string out_, errors_;
};

// Programs under a sanitizer are several times slower.
#ifdef AUDITGATE_SANITIZED
constexpr int journeys = 150;
#else
constexpr int journeys = 500;
#endif

TEST_F(Report, EqualsAnIndependentCalculation) {
    const std::string records = auditgate::test::records_of_journeys(journeys);
    ASSERT_EQ(run_on(records, {"--exact", "--json"}), exit_done) << errors_;
    const json::value report = printed();
    ASSERT_EQ(report["cases"].as_integer(), journeys);
    // What a report is about is all there.
    EXPECT_GT(report["statuses"]["stopped"].as_integer().value_or(0), 0);
    EXPECT_GT(report["compared"][0]["rows"][3]["not_comparable"].as_integer().value_or(0), 0);
    EXPECT_GT(report["compared"][1]["rows"][3]["not_usable"].as_integer().value_or(0), 0);
    EXPECT_GT(report["completeness"][3]["missing"].as_integer().value_or(0), 0);
    EXPECT_GT(report["shares"][1]["answers"]["false"].as_integer().value_or(0), 0);
    EXPECT_GE(report["safety"]["categories"].size(), 3U);

    const fs::path script = source_folder() / "tests/support/audit_numbers.py";
    const fs::path answer = folder_.path() / "answer.json";
    const std::string command = "python3 '" + script.string() + "' <'" +
                                (folder_.path() / "records.ndjson").string() + "' >'" + answer.string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << "python3 is needed";
    const json::value expected = json::parse(read_file(answer)).document.value();
    for (const json::member& part : expected.members()) {
        if (part.content.is_array()) { // labels are told by the program alone
            ASSERT_EQ(part.content.size(), report[part.name].size()) << part.name;
            for (std::size_t i = 0; i < part.content.size(); ++i)
                for (const json::member& one : part.content[i].members())
                    EXPECT_TRUE(json::same_json(one.content, report[part.name][i][one.name]))
                        << part.name << ' ' << i << ' ' << one.name << ": " << json::write(one.content)
                        << "\nbut " << json::write(report[part.name][i][one.name]);
        } else {
            EXPECT_TRUE(json::same_json(part.content, report[part.name]))
                << part.name << ": " << json::write(part.content) << "\nbut "
                << json::write(report[part.name]);
        }
    }
}

TEST_F(Report, SuppressesRecordsOfARegistryUnlessExactNumbersAreAskedFor) {
    const std::string records = auditgate::test::records_of_journeys(30);
    ASSERT_EQ(run_on(records, {"--json"}), exit_done);
    EXPECT_EQ(printed()["kind"].text(), "for-export");
    ASSERT_EQ(run_on(records, {"--exact"}), exit_done);
    EXPECT_THAT(out_, HasSubstr("Exact numbers, not suppressed"));
    EXPECT_EQ(run_on(records, {"--exact", "--for-export"}), exit_usage);
    EXPECT_EQ(run({"--exact"}), exit_usage) << "of the own store numbers are exact anyway";
}

TEST_F(Report, TellsWhichRecordsItCannotCount) {
    std::string records = auditgate::test::records_of_journeys(10);
    records += "{\"dataset\":\"another\"}\nnonsense\n\n";
    records +=
        "{\"dataset\":\"nice-rfa-spinal-metastases\",\"record_action\":\"retract\",\"patient\":null}\n";
    records += "{\"dataset\":\"nice-rfa-spinal-metastases\",\"record_action\":\"create\",\"patient\":null}\n";
    EXPECT_EQ(run_on(records, {"--exact", "--json"}), exit_findings);
    EXPECT_EQ(printed()["cases"].as_integer(), 10);
    EXPECT_THAT(errors_, HasSubstr("records.ndjson:11: is of another dataset; it is not counted"));
    EXPECT_THAT(errors_, HasSubstr("records.ndjson:12: is no record"));
    EXPECT_THAT(errors_, HasSubstr("records.ndjson:15: is not as version 1.0.0 of the dataset says"));
    EXPECT_THAT(errors_, testing::Not(HasSubstr(":14:"))) << "what was taken back is simply not there";
}

TEST_F(Report, SaysWhatIsWrongWithTheCommandLine) {
    EXPECT_EQ(run_on("", {}), exit_usage);
    EXPECT_THAT(errors_, HasSubstr("--dataset"));
    EXPECT_EQ(run_on("", {"--dataset", "../../etc/passwd"}), exit_usage);
    EXPECT_EQ(run_on("", {"--dataset", "no-such"}), exit_configuration);
    EXPECT_EQ(run_on("", {"--dataset", "nice-rfa-spinal-metastases"}), exit_findings);
    EXPECT_THAT(errors_, HasSubstr("there is no case of nice-rfa-spinal-metastases yet"));
    EXPECT_EQ(run({"--records", "/no/such/file"}), exit_usage);
    EXPECT_EQ(run({"--csv", "--json"}), exit_usage);
    EXPECT_EQ(run({"--as-of", "yesterday"}), exit_usage);
    EXPECT_EQ(run({"--config", "/no/such/gateway.yaml"}), exit_configuration);
}

TEST_F(Report, WritesAPageThatOnlyItsMakerMayRead) {
    const fs::path page = folder_.path() / "report.html";
    ASSERT_EQ(run_on(auditgate::test::records_of_journeys(20), {"--html", page.string()}), exit_done)
        << errors_;
    EXPECT_EQ(out_, "written: " + page.string() + "\n");
    EXPECT_THAT(read_file(page), testing::StartsWith("<!DOCTYPE html>"));
    EXPECT_EQ(fs::status(page).permissions() & fs::perms::mask,
              fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(
        run_on("", {"--dataset", "nice-rfa-spinal-metastases", "--html", "/no/such/folder/report.html"}),
        exit_store);
}

// An installation as a site has it: the shipped configuration, keys, and a store with cases.
class ReportOfAStore : public Report {
protected:
    ReportOfAStore() {
        fs::copy(source_folder() / "config", folder_.path() / "config", fs::copy_options::recursive);
        const fs::path file = folder_.path() / "config/gateway.yaml";
        const fs::path data = folder_.path() / "data"; // as gateway.yaml says
        fs::create_directories(data);
        EXPECT_TRUE(security::key_ring::create(store::keys_folder(data), std::chrono::sys_seconds{}));
        keys_ = security::key_ring::open(store::keys_folder(data)).value();
        store_ = store::create_sqlite_store(store::database_path(data), *keys_).value();
    }

    void receive(const std::vector<std::string>& messages) {
        const configuration with = auditgate::test::shipped_configuration();
        std::vector<store::incoming_message> batch;
        for (const std::string& bytes : messages) {
            store::incoming_message& message = batch.emplace_back();
            message.source = "hospital";
            message.transport = "file";
            message.format = "hl7v2";
            message.bytes = bytes;
        }
        ASSERT_TRUE(store_->append(batch));
        store::utc_time now{};
        while (store_->work_backlog().value() > 0) {
            now += 2min;
            const auto claimed = store_->claim("mapper", 64, now, 1min).value();
            ASSERT_TRUE(pipeline::work_round(*store_, claimed, *with.mapping, on_day(128), true));
        }
    }

    int run_here(std::vector<std::string> words) {
        words.insert(words.end(), {"--config", (folder_.path() / "config/gateway.yaml").string()});
        return run(std::move(words));
    }

    // The second day of a quarter at least 128 days ago, so that the cases are open, whenever the test runs.
    static std::chrono::sys_days day_zero() {
        const std::chrono::year_month_day date{
            std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) - std::chrono::days(130)};
        const unsigned first_month = (static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1;
        return date.year() / std::chrono::month{first_month} / 2;
    }
    static std::chrono::local_days on_day(int day) {
        return std::chrono::local_days{(day_zero() + std::chrono::days(day)).time_since_epoch()};
    }
    static std::string date_of(int day) {
        const std::chrono::year_month_day date{on_day(day)};
        std::array<char, 16> text{};
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
        return text.data();
    }

    std::unique_ptr<security::key_ring> keys_;
    std::unique_ptr<store::store> store_; // of the gateway, which runs on beside the command
};

TEST_F(ReportOfAStore, CountsEachCaseOnceWithExactNumbers) {
    for (int patient = 0; patient < 3; ++patient)
        receive(auditgate::test::sample_journey(patient, day_zero() + std::chrono::days(patient)));
    std::vector<std::string> of_a_child = auditgate::test::sample_journey(3, day_zero());
    const int year = static_cast<int>(std::chrono::year_month_day{day_zero()}.year());
    const unsigned month{std::chrono::year_month_day{day_zero()}.month()};
    for (std::string& one : of_a_child) {
        const std::size_t born = one.find("|19580412|");
        if (born != std::string::npos)
            one.replace(born, 10, "|" + std::to_string(year - 11) + "0412|");
    }
    receive(of_a_child);
    ASSERT_EQ(run_here({"--json", "--as-of", date_of(128)}), exit_done) << errors_;
    const json::value report = printed();
    EXPECT_EQ(report["kind"].text(), "exact");
    EXPECT_EQ(report["as_of"].text(), date_of(128));
    EXPECT_EQ(report["cases"].as_integer(), 3);
    EXPECT_EQ(json::write(report["periods"]),
              "{\"" + std::to_string(year) + "-Q" + std::to_string((month + 2) / 3) + "\":3}");
    EXPECT_EQ(report["compared"][0]["rows"][3]["change"]["mean"].text(), "-5.0");
    EXPECT_EQ(json::write(report["without_record"]), R"({"excluded: under-age":1})");

    ASSERT_EQ(run_here({"--as-of", date_of(3)}), exit_done);
    EXPECT_THAT(out_, HasSubstr("Cases: 3.")) << "operations up to that date";
    ASSERT_EQ(run_here({"--json", "--as-of", date_of(1)}), exit_done);
    EXPECT_EQ(printed()["cases"].as_integer(), 2) << "events after the date do not count";
    ASSERT_EQ(run_here({"--for-export", "--csv"}), exit_done);
    EXPECT_THAT(out_, HasSubstr("report,report,cases,value,*\r\n"));
}

// Retention has begun to take their facts: their outcomes would look as if they had never been collected.
TEST_F(ReportOfAStore, NamesClosedCasesInsteadOfCountingThem) {
    receive(auditgate::test::sample_journey(0, day_zero()));
    receive(auditgate::test::sample_journey(1, day_zero() + std::chrono::days(1)));
    ASSERT_EQ(run_here({"--json", "--as-of", date_of(510)}), exit_done) << errors_;
    EXPECT_EQ(printed()["cases"].as_integer(), 1);
    EXPECT_EQ(json::write(printed()["without_record"]), R"({"closed: not counted":1})");
    EXPECT_EQ(run_here({"--as-of", date_of(511)}), exit_findings);
    EXPECT_THAT(out_, HasSubstr("closed: not counted"));
}

TEST_F(ReportOfAStore, OfNothingSaysWhatToLookAt) {
    EXPECT_EQ(run_here({}), exit_findings);
    EXPECT_THAT(errors_, HasSubstr("there is no case of nice-rfa-spinal-metastases yet; `auditgate status`"));
}

TEST_F(ReportOfAStore, SaysWhatItIsStillWithout) {
    std::vector<store::incoming_message> batch(1);
    batch[0].bytes = "MSH|";
    ASSERT_TRUE(store_->append(batch));
    EXPECT_EQ(run_here({}), exit_findings);
    EXPECT_THAT(errors_, HasSubstr("1 messages or changes are still being worked on"));
    EXPECT_EQ(run_here({"--dataset", "other"}), exit_usage);
}

} // namespace
