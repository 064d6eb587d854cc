#include "tests/unit/mapping/read_fhir_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace auditgate::mapping::test {
namespace {

TEST(ReadFhirMedication, OrderHasDoseFrequencyAndBounds) {
    const event fact = only<medication>(
        resource("MedicationRequest", R"("identifier":[{"value":"O1"}],"status":"active","intent":"order",
        "medicationCodeableConcept":{"coding":[{"system":"atc","code":"N02AA05"}]},"authoredOn":"2026-02-13T08:00:00Z",
        "dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":"2026-02-14","end":"2026-03-15"},"frequency":2,"period":1,"periodUnit":"d"}},
            "asNeededBoolean":true,"route":{"coding":[{"system":"r","code":"26643006"}]},
            "doseAndRate":[{"doseQuantity":{"value":30,"code":"mg"}}]}])"));
    const medication& order = *fact.as<medication>();
    EXPECT_EQ(order.kind, medication_kind::order);
    EXPECT_EQ(order.dose, (amount{"30", "mg"}));
    EXPECT_EQ(order.frequency, (dose_frequency{2, 1440}));
    EXPECT_TRUE(order.as_needed);
    EXPECT_EQ(order.route, (codings{{"r", "26643006"}}));
    EXPECT_EQ(order.order_numbers, (std::vector<std::string>{"O1"}));
    EXPECT_EQ(day_of(fact.when), "2026-2-14");
    EXPECT_EQ(day_of(order.end), "2026-3-15");
}

TEST(ReadFhirMedication, AnOrderThatIsActiveHasNoEndButTheOneItStates) {
    const auto ended = [](const std::string& type, const std::string& status, const std::string& more) {
        return only<medication>(resource(type, R"("status":")" + status + '"' + more))
            .as<medication>()
            ->ended;
    };
    const std::string bounds =
        R"(,"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"2026-03-15"}}}}])";
    EXPECT_EQ(ended("MedicationRequest", "stopped", ""), order_end::latest);
    EXPECT_EQ(ended("MedicationRequest", "active", ""), order_end::removed);
    EXPECT_EQ(ended("MedicationRequest", "active", bounds), order_end::given);
    EXPECT_EQ(ended("MedicationRequest", "on-hold", ""), order_end::absent);
    EXPECT_EQ(ended("MedicationStatement", "active", R"(,"effectivePeriod":{"start":"2026-03-01"})"),
              order_end::removed);
    EXPECT_EQ(ended("MedicationStatement", "active", R"(,"effectivePeriod":{"end":"2026-03-15"})"),
              order_end::given);
}

