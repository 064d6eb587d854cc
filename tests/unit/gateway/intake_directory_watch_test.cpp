// Files of a watched directory to the journal.
#include "gateway/cli/import_handover.hpp"
#include "gateway/intake/directory_table.hpp"
#include "gateway/intake/directory_watch.hpp"
#include "gateway/security/key_file.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using namespace std::chrono_literals;
using auditgate::test::read_file;
using auditgate::test::write_file;
using ::testing::ElementsAre;

namespace fs = std::filesystem;
namespace mapping = auditgate::mapping;

namespace {

struct no_signal final : work_signal {
    void work_arrived() override {}
};

constexpr std::string_view full_extract = "sender: LAB\n"
                                          "table:\n"
                                          "  name: lab\n"
                                          "  file_name: \"lab_{recorded:yyyyMMdd}.csv\"\n"
                                          "  snapshot: {by: file, period: all}\n"
                                          "  key: ID\n"
                                          "  patient: {nhs_number: NHS}\n"
                                          "  date: DAY\n"
                                          "  events:\n"
                                          "    - {tells: observation, columns: PAIN, code: L|PAIN-NRS}\n";

std::string adt(const std::string& control_id) {
    return "MSH|^~\\&|PAS|RXX|EPR|RXX|20260504||ADT^A08|" + control_id + "|P|2.5\rPID|1\r";
}

std::vector<source_config> two_sources() {
    std::vector<source_config> sources(2);
    sources[0].name = "pas";
    sources[0].sending_applications = {"PAS"};
    sources[1].name = "lab";
    sources[1].only_files = true;
    return sources;
}

class DirectoryFiles : public testing::Test {
protected:
    void SetUp() override {
        fs::create_directories(folder_.path() / "in");
        write_file(folder_.path() / "lab.yaml", full_extract);
        auto profile = mapping::load_source_profile(folder_.path() / "lab.yaml");
        ASSERT_TRUE(profile.profile.has_value());
        mapping_.profiles.emplace("lab", std::move(*profile.profile));
        mapping_.local_date = [](store::utc_time at) {
            return std::chrono::local_days(std::chrono::floor<std::chrono::days>(at).time_since_epoch());
        };
        directory_.name = "in";
        directory_.path = folder_.path() / "in";
        directory_.settle = 0ms;
        directory_.poll = 10ms;
    }
    void TearDown() override { journal_.stop(); }

    file_services services() {
        const auto rules = [this] { return file_rules{sources_, {std::shared_ptr<void>(), &mapping_}}; };
        return {rules, messages_, gate_, extracts_, observe::system_now};
    }

    result<file_report> take(const std::string& name, std::string_view content) {
        const fs::path file = directory_.path / name;
        write_file(file, content);
        return take_file(file, directory_, services(), stopping_);
    }

    // What is in the journal since the last call, as "source format type state reason peer".
    std::vector<std::string> journaled() {
        const auto all = store_.appended();
        std::vector<std::string> rows;
        for (; seen_ < all.size(); ++seen_) {
            const store::incoming_message& one = all[seen_];
            EXPECT_EQ(one.transport, "file");
            constexpr std::array<const char*, 7> states{"waiting",     "applied",   "not-relevant", "held",
                                                        "quarantined", "duplicate", "refused"};
            rows.push_back(one.source + " " + one.format + " " + one.message_type + " " +
                           states.at(static_cast<std::size_t>(one.state)) + " " + one.reason + " " +
                           one.peer);
        }
        return rows;
    }

