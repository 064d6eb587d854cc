// The terminology that ships (config/terminology): codes as senders write them and what they mean.
#include "mapping/terminology/builder.hpp"
#include "mapping/terminology/load.hpp"

#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

const terminology& shipped() {
    static const terminology_load load = load_terminology(test::source_folder() / "config/terminology");
    for (const yaml::problem& one : load.problems) {
        ADD_FAILURE() << yaml::to_string(one);
    }
    static const terminology empty;
    return load.loaded ? *load.loaded : empty;
}

TEST(Terminology, NormalisesSystemsAndCodes) {
    struct row {
        coding sent;
        concept_code normalised;
    };
    const std::string icd10 = "http://hl7.org/fhir/sid/icd-10";
    const std::string opcs4 = "https://fhir.hl7.org.uk/CodeSystem/opcs-4";
    const std::vector<row> table{
        {{"I10", "C795"}, {icd10, "C79.5"}},
        {{"icd10", " c79.5 "}, {icd10, "C79.5"}},
        {{"http://hl7.org/fhir/sid/icd-10", "C79.5"}, {icd10, "C79.5"}},
        {{"I10", "C61"}, {icd10, "C61"}},
        {{"I10", "C61X"}, {icd10, "C61"}},
        {{"I10", "M49.5*"}, {icd10, "M49.5"}},
        {{"I10", "C79.5+"}, {icd10, "C79.5"}},
        {{"I10", "M4646"}, {icd10, "M46.46"}},
        {{"OPCS", "V438"}, {opcs4, "V43.8"}},
        {{"OPCS4", "Y13.4"}, {opcs4, "Y13.4"}},
        {{"SNCT", "438791002"}, {"http://snomed.info/sct", "438791002"}},
        {{"LN", "72514-3"}, {"http://loinc.org", "72514-3"}},
        {{"WC", "N02AA01"}, {"http://www.whocc.no/atc", "N02AA01"}},
        {{"C4", "20982"}, {"http://www.ama-assn.org/go/cpt", "20982"}},
        {{"L", "BPI-WORST"}, {"urn:auditgate:capture", "BPI-WORST"}},
        {{"99RIS", "x.1 "}, {"99RIS", "x.1"}},
        {{"", "I"}, {"", "I"}},
    };
    for (const row& one : table) {
        EXPECT_EQ(shipped().normalise(one.sent), one.normalised) << one.sent.system << '|' << one.sent.code;
    }
}

TEST(Terminology, KnowsTheSitesInAnatomicalOrder) {
    ASSERT_EQ(shipped().sites().size(), 27U);
    EXPECT_EQ(shipped().sites().front().id, "C1");
    EXPECT_EQ(shipped().sites().back().id, "S3");
    const auto site = [](const coding& sent) -> std::string {
        std::string named;
        for (const std::size_t place : shipped().sites_of(shipped().normalise(sent))) {
            named += shipped().sites()[place].id + ' ' + shipped().sites()[place].region;
        }
        return named;
    };
    EXPECT_EQ(site({"SCT", "14806007"}), "C1 cervical");
    EXPECT_EQ(site({"SCT", "23215003"}), "T12 thoracic");
    EXPECT_EQ(site({"SNCT", "36470004"}), "L3 lumbar");
    EXPECT_EQ(site({"SCT", "21799000"}), "L5 lumbar");
    EXPECT_EQ(site({"SCT", "49967005"}), "S3 sacral");
    EXPECT_EQ(site({"L", "l3"}), "L3 lumbar");
    EXPECT_EQ(site({"SCT", "51282000"}), "");
    EXPECT_EQ(site({"OPCS4", "Z66.5"}), "");
}

