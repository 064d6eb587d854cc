#include "tests/unit/mapping/cases_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace auditgate::mapping::test {
namespace {

const auto operation_day = day(2026, 3, 5);
const auto day_before = day(2026, 3, 4);
const auto day_after = day(2026, 3, 6);

// The text of the record's value at a path, "null" when it is null.
std::string said(const case_result& one, std::string_view pointer) {
    const fhir::json::value* value = one.content.at(pointer);
    return value == nullptr ? "nothing" : fhir::json::write(*value);
}

cases_result run(const std::vector<message>& messages, std::chrono::local_days as_of = day_after) {
    return cases(together(messages), *shipped_definition(), as_of);
}

TEST(Cases, OneOperationFromTwoFeedsIsOneCaseWithTheLevelsOfBoth) {
    const auto result = run({message(at(operation_day, 13)).born(day(1956, 3, 5)).ablation(at(operation_day)),
                             message(at(operation_day, 14), "hl7v2-oru")
                                 .ablation(at(operation_day), "OBR", performance::as_coded, "11994002")});
    ASSERT_EQ(result.cases.size(), 1U);
    const case_result& one = result.cases[0];
    EXPECT_EQ(one.patient_key, "nhs|9000014565");
    EXPECT_EQ(one.state, case_state::record);
    EXPECT_EQ(one.provider_org, "RXX");
    EXPECT_EQ(one.source_feeds, (std::vector<std::string>{"fhir", "hl7v2-oru"}));
    EXPECT_EQ(said(one, "/procedure/levels"), R"(["L3","L4"])");
    EXPECT_EQ(said(one, "/patient/age_band"), R"("70-79")");
    EXPECT_EQ(said(one, "/procedure/sequence"), R"("index")");
    EXPECT_EQ(said(one, "/data_quality/flags"), R"(["level-mismatch","metastasis-not-confirmed"])");
}

TEST(Cases, OrderAndDoublesDoNotMatter) {
    const std::vector<message> messages = {
        message(at(operation_day, 13)).born(day(1956, 3, 5)).ablation(at(operation_day)),
        message(at(day_before, 12)).score("BPI-WORST", at(day_before), "8"),
        message(at(day_after, 12)).score("BPI-WORST", at(day_before), "6", version_status::corrected),
        message(at(day_after, 13), "hl7v2-adt").of({"nhs|9000014565", "local|RXX|H2"}).born(day(1956, 3, 6))};
    std::vector<event> events = together(messages);
    const auto expected = cases(events, *shipped_definition(), day_after);
    std::mt19937 random(20260305); // NOLINT(cert-msc51-cpp): the same orders in every run
    for (int round = 0; round < 50; ++round) {
        std::vector<event> shuffled = events;
        shuffled.push_back(events[static_cast<std::size_t>(round) % events.size()]);
        std::ranges::shuffle(shuffled, random);
        const auto result = cases(shuffled, *shipped_definition(), day_after);
        ASSERT_EQ(result.cases.size(), expected.cases.size());
        EXPECT_EQ(result.cases[0].content, expected.cases[0].content);
        EXPECT_EQ(result.next_change_on, expected.next_change_on);
    }
    EXPECT_EQ(said(expected.cases[0], "/efficacy/0/pain/worst"), "6");
}

TEST(Cases, AScoreOfTheDayCountsOnlyBeforeTheStart) {
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day, 10, 15));
    for (const auto& [hour, expected] : {std::pair{8, "7"}, std::pair{12, "null"}}) {
        const auto result =
            run({operation, message(at(operation_day, 14)).score("BPI-WORST", at(operation_day, hour), "7")});
        EXPECT_EQ(said(result.cases.at(0), "/efficacy/0/pain/worst"), expected) << hour;
    }
}

TEST(Cases, WhatASnapshotLeavesOutIsVoid) {
    std::vector<event> events =
        message(at(operation_day, 13), "hl7v2-adt").ablation(at(operation_day), "code").events;
    events[0].fact_scope = event::key_scope::patient;
    events[0].snapshot_set = "trust|hl7v2-adt|V1|PR1";
    EXPECT_EQ(cases(events, *shipped_definition(), day_after).cases.size(), 1U);
    event emptied = events[0];
    emptied.recorded += std::chrono::hours(1);
    emptied.payload = emptied_set{};
    emptied.fact_key.clear();
    events.push_back(emptied);
    EXPECT_TRUE(cases(events, *shipped_definition(), day_after).cases.empty());
}

