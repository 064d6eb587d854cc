#include "tests/unit/mapping/read_hl7v2_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

using namespace std::chrono;

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

TEST(ReadHl7v2, ProceduresOfRequestsAreNoEvidence) {
    const auto procedures_of = [](const std::string& type) {
        return of_kind<procedure>(read(type, "2.5", {pid, "PR1|1||V43.8^^OPCS4||202603051015"})).size();
    };
    for (const char* type : {"ADT^A08", "BAR^P01", "DFT^P03"}) {
        EXPECT_EQ(procedures_of(type), 1U) << type;
    }
    for (const char* type : {"REF^I12", "RPA^I08", "RQA^I08", "RRI^I12"}) {
        EXPECT_EQ(procedures_of(type), 0U) << type;
    }
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

TEST(ReadHl7v2, ASegmentWithoutACodeGivesTheSetAnew) {
    for (const char* segment : {"PR1|1||^text only", "PR1|1", "DG1|1||^text only"}) {
        const read_result result = read("ADT^A08", "2.4", {pid, "PV1|1|D|||||||||||||||||V1", segment});
        const auto found = of_kind<emptied_set>(result);
        ASSERT_EQ(found.size(), 1U) << segment;
        EXPECT_EQ(found.front().snapshot_set, "PAS|RXX|hl7v2-adt|V1|" + std::string(segment).substr(0, 3));
        EXPECT_EQ(result.findings.size(), 1U) << segment;
    }
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

TEST(ReadHl7v2, APriorNumberWithoutATypeIsOfTheKindThatPidHas) {
    const auto prior = [](const std::string& mrg) {
        const auto found = of_kind<identity_change>(read("ADT^A40", "2.4", {pid, "MRG|" + mrg}));
        return found.empty() ? std::vector<std::string>{} : found[0].as<identity_change>()->other;
    };
    EXPECT_EQ(prior("H2^^^RXX"), (std::vector<std::string>{"local|RXX|H2"}));
    EXPECT_TRUE(prior("H2^^^RYY").empty()) << "nobody knows what numbers that organisation gives";
    EXPECT_TRUE(prior("H2").empty());
    EXPECT_TRUE(prior("H2^^^RXX^VN").empty());
}

TEST(ReadHl7v2, AVisitIsMovedToAnotherPatient) {
    const auto moved = [](const std::string& mrg) {
        return read("ADT^A45", "2.4", {pid, "MRG|" + mrg, "PV1|1|I"});
    };
    const auto found = of_kind<identity_change>(moved("H2^^^RXX^MR||ACC||V7"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].subject, (std::vector<std::string>{"local|RXX|H1", "nhs|9000010640"}));
    EXPECT_EQ(found[0].as<identity_change>()->other, (std::vector<std::string>{"local|RXX|H2"}));
    EXPECT_EQ(found[0].as<identity_change>()->visit, "V7");
    EXPECT_TRUE(of_kind<identity_change>(moved("||ACC||V7")).empty()) << "between accounts";
    EXPECT_TRUE(of_kind<identity_change>(moved("H1^^^RXX^MR||ACC||V7")).empty()) << "of one patient";
    EXPECT_EQ(moved("H2^^^RXX^MR||ACC").findings.at(0).code, "no-visit");
    EXPECT_EQ(moved("H2||ACC||V7").findings.at(0).code, "no-patient");
}

TEST(ReadHl7v2, UnmergeNamesBothPatients) {
    const auto found = of_kind<identity_change>(read("ADT^A37^ADT_A37", "2.4", {pid, "PID|2||H2^^^RXX^MR"}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found.front().as<identity_change>()->undo);
    EXPECT_EQ(found.front().subject, (std::vector<std::string>{"local|RXX|H2"}));
    EXPECT_EQ(found.front().as<identity_change>()->other,
              (std::vector<std::string>{"local|RXX|H1", "nhs|9000010640"}));
}

TEST(ReadHl7v2, LinkNamesTwoRecordsOfOnePerson) {
    const auto found = of_kind<identity_change>(read("ADT^A24^ADT_A24", "2.4", {pid, "PID|2||H2^^^RXX^MR"}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found.front().as<identity_change>()->undo);
    EXPECT_EQ(found.front().subject, (std::vector<std::string>{"local|RXX|H2"}));
    EXPECT_EQ(found.front().as<identity_change>()->other,
              (std::vector<std::string>{"local|RXX|H1", "nhs|9000010640"}));
}

TEST(ReadHl7v2, AMovedNumberIsThatOfThePersonInPid) {
    const auto read_move = [](const std::string& patient, const std::string& mrg) {
        return read("ADT^A43^ADT_A43", "2.5.1", {patient, "MRG|" + mrg});
    };
    const auto found = of_kind<identity_change>(read_move(pid, "H1^^^RXX^MR~9000010713^^^NHS^NH"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].subject, (std::vector<std::string>{"local|RXX|H1", "nhs|9000010640"}));
    EXPECT_EQ(found[0].as<identity_change>()->other, std::vector<std::string>{"local|RXX|H1"})
        << "not the person who had it before";
    for (const auto& [patient, mrg] : {std::pair<std::string, std::string>{pid, "H2^^^RXX^MR"},
                                       {pid, "9000010640^^^NHS^NH"},
                                       {"PID|1||H1^^^RXX^MR", "H1^^^RXX^MR"}}) {
        const auto nothing = read_move(patient, mrg);
        EXPECT_TRUE(of_kind<identity_change>(nothing).empty()) << mrg;
        EXPECT_EQ(notes_of(nothing).size(), 1U) << mrg;
    }
}

TEST(ReadHl7v2, SaysOfEachOtherEventWithMrgWhyItChangesNothing) {
    for (const char* trigger : {"A35", "A41", "A42", "A44", "A46", "A48", "A49", "A50", "A51"}) {
        const auto found = read(std::string("ADT^") + trigger, "2.4", {pid, "MRG|H2^^^RXX^MR||ACC||V7"});
        EXPECT_TRUE(of_kind<identity_change>(found).empty()) << trigger;
        const auto notes = notes_of(found);
        ASSERT_EQ(notes.size(), 1U) << trigger;
        EXPECT_EQ(notes[0].path, "MRG-1") << trigger;
        EXPECT_EQ(notes[0].text.find("in this event no patient"), std::string::npos) << trigger;
    }
}

TEST(ReadHl7v2, AnArchiveThatMakesRoomTakesNothingBack) {
    const std::string visit_segment = "PV1|1|I|||||||||||||||||V1|||||||||||||||||20";
    const auto found = read("ADT^A23", "2.4", {pid, visit_segment});
    ASSERT_EQ(of_kind<visit>(found).size(), 1U);
    EXPECT_EQ(of_kind<visit>(found)[0].as<visit>()->cancelled, assertion::absent);
    const auto notes = notes_of(found);
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_EQ(notes[0].path, "PV1-19");
    EXPECT_EQ(notes[1].path, "PV1-36") << "codes of the discharge tell no death";
    EXPECT_EQ(of_kind<patient_details>(found)[0].as<patient_details>()->deceased, assertion::absent);
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

TEST(ReadHl7v2, AnOrderHasItsOwnTimingOnly) {
    const auto bookings =
        of_kind<booking>(read("OMG^O19", "2.5.1",
                              {pid, "ORC|NW|O1", "OBR|1|O1||Y13.4^^OPCS4", "ORC|NW|O2",
                               "TQ1|1||||||202603051000", "OBR|2|O2||Y13.4^^OPCS4", "OBR|3|O2||Z66.5^^OPCS4",
                               "ORC|NW|O3", "OBR|4|O3||Y13.4^^OPCS4", "TQ1|1||||||202603061000"}));
    ASSERT_EQ(bookings.size(), 4U);
    EXPECT_EQ(day_of(bookings[0].when), "none");
    EXPECT_EQ(day_of(bookings[1].when), "2026-3-5");
    EXPECT_EQ(day_of(bookings[2].when), "2026-3-5");
    EXPECT_EQ(day_of(bookings[3].when), "2026-3-6");
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

TEST(ReadHl7v2, AppointmentsAreCalledOffByEventStatusOrService) {
    const auto booked = [](const std::string& type, const std::string& sch_25, const std::string& action,
                           const std::string& ais_10) {
        return of_kind<booking>(read(type, "2.5.1",
                                     {"SCH|P1|F1" + std::string(23, '|') + sch_25, "TQ1|1||||||202603051000",
                                      pid, "RGS|1|A", "AIS|1|" + action + "|Y13.4^^OPCS4|||||||" + ais_10}))
            .at(0);
    };
    for (const char* type : {"SIU^S12", "SIU^S13", "SIU^S14", "SIU^S18", "SIU^S19"}) {
        EXPECT_FALSE(booked(type, "Booked", "A", "").as<booking>()->cancelled) << type;
        EXPECT_EQ(booked(type, "", "A", "").version, version_status::first) << type;
        EXPECT_EQ(day_of(booked(type, "", "A", "").when), "2026-3-5") << "TQ1 behind SCH";
    }
    for (const char* type : {"SIU^S15", "SIU^S16", "SIU^S20", "SIU^S21", "SIU^S26"}) {
        EXPECT_TRUE(booked(type, "", "A", "").as<booking>()->cancelled) << type;
    }
    EXPECT_TRUE(booked("SIU^S14", "Cancelled", "U", "").as<booking>()->cancelled);
    EXPECT_TRUE(booked("SIU^S14", "Booked", "U", "Noshow").as<booking>()->cancelled);
    for (const char* type : {"SIU^S17", "SIU^S22"}) {
        EXPECT_EQ(booked(type, "", "", "").version, version_status::deleted) << type;
    }
    EXPECT_EQ(booked("SIU^S14", "", "D", "").version, version_status::deleted);
}

TEST(ReadHl7v2, AnOnsetOfAMonthIsKeptAsSent) {
    const auto when = [](const std::string& onset) {
        return of_kind<condition>(read("ADT^A08", "2.4", {pid, "DG1|1||T81.4^^I10||" + onset})).front().when;
    };
    EXPECT_EQ(when("20260302")->precision, time_precision::day);
    EXPECT_EQ(when("202603")->precision, time_precision::month);
    EXPECT_EQ(when("2026")->precision, time_precision::year);
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
    EXPECT_TRUE(result.parts[1].notes.empty());
    ASSERT_EQ(result.parts[2].notes.size(), 1U);
    EXPECT_EQ(result.parts[2].notes[0].path, "NK1");
    EXPECT_EQ(result.parts[3].notes.at(0).text.find("CANARY"), std::string::npos);
}

TEST(ReadHl7v2, TellsWhyAFieldGaveNothing) {
    const auto notes_of = [](const std::string& type, const std::string& segment) {
        std::vector<std::string> paths;
        for (const part_report& part : read(type, "2.5.1", {pid, segment}).parts) {
            for (const part_note& note : part.notes) {
                paths.push_back(note.path);
            }
        }
        return paths;
    };
    using paths = std::vector<std::string>;
    EXPECT_EQ(notes_of("REF^I12", "PR1|1||V43.8^^OPCS4||20260305"), paths{"PR1-3"});
    EXPECT_EQ(notes_of("ADT^A05", "PR1|1||V43.8^^OPCS4||20260305"), paths{"PR1-3"});
    EXPECT_EQ(notes_of("ADT^A08", "PV1|1|I"), paths{"PV1-19"});
    EXPECT_EQ(notes_of("DFT^P03", "FT1|1|||20260305||CG|X"), paths{"FT1-25"});
    EXPECT_EQ(notes_of("ADT^A35", "MRG|H2^^^RXX^MR"), paths{"MRG-1"});
    EXPECT_EQ(notes_of("ORM^O01", "OBX|1|NM|PAIN-NRS^^L||5"), paths{"OBX-5"});
    EXPECT_EQ(notes_of("ORU^R01", "OBX|1|ED|x^^L||^a^b^Base64^c||||||F"), paths{"OBX-5"});
    EXPECT_EQ(notes_of("ORU^R01", "OBX|1|NM|PAIN-NRS^^L||5||||||F"), paths{});
    EXPECT_EQ(notes_of("ADT^A08", "ZU1||DAY CASE"), paths{});
}

TEST(ReadHl7v2, ALineThatIsNoSegmentIsNamedByItsNumber) {
    const read_result result = read("ORU^R01", "2.4", {pid, "CANARY text of a report|x", "OBX(1)|x"});
    ASSERT_EQ(result.parts.size(), 4U);
    for (const std::size_t i : {2U, 3U}) {
        EXPECT_EQ(result.parts[i].path, "#" + std::to_string(i + 1));
        EXPECT_EQ(result.parts[i].name, result.parts[i].path);
        EXPECT_EQ(result.parts[i].use, part_use::unknown);
    }
}

TEST(ReadHl7v2, UnreadableMessageGivesNoEvents) {
    const read_result result = read_message({"PID|1", message_format::hl7v2, "m", {}}, {});
    EXPECT_TRUE(result.events.empty());
    EXPECT_EQ(result.unreadable_reason(), "no-msh");
}

} // namespace
} // namespace auditgate::mapping::test
