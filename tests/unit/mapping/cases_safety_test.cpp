// Adverse events: whose they are, each once (dataset.md section 5).
#include "tests/unit/mapping/cases_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

const auto operation_day = day(2026, 3, 5);
const auto day_11 = day(2026, 3, 16);

std::string said(const std::vector<message>& messages, std::string_view pointer) {
    const auto result = cases(together(messages), *shipped_definition(), day(2026, 5, 1));
    return fhir::json::write(*result.cases.at(0).content.at(pointer));
}

std::string event_text(std::string_view category, int onset_day) {
    return R"([{"category":")" + std::string(category) + R"(","onset_day":)" + std::to_string(onset_day) +
           R"(,"ctcae_grade":null,"relatedness":"unknown"}])";
}

const message operation = message(at(operation_day, 13)).ablation(at(operation_day));

message bleeding_about(const std::string& procedure_id) {
    adverse_event bleeding;
    bleeding.category = {{"urn:auditgate:capture", "bleeding"}};
    bleeding.about_facts = {"trust|fhir|Procedure/" + procedure_id};
    return message(at(day_11, 13)).add("AdverseEvent/1", at(day_11), bleeding);
}

TEST(Safety, AHarmOfAnotherOperationIsNotOfThisOne) {
    const message hip = message(at(day_11, 9))
                            .add("Procedure/hip", at(day_11, 8),
                                 procedure{{{"OPCS4", "W37.1"}}, performance::completed, {}, {}, {}});
    EXPECT_EQ(said({operation, hip, bleeding_about("hip")}, "/safety/events"), "[]");
    EXPECT_EQ(said({operation, hip, bleeding_about("1")}, "/safety/events"), event_text("bleeding", 11));
    // Of an operation that was never received nobody can say that it is another one.
    EXPECT_EQ(said({operation, bleeding_about("hip")}, "/safety/events"), event_text("bleeding", 11));
}

TEST(Safety, TheListIsExplainedOnce) {
    const auto result =
        cases(together({operation, bleeding_about("1")}), *shipped_definition(), day(2026, 5, 1));
    EXPECT_EQ(std::ranges::count(result.cases.at(0).trace, "safety.events", &trace_entry::path), 1);
}

TEST(Safety, AComplicationAndItsDetailAreOneHarm) {
    const condition infection{{{"I10", "T81.4"}}, {}};
    const auto with = [&](const std::string& detail) {
        message done = message(at(operation_day, 13)).ablation(at(operation_day));
        auto& act = std::get<procedure>(done.events[0].payload);
        act.complications = {{"I10", "T81.4"}};
        act.complication_facts = {"trust|fhir|Condition/" + detail};
        return said({done, message(at(day_11, 13)).add("Condition/1", at(day_11), infection)},
                    "/safety/events");
    };
    EXPECT_EQ(with("1"), event_text("infection", 11));
    EXPECT_NE(with("2"), event_text("infection", 11)); // of the day of the operation, and of day 11
}

TEST(Safety, AnOnsetAheadIsTheNextChange) {
    adverse_event bleeding;
    bleeding.category = {{"urn:auditgate:capture", "bleeding"}};
    bleeding.onset = at(day(2026, 3, 7));
    const auto result =
        cases(together({operation,
                        message(at(operation_day, 14)).add("AdverseEvent/1", at(operation_day), bleeding)}),
              *shipped_definition(), operation_day);
    EXPECT_EQ(result.next_change_on, day(2026, 3, 7));
}

TEST(Safety, AConditionSinceSomeYearBeforeWasThereBefore) {
    event_time since = at(day(2025, 1, 1), 0, 0);
    since.precision = time_precision::year;
    const condition infection{{{"I10", "T81.4"}}, {}};
    const message again = message(at(day_11, 13)).add("Condition/2", at(day_11), infection);
    const message before = message(at(day_11, 12)).add("Condition/1", since, infection);
    EXPECT_EQ(said({operation, again}, "/safety/events"), event_text("infection", 11));
    EXPECT_EQ(said({operation, before, again}, "/safety/events"), "[]");
    since = at(day(2026, 3, 1), 0, 0);
    since.precision = time_precision::month;
    const message that_month = message(at(day_11, 12)).add("Condition/1", since, infection);
    EXPECT_EQ(said({operation, that_month, again}, "/safety/events"), event_text("infection", 11));
}

// A diagnosis of some month or year is told by the first message that holds it.
TEST(Safety, AConditionOfSomeMonthThatIsSentAgainBeganWhenItWasFirstTold) {
    event_time that_year = at(day(2026, 1, 1), 0, 0);
    that_year.precision = time_precision::year;
    const auto told_at = [&](event_time recorded, const char* code,
                             version_status version = version_status::first) {
        return message(recorded).add("Condition/1", that_year, condition{{{"I10", code}}, {}}, version);
    };
    const message before = told_at(at(day(2026, 3, 2)), "T81.4");
    const message again = told_at(at(day_11), "T81.4");
    const message later = told_at(at(day(2026, 4, 20)), "T81.4");
    EXPECT_EQ(said({operation, before, again}, "/safety/events"), "[]");
    EXPECT_EQ(said({operation, again}, "/safety/events"), event_text("infection", 11));
    EXPECT_EQ(said({operation, again, later}, "/safety/events"), event_text("infection", 11));
    // Something else was said before, or it was taken back.
    EXPECT_EQ(said({operation, told_at(at(day(2026, 3, 2)), "E11.9"), again}, "/safety/events"),
              event_text("infection", 11));
    EXPECT_EQ(said({operation, before, told_at(at(day(2026, 3, 3)), "T81.4", version_status::deleted), again},
                   "/safety/events"),
              event_text("infection", 11));
    message recorded_before = again;
    std::get<condition>(recorded_before.events[0].payload).recorded_date = at(day(2026, 3, 2));
    EXPECT_EQ(said({operation, recorded_before}, "/safety/events"), "[]");
}

TEST(Safety, AHarmOfAnAttemptThatWasNotDoneIsOfTheOperationBefore) {
    const message attempt = message(at(operation_day, 13))
                                .ablation(at(operation_day, 9), "Procedure/attempt", performance::not_done);
    EXPECT_EQ(said({operation, attempt, bleeding_about("attempt")}, "/safety/events"),
              event_text("bleeding", 11));
}

TEST(Safety, AHarmOfTheCementOfTheNextDayIsOfTheOperation) {
    const auto cement_on = [](unsigned date) {
        return message(at(day(2026, 3, date), 13))
            .add("Procedure/cement", at(day(2026, 3, date)),
                 procedure{{{"OPCS4", "V44.4"}}, performance::completed, {{"SCT", "36470004"}}, {}, {}});
    };
    EXPECT_EQ(said({operation, cement_on(6), bleeding_about("cement")}, "/safety/events"),
              event_text("bleeding", 11));
    EXPECT_EQ(said({operation, cement_on(7), bleeding_about("cement")}, "/safety/events"), "[]");
}

} // namespace
} // namespace auditgate::mapping::test