TEST(Cases, StoppedBeatsCompletedAndNotDoneIsNoRecord) {
    const message done = message(at(operation_day, 13)).ablation(at(operation_day));
    const message stopped =
        message(at(operation_day, 14), "hl7v2-oru").ablation(at(operation_day), "OBR", performance::stopped);
    const auto result = run({done, stopped});
    EXPECT_EQ(said(result.cases.at(0), "/procedure/status"), R"("stopped")");
    EXPECT_EQ(said(result.cases.at(0), "/procedure/sequence"), "null");

    const message not_done =
        message(at(operation_day, 13)).ablation(at(operation_day), "Procedure/1", performance::not_done);
    const auto none = run({not_done});
    EXPECT_EQ(none.cases.at(0).state, case_state::excluded);
    EXPECT_EQ(none.cases.at(0).reason, "not-done");
}

TEST(Cases, ALocalNumberBesideTwoNhsNumbersHoldsWhatCarriesOnlyIt) {
    const message first =
        message(at(day_before, 9)).of({"nhs|9000014565", "local|RXX|H1"}).born(day(1956, 3, 5));
    const message second =
        message(at(day_before, 10)).of({"nhs|9000075394", "local|RXX|H1"}).born(day(1960, 1, 1));
    const message operation = message(at(operation_day, 13)).of({"local|RXX|H1"}).ablation(at(operation_day));
    const auto held = run({first, second, operation});
    ASSERT_EQ(held.cases.size(), 1U);
    EXPECT_EQ(held.cases[0].state, case_state::held);
    EXPECT_EQ(held.cases[0].reason, "identity-conflict");

    message merge = message(at(operation_day, 15)).of({"nhs|9000014565"});
    merge.add("", at(operation_day, 15), identity_change{false, {"local|RXX|H1"}});
    const auto settled = run({first, second, operation, merge});
    ASSERT_EQ(settled.cases.size(), 1U);
    EXPECT_EQ(settled.cases[0].state, case_state::record);
    EXPECT_EQ(settled.cases[0].patient_key, "nhs|9000014565");
    EXPECT_EQ(said(settled.cases[0], "/data_quality/flags"),
              R"(["merged-patient","metastasis-not-confirmed"])");
}

TEST(Cases, AnUnmergeMakesTwoPatientsOfOneAgain) {
    const message operation = message(at(operation_day, 13)).of({"local|RXX|H2"}).ablation(at(operation_day));
    message merge = message(at(operation_day, 15)).of({"nhs|9000014565"});
    merge.add("", at(operation_day, 15), identity_change{false, {"local|RXX|H2"}});
    message unmerge = message(at(operation_day, 16)).of({"local|RXX|H2"});
    unmerge.add("", at(operation_day, 16), identity_change{true, {"nhs|9000014565"}});
    EXPECT_EQ(run({operation, merge}).cases.at(0).patient_key, "nhs|9000014565");
    EXPECT_EQ(run({operation, merge, unmerge}).cases.at(0).patient_key, "local|RXX|H2");
    EXPECT_EQ(run({unmerge, merge, operation}).cases.at(0).patient_key, "local|RXX|H2");
}

TEST(Cases, TooManyIdentityKeysAreHeld) {
    std::vector<std::string> keys;
    for (int number = 0; number < 64; ++number)
        keys.push_back("local|RXX|" + std::to_string(number));
    const auto with = [&](const std::vector<std::string>& subject) {
        return run({message(at(operation_day, 13)).of(subject).ablation(at(operation_day))})
            .cases.at(0)
            .reason;
    };
    EXPECT_EQ(with(keys), "");
    keys.emplace_back("local|RXX|one more");
    EXPECT_EQ(with(keys), "identity-cluster-too-large");
}

