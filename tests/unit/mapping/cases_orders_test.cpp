// What the versions of an order say together: dosages, start and end (dataset.md section 1, Versions).
#include "tests/unit/mapping/cases_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

const auto operation_day = day(2026, 3, 5);
const auto first_of_february = at(day(2026, 2, 1), 9);

std::chrono::local_days february(unsigned date) {
    return day(2026, 2, date);
}

medication morphine(std::string milligrams) {
    medication made;
    made.drug = {{"ATC", "N02AA01"}};
    made.dose = amount{std::move(milligrams), "mg"};
    made.route = {{"HL70162", "PO"}};
    made.frequency = dose_frequency{2, 1440};
    return made;
}

// A version that says nothing of what is taken.
medication without_dosage(order_end ended, std::optional<event_time> end = {}) {
    medication made;
    made.ended = ended;
    made.end = end;
    return made;
}

message version(event_time recorded, const std::vector<medication>& dosages,
                event_time start = first_of_february, version_status status = version_status::first) {
    message made(recorded);
    std::string key = "MedicationRequest/1";
    for (const medication& each : dosages) {
        made.add(key, start, each, status);
        key = "MedicationRequest/1#dosage-2";
    }
    return made;
}

// Milligrams a day before the operation, "null" when it is not known.
std::string amount_after(const std::vector<message>& versions) {
    std::vector<message> all = versions;
    all.push_back(message(at(operation_day, 13)).ablation(at(operation_day)));
    const auto result = cases(together(all), *shipped_definition(), day(2026, 3, 20));
    return fhir::json::write(*result.cases.at(0).content.at("/efficacy/0/opioid/ome_mg_per_day"));
}

const event_time told_early = at(february(10), 10);
const event_time told_late = at(day(2026, 3, 10), 10);
const message both = version(first_of_february, {morphine("10"), morphine("30")});
const message stopped_late = version(told_late, {without_dosage(order_end::latest, told_late)});

TEST(Orders, ADosageThatWasLeftOutDoesNotComeBackWhenTheOrderIsStopped) {
    const message one = version(told_early, {morphine("10")});
    EXPECT_EQ(amount_after({both}), "80");
    EXPECT_EQ(amount_after({both, one}), "20");
    EXPECT_EQ(amount_after({both, stopped_late}), "80"); // both held on the day before
    EXPECT_EQ(amount_after({both, one, stopped_late}), "20");
    medication as_needed;
    as_needed.as_needed = true;
    const message when_needed = version(told_early, {as_needed});
    EXPECT_EQ(amount_after({both, when_needed, stopped_late}),
              amount_after({version(first_of_february, {morphine("10")}), when_needed, stopped_late}));
    const message deleted =
        version(told_early, {without_dosage(order_end::absent)}, first_of_february, version_status::deleted);
    EXPECT_EQ(amount_after({both, deleted, stopped_late}), "null");
}

TEST(Orders, WhatIsOnlySaidToBeOverEndedWhenAnEarlierVersionSaid) {
    const auto order = [&](std::optional<event_time> end) {
        medication made = morphine("10");
        made.end = end;
        made.ended = end ? order_end::given : order_end::absent;
        return version(first_of_february, {made});
    };
    const message stopped_early = version(told_early, {without_dosage(order_end::latest, told_early)});
    const message goes_on = version(at(february(20)), {without_dosage(order_end::removed)});
    const event_time planned = at(february(20), 0, 0);
    EXPECT_EQ(amount_after({order({}), stopped_late}), "20");
    EXPECT_EQ(amount_after({order({}), stopped_early}), "0");
    EXPECT_EQ(amount_after({order({}), stopped_early, stopped_late}), "0");
    EXPECT_EQ(amount_after({order(planned), stopped_late}), "0");
    EXPECT_EQ(amount_after({order({}), stopped_early, goes_on, stopped_late}), "20");
    // An end that is stated is the end, whatever was planned.
    EXPECT_EQ(
        amount_after({order(planned), version(told_late, {without_dosage(order_end::given, told_late)})}),
        "20");
    // The further dosages of the order end with it.
    EXPECT_EQ(amount_after({both, stopped_early, stopped_late}), "0");
    EXPECT_EQ(amount_after({both, stopped_early, goes_on, stopped_late}), "80");
}

TEST(Orders, AVersionWithoutDosageDoesNotMoveTheStart) {
    const message from_the_operation = version(first_of_february, {morphine("10")}, at(operation_day, 0, 0));
    EXPECT_EQ(amount_after({from_the_operation}), "null");
    EXPECT_EQ(amount_after({from_the_operation, stopped_late}), "null");
    EXPECT_EQ(amount_after({from_the_operation, version(told_early, {morphine("10")})}), "20")
        << "a dosage comes with its start";
}

} // namespace
} // namespace auditgate::mapping::test
