#include "tests/unit/mapping/read_hl7v2_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

constexpr const char* pv1 = "PV1|1|D|||||||||||||||||V1";

TEST(ReadHl7v2Coded, AFactIsTakenBackByItsNumberAlone) {
    const struct {
        const char* version;
        const char* segment;
        std::size_t facts;
    } rows[] = {
        {"2.5", "PR1|1||||20260305||||||||||||||P7|D", 1},
        {"2.5", "PR1|1||\"\"||20260305||||||||||||||P7", 1},
        {"2.5", "DG1|1|||||||||||||||||||D7|D", 1},
        {"2.5", "PR1|1||||20260305||||||||||||||P7|U", 0},   // says nothing
        {"2.5", "PR1|1||||20260305|||||||||||||||D", 0},     // of which?
        {"2.4", "PR1|1||\"\"||20260305||||||||||||||P7", 0}, // empties the set of the visit
    };
    for (const auto& row : rows) {
        const read_result result = read("ADT^A08", row.version, {pid, pv1, row.segment});
        std::vector<event> found = of_kind<procedure>(result);
        const std::vector<event> conditions = of_kind<condition>(result);
        found.insert(found.end(), conditions.begin(), conditions.end());
        ASSERT_EQ(found.size(), row.facts) << row.segment;
        for (const event& each : found) {
            EXPECT_EQ(each.version, version_status::deleted) << row.segment;
            EXPECT_TRUE(each.fact_key.ends_with("1|P7") || each.fact_key.ends_with("1|D7")) << each.fact_key;
        }
    }
}

TEST(ReadHl7v2Coded, TheCodingMethodNamesTheSystemOfCodesWithoutOne) {
    const read_result result =
        read("ADT^A08", "2.2",
             {pid, "PR1|1|OPCS4|V438||20260305", "DG1|1|I10|C795|Secondary", "DG1|2|I9|1^x^I10~C509"});
    EXPECT_EQ(of_kind<procedure>(result).at(0).as<procedure>()->codes, (codings{{"OPCS4", "V438"}}));
    const auto conditions = of_kind<condition>(result);
    ASSERT_EQ(conditions.size(), 2U);
    EXPECT_EQ(conditions[0].as<condition>()->codes, (codings{{"I10", "C795"}}));
    EXPECT_EQ(conditions[1].as<condition>()->codes, (codings{{"I10", "1"}, {"I9", "C509"}}));
}

TEST(ReadHl7v2Coded, ProceduresBeforeAdmissionArePlanned) {
    const auto planned = [](const std::string& type) {
        const read_result result = read(type, "2.4", {pid, pv1, "PR1|1||V43.8^^OPCS4||20260305"});
        EXPECT_TRUE(of_kind<procedure>(result).empty()) << type;
        return of_kind<booking>(result);
    };
    for (const char* type : {"ADT^A05", "ADT^A14", "ADT^A27", "ADT^A38"}) {
        const auto found = planned(type);
        ASSERT_EQ(found.size(), 1U) << type;
        EXPECT_EQ(found[0].as<booking>()->codes, (codings{{"OPCS4", "V43.8"}}));
        EXPECT_EQ(found[0].snapshot_set, "") << "omission takes nothing back that was done";
        EXPECT_EQ(day_of(found[0].when), "2026-3-5");
    }
    EXPECT_FALSE(planned("ADT^A05")[0].as<booking>()->cancelled);
    EXPECT_TRUE(planned("ADT^A38")[0].as<booking>()->cancelled);
    EXPECT_EQ(planned("ADT^A05")[0].fact_key, planned("ADT^A38")[0].fact_key);
}

TEST(ReadHl7v2Coded, AVisitBeforeAdmissionHasNoClassYet) {
    const auto class_of = [](const std::string& type) {
        return of_kind<visit>(read(type, "2.4", {pid, pv1})).at(0).as<visit>()->patient_class;
    };
    EXPECT_EQ(class_of("ADT^A05"), "");
    EXPECT_EQ(class_of("ADT^A14"), "");
    EXPECT_EQ(class_of("ADT^A01"), "D");
}

