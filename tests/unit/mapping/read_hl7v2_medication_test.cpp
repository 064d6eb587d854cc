#include "tests/unit/mapping/read_hl7v2_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

TEST(ReadHl7v2Medication, OrderHasDoseFrequencyAndTimes) {
    const auto found =
        of_kind<medication>(read("RDE^O11", "2.5.1",
                                 {pid, "ORC|DC|O1|||||||202603151100||||||202603151200",
                                  "RXE||N02AB03^^ATC|1||patch||||||||||||||||||||25|ug/h",
                                  "TQ1|1||Q12H||||202603041200|20260320|PRN", "RXR|TD^^HL70162"}));
    ASSERT_EQ(found.size(), 1U);
    const medication& order = *found.front().as<medication>();
    EXPECT_EQ(order.drug, (codings{{"ATC", "N02AB03"}}));
    EXPECT_EQ(order.dose, (amount{"1", "patch"}));
    EXPECT_EQ(order.strength, (amount{"25", "ug/h"}));
    EXPECT_EQ(order.route, (codings{{"HL70162", "TD"}}));
    EXPECT_EQ(order.frequency, (dose_frequency{1, 720}));
    EXPECT_TRUE(order.as_needed);
    EXPECT_EQ(day_of(found.front().when), "2026-3-4");
    EXPECT_EQ(day_of(order.end), "2026-3-15"); // ORC-15 of DC
    EXPECT_EQ(order.ended, order_end::given);
    EXPECT_EQ(order.order_numbers, (std::vector<std::string>{"O1"}));
    EXPECT_EQ(found.front().fact_key, "PAS|RXX|hl7v2-rde|RXE|O1");
}

TEST(ReadHl7v2Medication, AnEndOfAnOrderIsSaidTakenBackOrLeftUnsaid) {
    const auto ended = [](const std::string& version, const std::string& rxe_1, const std::string& stop) {
        std::vector<std::string> segments = {pid, "ORC|XO|O1", "RXE|" + rxe_1 + "|N02AA01^^ATC|30||mg"};
        if (!stop.empty())
            segments.push_back("TQ1|1||BD||||202603041200|" + stop);
        return of_kind<medication>(read("RDE^O11", version, segments)).front().as<medication>()->ended;
    };
    EXPECT_EQ(ended("2.5.1", "", "20260320"), order_end::given);
    EXPECT_EQ(ended("2.5.1", "", "\"\""), order_end::removed);
    EXPECT_EQ(ended("2.5.1", "", "|"), order_end::absent);
    EXPECT_EQ(ended("2.3", "^BD^^202603041200^202603101200", ""), order_end::given);
    EXPECT_EQ(ended("2.3", "^BD^^202603041200^\"\"", ""), order_end::removed);
    EXPECT_EQ(ended("2.3", "^BD^^202603041200", ""), order_end::absent);
}

TEST(ReadHl7v2Medication, AHoldLeavesTheOrderAsItStandsAndSaysSo) {
    for (const char* control : {"HD", "OH", "RL"}) {
        const auto found = read("RDE^O11", "2.5.1",
                                {pid, std::string("ORC|") + control + "|O1", "RXE||N02AA01^^ATC|30||mg",
                                 "TQ1|1||BD||||202603041200"});
        const auto orders = of_kind<medication>(found);
        ASSERT_EQ(orders.size(), 1U) << control;
        EXPECT_EQ(orders[0].as<medication>()->status, medication_status::active) << control;
        EXPECT_EQ(orders[0].as<medication>()->ended, order_end::absent) << control;
        ASSERT_EQ(notes_of(found).size(), 1U) << control;
        EXPECT_EQ(notes_of(found)[0].path, "ORC-1") << control;
    }
}