    auditgate::test::temporary_folder folder_;
    std::vector<source_config> sources_ = two_sources();
    directory_config directory_;
    pipeline::setup mapping_;
    auditgate::test::recording_logger log_;
    observe::metrics metrics_;
    observe::health health_;
    no_signal signal_;
    auditgate::test::memory_store store_;
    std::atomic<int> ids_ = 0;
    std::atomic<bool> stopping_ = false;
    message_intake messages_{sources_, observe::system_now, [this] { return std::to_string(++ids_); }};
    store::journal journal_{store_, {.probe_interval = 10ms}};
    journal_gate gate_{journal_, signal_, health_, metrics_, log_};
    std::unique_ptr<security::key_ring> keys_ = make_keys();
    table_extracts extracts_{folder_.path(), *keys_};
    std::size_t seen_ = 0;

private:
    std::unique_ptr<security::key_ring> make_keys() {
        const auto made = security::key_ring::create(folder_.path() / "keys", std::chrono::sys_seconds());
        EXPECT_TRUE(made);
        auto opened = security::key_ring::open(folder_.path() / "keys");
        return opened ? std::move(*opened) : nullptr;
    }
};

TEST_F(DirectoryFiles, EveryMessageOfABatchIsJournaledAlsoBesideOneThatCannotBeRead) {
    const auto report = take("a.hl7", "FHS|^~\\&|\rBHS|^~\\&|\r" + adt("1") + "MSH|^~\\&|PAS|RXX\r" +
                                          adt("2") + "BTS|7\rFTS|1\r");
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->taken());
    EXPECT_THAT(journaled(), ElementsAre("pas hl7v2 ADT^A08 waiting  a.hl7 #1",
                                         "pas hl7v2  quarantined required-field-missing a.hl7 #2",
                                         "pas hl7v2 ADT^A08 waiting  a.hl7 #3"));
    ASSERT_EQ(report->findings.size(), 1U);
    EXPECT_EQ(report->findings[0].code, "batch-count-differs");
}

TEST_F(DirectoryFiles, AFileReadAgainGivesDuplicatesOnly) {
    const std::string batch = adt("1") + "MSH|^~\\&|PAS|RXX\r" + adt("2");
    ASSERT_TRUE(take("a.hl7", batch));
    ASSERT_TRUE(take("b.json", R"({"resourceType":"Procedure"})"));
    EXPECT_EQ(journaled().size(), 4U);
    const auto again = take("a.hl7", batch);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->messages, 3);
    EXPECT_TRUE(again->ids.empty());
    ASSERT_TRUE(take("b.json", R"({"resourceType":"Procedure"})"));
    EXPECT_THAT(journaled(), ElementsAre());
}

TEST_F(DirectoryFiles, ALineThatChangesBackInALaterFileIsNews) {
    directory_.source = "lab";
    const std::string first = R"({"resourceType":"Observation","valueInteger":5})";
    ASSERT_TRUE(take("1.ndjson", first));
    ASSERT_TRUE(take("2.ndjson", R"({"resourceType":"Observation","valueInteger":6})"));
    ASSERT_TRUE(take("3.ndjson", first));
    EXPECT_EQ(journaled().size(), 3U);
    ASSERT_TRUE(take("3.ndjson", first)); // the same file again
    EXPECT_THAT(journaled(), ElementsAre());
}

TEST_F(DirectoryFiles, FhirNeedsASourceForItNamesNoSender) {
    ASSERT_TRUE(take("a.json", R"({"resourceType":"Bundle"})"));
    EXPECT_THAT(journaled(), ElementsAre(" fhir-json Bundle held unknown-source a.json #1"));
    directory_.source = "lab";
    ASSERT_TRUE(take("b.ndjson", "{\"resourceType\":\"Patient\"}\nno json\n"));
    ASSERT_TRUE(take("c.xml", "<Procedure xmlns=\"http://hl7.org/fhir\"/>"));
    ASSERT_TRUE(take("d.hl7", adt("9")));
    EXPECT_THAT(journaled(),
                ElementsAre("lab fhir-json Patient waiting  b.ndjson #1",
                            "lab fhir-json  waiting  b.ndjson #2", "lab fhir-xml Procedure waiting  c.xml #1",
                            "lab hl7v2 ADT^A08 waiting  d.hl7 #1"));
}

