// The opt-out files as they lie on the disk, and what the release gate says while they do.
#include "gateway/delivery/opt_out_list.hpp"
#include "gateway/delivery/release_gate.hpp"
#include "tests/support/recording_logger.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::gateway::delivery {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const store::utc_time now = std::chrono::sys_days{std::chrono::year{2026} / 4 / 30} + 12h;

class OptOutFiles : public testing::Test {
protected:
    OptOutFiles() { list_.emplace(files_, local_day, log_); }

    static std::chrono::local_days local_day(store::utc_time at) {
        return std::chrono::local_days{std::chrono::floor<std::chrono::days>(at).time_since_epoch()};
    }

    // A file that was replaced some time before now.
    static void write(const fs::path& file, std::string_view text, std::chrono::minutes before_now) {
        test::write_file(file, text);
        fs::last_write_time(file, std::chrono::file_clock::from_sys(now - before_now));
    }

    [[nodiscard]] std::string verdict(const std::string& nhs_number) {
        const auto gate = create_release_gate(settings_, &*list_, local_day);
        store::outbox_row row;
        row.gate_facts = to_bytes(mapping::gate_facts{nhs_number, local_day(now), {}});
        const mapping::gate_verdict said = gate->ask(row, now);
        return said.state == mapping::gate_state::open ? "open" : said.reason;
    }

    test::temporary_folder folder_;
    test::recording_logger log_;
    opt_out_files files_{folder_.path() / "request.csv", folder_.path() / "response.csv",
                         folder_.path() / "dissent.csv"};
    mapping::destination_settings settings_;
    std::optional<opt_out_list> list_;
};

TEST_F(OptOutFiles, ClearWhoCameBackAndIsNoDissenter) {
    write(*files_.request, "9000009944,\n9000010225,\n9000012538,\n", 60min);
    write(*files_.response, "9000010225,\n9000012538,\n", 30min);
    write(*files_.dissent, "9000010225,\n", 90min);
    EXPECT_EQ(verdict("9000012538"), "open");
    EXPECT_EQ(verdict("9000009944"), "opted-out");
    EXPECT_EQ(verdict("9000010225"), "opted-out");
    EXPECT_EQ(verdict("9000000001"), "opt-out-not-requested");
    EXPECT_TRUE(log_.lines().empty());
}

// Somebody's refusal may stand in it.
TEST_F(OptOutFiles, NothingLeavesWhileADissentListThatShouldBeThereCannotBeRead) {
    write(*files_.request, "9000012538,\n", 60min);
    write(*files_.response, "9000012538,\n", 30min);
    EXPECT_EQ(verdict("9000012538"), "dissent-list-unreadable"); // there is none
    EXPECT_TRUE(log_.has("opt-out-list-unreadable"));
    write(*files_.dissent, "90000", 10min);
    EXPECT_EQ(verdict("9000012538"), "dissent-list-unreadable");
    settings_.opt_out_exempt = true;
    EXPECT_EQ(verdict("9000012538"), "dissent-list-unreadable");
    EXPECT_EQ(verdict(""), "dissent-list-unreadable");
    settings_.opt_out_exempt = false;
    settings_.send_without_nhs_number = true;
    EXPECT_EQ(verdict(""), "dissent-list-unreadable");
    settings_.basis = mapping::legal_basis::consent;
    settings_.consent_assumed = true;
    EXPECT_EQ(verdict("9000012538"), "dissent-list-unreadable");
    write(*files_.dissent, "9000009944,\n", 5min);
    EXPECT_EQ(verdict("9000012538"), "open");
    EXPECT_EQ(verdict("9000009944"), "opted-out");
}

TEST_F(OptOutFiles, WithoutADissentListNobodyIsOnIt) {
    list_.emplace(opt_out_files{files_.request, files_.response, {}}, local_day, log_);
    write(*files_.request, "9000012538,\n", 60min);
    write(*files_.response, "9000012538,\n", 30min);
    EXPECT_EQ(verdict("9000012538"), "open");
}

// As a fetch that failed leaves it, or a copy that has only begun: everything would be retracted.
TEST_F(OptOutFiles, AnEmptyResponseToManyNumbersIsNoAnswer) {
    write(*files_.dissent, "", 90min);
    write(*files_.request, "9000009944,\n9000010225,\n9000012538,\n9000014565,\n", 60min);
    write(*files_.response, "", 30min);
    EXPECT_EQ(verdict("9000012538"), "opt-out-list-stale");
    EXPECT_TRUE(log_.has("opt-out-list-unreadable"));
    for (const std::string& line : log_.lines())
        EXPECT_EQ(line.find("9000"), std::string::npos) << line;
    write(*files_.response, "9000012538,\n", 20min);
    EXPECT_EQ(verdict("9000012538"), "open");
    EXPECT_EQ(verdict("9000009944"), "opted-out");
}

TEST_F(OptOutFiles, WhoIsAskedAboutAfterTheResponseHasNotOptedOut) {
    write(*files_.dissent, "", 90min);
    write(*files_.request, "9000009944,\n9000012538,\n", 30min);
    write(*files_.response, "9000012538,\n", 30min);
    EXPECT_EQ(verdict("9000009944"), "opted-out");
    write(*files_.request, "9000009944,\n9000012538,\n9000014565,\n", 29min);
    EXPECT_EQ(verdict("9000014565"), "opt-out-not-requested");
    EXPECT_EQ(verdict("9000009944"), "opt-out-not-requested"); // which of the two it is nobody can tell now
    EXPECT_EQ(verdict("9000012538"), "open");
    // One that is not asked about any more does not make the response another request's.
    write(*files_.request, "9000014565,\n", 28min);
    EXPECT_EQ(verdict("9000012538"), "open");
    write(*files_.request, "9000009944,\n9000012538,\n9000014565,\n", 27min);
    write(*files_.response, "9000012538,\n9000014565,\n", 20min);
    EXPECT_EQ(verdict("9000009944"), "opted-out");
    EXPECT_EQ(verdict("9000014565"), "open");
}

} // namespace
} // namespace auditgate::gateway::delivery
