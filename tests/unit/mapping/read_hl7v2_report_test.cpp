#include "tests/unit/mapping/read_hl7v2_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

TEST(ReadHl7v2Report, ObservationValuesByType) {
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

TEST(ReadHl7v2Report, ObservationHasItsReportSubIdAndTime) {
    const auto found =
        of_kind<observation>(read("ORU^R01", "2.5.1",
                                  {pid, "OBR|1|P1|F1|PROM^^L|||202603041000",
                                   "OBX|1|CWE|RFA-LEVEL^^L|1|L3^^L~L4^^L||0-3||||C|||202603051015",
                                   "OBX|2|NM|PAIN-NRS^^L||5||low||||W"}));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].fact_key, "PAS|RXX|hl7v2-oru|OBX|F1|RFA-LEVEL|1");
    EXPECT_EQ(found[1].fact_key, "PAS|RXX|hl7v2-oru|OBX|F1|RFA-LEVEL|1#2");
    EXPECT_EQ(found[0].version, version_status::corrected);
    EXPECT_EQ(found[0].as<observation>()->group, "PAS|RXX|hl7v2-oru|group|F1|1");
    EXPECT_EQ(found[0].as<observation>()->range_high, "3");
    EXPECT_EQ(day_of(found[0].when), "2026-3-5");
    EXPECT_EQ(found[2].version, version_status::deleted);
    EXPECT_EQ(found[2].as<observation>()->group, "");
    EXPECT_EQ(found[2].as<observation>()->range_high, "");
    EXPECT_EQ(day_of(found[2].when), "2026-3-4"); // OBR-7
}

TEST(ReadHl7v2Report, ReportIsEvidenceAndOrderIsNot) {
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

TEST(ReadHl7v2Report, RepetitionsArePartsOfTheirSegment) {
    const auto keys_of = [](const std::vector<std::string>& values) {
        std::vector<std::string> segments{pid, "OBR|1||F1|x^^L"};
        for (const std::string& value : values) {
            segments.push_back("OBX|1|ST|RFA-LEVEL^^L||" + value + "||||||F");
        }
        std::vector<std::string> keys;
        for (const event& each : of_kind<observation>(read("ORU^R01", "2.5.1", segments))) {
            keys.push_back(each.fact_key.substr(each.fact_key.find("RFA-LEVEL|")));
        }
        return keys;
    };
    using keys = std::vector<std::string>;
    EXPECT_EQ(keys_of({"L4~L5"}), (keys{"RFA-LEVEL|", "RFA-LEVEL|#2"}));
    EXPECT_EQ(keys_of({"L4", "L5"}), (keys{"RFA-LEVEL|", "RFA-LEVEL||2"}));
    EXPECT_EQ(keys_of({"L4~~L5~", "L1~\"\""}),
              (keys{"RFA-LEVEL|", "RFA-LEVEL|#3", "RFA-LEVEL||2", "RFA-LEVEL||2#2"}));
    EXPECT_EQ(keys_of({"~"}), (keys{"RFA-LEVEL|"}));
    const auto numbered = of_kind<procedure>(read("ORU^R01", "2.5", {pid, "OBR|1||7#1|x^^L"}));
    EXPECT_EQ(numbered.front().fact_key, "PAS|RXX|hl7v2-oru|OBR|7%231") << "no part of report 7";
    EXPECT_EQ(keys_of({""}), (keys{"RFA-LEVEL|"}));
}

TEST(ReadHl7v2Report, GroupsOfReportsWithoutANumberStayApart) {
    const auto groups_of = [](const std::string& control_id, const std::string& number) {
        const std::string bytes =
            "MSH|^~\\&|PAS|RXX|||202603060900||ORU^R01|" + control_id + "|P|2.5\r" + pid + "\rOBR|1||" +
            number + "|x^^L\rOBX|1|CWE|AE-CATEGORY^^L|1|infection^^L\r" +
            "OBX|2|NM|AE-GRADE^^L|1|2\rOBR|2||" + number + "|x^^L\rOBX|1|NM|AE-GRADE^^L|1|4\r";
        std::vector<std::string> groups;
        for (const event& each :
             of_kind<observation>(read_message({bytes, message_format::hl7v2, "m", {}}, {}))) {
            groups.push_back(each.as<observation>()->group);
        }
        return groups;
    };
    const auto unnumbered = groups_of("M1", "");
    ASSERT_EQ(unnumbered.size(), 3U);
    EXPECT_EQ(unnumbered[0], unnumbered[1]);
    EXPECT_NE(unnumbered[1], unnumbered[2]) << "another OBR";
    EXPECT_EQ(unnumbered, groups_of("M1", "")) << "the same message again";
    EXPECT_NE(unnumbered[0], groups_of("M2", "")[0]) << "another message";
    EXPECT_EQ(groups_of("M1", "F1"), groups_of("M2", "F1"));
}

TEST(ReadHl7v2Report, OrderResponsesAndReferralsAreNoEvidence) {
    const auto procedures_of = [](const std::string& type) {
        return of_kind<procedure>(
                   read(type, "2.5.1", {pid, "ORC|OK|O1", "OBR|1|O1|F1|438791002^^SCT|||202603051015"}))
            .size();
    };
    for (const char* type : {"ORU^R01", "OUL^R22", "MDM^T02"}) {
        EXPECT_EQ(procedures_of(type), 1U) << type;
    }
    for (const char* type : {"ORR^O02", "ORG^O20", "ORL^O22", "REF^I12", "RPA^I08", "ADT^A08"}) {
        EXPECT_EQ(procedures_of(type), 0U) << type;
    }
}

TEST(ReadHl7v2Report, WhatIsNotDoneYetIsNoProcedure) {
    const auto read_status = [](const std::string& status) {
        return of_kind<procedure>(read(
            "ORU^R01", "2.5.1", {pid, "OBR|1||F1|438791002^^SCT|||202603051015||||||||||||||||||" + status}));
    };
    for (const char* status : {"O", "S", "I", "Y", "Z", "s"}) {
        EXPECT_TRUE(read_status(status).empty()) << status;
    }
    for (const char* status : {"", "A", "P", "R", "F", "C"}) {
        EXPECT_EQ(read_status(status).size(), 1U) << status;
    }
    ASSERT_EQ(read_status("X").size(), 1U);
    EXPECT_EQ(read_status("X").front().version, version_status::deleted);
    EXPECT_EQ(read_status("C").front().version, version_status::corrected);
}

TEST(ReadHl7v2Report, ResultsThatNobodyHasAreNoObservations) {
    const auto found = [](const std::string& type, const std::string& value, const std::string& status) {
        return of_kind<observation>(read("ORU^R01", "2.5.1",
                                         {pid, "OBR|1||F1|x^^L|||202603041000",
                                          "OBX|1|" + type + "|PAIN-NRS^^L||" + value + "||||||" + status}));
    };
    for (const char* status : {"I", "N", "O"}) {
        EXPECT_TRUE(found("NM", "5", status).empty()) << status;
    }
    EXPECT_EQ(found("NM", "", "X").at(0).version, version_status::deleted);
    EXPECT_EQ(found("NM", "5", "A").at(0).version, version_status::corrected);
    for (const char* type : {"ED", "RP", "XCN", "HD"}) {
        EXPECT_EQ(found(type, "^application^pdf^Base64^JVBERi0=", "F").at(0).as<observation>()->value.kind,
                  value_kind::absent)
            << type;
    }
    EXPECT_EQ(found("", "8/10", "F").at(0).as<observation>()->value.text, "8/10")
        << "OBX-2 is often left out";
}

TEST(ReadHl7v2Report, AnOrcBehindItsObrLeavesTheReportAsItIs) {
    const read_result result =
        read("OUL^R22", "2.5.1",
             {pid, "SPM|1", "OBR|1||F1|x^^L|||202603041000", "ORC|RE|O1", "OBX|1|NM|PAIN-NRS^^L||5||||||F"});
    const auto found = of_kind<observation>(result);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].fact_key, "PAS|RXX|hl7v2-oul|OBX|F1|PAIN-NRS|");
    EXPECT_EQ(day_of(found[0].when), "2026-3-4");
}