TEST_F(DirectoryFiles, ATableIsAMessageForEachRowAndAFullExtractTellsWhatItLeavesOut) {
    directory_.source = "lab";
    const auto first =
        take("lab_20260301.csv", "ID,NHS,DAY,PAIN\n1,9000010640,2026-02-01,8\n2,9000010640,2026-02-02,7\n");
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_THAT(journaled(), ElementsAre("lab table table-lab waiting  lab_20260301.csv row 2",
                                         "lab table table-lab waiting  lab_20260301.csv row 3"));
    const std::string bytes = store_.appended()[1].bytes;
    EXPECT_NE(bytes.find("\nID,NHS,DAY,PAIN\n2,9000010640,2026-02-02,7"), std::string::npos);
    const std::string ledger = read_file(folder_.path() / "tables/lab.ledger");
    EXPECT_EQ(ledger.find("auditgate table ledger"), std::string::npos) << "it is encrypted";
    ASSERT_TRUE(take("lab_20260308.csv", "ID,NHS,DAY,PAIN\n1,9000010640,2026-02-01,8\n"));
    EXPECT_THAT(journaled(), ElementsAre("lab table table-lab waiting  lab_20260308.csv row 2",
                                         "lab table table-lab waiting  lab_20260308.csv left out"));
    EXPECT_NE(store_.appended().back().bytes.find("omitted=1\n\"ID\"\n"), std::string::npos);
    // The same file again changes nothing.
    ASSERT_TRUE(take("lab_20260308.csv", "ID,NHS,DAY,PAIN\n1,9000010640,2026-02-01,8\n"));
    EXPECT_THAT(journaled(), ElementsAre());
    // A row without a key might be any: nothing is left out then.
    const auto torn = take("lab_20260309.csv", "ID,NHS,DAY,PAIN\n,9000010640,2026-02-01,8\n");
    ASSERT_TRUE(torn);
    EXPECT_THAT(journaled(), ElementsAre("lab table table-lab waiting  lab_20260309.csv row 2"));
    ASSERT_EQ(torn->findings.size(), 1U);
    EXPECT_EQ(torn->findings[0].code, "rows-without-key");
}

TEST_F(DirectoryFiles, ATableThatIsStillWrittenLeavesNothingOut) {
    directory_.source = "lab";
    const std::string whole = "ID,NHS,DAY,PAIN\n1,9000010640,2026-02-01,8\n2,9000010640,2026-02-02,7\n";
    ASSERT_TRUE(take("lab_20260301.csv", whole));
    EXPECT_EQ(journaled().size(), 2U);
    const fs::path file = directory_.path / "lab_20260302.csv";
    write_file(file, whole.substr(0, whole.find("\n2,") + 1));
    const std::string digest = *file_digest(file);
    file_identity before = *identity_of(file);
    --before.size;
    const auto taken = take_table({file, before, digest, sources_[1], mapping_.profiles.at("lab"), mapping_},
                                  services(), stopping_);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::not_found);
    EXPECT_THAT(journaled(), ElementsAre());
}

TEST_F(DirectoryFiles, AFileThatCannotBeReadSaysWhetherThereIsOne) {
    EXPECT_EQ(file_digest(directory_.path / "nofile.csv").error().message, "there is no such file");
    EXPECT_EQ(file_digest(directory_.path).error().message, "this is a folder, not a file");
}

TEST_F(DirectoryFiles, AFullExtractThatLeavesOutMostIsNotBelieved) {
    directory_.source = "lab";
    std::string rows = "ID,NHS,DAY,PAIN\n";
    for (int row = 1; row <= 50; ++row)
        rows += std::to_string(row) + ",9000010640,2026-02-01,8\n";
    ASSERT_TRUE(take("lab_20260301.csv", rows));
    EXPECT_EQ(journaled().size(), 50U);
    const auto broken_off = take("lab_20260308.csv", rows.substr(0, rows.find("\n30,") + 1));
    ASSERT_TRUE(broken_off);
    EXPECT_EQ(broken_off->failure, "omits-too-many");
    EXPECT_THAT(journaled(), ElementsAre());
    ASSERT_TRUE(take("lab_20260309.csv", rows.substr(0, rows.find("\n41,") + 1))); // 20 %
    EXPECT_EQ(journaled().size(), 40U + 10U);
}

