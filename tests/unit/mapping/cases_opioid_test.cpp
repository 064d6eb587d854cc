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

std::string value_at(std::string_view pointer, const std::vector<medication>& medications, event_time start) {
    message all(at(day_before, 12));
    int number = 0;
    for (const medication& one : medications)
        all.add("Medication/" + std::to_string(++number), start, one);
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    const auto result = cases(together({operation, all}), *shipped_definition(), operation_day);
    return fhir::json::write(*result.cases.at(0).content.at(pointer));
}

// The opioid object of the baseline row: day, amount, computable.
std::string baseline(const std::vector<medication>& medications, event_time start) {
    return value_at("/efficacy/0/opioid", medications, start);
}

const dose_frequency twice{2, 1440};
const dose_frequency four_times{4, 1440};
const auto last_week = at(day(2026, 2, 26));

std::string flags(const std::vector<medication>& medications) {
    return value_at("/data_quality/flags", medications, last_week);
}

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

TEST(OpioidEquivalent, SeveralPatchesAreCountedByTheStrengthOfOne) {
    medication patches = patch_of("N02AB03", "12");
    patches.dose = amount{"3", "patch"};
    EXPECT_EQ(baseline({patches}, at(day_before)), full(90)); // 12 ug/h is 30, not 28.8
}

TEST(OpioidEquivalent, ARateThatIsNoPatchIsOfItsOwnDay) {
    medication driver = order_of("N02AA01", "2", {}, "SC");
    driver.kind = medication_kind::administration;
    driver.dose = amount{"2", "mg/h"};
    driver.frequency.reset();
    EXPECT_EQ(baseline({driver}, at(day_before)),
              R"({"day":-1,"ome_mg_per_day":null,"computable":"not-computable"})");
    EXPECT_EQ(baseline({driver}, at(day(2026, 3, 3))),
              R"({"day":null,"ome_mg_per_day":null,"computable":null})");
}

TEST(OpioidEquivalent, APatchOfUnknownWearTimeIsWornOnItsOwnDay) {
    const medication patch = patch_of("N02AA01", "5"); // no morphine patch is known
    EXPECT_EQ(baseline({patch}, at(day_before)),
              R"({"day":-1,"ome_mg_per_day":null,"computable":"not-computable"})");
    EXPECT_EQ(baseline({patch}, at(day(2026, 3, 3))),
              R"({"day":null,"ome_mg_per_day":null,"computable":null})");
}