TEST(Cases, TheNextChangeIsTheNextDueDay) {
    const std::vector<message> messages = {message(at(operation_day, 13)).ablation(at(operation_day))};
    EXPECT_EQ(run(messages, operation_day).next_change_on, day(2026, 3, 9));    // D3 is due on day 4
    EXPECT_EQ(run(messages, day(2026, 3, 9)).next_change_on, day(2026, 3, 18)); // W1 on day 13
    EXPECT_EQ(run(messages, day(2026, 2, 1)).next_change_on, operation_day);    // a procedure dated ahead
    EXPECT_TRUE(run(messages, day(2026, 2, 1)).cases.empty());
    EXPECT_EQ(run(messages, day(2027, 5, 1)).next_change_on, std::nullopt); // past day 421
}

event_time of_month(int year, unsigned month) {
    event_time result = at(day(year, month, 1), 0, 0);
    result.precision = time_precision::month;
    return result;
}

TEST(Cases, AProcedureOfSomeMonthIsCountedButNoRecord) {
    const message month = message(at(day_after, 9)).ablation(of_month(2026, 3), "Procedure/2");
    const auto alone = run({month});
    ASSERT_EQ(alone.cases.size(), 1U);
    EXPECT_EQ(alone.cases[0].state, case_state::excluded);
    EXPECT_EQ(alone.cases[0].reason, "date-not-exact");

    const auto both = run({month, message(at(operation_day, 13)).ablation(at(operation_day))});
    ASSERT_EQ(both.cases.size(), 2U);
    EXPECT_EQ(both.cases[1].state, case_state::record);
    EXPECT_EQ(said(both.cases[1], "/procedure/sequence"), R"("index")");
    // The first of the month has one name only, and a known date has it.
    const auto first = run({month, message(at(day(2026, 3, 1), 13)).ablation(at(day(2026, 3, 1)))});
    ASSERT_EQ(first.cases.size(), 1U);
    EXPECT_EQ(first.cases[0].state, case_state::record);
}

TEST(Cases, ADeathInSomeMonthHasNoBand) {
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    const auto died = [&](event_time when) {
        patient_details details;
        details.deceased = assertion::given;
        details.deceased_at = when;
        return run({operation, message(at(day(2026, 6, 1), 9)).add("", when, details)}, day(2026, 6, 2))
            .cases.at(0);
    };
    EXPECT_EQ(said(died(at(day(2026, 4, 10))), "/follow_up/death_band"), R"("31-90")");
    EXPECT_EQ(said(died(of_month(2026, 4)), "/follow_up/death_band"), "null");
    EXPECT_EQ(said(died(of_month(2026, 4)), "/follow_up/status"), R"("died")");
    EXPECT_EQ(said(died(of_month(2026, 4)), "/efficacy/4/status"), R"("not-expected")");
}

TEST(Cases, OnlyWhoIsCertainlyTooYoungIsExcluded) {
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    const auto born = [&](const std::vector<event_time>& dates) {
        std::vector<message> messages = {operation};
        int hour = 0;
        for (const event_time& date : dates) {
            patient_details details;
            details.birth_date = date;
            messages.push_back(message(at(day_before, ++hour)).add("", date, details));
        }
        const case_result one = run(messages).cases.at(0);
        return one.reason.empty() ? said(one, "/patient/age_band") : one.reason;
    };
    const auto year = [](int number) {
        event_time result = at(day(number, 1, 1), 0, 0);
        result.precision = time_precision::year;
        return result;
    };
    event_time exact = at(day(2008, 3, 6), 0, 0);
    exact.precision = time_precision::day;
    EXPECT_EQ(born({year(2015)}), "under-age");
    EXPECT_EQ(born({year(2009)}), "under-age");
    EXPECT_EQ(born({year(2008)}), "null"); // perhaps
    EXPECT_EQ(born({of_month(2008, 4)}), "under-age");
    EXPECT_EQ(born({exact}), "under-age");
    EXPECT_EQ(born({exact, year(2008)}), "under-age"); // the later one says no more
    EXPECT_EQ(born({exact, year(1950)}), "null");      // the later one says something else
}