TEST_F(DirectoryFiles, WhatCannotBeTakenAtAllSaysWhy) {
    struct row {
        const char* name;
        std::string content;
        const char* expected;
    };
    directory_.file_bytes_max = 1000;
    for (const row& one :
         std::initializer_list<row>{{"a.hl7", "", "empty-file"},
                                    {"a.csv", "ID,NHS\n", "unknown-format"},
                                    {"a.json", "{" + std::string(1000, ' ') + "}", "file-too-large"},
                                    {"a.txt", "FHS|^~\\&|\rFTS|0\r", "no-message"}}) {
        const auto report = take(one.name, one.content);
        ASSERT_TRUE(report) << one.name;
        EXPECT_EQ(report->failure, one.expected);
    }
    directory_.source = "lab";
    EXPECT_EQ(take("lab_x.csv", "ID,NHS,DAY,PAIN\n")->failure, "file-name-differs");
    EXPECT_EQ(take("lab_20260301.csv", "ID,NHS\n")->failure, "column-missing");
    EXPECT_EQ(take("lab_20260301.csv", std::string_view("\xFF\xFEI\0D\0", 6))->failure, "not-byte-text");
    EXPECT_THAT(journaled(), ElementsAre());
}

TEST_F(DirectoryFiles, AStoreThatIsDownLeavesTheFileForLater) {
    store_.set_down(true);
    const auto report = take("a.hl7", adt("1") + adt("2"));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, errc::store_unavailable);
    store_.set_down(false);
    ASSERT_TRUE(take("a.hl7", adt("1") + adt("2")));
    EXPECT_EQ(journaled().size(), 2U);
}

// What lies in a folder, without what begins a name in done/.
std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file())
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

template <class Condition>
bool comes_true(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline)
        ::poll(nullptr, 0, 5);
    return condition();
}

TEST_F(DirectoryFiles, AWatchedFolderMovesAwayWhatItHasTaken) {
    const fs::path elsewhere = folder_.path() / "one.hl7";
    write_file(elsewhere, adt("1"));
    ASSERT_TRUE(cli::hand_over(elsewhere, directory_)); // before it runs
    write_file(directory_.path / "two.hl7", adt("2"));
    write_file(directory_.path / "three.hl7.part", adt("3"));
    write_file(directory_.path / "empty.hl7", "");
    auto started = start_directory_watch(directory_, services(), metrics_, log_);
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_TRUE(comes_true([&] {
        return names_in(directory_.path / "done").size() == 4 &&
               names_in(directory_.path / "failed").size() == 2;
    }));
    EXPECT_EQ(store_.appended().size(), 2U);
    EXPECT_THAT(names_in(directory_.path), ElementsAre("three.hl7.part"));
    EXPECT_THAT(names_in(directory_.path / "ready"), ElementsAre());
    for (const std::string& name : names_in(directory_.path / "done"))
        EXPECT_TRUE(name.ends_with("-one.hl7") || name.ends_with("-two.hl7") ||
                    name.ends_with(".report.json"))
            << name;
    (*started)->stop();
    EXPECT_NE(metrics_.text().find("auditgate_files_total{directory=\"in\",outcome=\"done\"} 2"),
              std::string::npos);
    EXPECT_NE(metrics_.text().find("auditgate_files_total{directory=\"in\",outcome=\"failed\"} 1"),
              std::string::npos);
}

TEST_F(DirectoryFiles, AFolderThatCannotBeWrittenIsToldOnceWithoutNamesAndTakesNothing) {
    auto started = start_directory_watch(directory_, services(), metrics_, log_);
    ASSERT_TRUE(started) << started.error().message;
    const fs::path done = directory_.path / "done";
    fs::remove(done);
    fs::create_symlink("nowhere", done);
    const std::string name = "Sample-Anna" + std::string(230, 'x') + ".hl7";
    write_file(directory_.path / name, adt("1"));
    ASSERT_TRUE(comes_true([&] { return log_.has("file-waits"); }));
    ::poll(nullptr, 0, 200); // many looks
    std::size_t told = 0;
    for (const std::string& line : log_.lines()) {
        told += line.find("file-waits") == std::string::npos ? 0U : 1U;
        EXPECT_EQ(line.find("Anna"), std::string::npos) << line;
    }
    EXPECT_EQ(told, 1U);
    EXPECT_TRUE(store_.appended().empty());
    fs::remove(done);
    fs::create_directory(done);
    EXPECT_TRUE(comes_true([&] { return names_in(done).size() == 2; }));
    EXPECT_THAT(names_in(directory_.path), ElementsAre());
    (*started)->stop();
    EXPECT_EQ(store_.appended().size(), 1U);
}

