// Who is who: numbers that stand together, merges, unmerges, conflicts (dataset.md section 1, Identity).
#include "tests/unit/mapping/cases_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

const auto operation_day = day(2026, 3, 5);
const auto day_before = day(2026, 3, 4);
const std::string one_number = "nhs|9000014565";
const std::string other_number = "nhs|9000075394";

// State and key of the only case.
std::string told(const std::vector<message>& messages) {
    const auto result = cases(together(messages), *shipped_definition(), operation_day);
    EXPECT_EQ(result.cases.size(), 1U);
    const case_result& one = result.cases.at(0);
    return one.reason.empty() ? one.patient_key : one.reason;
}

message operation_of(std::vector<std::string> subject) {
    return message(at(operation_day, 13)).of(std::move(subject)).ablation(at(operation_day));
}

message merged(int hour, std::vector<std::string> survivor, std::vector<std::string> prior,
               bool undo = false) {
    message one = message(at(operation_day, hour)).of(std::move(survivor));
    one.add("", at(operation_day, hour), identity_change{undo, std::move(prior)});
    return one;
}

TEST(Identity, AFactThatIsSentAgainWithFewerNumbersKeepsTheLink) {
    const message full =
        message(at(day_before, 9)).of({one_number, "local|RXX|H1"}).score("ECOG", at(day_before), "1");
    const message fewer = message(at(day_before, 10)).of({"local|RXX|H1"}).score("ECOG", at(day_before), "1");
    const message operation = operation_of({"local|RXX|H1"});
    EXPECT_EQ(told({full, operation}), one_number);
    EXPECT_EQ(told({full, fewer, operation}), one_number);
}

TEST(Identity, AFactThatIsVoidedOrGivenToAnotherPatientLinksNoLonger) {
    const message wrong =
        message(at(day_before, 9)).of({one_number, "local|RXX|H1"}).score("ECOG", at(day_before), "1");
    const message voided = message(at(day_before, 10))
                               .of({one_number, "local|RXX|H1"})
                               .score("ECOG", at(day_before), "1", version_status::deleted);
    const message moved = message(at(day_before, 10)).of({other_number}).score("ECOG", at(day_before), "1");
    const message operation = operation_of({"local|RXX|H1"});
    EXPECT_EQ(told({wrong, voided, operation}), "local|RXX|H1");
    EXPECT_EQ(told({wrong, moved, operation}), "local|RXX|H1");
    // One fact that holds is enough.
    message two = wrong;
    two.score("BPI-WORST", at(day_before), "4");
    EXPECT_EQ(told({two, voided, operation}), one_number);
}

TEST(Identity, AFactThatIsSentAgainWithAnotherNhsNumberLinksToThatOne) {
    const message wrong =
        message(at(day_before, 9)).of({one_number, "local|RXX|H1"}).score("ECOG", at(day_before), "1");
    const message right =
        message(at(day_before, 10)).of({other_number, "local|RXX|H1"}).score("ECOG", at(day_before), "1");
    const message operation = operation_of({"local|RXX|H1"});
    EXPECT_EQ(told({wrong, right, operation}), other_number);
    // A number that cannot be anybody's corrects nothing.
    const message unusable =
        message(at(day_before, 10)).of({"nhs|9000014566", "local|RXX|H1"}).score("ECOG", at(day_before), "1");
    EXPECT_EQ(told({wrong, unusable, operation}), one_number);
    // Another fact still says the first number.
    message two = wrong;
    two.score("BPI-WORST", at(day_before), "4");
    EXPECT_EQ(told({two, right, operation}), "identity-conflict");
}

TEST(Identity, AnUnmergeUndoesWhatBroughtTheOneIntoTheOtherOverFurtherMerges) {
    const message operation = operation_of({"local|RXX|M2"});
    const std::vector<message> chain = {operation, merged(14, {"local|RXX|M1"}, {"local|RXX|M2"}),
                                        merged(15, {one_number, "local|RXX|M3"}, {"local|RXX|M1"})};
    const auto with = [&](const message& last) {
        std::vector<message> messages = chain;
        messages.push_back(last);
        return told(messages);
    };
    EXPECT_EQ(told(chain), one_number);
    EXPECT_EQ(with(merged(16, {"local|RXX|M3"}, {"local|RXX|M2"}, true)), "local|RXX|M2");
    EXPECT_EQ(with(merged(16, {"local|RXX|M2"}, {"local|RXX|M3"}, true)), "local|RXX|M2");
    EXPECT_EQ(with(merged(16, {"local|RXX|M3"}, {"local|RXX|M1"}, true)), "local|RXX|M1");
    EXPECT_EQ(with(merged(16, {"local|RXX|M3"}, {"local|RXX|M4"}, true)), one_number);
}

TEST(Identity, AMergeThatNamesLocalNumbersSettlesTheConflictOfTheirPatients) {
    const std::vector<message> conflict = {
        message(at(day_before, 9)).of({one_number, "local|RXX|M1"}).born(day(1956, 3, 5)),
        message(at(day_before, 10)).of({other_number, "local|RXX|M2"}).born(day(1956, 3, 5)),
        message(at(day_before, 11)).of({one_number, "local|RXX|M3"}).score("ECOG", at(day_before), "1"),
        message(at(day_before, 12))
            .of({other_number, "local|RXX|M3"})
            .score("BPI-WORST", at(day_before), "4"),
        operation_of({"local|RXX|M3"})};
    EXPECT_EQ(told(conflict), "identity-conflict");
    for (const std::vector<std::string>& survivor :
         {std::vector<std::string>{"local|RXX|M1"}, {one_number, "local|RXX|M1"}}) {
        std::vector<message> messages = conflict;
        messages.push_back(merged(14, survivor, {"local|RXX|M2"}));
        EXPECT_EQ(told(messages), one_number);
    }
    std::vector<message> over_a_third = conflict;
    over_a_third.push_back(merged(14, {"local|RXX|M5"}, {"local|RXX|M2"}));
    EXPECT_EQ(told(over_a_third), "identity-conflict");
    over_a_third.push_back(merged(15, {"local|RXX|M1"}, {"local|RXX|M5"}));
    EXPECT_EQ(told(over_a_third), one_number);
}

} // namespace
} // namespace auditgate::mapping::test
