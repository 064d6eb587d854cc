// What becomes of a file when it was taken.
#include "gateway/intake/directory_file.hpp"
#include "gateway/intake/directory_filing.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using auditgate::test::read_file;
using auditgate::test::write_file;

namespace fs = std::filesystem;

namespace {

class DirectoryFiling : public testing::Test {
protected:
    void SetUp() override {
        for (const char* folder : {done_folder, failed_folder})
            fs::create_directories(in_ / folder);
        write_file(file_, "first");
        report_.digest = *file_digest(file_);
        report_.add("pas", "ADT^A08", store::message_state::waiting, 7);
    }

    [[nodiscard]] fs::path done() const { return in_ / done_folder / filed_name(report_.digest, file_); }

    auditgate::test::temporary_folder folder_;
    fs::path in_ = folder_.path();
    fs::path file_ = in_ / "a.hl7";
    file_report report_;
};

TEST_F(DirectoryFiling, AFileThatReplacesTheOneReadStaysToBeRead) {
    const file_identity read = *identity_of(file_);
    write_file(in_ / "next.part", "other"); // of the same size
    fs::last_write_time(in_ / "next.part", fs::last_write_time(file_));
    fs::rename(in_ / "next.part", file_);
    const auto filed = file_away(file_, read, in_, report_);
    ASSERT_FALSE(filed);
    EXPECT_EQ(filed.error().code, errc::not_found);
    EXPECT_EQ(read_file(file_), "other");
    EXPECT_FALSE(fs::exists(done()));
    EXPECT_TRUE(fs::exists(done().string() + ".report.json")) << "what was read is journaled";
    ASSERT_TRUE(file_away(file_, *identity_of(file_), in_, report_));
    EXPECT_EQ(read_file(done()), "other");
    EXPECT_FALSE(fs::exists(file_));
}

TEST_F(DirectoryFiling, AFileThatWasWrittenToStaysToBeRead) {
    const file_identity read = *identity_of(file_);
    write_file(file_, "first and more");
    EXPECT_FALSE(file_away(file_, read, in_, report_));
    EXPECT_EQ(read_file(file_), "first and more");
    EXPECT_FALSE(fs::exists(done()));
}

TEST_F(DirectoryFiling, AFileThatCannotGoBackIsKeptAsFailedAndTheNewerOneIsNotTouched) {
    const fs::path moved = in_ / done_folder / "moved";
    write_file(moved, "second");
    ASSERT_TRUE(bring_back(moved, file_, in_));
    EXPECT_EQ(read_file(file_), "first");
    EXPECT_FALSE(fs::exists(moved));
    const fs::path failed = in_ / failed_folder;
    std::string kept;
    for (const auto& entry : fs::directory_iterator(failed))
        if (!entry.path().string().ends_with(report_ending))
            kept = entry.path().filename().string();
    EXPECT_EQ(read_file(failed / kept), "second");
    EXPECT_NE(read_file(failed / (kept + std::string(report_ending))).find("replaced-before-read"),
              std::string::npos);
}

TEST_F(DirectoryFiling, TheReportOfAFileThatComesAgainKeepsWhatTheFirstHeld) {
    ASSERT_TRUE(file_away(file_, *identity_of(file_), in_, report_));
    write_file(file_, "first");
    file_report again;
    again.digest = report_.digest;
    again.add("pas", "ADT^A08", store::message_state::duplicate, 7);
    ASSERT_TRUE(file_away(file_, *identity_of(file_), in_, again));
    const auto written = auditgate::fhir::json::parse(read_file(done().string() + ".report.json"));
    ASSERT_TRUE(written.document);
    const auto report = report_of(*written.document);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->messages, 2);
    EXPECT_EQ(report->ids, report_.ids);
    EXPECT_EQ(report->counts.size(), 2U);
}

TEST_F(DirectoryFiling, ALongNameIsCutSoThatItsReportHasOneToo) {
    const fs::path file = in_ / std::string(255, 'n');
    write_file(file, "first");
    ASSERT_TRUE(file_away(file, *identity_of(file), in_, report_));
    EXPECT_TRUE(fs::exists(in_ / done_folder / filed_name(report_.digest, file)));
}

TEST_F(DirectoryFiling, AFolderThatCannotBeWrittenIsKnownBefore) {
    write_file(in_ / "failed/.writable", ""); // left by a gateway that was killed
    EXPECT_TRUE(may_file(in_));
    EXPECT_TRUE(fs::is_empty(in_ / "failed"));
    EXPECT_TRUE(fs::is_empty(in_ / done_folder));
    fs::remove(in_ / failed_folder);
    const auto may = may_file(in_);
    ASSERT_FALSE(may);
    EXPECT_EQ(may.error().code, errc::store_unavailable);
    EXPECT_EQ(may.error().message.find(in_.string()), std::string::npos);
}

} // namespace
