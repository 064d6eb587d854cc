#include "mapping/read/read.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace auditgate::mapping {
namespace {

using namespace std::chrono;

constexpr const char* pid = "PID|1||H1^^^RXX^MR~900 001 0640^^^NHS^NH||A^B||19580712|F|||||||||||||||||||||";

// A message of these segments; MSH-9 and MSH-12 as given.
read_result read(const std::string& type, const std::string& version,
                 const std::vector<std::string>& segments, const source_profile& profile = {}) {
    std::string bytes = "MSH|^~\\&|PAS|RXX|AUDITGATE|AUDIT|202603060900||" + type + "|M1|P|" + version + "\r";
    for (const std::string& segment : segments) {
        bytes += segment + "\r";
    }
    return read_message({bytes, message_format::hl7v2, "m1", {}}, profile);
}

template <class payload>
std::vector<event> of_kind(const read_result& result) {
    std::vector<event> found;
    std::copy_if(result.events.begin(), result.events.end(), std::back_inserter(found),
                 [](const event& each) { return each.as<payload>() != nullptr; });
    return found;
}

std::string day_of(const std::optional<event_time>& when) {
    if (!when) {
        return "none";
    }
    const year_month_day date(when->date());
    return std::to_string(static_cast<int>(date.year())) + "-" +
           std::to_string(static_cast<unsigned>(date.month())) + "-" +
           std::to_string(static_cast<unsigned>(date.day()));
}

TEST(ReadHl7v2, ProcedureHasCodesSitesDateAndContext) {
    const read_result result = read(
        "ADT^A08^ADT_A01", "2.4",
        {pid, "PV1|1|D|WARD1^^^RYY01||||||||||||||||V1|||||||||||||||||||||||||202603050730|202603051745",
         "PR1|1||V43.8^x^OPCS4||202603051015|||||||||||36470004^^SCT~11994002^^SCT"});
    const auto procedures = of_kind<procedure>(result);
    ASSERT_EQ(procedures.size(), 1U);
    const event& fact = procedures.front();
    EXPECT_EQ(fact.as<procedure>()->codes, (codings{{"OPCS4", "V43.8"}}));
    EXPECT_EQ(fact.as<procedure>()->body_sites, (codings{{"SCT", "36470004"}, {"SCT", "11994002"}}));
    EXPECT_EQ(fact.as<procedure>()->status, performance::as_coded);
    EXPECT_EQ(day_of(fact.when), "2026-3-5");
    EXPECT_EQ(fact.sender, "PAS|RXX");
    EXPECT_EQ(fact.feed, "hl7v2-adt");
    EXPECT_EQ(fact.visit_number, "V1");
    EXPECT_EQ(fact.organisation, "RYY01");
    EXPECT_EQ(fact.subject, (std::vector<std::string>{"local|RXX|H1", "nhs|9000010640"}));
    EXPECT_EQ(fact.snapshot_set, "PAS|RXX|hl7v2-adt|V1|PR1");
    EXPECT_EQ(fact.fact_scope, event::key_scope::patient);
    EXPECT_EQ(fact.recorded, sys_days(2026y / 3 / 6) + 9h);
}

TEST(ReadHl7v2, OrganisationIsTheSenderWithoutALocation) {
    const auto found = of_kind<procedure>(read("ADT^A08", "2.4", {pid, "PR1|1||V43.8^^OPCS4||20260305"}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().organisation, "RXX");
    EXPECT_EQ(found.front().snapshot_set, ""); // no visit number: omission says nothing
}

TEST(ReadHl7v2, ActionCodesDecideFromVersion25On) {
    const std::vector<std::string> segments = {pid, "PV1|1|D|||||||||||||||||V1",
                                               "PR1|1||V43.8^^OPCS4||20260305||||||||||||||P7|D",
                                               "DG1|1||C79.5^^I10||20260124|||||||||||||||D7|U"};
    const read_result result = read("ADT^A08", "2.5.1", segments);
    const auto procedures = of_kind<procedure>(result);
    ASSERT_EQ(procedures.size(), 1U);
    EXPECT_EQ(procedures.front().version, version_status::deleted);
    EXPECT_EQ(procedures.front().fact_key, "PAS|RXX|hl7v2-adt|PR1|P7");
    EXPECT_EQ(procedures.front().snapshot_set, "");
    const auto conditions = of_kind<condition>(result);
    ASSERT_EQ(conditions.size(), 1U);
    EXPECT_EQ(conditions.front().version, version_status::corrected);
    EXPECT_EQ(conditions.front().fact_key, "PAS|RXX|hl7v2-adt|DG1|D7");

    source_profile snapshot;
    snapshot.sets = set_mode::snapshot;
    EXPECT_EQ(of_kind<procedure>(read("ADT^A08", "2.5.1", segments, snapshot)).front().snapshot_set,
              "PAS|RXX|hl7v2-adt|V1|PR1");
}

TEST(ReadHl7v2, RepeatsOfOneCodeInAMessageAreFactsOfTheirOwn) {
    const auto found = of_kind<procedure>(
        read("ADT^A08", "2.4", {pid, "PR1|1||V43.8^^OPCS4||20260305", "PR1|2||v438^^OPCS4||202603051200"}));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_NE(found[0].fact_key, found[1].fact_key);
    EXPECT_EQ(found[0].fact_key + "|2", found[1].fact_key);
}

TEST(ReadHl7v2, NullCodeEmptiesTheSetOfTheVisit) {
    const auto found =
        of_kind<emptied_set>(read("ADT^A08", "2.4", {pid, "PV1|1|D|||||||||||||||||V1", "PR1|1||\"\""}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().snapshot_set, "PAS|RXX|hl7v2-adt|V1|PR1");
    EXPECT_TRUE(
        of_kind<emptied_set>(read("ADT^A08", "2.5", {pid, "PV1|1|D|||||||||||||||||V1", "PR1|1||\"\""}))
            .empty());
}

TEST(ReadHl7v2, MergeNamesTheSurvivorAndThePrior) {
    for (const char* type : {"ADT^A40^ADT_A39", "ADT^A34", "ADT^A18", "ADT^A47"}) {
        const auto found = of_kind<identity_change>(read(type, "2.4", {pid, "MRG|H2^^^RXX^MR"}));
        ASSERT_EQ(found.size(), 1U) << type;
        EXPECT_EQ(found.front().subject, (std::vector<std::string>{"local|RXX|H1", "nhs|9000010640"}));
        EXPECT_EQ(found.front().as<identity_change>()->other, (std::vector<std::string>{"local|RXX|H2"}));
        EXPECT_FALSE(found.front().as<identity_change>()->undo);
    }
    EXPECT_TRUE(of_kind<identity_change>(read("ADT^A41", "2.4", {pid, "MRG|H2^^^RXX^MR"})).empty());
}

TEST(ReadHl7v2, UnmergeNamesBothPatients) {
    const auto found = of_kind<identity_change>(read("ADT^A37^ADT_A37", "2.4", {pid, "PID|2||H2^^^RXX^MR"}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found.front().as<identity_change>()->undo);
    EXPECT_EQ(found.front().subject, (std::vector<std::string>{"local|RXX|H2"}));
    EXPECT_EQ(found.front().as<identity_change>()->other,
              (std::vector<std::string>{"local|RXX|H1", "nhs|9000010640"}));
}

TEST(ReadHl7v2, DeathIsGivenRemovedOrNotSpokenOf) {
    const struct {
        const char* fields; // PID-29 and PID-30
        assertion deceased;
    } rows[] = {{"20260325|Y", assertion::given}, {"20260325|", assertion::given}, {"|Y", assertion::given},
                {"\"\"|N", assertion::removed},   {"\"\"|", assertion::removed},   {"|N", assertion::removed},
                {"|", assertion::absent}};
    for (const auto& row : rows) {
        const auto found = of_kind<patient_details>(
            read("ADT^A31", "2.4",
                 {std::string("PID|1||H1^^^RXX^MR||||19580712|F|||||||||||||||||||||") + row.fields}));
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found.front().as<patient_details>()->deceased, row.deceased) << row.fields;
    }
}

TEST(ReadHl7v2, VisitEndsIsReopenedAndIsCancelled) {
    const auto visit_of = [](const std::string& type, const std::string& discharge) {
        const auto found = of_kind<visit>(
            read(type, "2.4",
                 {"EVN|x|202603061200", pid,
                  "PV1|1|I|||||||||||||||||V1|||||||||||||||||||||||||202603041500|" + discharge}));
        return found.empty() ? visit{} : *found.front().as<visit>();
    };
    EXPECT_EQ(visit_of("ADT^A01", "").ended, assertion::absent);
    EXPECT_EQ(visit_of("ADT^A01", "").cancelled, assertion::removed);
    EXPECT_EQ(day_of(visit_of("ADT^A03", "202603051700").end), "2026-3-5");
    EXPECT_EQ(day_of(visit_of("ADT^A03", "").end), "2026-3-6"); // EVN-2 where PV1-45 is missing
    EXPECT_EQ(visit_of("ADT^A13", "").ended, assertion::removed);
    EXPECT_EQ(visit_of("ADT^A08", "\"\"").ended, assertion::removed);
    EXPECT_EQ(visit_of("ADT^A11", "").cancelled, assertion::given);
    EXPECT_TRUE(of_kind<visit>(read("ADT^A08", "2.4", {pid, "PV1|1|U"})).empty());
}

TEST(ReadHl7v2, ObservationValuesByType) {
    const auto value_of = [](const std::string& type, const std::string& value) {
        const auto found =
            of_kind<observation>(read("ORU^R01", "2.5.1",
                                      {pid, "OBR|1||F1|PROM^^L|||202603041000",
                                       "OBX|1|" + type + "|BPI-WORST^^L||" + value + "|{score}|||||F"}));
        return found.empty() ? observed_value{} : found.front().as<observation>()->value;
    };
    EXPECT_EQ(value_of("NM", " 8 ").kind, value_kind::number);
    EXPECT_EQ(value_of("NM", "8").text, "8");
    EXPECT_EQ(value_of("NM", "8").unit, "{score}");
    EXPECT_EQ(value_of("SN", ">=^7").text, ">=7");
    EXPECT_EQ(value_of("SN", "^7^-^8").text, "7-8");
    EXPECT_EQ(value_of("ST", "8/10").kind, value_kind::text);
    EXPECT_EQ(value_of("ST", "8/10").text, "8/10");
    EXPECT_EQ(value_of("CWE", "L3^^L^LA6111-4^^LN").codes, (codings{{"L", "L3"}, {"LN", "LA6111-4"}}));
    EXPECT_EQ(day_of(value_of("DT", "20260227").time), "2026-2-27");
    EXPECT_EQ(value_of("NM", "\"\"").kind, value_kind::emptied);
    EXPECT_EQ(value_of("NM", "").kind, value_kind::absent);
}

TEST(ReadHl7v2, ObservationHasItsReportSubIdAndTime) {
    const auto found =
        of_kind<observation>(read("ORU^R01", "2.5.1",
                                  {pid, "OBR|1|P1|F1|PROM^^L|||202603041000",
                                   "OBX|1|CWE|RFA-LEVEL^^L|1|L3^^L~L4^^L||0-3||||C|||202603051015",
                                   "OBX|2|NM|PAIN-NRS^^L||5||low||||W"}));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].fact_key, "PAS|RXX|hl7v2-oru|OBX|F1|RFA-LEVEL|1");
    EXPECT_EQ(found[1].fact_key, "PAS|RXX|hl7v2-oru|OBX|F1|RFA-LEVEL|1|2");
    EXPECT_EQ(found[0].version, version_status::corrected);
    EXPECT_EQ(found[0].as<observation>()->group, "PAS|RXX|hl7v2-oru|group|F1|1");
    EXPECT_EQ(found[0].as<observation>()->range_high, "3");
    EXPECT_EQ(day_of(found[0].when), "2026-3-5");
    EXPECT_EQ(found[2].version, version_status::deleted);
    EXPECT_EQ(found[2].as<observation>()->group, "");
    EXPECT_EQ(found[2].as<observation>()->range_high, "");
    EXPECT_EQ(day_of(found[2].when), "2026-3-4"); // OBR-7
}

TEST(ReadHl7v2, ReportIsEvidenceAndOrderIsNot) {
    const std::vector<std::string> segments = {pid, "ORC|CA|O1", "TQ1|1||||||202603051000",
                                               "OBR|1|O1|F1|438791002^^SCT|||202603051015",
                                               "OBX|1|CWE|RFA-LEVEL^^L|1|L3^^L||||||F"};
    const auto report = of_kind<procedure>(read("MDM^T02", "2.5.1", segments));
    ASSERT_EQ(report.size(), 1U);
    EXPECT_EQ(report.front().fact_key, "PAS|RXX|hl7v2-mdm|OBR|F1");
    EXPECT_EQ(day_of(report.front().when), "2026-3-5");

    const read_result order = read("OMI^O23", "2.5.1", segments);
    EXPECT_TRUE(of_kind<procedure>(order).empty());
    EXPECT_TRUE(of_kind<observation>(order).empty());
    const auto bookings = of_kind<booking>(order);
    ASSERT_EQ(bookings.size(), 1U);
    EXPECT_TRUE(bookings.front().as<booking>()->cancelled);
    EXPECT_EQ(day_of(bookings.front().when), "2026-3-5");
}

TEST(ReadHl7v2, AppointmentsAreBookings) {
    const auto read_type = [](const char* type) {
        return of_kind<booking>(read(type, "2.4",
                                     {"SCH|P1|F1|||||||||^^^202603051000", pid, "RGS|1|A",
                                      "AIS|1|A|Y13.4^^OPCS4", "AIS|2|A|Z66.5^^OPCS4|202603061000"}));
    };
    const auto booked = read_type("SIU^S12");
    ASSERT_EQ(booked.size(), 2U);
    EXPECT_FALSE(booked[0].as<booking>()->cancelled);
    EXPECT_EQ(day_of(booked[0].when), "2026-3-5");
    EXPECT_EQ(day_of(booked[1].when), "2026-3-6");
    EXPECT_TRUE(read_type("SIU^S15")[0].as<booking>()->cancelled);
    EXPECT_EQ(read_type("SIU^S15")[0].fact_key, booked[0].fact_key);
}

TEST(ReadHl7v2, OrderHasDoseFrequencyAndTimes) {
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
    EXPECT_EQ(order.ended, assertion::given);
    EXPECT_EQ(order.order_numbers, (std::vector<std::string>{"O1"}));
    EXPECT_EQ(found.front().fact_key, "PAS|RXX|hl7v2-rde|RXE|O1");
}

TEST(ReadHl7v2, AnOnsetOfAMonthCountsFromItsMessageButNotAfterIt) {
    const auto when = [](const std::string& onset) {
        return day_of(
            of_kind<condition>(read("ADT^A08", "2.4", {pid, "DG1|1||T81.4^^I10||" + onset})).front().when);
    };
    EXPECT_EQ(when("20260302"), "2026-3-2");
    EXPECT_EQ(when("202603"), "2026-3-6");
    EXPECT_EQ(when("202602"), "2026-2-28");
}

TEST(ReadHl7v2, AnEndOfAnOrderIsSaidTakenBackOrLeftUnsaid) {
    const auto ended = [](const std::string& version, const std::string& rxe_1, const std::string& stop) {
        std::vector<std::string> segments = {pid, "ORC|XO|O1", "RXE|" + rxe_1 + "|N02AA01^^ATC|30||mg"};
        if (!stop.empty())
            segments.push_back("TQ1|1||BD||||202603041200|" + stop);
        return of_kind<medication>(read("RDE^O11", version, segments)).front().as<medication>()->ended;
    };
    EXPECT_EQ(ended("2.5.1", "", "20260320"), assertion::given);
    EXPECT_EQ(ended("2.5.1", "", "\"\""), assertion::removed);
    EXPECT_EQ(ended("2.5.1", "", "|"), assertion::absent);
    EXPECT_EQ(ended("2.3", "^BD^^202603041200^202603101200", ""), assertion::given);
    EXPECT_EQ(ended("2.3", "^BD^^202603041200^\"\"", ""), assertion::removed);
    EXPECT_EQ(ended("2.3", "^BD^^202603041200", ""), assertion::absent);
}

TEST(ReadHl7v2, OldOrdersSayTheirTimingInRxe1) {
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

TEST(ReadHl7v2, AdministrationIsGivenWornOrNotGiven) {
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

TEST(ReadHl7v2, TimesAreOfTheSourcesZone) {
    const auto recorded_at = [](const std::string& time) {
        const std::string bytes = "MSH|^~\\&|PAS|RXX|||" + time + "||ADT^A28|M1|P|2.4\r" + pid + "\r";
        return read_message({bytes, message_format::hl7v2, "m", sys_days(2026y / 1 / 1)}, {})
            .events.front()
            .recorded;
    };
    EXPECT_EQ(recorded_at("202607010900"), sys_days(2026y / 7 / 1) + 8h);          // summer time
    EXPECT_EQ(recorded_at("202603290130"), sys_days(2026y / 3 / 29) + 1h + 30min); // does not exist
    EXPECT_EQ(recorded_at("202610250130"), sys_days(2026y / 10 / 25) + 30min);     // the first of two
    EXPECT_EQ(recorded_at("202607010900-0500"), sys_days(2026y / 7 / 1) + 14h);
    EXPECT_EQ(recorded_at("20260701"), sys_days(2026y / 6 / 30) + 23h);
    EXPECT_EQ(recorded_at(""), sys_days(2026y / 1 / 1)); // when it was received
}

TEST(ReadHl7v2, TellsWhatBecameOfEachSegment) {
    const read_result result = read("ADT^A08", "2.4", {pid, "NK1|1|X", "ZZ9|1", "PR1|1||^text only"});
    ASSERT_EQ(result.parts.size(), 5U);
    EXPECT_EQ(result.parts[0].use, part_use::used);     // MSH
    EXPECT_EQ(result.parts[1].use, part_use::used);     // PID
    EXPECT_EQ(result.parts[2].use, part_use::not_used); // NK1
    EXPECT_EQ(result.parts[3].use, part_use::unknown);  // ZZ9
    EXPECT_EQ(result.parts[4].use, part_use::unreadable);
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].code, "no-code");
    EXPECT_EQ(result.findings[0].path, "PR1-3");
}

TEST(ReadHl7v2, UnreadableMessageGivesNoEvents) {
    const read_result result = read_message({"PID|1", message_format::hl7v2, "m", {}}, {});
    EXPECT_TRUE(result.events.empty());
    EXPECT_EQ(result.unreadable_reason(), "no-msh");
}

} // namespace
} // namespace auditgate::mapping