TEST_F(DirectoryFiles, AFileThatWaitsForMoreThanAnHourIsToldOnceAndMeasured) {
    file_services later = services();
    later.now = [] { return observe::system_now() + 2h; };
    fs::create_directories(directory_.path / "failed");
    write_file(directory_.path / "failed/0123456789abcdef-bad.csv", "x");
    write_file(directory_.path / "failed/0123456789abcdef-bad.csv.report.json", "{}");
    fs::create_symlink("nowhere", directory_.path / "done");
    fs::create_directories(directory_.path / "nowhere");
    auto started = start_directory_watch(directory_, later, metrics_, log_);
    ASSERT_TRUE(started) << started.error().message;
    fs::remove(directory_.path / "nowhere");
    write_file(directory_.path / "one.hl7", adt("1"));
    ASSERT_TRUE(comes_true([&] { return log_.has("files-wait-long"); }));
    ::poll(nullptr, 0, 200); // many looks
    const auto lines = log_.lines();
    EXPECT_EQ(std::count_if(
                  lines.begin(), lines.end(),
                  [](const std::string& line) { return line.find("files-wait-long") != std::string::npos; }),
              1);
    const std::string text = metrics_.text();
    EXPECT_NE(text.find("auditgate_files_waiting{directory=\"in\"} 1\n"), std::string::npos);
    EXPECT_NE(text.find("auditgate_files_waiting_age_seconds{directory=\"in\"} 72"), std::string::npos);
    EXPECT_NE(text.find("auditgate_files_in_failed{directory=\"in\"} 1\n"), std::string::npos);
    fs::remove(directory_.path / "one.hl7");
    EXPECT_TRUE(comes_true([&] {
        return metrics_.text().find("auditgate_files_waiting_age_seconds{directory=\"in\"} 0\n") !=
               std::string::npos;
    }));
    (*started)->stop();
}

TEST_F(DirectoryFiles, HandingOverNeverReplacesAFileThatWaits) {
    const fs::path file = folder_.path() / "one.hl7";
    write_file(file, adt("1"));
    ASSERT_TRUE(cli::hand_over(file, directory_));
    write_file(file, adt("2"));
    const auto again = cli::hand_over(file, directory_);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, errc::refused);
    EXPECT_EQ(read_file(directory_.path / "ready/one.hl7"), adt("1"));
    EXPECT_THAT(names_in(directory_.path / "ready"), ElementsAre("one.hl7"));
    directory_.pattern = "*.csv";
    EXPECT_EQ(cli::hand_over(file, directory_).error().code, errc::refused);
}

TEST(ImportDirectory, IsChosenByNameOrSourceOrBecauseItIsTheOnlyOne) {
    gateway_config config;
    config.file = "gateway.yaml";
    EXPECT_EQ(cli::choose_directory(config, "", "").error().code, errc::configuration);
    config.directories.resize(1);
    config.directories[0].name = "coding";
    config.directories[0].source = "coders";
    EXPECT_EQ((*cli::choose_directory(config, "", ""))->name, "coding");
    config.directories.resize(2);
    config.directories[1].name = "backlog";
    EXPECT_EQ((*cli::choose_directory(config, "backlog", ""))->name, "backlog");
    EXPECT_EQ((*cli::choose_directory(config, "", "coders"))->name, "coding");
    EXPECT_EQ(cli::choose_directory(config, "", "").error().code, errc::usage);
    const auto none = cli::choose_directory(config, "", "codres");
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("coding (source coders)"), std::string::npos);
    EXPECT_EQ(none.error().message.find("there is no source `codres`"), 0U);
    config.sources.resize(1);
    config.sources[0].name = "hospital";
    EXPECT_EQ(cli::choose_directory(config, "", "hospital")
                  .error()
                  .message.find("source `hospital` has no directory: add one"),
              0U);
    EXPECT_EQ(
        cli::choose_directory(config, "codign", "").error().message.find("there is no directory `codign`"),
        0U);
}

} // namespace
