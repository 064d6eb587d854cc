#include "tests/unit/mapping/cases_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

const auto operation_day = day(2026, 3, 5);
const auto day_before = day(2026, 3, 4);

medication order_of(std::string atc, std::string milligrams, dose_frequency frequency,
                    std::string route = "PO") {
    medication made;
    made.drug = {{"ATC", std::move(atc)}};
    made.dose = amount{std::move(milligrams), "mg"};
    made.route = {{"HL70162", std::move(route)}};
    made.frequency = frequency;
    return made;
}

medication patch_of(std::string atc, std::string rate) {
    medication made;
    made.kind = medication_kind::administration;
    made.drug = {{"ATC", std::move(atc)}};
    made.dose = amount{"1", "patch"};
    made.strength = amount{std::move(rate), "ug/h"};
    made.route = {{"HL70162", "TD"}};
    return made;
}

// The opioid object of the baseline row: day, amount, computable.
std::string baseline(const std::vector<medication>& medications, event_time start) {
    message all(at(day_before, 12));
    int number = 0;
    for (const medication& one : medications)
        all.add("Medication/" + std::to_string(++number), start, one);
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    const auto result = cases(together({operation, all}), *shipped_definition(), operation_day);
    return fhir::json::write(*result.cases.at(0).content.at("/efficacy/0/opioid"));
}

const dose_frequency twice{2, 1440};
const dose_frequency four_times{4, 1440};
const auto last_week = at(day(2026, 2, 26));

std::string full(int milligrams) {
    return R"({"day":-1,"ome_mg_per_day":)" + std::to_string(milligrams) + R"(,"computable":"full"})";
}

TEST(OpioidEquivalent, FixedVectorsOfTheSpecification) {
    EXPECT_EQ(baseline({order_of("N02AA05", "10", four_times)}, last_week), full(60));
    EXPECT_EQ(baseline({order_of("N02AA05", "30", twice)}, last_week), full(90));
    EXPECT_EQ(baseline({order_of("R05DA04", "60", four_times)}, last_week), full(25)); // codeine 240 mg is 24
    EXPECT_EQ(baseline({patch_of("N02AB03", "25")}, at(day_before)), full(60));
    EXPECT_EQ(baseline({patch_of("N02AB03", "37.5")}, at(day_before)), full(90));
    EXPECT_EQ(baseline({patch_of("N02AB03", "12")}, at(day_before)), full(30));
    EXPECT_EQ(baseline({patch_of("N02AB03", "75"), patch_of("N02AB03", "25")}, at(day_before)), full(240));
}

TEST(OpioidEquivalent, APatchIsWornForItsTime) {
    EXPECT_EQ(baseline({patch_of("N02AB03", "25")}, at(day(2026, 3, 1), 10)), full(60)); // to day -1, 10:00
    EXPECT_EQ(baseline({patch_of("N02AB03", "25")}, at(day(2026, 2, 28), 10)),
              R"({"day":null,"ome_mg_per_day":null,"computable":null})");
}

TEST(OpioidEquivalent, WhatCannotBeCountedIsNeverZero) {
    const medication methadone = order_of("N07BC02", "10", twice);
    EXPECT_EQ(baseline({methadone}, last_week),
              R"({"day":-1,"ome_mg_per_day":null,"computable":"not-computable"})");
    EXPECT_EQ(baseline({methadone, order_of("N02AA01", "10", twice)}, last_week),
              R"({"day":-1,"ome_mg_per_day":20,"computable":"partial"})");
    medication when_needed = order_of("N02AA01", "10", twice);
    when_needed.as_needed = true;
    EXPECT_EQ(baseline({when_needed}, last_week),
              R"({"day":-1,"ome_mg_per_day":null,"computable":"not-computable"})");
    EXPECT_EQ(baseline({}, last_week), R"({"day":null,"ome_mg_per_day":null,"computable":null})");
}

TEST(OpioidEquivalent, AStoppedOrderIsZeroAndACancelledOneNothing) {
    medication stopped = order_of("N02AA01", "10", twice);
    stopped.end = at(day(2026, 3, 2));
    EXPECT_EQ(baseline({stopped}, last_week), full(0));
    medication cancelled = order_of("N02AA01", "10", twice);
    cancelled.status = medication_status::cancelled;
    EXPECT_EQ(baseline({cancelled}, last_week), R"({"day":null,"ome_mg_per_day":null,"computable":null})");
}

TEST(OpioidEquivalent, WhatWasGivenBeatsWhatWasOrdered) {
    medication given = order_of("N02AA01", "10", {});
    given.kind = medication_kind::administration;
    given.frequency.reset();
    EXPECT_EQ(baseline({order_of("N02AA01", "30", four_times), given}, at(day_before)), full(10));
    given.status = medication_status::not_given;
    EXPECT_EQ(baseline({order_of("N02AA01", "30", four_times), given}, at(day_before)), full(0));
}

} // namespace
} // namespace auditgate::mapping::test