TEST(OpioidEquivalent, ImplausibleAmountsAreNotCounted) {
    const std::string refused = R"({"day":-1,"ome_mg_per_day":null,"computable":"not-computable"})";
    const dose_frequency once{1, 1440};
    EXPECT_EQ(baseline({order_of("N02AA01", "100000", once)}, last_week), full(100'000));
    EXPECT_EQ(baseline({order_of("N02AA01", "100001", once)}, last_week), refused);
    EXPECT_EQ(baseline({order_of("N02AA01", "9999999999", four_times)}, last_week), refused);
    EXPECT_EQ(baseline({order_of("N02AA01", "999999999999", four_times)}, last_week), refused);
    EXPECT_EQ(baseline({order_of("N02AA01", "0", four_times)}, last_week), refused);
    medication less_than_none = order_of("N02AA01", "-3", four_times);
    less_than_none.dose->unit = "tab";
    less_than_none.strength = amount{"10", "mg"};
    EXPECT_EQ(baseline({less_than_none}, last_week), refused);
    EXPECT_EQ(flags({less_than_none}), R"(["metastasis-not-confirmed","out-of-range"])");
    EXPECT_EQ(flags({order_of("N02AA01", "100001", once)}), R"(["metastasis-not-confirmed","out-of-range"])");
    EXPECT_EQ(flags({order_of("N02AA01", "100000", once)}), R"(["metastasis-not-confirmed"])");
}

TEST(OpioidEquivalent, AReportedAmountInAnUnknownUnitIsFlagged) {
    message reported(at(day_before, 12));
    reported.score("OME-24H", at(day_before), "60");
    std::get<observation>(reported.events[0].payload).value.unit = "drops";
    const message operation = message(at(operation_day, 13)).ablation(at(operation_day));
    const auto result = cases(together({operation, reported}), *shipped_definition(), operation_day);
    EXPECT_EQ(fhir::json::write(*result.cases.at(0).content.at("/data_quality/flags")),
              R"(["metastasis-not-confirmed","unit-unknown"])");
}

TEST(OpioidEquivalent, AnOrderSinceSomeMonthCountsFromItsEnd) {
    event_time since = at(day(2026, 2, 1), 0, 0);
    since.precision = time_precision::month;
    EXPECT_EQ(baseline({order_of("N02AA01", "10", twice)}, since), full(20));
    since = at(day(2026, 3, 1), 0, 0);
    since.precision = time_precision::month;
    EXPECT_EQ(baseline({order_of("N02AA01", "10", twice)}, since),
              R"({"day":null,"ome_mg_per_day":null,"computable":null})");
}

TEST(OpioidEquivalent, AnEndThatIsTakenBackIsNone) {
    const auto said = [](const std::vector<order_end>& versions) {
        std::vector<message> messages = {message(at(operation_day, 13)).ablation(at(operation_day))};
        int hour = 0;
        for (const order_end ended : versions) {
            medication order = order_of("N02AA01", "10", twice);
            order.ended = ended;
            if (ended == order_end::given)
                order.end = at(day(2026, 3, 2));
            messages.push_back(message(at(day_before, ++hour)).add("MedicationRequest/1", last_week, order));
        }
        const auto result = cases(together(messages), *shipped_definition(), operation_day);
        return fhir::json::write(*result.cases.at(0).content.at("/efficacy/0/opioid"));
    };
    EXPECT_EQ(said({order_end::given}), full(0));
    EXPECT_EQ(said({order_end::given, order_end::absent}), full(0));
    EXPECT_EQ(said({order_end::given, order_end::removed}), full(20));
    EXPECT_EQ(said({order_end::given, order_end::removed, order_end::absent}), full(20));
    EXPECT_EQ(said({order_end::removed, order_end::given}), full(0));
}

// Messages with one medication each: sender, feed, number, hour of recording.
struct sent_order {
    std::string sender, feed;
    medication order;
    int hour;
};
std::string baseline_of(const std::vector<sent_order>& orders) {
    std::vector<event> events = message(at(operation_day, 13)).ablation(at(operation_day)).events;
    for (const sent_order& one : orders) {
        event sent = message(at(day_before, one.hour), one.feed).add("key", last_week, one.order).events[0];
        sent.sender = one.sender;
        sent.fact_key = one.sender + '|' + one.feed + "|RXE|O1";
        std::get<medication>(sent.payload).order_numbers = {"O1"};
        events.push_back(sent);
    }
    const auto result = cases(events, *shipped_definition(), operation_day);
    return fhir::json::write(*result.cases.at(0).content.at("/efficacy/0/opioid"));
}

TEST(OpioidEquivalent, OneOrderNumberIsOneOrderOnlyFromTwoFeedsAndOfOneDrug) {
    const medication morphine = order_of("N02AA01", "10", twice);  // 20
    const medication more = order_of("N02AA01", "20", twice);      // 40
    const medication oxycodone = order_of("N02AA05", "10", twice); // 30
    EXPECT_EQ(baseline_of({{"A", "hl7v2-rde", morphine, 8}, {"B", "fhir", more, 9}}), full(40));
    EXPECT_EQ(baseline_of({{"A", "hl7v2-rde", more, 9}, {"B", "fhir", morphine, 8}}), full(40));
    EXPECT_EQ(baseline_of({{"A", "hl7v2-rde", morphine, 8}, {"B", "fhir", oxycodone, 9}}), full(50));
    EXPECT_EQ(baseline_of({{"A", "hl7v2-rde", morphine, 8}, {"B", "hl7v2-rde", more, 9}}), full(60));
    medication cancelled = morphine;
    cancelled.status = medication_status::cancelled;
    cancelled.drug.clear();
    EXPECT_EQ(baseline_of({{"A", "hl7v2-rde", morphine, 8}, {"B", "fhir", cancelled, 9}}),
              R"({"day":null,"ome_mg_per_day":null,"computable":null})");
}

TEST(OpioidEquivalent, OfOnePatchFromTwoFeedsTheEarlierRemovalCounts) {
    const medication worn = patch_of("N02AB03", "25");
    medication removed = worn;
    removed.ended = order_end::given;
    removed.end = at(day(2026, 3, 3));
    const auto applied = at(day(2026, 3, 2), 12);
    for (const auto& [first, second] : {std::pair{worn, removed}, std::pair{removed, worn}}) {
        std::vector<message> messages = {message(at(operation_day, 13)).ablation(at(operation_day))};
        messages.push_back(message(at(day_before, 8)).add("MedicationAdministration/1", applied, first));
        messages.push_back(message(at(day_before, 9), "hl7v2-ras").add("RXA", applied, second));
        const auto result = cases(together(messages), *shipped_definition(), operation_day);
        EXPECT_EQ(fhir::json::write(*result.cases.at(0).content.at("/efficacy/0/opioid")),
                  R"({"day":null,"ome_mg_per_day":null,"computable":null})");
    }
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

TEST(OpioidEquivalent, AVersionWithoutDosagesStopsThoseOfBefore) {
    const auto order = [](event_time recorded, const std::vector<medication>& dosages) {
        message made(recorded);
        std::string key = "MedicationRequest/1";
        for (const medication& each : dosages) {
            made.add(key, last_week, each);
            key = "MedicationRequest/1#dosage-2";
        }
        return made;
    };
    const auto opioid = [](const std::vector<message>& orders) {
        std::vector<message> all = orders;
        all.push_back(message(at(operation_day, 13)).ablation(at(operation_day)));
        const auto result = cases(together(all), *shipped_definition(), operation_day);
        return fhir::json::write(*result.cases.at(0).content.at("/efficacy/0/opioid"));
    };
    medication morning = order_of("N02AA01", "10", twice);
    morning.order_numbers = {"O1"};
    medication night = order_of("N02AA01", "30", twice);
    night.order_numbers = {"O1#dosage-2"};
    const message both = order(last_week, {morning, night});
    EXPECT_EQ(opioid({both}), full(80));
    EXPECT_EQ(opioid({both, order(at(day(2026, 2, 27)), {night})}), full(60));

    medication stop;
    stop.order_numbers = {"O1"};
    stop.end = at(day(2026, 3, 2));
    stop.ended = order_end::given;
    EXPECT_EQ(opioid({both, order(at(day(2026, 3, 2)), {stop})}), full(0));
    stop.end = at(operation_day, 9);
    EXPECT_EQ(opioid({both, order(at(operation_day, 9), {stop})}), full(80)); // both held on day -1
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