TEST(Cases, OnlyAChangeOfContentIsALateCorrection) {
    const auto april = [](unsigned date) { return at(day(2026, 4, date), 12); };
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    const auto flags = [&](const std::vector<std::tuple<event_time, std::string, version_status>>& versions) {
        std::vector<message> messages = {operation};
        for (const auto& [recorded, value, status] : versions)
            messages.push_back(message(recorded).score("BPI-WORST", at(day_before), value, status));
        return said(run(messages, day(2026, 5, 1)).cases.at(0), "/data_quality/flags");
    };
    const auto march = at(day_before, 12);
    const std::string none = R"(["metastasis-not-confirmed"])";
    const std::string late = R"(["late-correction","metastasis-not-confirmed"])";
    const auto first = version_status::first;
    const auto corrected = version_status::corrected;
    EXPECT_EQ(flags({{march, "7", first}, {april(10), "8", corrected}}), late);
    EXPECT_EQ(flags({{march, "7", first}, {april(10), "8", corrected}, {april(11), "8", first}}), late);
    EXPECT_EQ(flags({{march, "8", corrected}, {april(10), "8", corrected}}), none);
    EXPECT_EQ(flags({{march, "8", first}, {april(10), "8", first}}), none);
    EXPECT_EQ(flags({{april(10), "8", corrected}}), late);
    EXPECT_EQ(flags({{march, "7", first}, {april(10), "7", version_status::deleted}}), late);
    EXPECT_EQ(flags({{march, "7", first},
                     {at(day_after, 9), "7", version_status::deleted},
                     {april(10), "7", version_status::deleted}}),
              none);
}

TEST(Cases, TheSameValueInAnotherVisitIsNoCorrection) {
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    message again = message(at(day(2026, 4, 4))).score("BPI-WORST", at(day_before), "7");
    auto& seen = std::get<observation>(again.events[0].payload);
    seen.source = observation_source::ward;
    seen.group = "another report";
    const message first = message(at(day_before, 12)).score("BPI-WORST", at(day_before), "7");
    const auto flags = [&] {
        return said(run({operation, first, again}, day(2026, 5, 1)).cases.at(0), "/data_quality/flags");
    };
    EXPECT_EQ(flags(), R"(["metastasis-not-confirmed"])");
    seen.value.text = "8";
    EXPECT_EQ(flags(), R"(["late-correction","metastasis-not-confirmed"])");
}

procedure act_of(codings codes, codings sites) {
    return {std::move(codes), performance::completed, std::move(sites), {}, {}};
}

TEST(Cases, ARegionNamedAsTheBodySiteIsASite) {
    const auto result = run(
        {message(at(operation_day, 13))
             .add("Procedure/1", at(operation_day), act_of({{"SCT", "438791002"}}, {{"OPCS4", "Z665"}}))});
    ASSERT_EQ(result.cases.at(0).reason, "");
    EXPECT_EQ(said(result.cases[0], "/procedure/opcs4"), R"(["Z66.5"])");
    EXPECT_EQ(said(result.cases[0], "/procedure/levels"), "[]");
}

TEST(Cases, CementCountsWhereTheTreatedSitesAreUnknown) {
    message done = message(at(operation_day, 13));
    done.add("Procedure/1", at(operation_day), act_of({{"OPCS4", "Y13.4"}}, {}));
    done.add("Procedure/2", at(operation_day), act_of({{"OPCS4", "V43.8"}}, {}));
    const auto cement = [&](codings sites) {
        message with = done;
        with.add("Procedure/3", at(operation_day), act_of({{"OPCS4", "V44.4"}}, std::move(sites)));
        return said(run({with}).cases.at(0), "/procedure/cement");
    };
    EXPECT_EQ(said(run({done}).cases.at(0), "/procedure/cement"), R"("none")");
    EXPECT_EQ(cement({}), R"("vertebroplasty")");
    EXPECT_EQ(cement({{"SCT", "36470004"}}), R"("vertebroplasty")");
    // A code of its own may name the site.
    message known = message(at(operation_day, 13)).ablation(at(operation_day));
    known.add("Procedure/3", at(operation_day), act_of({{"OPCS4", "V44.4"}, {"SCT", "11994002"}}, {}));
    EXPECT_EQ(said(run({known}).cases.at(0), "/procedure/cement"), R"("unknown")");
}