TEST(ReadFhirMedication, DosagesOfOneOrderAreToldApart) {
    const auto found = of_kind<medication>(
        read(resource("MedicationRequest", R"("identifier":[{"value":"O1"}],"status":"active",
        "dosageInstruction":[{"timing":{"repeat":{"period":8,"periodUnit":"h"}}},{"timing":{"code":{"coding":[{"code":"BID"}]}}}])")));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].as<medication>()->frequency, (dose_frequency{1, 480}));
    EXPECT_EQ(found[1].as<medication>()->frequency, (dose_frequency{2, 1440}));
    EXPECT_NE(found[0].fact_key, found[1].fact_key);
    EXPECT_NE(found[0].as<medication>()->order_numbers, found[1].as<medication>()->order_numbers);
}

TEST(ReadFhirMedication, StatusOfMedication) {
    const auto order = [](const char* status) {
        return only<medication>(resource("MedicationRequest", R"("status":")" + std::string(status) + '"'));
    };
    EXPECT_EQ(order("cancelled").as<medication>()->status, medication_status::cancelled);
    EXPECT_EQ(order("draft").as<medication>()->status, medication_status::cancelled);
    EXPECT_EQ(day_of(order("stopped").as<medication>()->end), "2026-3-6"); // when it was recorded
    EXPECT_EQ(order("entered-in-error").version, version_status::deleted);
    EXPECT_TRUE(read(resource("MedicationRequest", R"("status":"active","intent":"plan")")).events.empty());
    EXPECT_TRUE(
        read(resource("MedicationRequest", R"("status":"active","doNotPerform":true)")).events.empty());
    const event given = only<medication>(resource("MedicationAdministration", R"("status":"not-done",
        "effectivePeriod":{"start":"2026-03-06T09:00:00Z","end":"2026-03-08T10:00:00Z"},
        "dosage":{"rateQuantity":{"value":37.5,"code":"ug/h"}})"));
    EXPECT_EQ(given.as<medication>()->status, medication_status::not_given);
    EXPECT_EQ(given.as<medication>()->strength, (amount{"37.5", "ug/h"}));
    EXPECT_EQ(day_of(given.as<medication>()->end), "2026-3-8");
    const event taken = only<medication>(
        resource("MedicationStatement", R"("status":"active","effectiveDateTime":"2026-05-04")"));
    EXPECT_EQ(taken.as<medication>()->kind, medication_kind::statement);
    EXPECT_EQ(day_of(taken.as<medication>()->end), "2026-5-4");
}

TEST(ReadFhirMedication, WhatStoppedIsOverWhenThatWasRecorded) {
    const auto end_of_order = [](const char* status, const char* planned) {
        return day_of(
            only<medication>(resource("MedicationRequest", R"("status":")" + std::string(status) +
                                                               R"(","dosageInstruction":[{"timing":{"repeat":
            {"boundsPeriod":{"end":")" + planned + R"("}}}}])"))
                .as<medication>()
                ->end);
    };
    EXPECT_EQ(end_of_order("active", "2026-05-01"), "2026-5-1");
    EXPECT_EQ(end_of_order("stopped", "2026-05-01"), "2026-3-6");
    EXPECT_EQ(end_of_order("completed", "2026-05-01"), "2026-3-6");
    EXPECT_EQ(end_of_order("stopped", "2026-03-01"), "2026-3-1");
    const auto statement_end = [](const char* status, const char* period) {
        return day_of(
            only<medication>(resource("MedicationStatement", R"("status":")" + std::string(status) +
                                                                 R"(","effectivePeriod":)" + period))
                .as<medication>()
                ->end);
    };
    const char* const open = R"({"start":"2026-01-01"})";
    const char* const ended = R"({"start":"2026-01-01","end":"2026-02-01"})";
    EXPECT_EQ(statement_end("active", open), "none");
    EXPECT_EQ(statement_end("stopped", open), "2026-3-6");
    EXPECT_EQ(statement_end("completed", open), "2026-3-6");
    EXPECT_EQ(statement_end("completed", ended), "2026-2-1");
}

TEST(ReadFhirMedication, FrequencyOfATiming) {
    const struct {
        const char* timing;
        std::optional<dose_frequency> frequency;
    } rows[] = {
        {R"({"repeat":{"frequency":3,"period":1,"periodUnit":"d"}})", dose_frequency{3, 1440}},
        {R"({"repeat":{"period":1,"periodUnit":"d"}})", dose_frequency{1, 1440}},
        {R"({"repeat":{"period":1,"periodUnit":"d","timeOfDay":["08:00:00","20:00:00"]}})",
         dose_frequency{2, 1440}},
        {R"({"repeat":{"period":1,"periodUnit":"d","when":["MORN","NOON","HS"]}})", dose_frequency{3, 1440}},
        {R"({"repeat":{"frequency":1,"period":1,"periodUnit":"d","when":["MORN","HS"]}})",
         dose_frequency{1, 1440}}, // as stated
        {R"({"repeat":{"timeOfDay":["08:00:00","20:00:00"]}})", dose_frequency{2, 1440}},
        {R"({"repeat":{"frequency":999,"period":1,"periodUnit":"d"}})", dose_frequency{999, 1440}},
        {R"({"repeat":{"frequency":1000,"period":1,"periodUnit":"d"}})", std::nullopt},
        {R"({"repeat":{"frequency":0,"period":1,"periodUnit":"d"}})", std::nullopt},
        {R"({"repeat":{"frequency":4294967298,"period":1,"periodUnit":"d"}})", std::nullopt},
        {R"({"repeat":{"frequency":2.5,"period":1,"periodUnit":"d"}})", std::nullopt},
        {R"({"code":{"coding":[{"code":"TID"}]}})", dose_frequency{3, 1440}},
        {R"({})", std::nullopt},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(only<medication>(
                      resource("MedicationRequest", R"("status":"active","dosageInstruction":[{"timing":)" +
                                                        std::string(row.timing) + "}]"))
                      .as<medication>()
                      ->frequency,
                  row.frequency)
            << row.timing;
    }
}

} // namespace
} // namespace auditgate::mapping::test
