// How much, how often and how long: what the readers take from products and dosages.
#include "tests/unit/mapping/read_fhir_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace auditgate::mapping::test {
namespace {

std::vector<event> read_orders(const std::string& members) {
    return of_kind<medication>(read(resource("MedicationRequest", R"("status":"active","intent":"order",
        "authoredOn":"2026-03-01",)" + members)));
}

medication read_order(const std::string& members) {
    const auto found = read_orders(members);
    EXPECT_EQ(found.size(), 1U) << members;
    return found.empty() ? medication{} : *found.front().as<medication>();
}

medication read_one_dosage(const std::string& dosage) {
    return read_order(R"("dosageInstruction":[{)" + dosage + "}]");
}

// A contained product with these ingredients, and what is said of it.
std::string product(const std::string& ingredients) {
    return R"("contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"d","code":"p"}]},
        "ingredient":[)" +
           ingredients + R"(]}],"medicationReference":{"reference":"#m"})";
}

const std::string ten_mg_in_5_ml = R"({"itemCodeableConcept":{"coding":[{"system":"s","code":"morphine"}]},
    "strength":{"numerator":{"value":10,"code":"mg"},"denominator":{"value":5,"code":"mL"}}})";

TEST(ReadFhirDosage, StrengthOfAProductIsThatOfItsOneIngredient) {
    const medication tablet =
        read_order(product(R"({"itemCodeableConcept":{"coding":[{"system":"s","code":"morphine"}]},
        "strength":{"numerator":{"value":10,"code":"mg"},"denominator":{"value":1,"unit":"tablet"}}},
        {"isActive":false,"itemCodeableConcept":{"coding":[{"system":"s","code":"lactose"}]}})"));
    EXPECT_EQ(tablet.drug, (codings{{"d", "p"}, {"s", "morphine"}}));
    EXPECT_EQ(tablet.strength, (amount{"10", "mg"}));

    const medication patch = read_order(product(
        R"({"strength":{"numerator":{"value":25,"code":"ug"},"denominator":{"value":1,"code":"h"}}})"));
    EXPECT_EQ(patch.strength, (amount{"25", "ug/h"}));
    EXPECT_EQ(
        read_order(
            product(
                R"({"strength":{"numerator":{"value":1800,"code":"ug"},"denominator":{"value":72,"code":"h"}}})"))
            .strength,
        std::nullopt);

    const medication both =
        read_order(product(R"({"itemCodeableConcept":{"coding":[{"system":"s","code":"codeine"}]},
        "strength":{"numerator":{"value":30,"code":"mg"}}},{"itemCodeableConcept":{"coding":[{"system":"s","code":"paracetamol"}]},
        "strength":{"numerator":{"value":500,"code":"mg"}}})"));
    EXPECT_EQ(both.drug, (codings{{"d", "p"}, {"s", "codeine"}, {"s", "paracetamol"}}));
    EXPECT_EQ(both.strength, std::nullopt);
}

TEST(ReadFhirDosage, VolumeOfALiquidIsTheMassInIt) {
    const auto dose_of = [](const std::string& number, const std::string& unit) {
        return read_order(product(ten_mg_in_5_ml) +
                          R"(,"dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":)" + number +
                          R"(,"unit":")" + unit + R"("}}]}])");
    };
    EXPECT_EQ(dose_of("10", "ml").dose, (amount{"20", "mg"}));
    EXPECT_EQ(dose_of("2.5", "mL").dose, (amount{"5", "mg"}));
    EXPECT_EQ(dose_of("0.125", "mL").dose, (amount{"0.25", "mg"}));
    EXPECT_EQ(dose_of("20", "mg").dose, (amount{"20", "mg"}));
    EXPECT_EQ(dose_of("2", "spoon").dose, (amount{"2", "spoon"}));
    EXPECT_EQ(dose_of("2", "spoon").strength, std::nullopt); // 10 mg are in 5 mL, not in a piece
    EXPECT_EQ(dose_of("99999999999999999999", "mL").dose, (amount{"99999999999999999999", "mL"}));
    const medication thirds =
        read_order(product(R"({"strength":{"numerator":{"value":10,"code":"mg"},
        "denominator":{"value":3,"code":"mL"}}})") +
                   R"(,"dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":1,"code":"mL"}}]}])");
    EXPECT_EQ(thirds.dose, (amount{"1", "mL"}));
}

TEST(ReadFhirDosage, DoseOfARangeIsItsLowEndAsInHl7V2) {
    EXPECT_EQ(
        read_one_dosage(
            R"("doseAndRate":[{"doseRange":{"low":{"value":5,"code":"mg"},"high":{"value":10,"code":"mg"}}}])")
            .dose,
        (amount{"5", "mg"}));
    EXPECT_EQ(read_one_dosage(R"("doseAndRate":[{"doseRange":{"high":{"value":10,"code":"mg"}}}])").dose,
              amount{});
}