TEST(Cases, AnAdmissionThatEndsOnTheProcedureDateWasADayCaseWhenIntendedSo) {
    const auto setting = [&](std::string patient_class, std::string intended, std::chrono::local_days from,
                             std::chrono::local_days to) {
        visit stay;
        stay.patient_class = std::move(patient_class);
        stay.intended_management = std::move(intended);
        stay.ended = assertion::given;
        stay.end = at(to, 17);
        return said(run({message(at(operation_day, 13)).ablation(at(operation_day)),
                         message(at(day_after, 9), "hl7v2-adt").add("PV1", at(from, 7), stay)})
                        .cases.at(0),
                    "/procedure/setting");
    };
    EXPECT_EQ(setting("I", "2", operation_day, operation_day), R"("day-case")");
    EXPECT_EQ(setting("I", "2", day_before, operation_day), R"("day-case")");
    EXPECT_EQ(setting("I", "2", operation_day, day_after), R"("inpatient")");
    EXPECT_EQ(setting("I", "", operation_day, operation_day), R"("inpatient")");
    EXPECT_EQ(setting("O", "2", operation_day, operation_day), R"("outpatient")");
}

TEST(Cases, AWordForNotKnownIsNoUnparsedValue) {
    const auto flags = [&](value_kind kind, const std::string& text) {
        message seen = message(at(day_before, 12)).score("RFA-LESION-TYPE", at(day_before), text);
        std::get<observation>(seen.events[0].payload).value.kind = kind;
        return said(run({message(at(operation_day, 13)).ablation(at(operation_day)), seen}).cases.at(0),
                    "/data_quality/flags");
    };
    EXPECT_EQ(flags(value_kind::text, "lytic"), R"(["metastasis-not-confirmed"])");
    EXPECT_EQ(flags(value_kind::text, "unknown"), R"(["metastasis-not-confirmed"])");
    EXPECT_EQ(flags(value_kind::absent, ""), R"(["metastasis-not-confirmed"])");
    EXPECT_EQ(flags(value_kind::text, "spongy"), R"(["metastasis-not-confirmed","unparsed-value"])");
}

TEST(Cases, AnItemTellsWhichMessagesGaveIt) {
    const auto result = run({message(at(operation_day, 13)).ablation(at(operation_day)),
                             message(at(day_before, 12)).score("BPI-WORST", at(day_before), "8")});
    const auto& trace = result.cases.at(0).trace;
    const auto pain = std::ranges::find(trace, "efficacy.BL.pain", &trace_entry::path);
    ASSERT_NE(pain, trace.end());
    EXPECT_EQ(pain->used.size(), 1U);
}

// The message of a FHIR resource with a level for each part, as the reader gives it.
message levels(event_time recorded, const std::vector<std::string>& named,
               version_status version = version_status::first) {
    message made(recorded);
    made.add("Observation/1", at(operation_day), observation{}, version);
    for (std::size_t i = 0; i < named.size(); ++i) {
        observation level;
        level.codes = {{"L", "RFA-LEVEL"}};
        level.value.kind = value_kind::coded;
        level.value.codes = {{"L", named[i]}};
        made.add("Observation/1#RFA-LEVEL|" + std::to_string(i), at(operation_day), level, version);
    }
    return made;
}

TEST(Cases, PartsThatALaterVersionLeavesOutAreVoid) {
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    const message first = levels(at(operation_day, 14), {"L4", "L5"});
    const struct {
        message later;
        const char* expected;
    } rows[] = {
        {levels(at(operation_day, 15), {"L4"}), R"(["L3","L4"])"},
        {levels(at(operation_day, 14), {"L4"}, version_status::corrected), R"(["L3","L4"])"},
        {levels(at(operation_day, 15), {}), R"(["L3"])"},
        {levels(at(operation_day, 15), {}, version_status::deleted), R"(["L3"])"},
        {levels(at(operation_day, 14), {}, version_status::deleted), R"(["L3"])"},
        {levels(at(operation_day, 13), {"L4"}), R"(["L3","L4","L5"])"}, // an older one changes nothing
    };
    for (const auto& row : rows) {
        EXPECT_EQ(said(run({operation, first, row.later}).cases.at(0), "/procedure/levels"), row.expected);
        EXPECT_EQ(said(run({row.later, first, operation}).cases.at(0), "/procedure/levels"), row.expected);
    }
}

} // namespace
} // namespace auditgate::mapping::test