TEST(ReadHl7v2Medication, OldOrdersSayTheirTimingInRxe1) {
    const auto frequency_of = [](const std::string& pattern) {
        const auto found = of_kind<medication>(
            read("RDE^O11", "2.3",
                 {pid, "ORC|NW|O1", "RXE|^" + pattern + "^^202603041200^202603101200|N02AA01^^ATC|30||mg"}));
        return *found.front().as<medication>();
    };
    EXPECT_EQ(frequency_of("BD").frequency, (dose_frequency{2, 1440}));
    EXPECT_EQ(frequency_of("qds").frequency, (dose_frequency{4, 1440}));
    EXPECT_EQ(frequency_of("Q4H").frequency, (dose_frequency{1, 240}));
    EXPECT_EQ(frequency_of("PRNQ4H").frequency, (dose_frequency{1, 240}));
    EXPECT_TRUE(frequency_of("PRNQ4H").as_needed);
    EXPECT_TRUE(frequency_of("PRN").as_needed);
    EXPECT_EQ(frequency_of("PRN").frequency, std::nullopt);
    EXPECT_EQ(frequency_of("whenever").frequency, std::nullopt);
    EXPECT_EQ(day_of(frequency_of("BD").end), "2026-3-10");
}

TEST(ReadHl7v2Medication, AdministrationIsGivenWornOrNotGiven) {
    const auto read_rxa = [](const std::string& end, const std::string& completion) {
        return of_kind<medication>(
            read("RAS^O17", "2.4",
                 {pid, "ORC|RE|A1",
                  "RXA|0|1|202603030900|" + end + "|N02AB03^^ATC|1|patch||||||12|ug/h||||||" + completion,
                  "RXR|TD"}));
    };
    EXPECT_EQ(read_rxa("202603030900", "CP").front().as<medication>()->end, std::nullopt);
    EXPECT_EQ(day_of(read_rxa("202603051000", "CP").front().as<medication>()->end), "2026-3-5");
    EXPECT_EQ(read_rxa("", "RE").front().as<medication>()->status, medication_status::not_given);
    EXPECT_EQ(read_rxa("", "NA").front().as<medication>()->status, medication_status::not_given);
    EXPECT_EQ(read_rxa("", "CP").front().as<medication>()->kind, medication_kind::administration);
}

TEST(ReadHl7v2Medication, StoppedOrderEndsWhenItWasAskedElseWhenThatWasSent) {
    const auto end_of = [](const std::string& orc, const std::string& planned_end) {
        const auto found = of_kind<medication>(
            read("RDE^O11", "2.5.1",
                 {pid, orc, "RXE||N02AA01^^ATC|10||mg", "TQ1|1||BD||||202603010800|" + planned_end}));
        return day_of(found.front().as<medication>()->end);
    };
    EXPECT_EQ(end_of("ORC|DC|O1|||||||202603041100||||||202603031200", ""), "2026-3-3"); // ORC-15
    EXPECT_EQ(end_of("ORC|DC|O1|||||||202603041100", ""), "2026-3-4");                   // ORC-9
    for (const char* control : {"DC", "OD", "DR"}) {
        const std::string orc = std::string("ORC|") + control + "|O1";
        EXPECT_EQ(end_of(orc, ""), "2026-3-6") << control; // MSH-7
        EXPECT_EQ(end_of(orc, "20260320"), "2026-3-6") << control;
        EXPECT_EQ(end_of(orc, "20260305"), "2026-3-5") << control; // was over by then
    }
    EXPECT_EQ(end_of("ORC|XO|O1", ""), "none");
    EXPECT_EQ(end_of("ORC|XO|O1", "20260320"), "2026-3-20");
}

TEST(ReadHl7v2Medication, RouteIsOfTheRunOfAdministrationsBeforeIt) {
    const std::string rxa = "RXA|0|1|202603030900||N02AA01^^ATC|1|mg";
    const auto found = of_kind<medication>(
        read("RAS^O17", "2.5.1",
             {pid, "ORC|RE|A1", rxa, rxa, "RXR|PO", rxa, "RXR|SC", rxa, "ORC|RE|A2", rxa, "RXR|IV"}));
    std::vector<std::string> routes;
    for (const event& each : found) {
        const codings& route = each.as<medication>()->route;
        routes.push_back(route.empty() ? "" : route.front().code);
    }
    EXPECT_EQ(routes, (std::vector<std::string>{"PO", "PO", "SC", "", "IV"}));
}