TEST(ReadHl7v2Report, ADocumentWithoutAnOrderIsKnownByItsNumber) {
    const auto found = of_kind<observation>(read(
        "MDM^T02", "2.5.1", {pid, "TXA|1|OP|TX|202603051300||||||||D1", "OBX|1|NM|PAIN-NRS^^L||5||||||F"}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].fact_key, "PAS|RXX|hl7v2-mdm|OBX|D1|PAIN-NRS|");
    EXPECT_EQ(found[0].document, "PAS|RXX|hl7v2-mdm|document|D1");
}

TEST(ReadHl7v2Report, DocumentsTakeBackWhatTheyReplace) {
    const auto withdrawn = [](const std::string& type, const std::string& availability) {
        std::vector<std::string> documents;
        for (const event& each : of_kind<emptied_set>(read(
                 type, "2.5.1",
                 {pid, "OBR|1||F1|x^^L", "TXA|1|OP|TX|202603051300||||||||D2|D1||||||" + availability}))) {
            documents.push_back(each.document.substr(each.document.rfind('|') + 1) +
                                (each.version == version_status::deleted ? " cancelled" : ""));
        }
        return documents;
    };
    using documents = std::vector<std::string>;
    for (const char* type : {"MDM^T01", "MDM^T02", "MDM^T03", "MDM^T04", "MDM^T05", "MDM^T06", "MDM^T07"}) {
        EXPECT_EQ(withdrawn(type, "AV"), documents{}) << type;
    }
    EXPECT_EQ(withdrawn("MDM^T08", "AV"), documents{"D2"});
    EXPECT_EQ(withdrawn("MDM^T09", "AV"), documents{"D1"});
    EXPECT_EQ(withdrawn("MDM^T10", "AV"), documents{"D1"});
    EXPECT_EQ(withdrawn("MDM^T11", ""), documents{"D2 cancelled"});
    EXPECT_EQ(withdrawn("MDM^T04", "CA"), documents{"D2 cancelled"});
    EXPECT_EQ(withdrawn("MDM^T03", "OB"), documents{"D2 cancelled"});
    const read_result cancelled = read("MDM^T11", "2.5.1", {pid, "OBR|1||F1|x^^L", "TXA|1|OP|TX|||||||||D2"});
    EXPECT_EQ(of_kind<procedure>(cancelled).at(0).version, version_status::deleted);
}

TEST(ReadHl7v2Report, CodesThatBothFieldsNameAreGivenOnce) {
    const auto found = of_kind<procedure>(
        read("ORU^R01", "2.5.1",
             {pid, "OBR|1||F1|438791002^^SCT" + std::string(40, '|') + "438791002^^SCT~Y13.4^^OPCS4"}));
    EXPECT_EQ(found.at(0).as<procedure>()->codes, (codings{{"SCT", "438791002"}, {"OPCS4", "Y13.4"}}));
}

} // namespace
} // namespace auditgate::mapping::test
