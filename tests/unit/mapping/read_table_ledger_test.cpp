// What full extracts leave out, in any order of their coming.
#include "mapping/read/table_ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace auditgate::mapping {
namespace {

using std::chrono::local_days;
using days = std::chrono::days;
using instant = std::chrono::sys_time<std::chrono::milliseconds>;

// An omission is told so long before the file that leaves out.
constexpr std::chrono::milliseconds just_before{1};

instant at(int hour) {
    return instant(std::chrono::hours(hour));
}

// Rows named by a letter and dated by a number of days.
table_file_summary file(int recorded, const std::string& rows, std::optional<std::pair<int, int>> period,
                        const std::map<char, int>& dates = {}) {
    table_file_summary result;
    result.recorded = at(recorded);
    if (period) {
        result.from = local_days(days(period->first));
        result.to = local_days(days(period->second));
    }
    for (const char row : rows)
        result.rows.push_back(
            {{std::string(1, row)}, local_days(days(dates.contains(row) ? dates.at(row) : 5))});
    return result;
}

std::string text(const table_comparison& found) {
    std::string result;
    for (const table_omission& one : found.omissions)
        result += one.key.front() +
                  std::to_string((one.recorded + just_before).time_since_epoch() / std::chrono::hours(1)) +
                  " ";
    return result;
}

TEST(TableLedger, WhatALaterFileLeavesOutOfItsPeriodIsVoid) {
    table_ledger ledger;
    EXPECT_EQ(text(ledger.take(file(1, "abc", {{0, 9}}, {{'c', 20}}))), "");
    const table_comparison second = ledger.take(file(2, "a", {{0, 9}}));
    EXPECT_EQ(text(second), "b2 "); // c lies outside of the period
    EXPECT_EQ(second.known, 2U);
    EXPECT_EQ(second.left_out, 1U);
    EXPECT_EQ(text(ledger.take(file(3, "a", {{0, 9}}))), "");  // told already
    EXPECT_EQ(text(ledger.take(file(4, "ab", {{0, 9}}))), ""); // there again
    EXPECT_EQ(text(ledger.take(file(5, "a", {{0, 9}}))), "b5 ");
}

TEST(TableLedger, AnOlderFileThatComesLateFindsWhatNewerOnesLeftOut) {
    table_ledger ledger;
    (void)ledger.take(file(3, "a", {{0, 9}}));
    EXPECT_EQ(text(ledger.take(file(1, "ab", {{0, 9}}))), "b3 ");
    EXPECT_EQ(text(ledger.take(file(2, "a", {{0, 9}}))), "b2 ");
    EXPECT_EQ(text(ledger.take(file(2, "a", {{0, 9}}))), ""); // the same again
}

TEST(TableLedger, TheWholeFileOfTheSameTimeMendsOneThatWasCutShort) {
    table_ledger ledger;
    (void)ledger.take(file(1, "ab", {{0, 9}}));
    const table_comparison cut_short = ledger.take(file(2, "a", {{0, 9}}));
    ASSERT_EQ(cut_short.omissions.size(), 1U);
    EXPECT_LT(cut_short.omissions[0].recorded, at(2)); // a row of that time stands
    EXPECT_GT(cut_short.omissions[0].recorded, at(1)); // an older one does not
    EXPECT_EQ(text(ledger.take(file(2, "ab", {{0, 9}}))), "");
    EXPECT_EQ(text(ledger.take(file(3, "a", {{0, 9}}))), "b3 "); // it was in force again
}

TEST(TableLedger, AFileWithoutPeriodLeavesNothingOut) {
    table_ledger ledger;
    (void)ledger.take(file(1, "ab", {{0, 9}}));
    EXPECT_EQ(text(ledger.take(file(2, "a", std::nullopt))), "");
    EXPECT_EQ(text(ledger.take(file(3, "a", {{0, 9}}))), "b3 ");
}

TEST(TableLedger, IsTheSameAfterItWasWritten) {
    table_ledger ledger;
    (void)ledger.take(file(1, "abc", {{0, 9}}));
    (void)ledger.take(file(2, "b", {{0, 9}}));
    const std::string bytes = ledger.to_bytes();
    auto read = table_ledger::from_bytes(bytes);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->to_bytes(), bytes);
    EXPECT_EQ(text(read->take(file(3, "a", {{0, 9}}))), "b3 ");
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(table_ledger::from_bytes(bytes.substr(0, size)).has_value()) << size;
    read->forget_before(local_days(days(6)));
    EXPECT_EQ(read->rows(), 0U);
}

// Whether a row is in force after all files: its own versions and the omissions told, by time; an omission wins at equal times.
std::map<std::string, bool> in_force(const std::vector<table_file_summary>& files,
                                     std::set<std::string>* changes = nullptr) {
    table_ledger ledger;
    std::map<std::string, std::set<std::pair<instant, bool>>> history; // false: void
    for (const table_file_summary& one : files) {
        for (const auto& row : one.rows)
            history[row.key.front()].insert({one.recorded, true});
        for (const table_omission& gone : ledger.take(one).omissions)
            history[gone.key.front()].insert({gone.recorded, false});
    }
    std::map<std::string, bool> result;
    for (const auto& [key, versions] : history) {
        result[key] = versions.rbegin()->second;
        bool before = false;
        for (const auto& [when, holds] : versions) { // when the row came to say something else
            if (changes != nullptr && holds != before)
                changes->insert(key + std::to_string(when.time_since_epoch().count()));
            before = holds;
        }
    }
    return result;
}

TEST(TableLedger, TheOrderOfTheFilesDoesNotMatter) {
    std::mt19937 random(20260301);
    for (int round = 0; round < 500; ++round) {
        std::vector<table_file_summary> files;
        for (int recorded = 1; recorded <= 6; ++recorded) {
            std::string rows;
            for (const char row : std::string("abcd"))
                if (random() % 2 == 0)
                    rows += row;
            std::optional<std::pair<int, int>> period{{0, 9}};
            if (random() % 4 == 0)
                period = std::nullopt;
            files.push_back(file(recorded, rows, period, {{'d', 20}}));
        }
        std::set<std::string> changes;
        const auto expected = in_force(files, &changes);
        std::vector<table_file_summary> other = files;
        other.push_back(files[random() % files.size()]); // one comes twice
        std::shuffle(other.begin(), other.end(), random);
        std::set<std::string> other_changes;
        ASSERT_EQ(in_force(other, &other_changes), expected) << "round " << round;
        ASSERT_EQ(other_changes, changes) << "round " << round;
        // As defined: the last file that has it, unless a later one with a period that covers it does not.
        for (const auto& [key, holds] : expected) {
            bool defined = false;
            for (const table_file_summary& one : files) {
                const bool has = std::any_of(one.rows.begin(), one.rows.end(),
                                             [&](const auto& row) { return row.key.front() == key; });
                if (has)
                    defined = true;
                else if (one.from && key != "d")
                    defined = false;
            }
            ASSERT_EQ(holds, defined) << "round " << round << " row " << key;
        }
    }
}

} // namespace
} // namespace auditgate::mapping