TEST(ReadHl7v2Medication, OneAdministrationIsKnownByItsTimeHoweverItIsWritten) {
    const auto key_of = [](const std::string& given_at) {
        return of_kind<medication>(read("RAS^O17", "2.5.1",
                                        {pid, "ORC|RE|A1", "RXA|0|1|" + given_at + "||N02AA01^^ATC|10|mg"}))
            .front()
            .fact_key;
    };
    EXPECT_EQ(key_of("202603040900"), key_of("20260304090000"));
    EXPECT_EQ(key_of("202603040900"), key_of("20260304090000.0+0000"));
    EXPECT_NE(key_of("202603040900"), key_of("202603040901"));
    EXPECT_NE(key_of("20260304090010"), key_of("20260304090040")); // two tablets, scanned one by one
}

TEST(ReadHl7v2Medication, AnOrderAsPrescribedCountsWhereThePharmacyHasNotEncodedIt) {
    const std::string rxo = "RXO|N02AA01^^ATC|30||mg||||||||||||||10|mg";
    const auto prescribed = of_kind<medication>(
        read("OMP^O09", "2.5.1", {pid, "ORC|NW|O1", "TQ1|1||BD", rxo, "RXR|PO^^HL70162"}));
    ASSERT_EQ(prescribed.size(), 1U);
    const medication& order = *prescribed[0].as<medication>();
    EXPECT_EQ(order.kind, medication_kind::order);
    EXPECT_EQ(order.drug, (codings{{"ATC", "N02AA01"}}));
    EXPECT_EQ(order.dose, (amount{"30", "mg"}));
    EXPECT_EQ(order.strength, (amount{"10", "mg"}));
    EXPECT_EQ(order.route, (codings{{"HL70162", "PO"}}));
    EXPECT_EQ(order.frequency, (dose_frequency{2, 1440}));
    EXPECT_EQ(prescribed[0].fact_key, "PAS|RXX|hl7v2-omp|RXE|O1");

    const read_result both = read(
        "RDE^O11", "2.5.1", {pid, "ORC|NW|O1", rxo, "RXR|PO", "RXE||N02AA05^^ATC|5||mg", "ORC|NW|O2", rxo});
    const auto found = of_kind<medication>(both);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].as<medication>()->drug, (codings{{"ATC", "N02AA05"}}));
    EXPECT_EQ(found[0].as<medication>()->route, (codings{{"", "PO"}})) << "of the order as prescribed";
    EXPECT_EQ(found[1].as<medication>()->drug, (codings{{"ATC", "N02AA01"}}));
    EXPECT_TRUE(found[1].as<medication>()->route.empty()) << "the route of another order";
}

TEST(ReadHl7v2Medication, TheRouteOfAnAdministrationIsNotThatOfTheOrder) {
    const auto found = of_kind<medication>(read("RAS^O17", "2.5.1",
                                                {pid, "ORC|RE|O1", "RXE||N02AA01^^ATC|30||mg",
                                                 "RXA|0|1|202603030900||N02AA01^^ATC|30|mg", "RXR|SC"}));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_TRUE(found[0].as<medication>()->route.empty());
    EXPECT_EQ(found[1].as<medication>()->route, (codings{{"", "SC"}}));
}