TEST(ReadHl7v2Coded, AProcedureWithoutADateIsPointedOut) {
    const read_result result =
        read("ADT^A08", "2.4", {pid, "PR1|1||V43.8^^OPCS4", "PR1|2||V43.8^^OPCS4||20260305"});
    EXPECT_EQ(of_kind<procedure>(result).size(), 2U);
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].code, "no-date");
    EXPECT_EQ(result.findings[0].path, "PR1-5");
}

TEST(ReadHl7v2Coded, AChargeGivesItsProcedureAndItsDiagnoses) {
    const read_result result = read(
        "DFT^P03", "2.5",
        {pid, "FT1|1|||20260305||CG|X||||||||||||C79.5^^I10~C50.9^^I10||||||V55.1^^OPCS4|36470004^^SCT"});
    const auto procedures = of_kind<procedure>(result);
    ASSERT_EQ(procedures.size(), 1U);
    EXPECT_EQ(procedures[0].as<procedure>()->codes, (codings{{"OPCS4", "V55.1"}}));
    EXPECT_EQ(procedures[0].as<procedure>()->body_sites, (codings{{"SCT", "36470004"}}));
    const auto conditions = of_kind<condition>(result);
    ASSERT_EQ(conditions.size(), 2U);
    EXPECT_EQ(conditions[0].as<condition>()->codes, (codings{{"I10", "C79.5"}}));
    EXPECT_EQ(conditions[1].as<condition>()->codes, (codings{{"I10", "C50.9"}}));
    EXPECT_EQ(day_of(conditions[1].when), "2026-3-5");
}

TEST(ReadHl7v2Coded, OnlyChargesAndCreditsOfFinancialMessagesAreFacts) {
    const auto read_type = [](const std::string& type, const std::string& transaction) {
        return of_kind<procedure>(read(
            type, "2.5", {pid, "FT1|1|||20260305||" + transaction + "|X||||||||||||||||||V55.1^^OPCS4"}));
    };
    ASSERT_EQ(read_type("DFT^P03", "CG").size(), 1U);
    ASSERT_EQ(read_type("DFT^P03", "").size(), 1U);
    ASSERT_EQ(read_type("DFT^P11", "CD").size(), 1U);
    EXPECT_EQ(read_type("DFT^P11", "CD")[0].version, version_status::deleted);
    EXPECT_EQ(read_type("DFT^P03", "CG")[0].fact_key, read_type("DFT^P11", "CD")[0].fact_key);
    for (const char* type : {"PY", "AJ", "CO"}) {
        EXPECT_TRUE(read_type("DFT^P03", type).empty()) << type;
    }
    EXPECT_TRUE(read_type("ORM^O01", "CG").empty()) << "an order is no evidence";
}

TEST(ReadHl7v2Coded, AProblemListGivesConditions) {
    const auto read_problem = [](const std::string& problem) {
        return of_kind<condition>(read("PPR^PC1", "2.5.1", {pid, problem}));
    };
    const auto added = read_problem("PRB|AD|20260201|C79.5^^I10|26744|||20260128|||||||||20260124");
    ASSERT_EQ(added.size(), 1U);
    EXPECT_EQ(added[0].as<condition>()->codes, (codings{{"I10", "C79.5"}}));
    EXPECT_EQ(day_of(added[0].when), "2026-1-24"); // onset
    EXPECT_EQ(added[0].fact_key, "PAS|RXX|hl7v2-ppr|PRB|26744");
    EXPECT_EQ(added[0].version, version_status::first);
    const auto established = read_problem("PRB|UP|20260201|C79.5^^I10|26744|||20260128");
    EXPECT_EQ(day_of(established.at(0).when), "2026-1-28");
    EXPECT_EQ(established[0].version, version_status::corrected);
    EXPECT_EQ(read_problem("PRB|DE|20260201|C79.5^^I10|26744").at(0).version, version_status::deleted);
    EXPECT_EQ(read_problem("PRB|DE|20260201||26744").at(0).fact_key, added[0].fact_key);
    EXPECT_TRUE(read_problem("PRB|AD|20260201|^text only|26744").empty());
    EXPECT_TRUE(read_problem("PRB|DE|20260201").empty());
}

} // namespace
} // namespace auditgate::mapping::test