TEST(Terminology, ACodeMayNameSeveralSites) {
    terminology_builder builder;
    ASSERT_EQ(builder.add_code_system("urn:a", "A", ""), std::nullopt);
    for (const char* side : {"left", "right"}) {
        ASSERT_EQ(builder.add_site(side, "hip"), std::nullopt);
        ASSERT_EQ(builder.add_mapping({"sites", "A", "both", "", side, ""}), std::nullopt);
    }
    ASSERT_EQ(builder.add_mapping({"sites", "A", "R", "", "right", ""}), std::nullopt);
    const auto built = builder.build();
    EXPECT_EQ(built->sites_of({"urn:a", "both"}), (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(built->sites_of({"urn:a", "R"}), (std::vector<std::size_t>{1}));
    EXPECT_EQ(built->sites_of({"", "left"}), (std::vector<std::size_t>{0}));
    EXPECT_TRUE(built->sites_of({"urn:a", "other"}).empty());
}

TEST(Terminology, NamesTheCodesThatTellASite) {
    const value_set* codes = shipped().find_value_set("site-codes");
    ASSERT_NE(codes, nullptr);
    for (const coding& sent :
         {coding{"OPCS4", "V55.1"}, {"OPCS4", "Z665"}, {"SCT", "36470004"}, {"SCT", "51282000"}}) {
        EXPECT_TRUE(codes->contains(shipped().normalise(sent))) << sent.code;
    }
    for (const coding& sent :
         {coding{"OPCS4", "V43.8"}, {"OPCS4", "Y13.4"}, {"SCT", "438791002"}, {"SCT", "879916008"}}) {
        EXPECT_FALSE(codes->contains(shipped().normalise(sent))) << sent.code;
    }
}

TEST(Terminology, ReadsAnswerCodesAsNumbers) {
    const concept_map* answers = shipped().find_concept_map("answers");
    ASSERT_NE(answers, nullptr);
    EXPECT_EQ(answers->word_for(shipped().normalise({"LN", "LA6111-4"})), "0");
    EXPECT_EQ(answers->word_for(shipped().normalise({"LN", "LA6113-0"})), "2");
    EXPECT_EQ(answers->word_for(shipped().normalise({"LN", "LA13942-0"})), "10");
    EXPECT_EQ(answers->word_for({"http://loinc.org", "LA1-1"}), std::nullopt);
}

TEST(Terminology, CoarsensWords) {
    const auto word = [](std::string_view map, const std::string& from) {
        return shipped().find_concept_map(map)->word_for({"", from}).value_or("nothing is said");
    };
    EXPECT_EQ(word("coarsen-tumour-common", "kidney"), "kidney");
    EXPECT_EQ(word("coarsen-tumour-common", "unknown"), "unknown");
    EXPECT_EQ(word("coarsen-tumour-common", "melanoma"), "other");
    EXPECT_EQ(word("coarsen-ethnicity-5+1", "H"), "asian");
    EXPECT_EQ(word("coarsen-ethnicity-5+1", "99"), "99");
    EXPECT_EQ(word("coarsen-ethnicity-5+1", "T"), "nothing is said");
    EXPECT_EQ(word("coarsen-age-20", "90+"), "80+");
}

TEST(Terminology, PrefersTheSenderThenTheMostSpecificRow) {
    terminology_builder builder;
    ASSERT_EQ(builder.add_code_system("http://hl7.org/fhir/sid/icd-10", "I10", "3"), std::nullopt);
    const std::vector<terminology_builder::mapping_row> rows{
        {"m", "I10", "C00-C97", "", "other", ""},    {"m", "I10", "C50.*", "", "breast", ""},
        {"m", "I10", "C50.9", "", "breast-nos", ""}, {"m", "I10", "C50.9", "", "second", ""},
        {"m", "I10", "C5*", "", "local", "PAS|RXX"}, {"m", "", "*", "", "anything", ""},
    };
    for (const auto& row : rows) {
        ASSERT_EQ(builder.add_mapping(row), std::nullopt);
    }
    const auto built = builder.build();
    const concept_map& map = *built->find_concept_map("m");
    const auto words = [&](const std::string& code, std::string_view sender = "") {
        std::vector<std::string> result;
        for (const concept_code& one : map.translate(built->normalise({"I10", code}), sender)) {
            result.push_back(one.code);
        }
        return result;
    };
    using list = std::vector<std::string>;
    EXPECT_EQ(words("C509"), (list{"breast-nos", "second"}));
    EXPECT_EQ(words("C50.1"), list{"breast"});
    EXPECT_EQ(words("C50"), list{"breast"});
    EXPECT_EQ(words("C61"), list{"other"});
    EXPECT_EQ(words("D16.6"), list{"anything"});
    EXPECT_EQ(words("C50.9", "PAS|RXX"), list{"local"});
    EXPECT_EQ(words("C61", "PAS|RXX"), list{"other"});
}

TEST(Terminology, ExpandsLocalCodesStepByStepAndEndsInACircle) {
    terminology_builder builder;
    ASSERT_EQ(builder.add_code_system("urn:a", "A", ""), std::nullopt);
    ASSERT_EQ(builder.add_mapping({"local-codes", "A", "1", "A", "2", ""}), std::nullopt);
    ASSERT_EQ(builder.add_mapping({"local-codes", "A", "2", "A", "3", ""}), std::nullopt);
    ASSERT_EQ(builder.add_mapping({"local-codes", "A", "3", "A", "1", ""}), std::nullopt);
    const std::vector<concept_code> all{{"urn:a", "1"}, {"urn:a", "2"}, {"urn:a", "3"}};
    EXPECT_EQ(builder.build()->expand({"a", "1"}, ""), all);
}

TEST(Terminology, BringsAmountsToTheBaseUnit) {
    struct row {
        const char* amount;
        const char* unit;
        const char* dimension;
        std::optional<std::int64_t> base;
    };
    const std::vector<row> table{
        {"10", "mg", "mass", 10'000},       {"7.5", "MG", "mass", 7'500},
        {"400", "ug", "mass", 400},         {"400", "mcg", "mass", 400},
        {"0.25", "g", "mass", 250'000},     {"37.5", "ug/h", "rate", 37'500},
        {"12", "mcg/hr", "rate", 12'000},   {"90", "mg/d", "daily-mass", 90'000},
        {"2", "TAB", "count", 2},           {"0.0005", "mg", "mass", 1},
        {"4", "cm", "length", 40},          {"10", "ml", "mass", std::nullopt},
        {"10", "mg", "rate", std::nullopt}, {"ten", "mg", "mass", std::nullopt},
        {"-1", "mg", "mass", std::nullopt}, {"1e3", "mg", "mass", std::nullopt},
        {"", "mg", "mass", std::nullopt},   {"1000000000000000", "mg", "mass", std::nullopt},
    };
    for (const row& one : table) {
        EXPECT_EQ(shipped().in_base_unit(one.amount, one.unit, one.dimension), one.base)
            << one.amount << one.unit;
    }
}

TEST(Terminology, KnowsHowLongPatchesAreWorn) {
    EXPECT_EQ(shipped().wear_hours("fentanyl", 25'000), 72);
    EXPECT_EQ(shipped().wear_hours("buprenorphine", 10'000), 168);
    EXPECT_EQ(shipped().wear_hours("buprenorphine", 52'500), 96);
    EXPECT_EQ(shipped().wear_hours("buprenorphine", std::nullopt), 168);
    EXPECT_EQ(shipped().wear_hours("morphine", 10'000), std::nullopt);
}

// ---- oral morphine equivalents, for audit only (dataset.md section 7) ----

std::optional<ome_nanograms> dose(const char* table, const char* drug, const char* route, double mg_a_day) {
    const auto micrograms = static_cast<std::int64_t>(mg_a_day * 1000);
    return shipped().find_ome_table(table)->of_dose(drug, route, micrograms);
}

std::optional<ome_nanograms> patch(const char* table, const char* drug, double ug_an_hour) {
    const auto nanograms = static_cast<std::int64_t>(ug_an_hour * 1000);
    return shipped().find_ome_table(table)->of_patch(drug, "transdermal", nanograms);
}

constexpr ome_nanograms mg = 1'000'000;

TEST(OmeTable, GivesTheFixedVectors) {
    for (const char* table : {"uk", "cdc-2022"}) {
        EXPECT_EQ(patch(table, "fentanyl", 25), 60 * mg) << table;
        EXPECT_EQ(patch(table, "fentanyl", 37.5), 90 * mg) << table;
        EXPECT_EQ(*patch(table, "fentanyl", 75) + *patch(table, "fentanyl", 25), 240 * mg) << table;
        EXPECT_EQ(dose(table, "oxycodone", "oral", 4 * 10), 60 * mg) << table;
        EXPECT_EQ(dose(table, "oxycodone", "oral", 2 * 30), 90 * mg) << table;
    }
    EXPECT_EQ(dose("uk", "codeine", "oral", 240), 24 * mg);
    EXPECT_EQ(round_to_5_mg(24 * mg), 25);
    EXPECT_EQ(dose("cdc-2022", "codeine", "oral", 240), 36 * mg);
    EXPECT_EQ(round_to_5_mg(36 * mg), 35);
    EXPECT_EQ(patch("uk", "fentanyl", 12), 30 * mg);
    EXPECT_EQ(patch("cdc-2022", "fentanyl", 12), 28'800'000);
}

TEST(OmeTable, HoldsTheFactorsOfTheSpecification) {
    struct row {
        const char* drug;
        const char* route;
        std::optional<double> uk, cdc;
    };
    const std::vector<row> table{
        {"morphine", "oral", 1, 1},
        {"codeine", "oral", 0.1, 0.15},
        {"dihydrocodeine", "oral", 0.1, {}},
        {"tramadol", "oral", 0.1, 0.2},
        {"tapentadol", "oral", 0.4, 0.4},
        {"oxycodone", "oral", 1.5, 1.5},
        {"hydromorphone", "oral", 5, 5},
        {"hydrocodone", "oral", {}, 1},
        {"oxymorphone", "oral", {}, 3},
        {"pethidine", "oral", 0.1, {}},
        {"methadone", "oral", {}, 4.7},
        {"morphine", "subcutaneous", 2, {}},
        {"morphine", "intramuscular", 2, {}},
        {"morphine", "intravenous", 2, {}},
        {"diamorphine", "subcutaneous", 3, {}},
        {"diamorphine", "intramuscular", 3, {}},
        {"diamorphine", "intravenous", 3, {}},
        {"oxycodone", "subcutaneous", 2, {}},
        {"oxycodone", "intravenous", 2, {}},
        {"alfentanil", "subcutaneous", 30, {}},
        {"buprenorphine", "sublingual", 40, {}},
        {"fentanyl", "buccal", {}, {}},
        {"fentanyl", "transdermal", {}, {}}, // a patch is no dose
        {"morphine", "intrathecal", {}, {}},
    };
    const auto expected = [](const std::optional<double>& factor) -> std::optional<ome_nanograms> {
        return factor ? std::optional(static_cast<ome_nanograms>(*factor * 10 * mg)) : std::nullopt;
    };
    for (const row& one : table) {
        EXPECT_EQ(dose("uk", one.drug, one.route, 10), expected(one.uk)) << one.drug << ' ' << one.route;
        EXPECT_EQ(dose("cdc-2022", one.drug, one.route, 10), expected(one.cdc))
            << one.drug << ' ' << one.route;
    }
    EXPECT_EQ(patch("uk", "buprenorphine", 52.5), 126 * mg);
    EXPECT_EQ(patch("cdc-2022", "buprenorphine", 52.5), std::nullopt);
}

TEST(OmeTable, RoundsToFiveMilligramsHalfUp) {
    EXPECT_EQ(round_to_5_mg(0), 0);
    EXPECT_EQ(round_to_5_mg(2'499'999), 0);
    EXPECT_EQ(round_to_5_mg(2'500'000), 5);
    EXPECT_EQ(round_to_5_mg(7'499'999), 5);
    EXPECT_EQ(round_to_5_mg(7'500'000), 10);
}

TEST(OmeTable, FindsDrugsAndRoutesByCode) {
    const auto drug = [](const coding& sent) {
        return shipped().find_concept_map(drugs_map)->word_for(shipped().normalise(sent)).value_or("");
    };
    const auto route = [](const coding& sent) {
        return shipped().find_concept_map(routes_map)->word_for(shipped().normalise(sent)).value_or("");
    };
    EXPECT_EQ(drug({"ATC", "N02AA05"}), "oxycodone");
    EXPECT_EQ(drug({"http://www.whocc.no/atc", "N07BC02"}), "methadone");
    EXPECT_EQ(drug({"ATC", "N02BE01"}), "");
    EXPECT_EQ(route({"HL70162", "PO"}), "oral");
    EXPECT_EQ(route({"", "TD"}), "transdermal");
    EXPECT_EQ(route({"http://snomed.info/sct", "26643006"}), "oral");
    EXPECT_EQ(route({"SCT", "37839007"}), "sublingual");
}

} // namespace
} // namespace auditgate::mapping