TEST(ReadHl7v2Medication, AMixtureWithoutACodeIsItsComponents) {
    const auto found_in = [](const std::string& rxe_2) {
        return of_kind<medication>(
            read("RDE^O11", "2.5.1",
                 {pid, "ORC|NW|O1", "RXE||" + rxe_2 + "|1||mL", "TQ1|1||OD||||202603040800|202603060800",
                  "RXR|SC", "RXC|B|^water|17|mL", "RXC|A|N02AA01^^ATC|30|mg|10|mg",
                  "RXC|A|N05CD08^^ATC|10|mg", "ORC|NW|O2", "RXE||^other mixture|1||mL"}));
    };
    const auto mixture = found_in("^syringe driver");
    ASSERT_EQ(mixture.size(), 4U); // two components, the whole, the other order
    const medication& morphine = *mixture[0].as<medication>();
    EXPECT_EQ(morphine.drug, (codings{{"ATC", "N02AA01"}}));
    EXPECT_EQ(morphine.dose, (amount{"30", "mg"}));
    EXPECT_EQ(morphine.strength, (amount{"10", "mg"}));
    EXPECT_EQ(morphine.route, (codings{{"", "SC"}}));
    EXPECT_EQ(day_of(morphine.end), "2026-3-6");
    EXPECT_EQ(mixture[0].fact_key, "PAS|RXX|hl7v2-rde|RXE|O1#component-1");
    EXPECT_EQ(mixture[1].fact_key, "PAS|RXX|hl7v2-rde|RXE|O1#component-2");
    EXPECT_TRUE(mixture[2].as<medication>()->drug.empty());
    EXPECT_EQ(found_in("MIX7^^L").size(), 2U) << "a product with a code is not its components, too";
}

TEST(ReadHl7v2Medication, OrdersEndWhenTheyAreReplacedOrSaidToBeOver) {
    const auto ended = [](const std::string& orc, const std::string& second) {
        const auto found = of_kind<medication>(read(
            "RDE^O11", "2.5.1", {pid, orc, "RXE||N02AA01^^ATC|30||mg", second, "RXE||N02AA05^^ATC|5||mg"}));
        return found.at(0).as<medication>()->ended;
    };
    EXPECT_EQ(ended("ORC|RU|O1", "ORC|RO|O2"), order_end::latest);
    EXPECT_EQ(ended("ORC|RP|O1|||||||202603051000", "ORC|RO|O2"), order_end::given);
    EXPECT_EQ(ended("ORC|RP|O1", "ORC|NW|O2"), order_end::absent) << "a change, as some systems write it";
    EXPECT_EQ(ended("ORC|SC|O1|||DC", "ORC|NW|O2"), order_end::latest);
    EXPECT_EQ(ended("ORC|SC|O1|||CM", "ORC|NW|O2"), order_end::latest);
    EXPECT_EQ(ended("ORC|SC|O1|||IP", "ORC|NW|O2"), order_end::absent);
    const auto cancelled =
        of_kind<medication>(read("RDE^O11", "2.5.1", {pid, "ORC|SC|O1|||CA", "RXE||N02AA01^^ATC|30||mg"}));
    EXPECT_EQ(cancelled.at(0).as<medication>()->status, medication_status::cancelled);
}

TEST(ReadHl7v2Medication, ADoseWithoutATimeIsPointedOut) {
    const read_result result = read("RAS^O17", "2.5.1", {pid, "ORC|RE|A1", "RXA|0|1|||N02AA01^^ATC|1|mg"});
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].code, "no-date");
    EXPECT_EQ(result.findings[0].path, "RXA-3");
}

TEST(ReadHl7v2Medication, AnAnswerToAnOrderIsNoOrder) {
    const read_result answer =
        read("RRE^O12", "2.5.1", {"MSA|AA|77", pid, "ORC|OK|O1", "RXE||N02AA01^^ATC|30||mg"});
    EXPECT_TRUE(of_kind<medication>(answer).empty());
    EXPECT_EQ(answer.parts.back().use, part_use::not_used);
    ASSERT_EQ(answer.parts.back().notes.size(), 1U);
    EXPECT_EQ(answer.parts.back().notes[0].path, "RXE-2");
}

} // namespace
} // namespace auditgate::mapping::test