TEST(ReadFhirDosage, UnitIsACodeOfUcumOrWhatStandsBesideAnotherCode) {
    const auto unit_of = [](const std::string& more) {
        return read_one_dosage(R"("doseAndRate":[{"doseQuantity":{"value":1,)" + more + "}}]").dose->unit;
    };
    EXPECT_EQ(unit_of(R"("unit":"capsule","system":"http://snomed.info/sct","code":"428641000")"), "capsule");
    EXPECT_EQ(unit_of(R"("system":"http://snomed.info/sct","code":"428641000")"), "428641000");
    EXPECT_EQ(unit_of(R"("unit":"milligram","system":"http://unitsofmeasure.org","code":"mg")"), "mg");
    EXPECT_EQ(unit_of(R"("unit":"milligram","code":"mg")"), "mg");
    EXPECT_EQ(unit_of(R"("unit":"mg")"), "mg");
}

TEST(ReadFhirDosage, OrderWithoutADateIsOfTheDayFromWhichItMayBeDispensed) {
    const event order = only<medication>(resource("MedicationRequest", R"("status":"active","intent":"order",
        "dispenseRequest":{"validityPeriod":{"start":"2026-02-03","end":"2026-08-03"}})"));
    EXPECT_EQ(day_of(order.when), "2026-2-3");
    EXPECT_EQ(order.as<medication>()->end, std::nullopt);
}

TEST(ReadFhirDosage, RateByTheHourIsAStrengthAndByTheDayADose) {
    const medication by_hour = read_one_dosage(
        R"("doseAndRate":[{"rateRatio":{"numerator":{"value":25,"code":"ug"},"denominator":{"value":1,"code":"h"}}}])");
    EXPECT_EQ(by_hour.strength, (amount{"25", "ug/h"}));
    EXPECT_EQ(by_hour.dose, std::nullopt);
    const medication by_day = read_one_dosage(
        R"("doseAndRate":[{"rateRatio":{"numerator":{"value":60,"code":"mg"},"denominator":{"value":24,"code":"h"}}}])");
    EXPECT_EQ(by_day.dose, (amount{"60", "mg"}));
    EXPECT_EQ(by_day.frequency, (dose_frequency{1, 1440}));
    EXPECT_EQ(read_one_dosage(R"("doseAndRate":[{"rateQuantity":{"value":25,"code":"ug/h"}}])").strength,
              (amount{"25", "ug/h"}));
}

TEST(ReadFhirDosage, DosageInWordsIsStatedWithoutANumber) {
    EXPECT_EQ(read_one_dosage(R"("text":"CANARY twice a day")").dose, amount{});
    EXPECT_EQ(read_one_dosage(R"("patientInstruction":"CANARY")").dose, amount{});
    EXPECT_EQ(
        read_one_dosage(R"("text":"CANARY","doseAndRate":[{"doseQuantity":{"value":5,"code":"mg"}}])").dose,
        (amount{"5", "mg"}));
    EXPECT_EQ(read_one_dosage(R"("text":"CANARY","asNeededBoolean":true)").dose, std::nullopt);
    EXPECT_EQ(read_one_dosage(R"("timing":{"repeat":{"boundsPeriod":{"end":"2026-04-01"}}})").dose,
              std::nullopt);
    EXPECT_EQ(only<medication>(
                  resource("MedicationAdministration", R"("status":"completed","dosage":{"text":"CANARY"})"))
                  .as<medication>()
                  ->dose,
              amount{});
}

TEST(ReadFhirDosage, LengthEndsWithItsLastDay) {
    const auto end_of = [](const std::string& start, const std::string& length) {
        const auto found =
            read_orders(R"("dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":")" + start +
                        R"("},"boundsDuration":)" + length + "}}}]");
        return found.empty() ? std::nullopt : found.front().as<medication>()->end;
    };
    EXPECT_EQ(day_of(end_of("2026-03-01", R"({"value":7,"code":"d"})")), "2026-3-7");
    EXPECT_EQ(day_of(end_of("2026-03-01", R"({"value":2,"code":"wk"})")), "2026-3-14");
    EXPECT_EQ(day_of(end_of("2026-01-31", R"({"value":1,"code":"mo"})")), "2026-2-27");
    EXPECT_EQ(day_of(end_of("2026-03-01", R"({"value":12,"code":"h"})")), "2026-3-1");
    EXPECT_EQ(day_of(end_of("2026-03-01T20:00:00Z", R"({"value":12,"code":"h"})")), "2026-3-2");
    EXPECT_EQ(day_of(end_of("2026-03-28T20:00:00Z", R"({"value":2,"code":"d"})")), "2026-3-30");
    EXPECT_EQ(day_of(end_of("2026-03-01", R"({"value":7,"code":"fortnight"})")), "none");
    EXPECT_EQ(day_of(end_of("2026-03-01", R"({"value":1.5,"code":"d"})")), "none");
    EXPECT_EQ(day_of(end_of("2026-03-01", R"({"value":99999999,"code":"d"})")), "none");
    EXPECT_EQ(day_of(end_of("2026-03", R"({"value":7,"code":"d"})")), "none");
}

TEST(ReadFhirDosage, StepsFollowEachOther) {
    const auto step = [](int sequence, const std::string& bounds) {
        return R"({"sequence":)" + std::to_string(sequence) + R"(,"doseAndRate":[{"doseQuantity":{"value":)" +
               std::to_string(sequence * 10) + R"(,"code":"mg"}}],"timing":{"repeat":{)" + bounds + "}}}";
    };
    const std::string week = R"("boundsDuration":{"value":7,"code":"d"})";
    const auto starts_of = [](const std::string& dosages) {
        std::string starts;
        for (const event& each : read_orders(R"("dosageInstruction":[)" + dosages + "]")) {
            starts += each.as<medication>()->dose->number + " from " + day_of(each.when) + "; ";
        }
        return starts;
    };
    EXPECT_EQ(starts_of(step(1, week) + "," + step(2, week) + "," + step(3, "")),
              "10 from 2026-3-1; 20 from 2026-3-8; 30 from 2026-3-15; ");
    EXPECT_EQ(starts_of(step(2, "") + "," + step(1, week)), "10 from 2026-3-1; 20 from 2026-3-8; ");
    EXPECT_EQ(starts_of(step(1, week) + "," + step(1, week)), "10 from 2026-3-1; 10 from 2026-3-1; ");
    EXPECT_EQ(starts_of(step(1, "") + "," + step(2, week)),
              "10 from 2026-3-1; 20 from 2026-3-1; "); // without an end: at the same time
    EXPECT_EQ(starts_of(step(1, "") + "," + step(2, R"("boundsPeriod":{"start":"2026-03-04"})")),
              "10 from 2026-3-1; 20 from 2026-3-4; ");
}

TEST(ReadFhirDosage, DosesOnSomeDaysOfTheWeekAreSoManyAWeek) {
    const auto frequency_of = [](const std::string& repeat) {
        return read_one_dosage(R"("timing":{"repeat":{)" + repeat + "}}").frequency;
    };
    EXPECT_EQ(frequency_of(R"("frequency":2,"period":1,"periodUnit":"d","dayOfWeek":["mon","thu","sat"])"),
              (dose_frequency{6, 7 * 1440}));
    EXPECT_EQ(frequency_of(R"("timeOfDay":["08:00:00"],"dayOfWeek":["mon","thu"])"),
              (dose_frequency{2, 7 * 1440}));
    EXPECT_EQ(frequency_of(R"("frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon"])"),
              (dose_frequency{1, 7 * 1440}));
}

TEST(ReadFhirDosage, SuppliedIsNotOver) {
    const auto read_end = [](const std::string& members) {
        const event order = only<medication>(
            resource("MedicationRequest",
                     R"("status":"completed","intent":"order","authoredOn":"2026-02-01")" + members));
        return day_of(order.as<medication>()->end);
    };
    const std::string community = R"(,"category":[{"coding":[{"code":"community"}]}])";
    EXPECT_EQ(read_end(""), "2026-3-6"); // when it was recorded
    EXPECT_EQ(read_end(R"(,"category":[{"coding":[{"code":"inpatient"}]}])"), "2026-3-6");
    EXPECT_EQ(read_end(community), "none");
    EXPECT_EQ(
        read_end(community + R"(,"dispenseRequest":{"expectedSupplyDuration":{"value":56,"code":"d"}})"),
        "2026-3-28");
}

TEST(ReadFhirDosage, StatementWithoutATimeIsOfTheDayOnWhichItWasAsserted) {
    const event fact =
        only<medication>(resource("MedicationStatement", R"("status":"active","dateAsserted":"2026-02-03")"));
    EXPECT_EQ(day_of(fact.when), "2026-2-3");
    EXPECT_EQ(fact.as<medication>()->end, std::nullopt);
}

TEST(ReadFhirDosage, DispenseIsAnOrderOnlyWhereTheSourceSaysSo) {
    const std::string dispense =
        resource("MedicationDispense", R"("status":"completed","whenHandedOver":"2026-03-01",
        "medicationCodeableConcept":{"coding":[{"system":"a","code":"N02AA01"}]},"daysSupply":{"value":28,"unit":"Days"},
        "dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":10,"code":"mg"}}]}])");
    EXPECT_TRUE(read(dispense).events.empty());
    source_profile profile;
    profile.dispenses = fhir_dispense::order;
    const read_result result = read_message({dispense, format_of(dispense), "m", {}}, profile);
    ASSERT_EQ(result.events.size(), 1U);
    const medication& order = *result.events[0].as<medication>();
    EXPECT_EQ(order.kind, medication_kind::order);
    EXPECT_EQ(order.dose, (amount{"10", "mg"}));
    EXPECT_EQ(day_of(result.events[0].when), "2026-3-1");
    EXPECT_EQ(day_of(order.end), "2026-3-28");
}

} // namespace
} // namespace auditgate::mapping::test
