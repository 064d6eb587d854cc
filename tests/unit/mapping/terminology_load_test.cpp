// What the loader of the terminology takes and what it refuses, and how it tells so.
#include "mapping/terminology/load.hpp"

#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace auditgate::mapping {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& folder, const std::string& file, std::string_view text) {
    test::write_file(folder / file, text);
}

constexpr std::string_view systems = "system,name,dot_after\n"
                                     "http://snomed.info/sct,SCT,\n"
                                     "http://hl7.org/fhir/sid/icd-10,I10,3\n";

std::vector<std::string> problems_of(const terminology_load& load) {
    std::vector<std::string> result;
    for (const yaml::problem& one : load.problems) {
        result.push_back(fs::path(one.file).filename().string() + ":" + std::to_string(one.line) + " " +
                         one.text);
    }
    return result;
}

struct bad_file {
    const char* name;
    const char* index_line;
    const char* file;
    const char* text;
    const char* problem; // the beginning of the one problem
};

class TerminologyRefuses : public testing::TestWithParam<bad_file> {};

TEST_P(TerminologyRefuses, WithFileAndLine) {
    const test::temporary_folder folder;
    put(folder.path(), "terminology.yaml",
        "terminology_version: 1.0.0\ncode_systems: [systems.csv]\n" + std::string(GetParam().index_line) +
            "\n");
    put(folder.path(), "systems.csv", systems);
    put(folder.path(), GetParam().file, GetParam().text);
    const terminology_load load = load_terminology(folder.path());
    EXPECT_EQ(load.loaded, nullptr);
    const std::vector<std::string> problems = problems_of(load);
    ASSERT_EQ(problems.size(), 1U) << testing::PrintToString(problems);
    EXPECT_EQ(problems[0].substr(0, std::string_view(GetParam().problem).size()), GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(
    Files, TerminologyRefuses,
    testing::Values(
        bad_file{"UnknownSystem", "value_sets: [a.csv]", "a.csv",
                 "value_set,system,code\nx,SCT,1\nx,SCTX,2\n",
                 "a.csv:3 unknown code system `SCTX`, did you mean `sct`?"},
        bad_file{"UnknownColumn", "value_sets: [a.csv]", "a.csv", "value_set,system,code,stauts\nx,SCT,1,\n",
                 "a.csv:1 unknown column `stauts`, did you mean `status`?"},
        bad_file{"MissingColumn", "value_sets: [a.csv]", "a.csv", "value_set,system\nx,SCT\n",
                 "a.csv:1 the header row must name the columns value_set, system, code; `code` is missing"},
        bad_file{"UnknownStatus", "value_sets: [a.csv]", "a.csv",
                 "value_set,system,code,status\nx,SCT,1,verfied\n",
                 "a.csv:2 status must be verified, unverified or candidate, not `verfied`, did you mean "
                 "`verified`?"},
        bad_file{"MistakeInCandidate", "value_sets: [a.csv]", "a.csv",
                 "value_set,system,code,status\nx,SCT,1*2,candidate\n", "a.csv:2 `1*2` is no code"},
        bad_file{"SiteCodeThatIsOff", "value_sets: [a.csv]", "a.csv",
                 "value_set,system,code,status\nsite-codes,SCT,1,candidate\n",
                 "a.csv:2 `candidate` is no status in this set: a code that is off would leave"},
        bad_file{"BackwardsRange", "value_sets: [a.csv]", "a.csv", "value_set,system,code\nx,I10,C26-C15\n",
                 "a.csv:2 `C26-C15` is no code"},
        bad_file{"DoubledCode", "value_sets: [a.csv]", "a.csv",
                 "value_set,system,code\nx,I10,C79.5\n# as sent without dot\nx,I10,C795\n",
                 "a.csv:4 `C795` is already in the value set `x`"},
        bad_file{"OpenQuote", "value_sets: [a.csv]", "a.csv", "value_set,system,code\nx,SCT,\"1\n",
                 "a.csv:2 a quote is not closed"},
        bad_file{"TooManyCells", "value_sets: [a.csv]", "a.csv", "value_set,system,code\nx,SCT,1,2\n",
                 "a.csv:2 the row has 4 cells, the header 3: a text with a comma needs quotes"},
        bad_file{"MappingWithoutTarget", "concept_maps: [m.csv]", "m.csv",
                 "map,source_system,source_code,target_system,target_code\nlocal-codes,SCT,1,SCT,\n",
                 "m.csv:2 a mapping needs the name of its map and a target code"},
        bad_file{"SiteThatIsNone", "concept_maps: [m.csv]", "m.csv",
                 "map,source_system,source_code,target_system,target_code\nsites,SCT,1,,L6\n",
                 "m.csv:2 the map `sites` leads to `L6`, which the sites file does not have"},
        bad_file{"FactorWithoutNumber", "ome_tables: {uk: uk.csv}", "uk.csv",
                 "drug,route,per,factor\nmorphine,oral,mg,\n",
                 "uk.csv:2 the factor must be a number such as 2.4"},
        bad_file{"FactorOfNothing", "ome_tables: {uk: uk.csv}", "uk.csv",
                 "drug,route,per,factor\nmethadone,oral,not-computable,4\n",
                 "uk.csv:2 what is not computable has no factor"},
        bad_file{"UnknownBasis", "ome_tables: {uk: uk.csv}", "uk.csv",
                 "drug,route,per,factor\nmorphine,oral,ml,1\n",
                 "uk.csv:2 `per` must be mg, ug/h or not-computable, not `ml`"},
        bad_file{"SpecialRateOfDose", "ome_tables: {uk: uk.csv}", "uk.csv",
                 "drug,route,per,factor,special\nmorphine,oral,mg,1,12=30\n",
                 "uk.csv:2 special strengths are written"},
        bad_file{"MissingFile", "units: [no.csv]", "used.txt", "",
                 "terminology.yaml:3 `no.csv` cannot be opened"},
        bad_file{"ForgottenFile", "", "forgotten.csv", "unit\n",
                 "forgotten.csv:0 does not count, for terminology.yaml does not name it"},
        bad_file{"UnknownKey", "value_set: []", "used.txt", "", "terminology.yaml:3 unknown key `value_set`"},
        bad_file{"BrokenJson", "value_sets: [v.json]", "v.json", "{\n  \"resourceType\": ValueSet\n}",
                 "v.json:2 "},
        bad_file{
            "ExcludingValueSet", "value_sets: [v.json]", "v.json",
            R"({"resourceType":"ValueSet","id":"v","compose":{"include":[{"system":"http://snomed.info/sct",
                    "concept":[{"code":"1"}]}],"exclude":[{"system":"http://snomed.info/sct"}]}})",
            "v.json:0 compose.exclude: exclusions are not supported"},
        bad_file{
            "OtherFilter", "value_sets: [v.json]", "v.json",
            R"({"resourceType":"ValueSet","id":"v","compose":{"include":[{"system":"http://snomed.info/sct",
                    "filter":[{"property":"display","op":"regex","value":"x"}]}]}})",
            "v.json:0 compose.include[0].filter[0]: the only filter supported"},
        bad_file{"OtherResource", "value_sets: [v.json]", "v.json", R"({"resourceType":"Patient","id":"v"})",
                 "v.json:0 a FHIR file must be one CodeSystem, ValueSet or ConceptMap with an id"}),
    [](const auto& one) { return one.param.name; });

TEST(TerminologyLoad, TellsEveryProblemOfEveryFile) {
    const test::temporary_folder folder;
    put(folder.path(), "terminology.yaml",
        "terminology_version: 1\ncode_systems: [s.csv]\nvalue_sets: [a.csv, b.csv]\n");
    put(folder.path(), "s.csv", systems);
    put(folder.path(), "a.csv", "value_set,system,code\nx,NO,1\ny,NO,1\n");
    put(folder.path(), "b.csv", "value_set,system,code\n,SCT,1\n");
    EXPECT_EQ(problems_of(load_terminology(folder.path())).size(), 3U);
}

TEST(TerminologyLoad, LeavesCandidatesOutButKnowsTheirSet) {
    const test::temporary_folder folder;
    put(folder.path(), "terminology.yaml",
        "terminology_version: 1\ncode_systems: [s.csv]\nvalue_sets: [a.csv]\n");
    put(folder.path(), "s.csv", systems);
    put(folder.path(), "a.csv", "value_set,system,code,status\nburns,I10,T21.*,candidate\n");
    const terminology_load load = load_terminology(folder.path());
    ASSERT_NE(load.loaded, nullptr) << testing::PrintToString(problems_of(load));
    ASSERT_NE(load.loaded->find_value_set("burns"), nullptr);
    EXPECT_FALSE(load.loaded->find_value_set("burns")->contains({"http://hl7.org/fhir/sid/icd-10", "T21.1"}));
}

TEST(TerminologyLoad, ReadsFhirResources) {
    const test::temporary_folder folder;
    put(folder.path(), "terminology.yaml",
        "terminology_version: 2.1.0\ncode_systems: [s.csv, c.json]\nvalue_sets: [v.json]\nconcept_maps: "
        "[m.json]\n");
    put(folder.path(), "s.csv", systems);
    put(folder.path(), "c.json",
        R"({"resourceType":"CodeSystem","url":"urn:ris","name":"99RIS","status":"active"})");
    put(folder.path(), "v.json", R"({"resourceType":"ValueSet","id":"tumours","compose":{"include":[
        {"system":"http://hl7.org/fhir/sid/icd-10","filter":[{"property":"concept","op":"is-a","value":"C50"}]},
        {"system":"http://snomed.info/sct","concept":[{"code":"254837009","display":"text"}]}]}})");
    put(folder.path(), "m.json", R"({"resourceType":"ConceptMap","id":"local-codes",
        "extension":[{"url":"urn:auditgate:sender","valueString":"RIS|RXX"}],
        "group":[{"source":"urn:ris","target":"http://snomed.info/sct","element":[{"code":"IRFAL3","target":[
        {"code":"438791002","equivalence":"equivalent"},{"code":"36470004"},{"code":"7","equivalence":"unmatched"}]}]}]})");
    const terminology_load load = load_terminology(folder.path());
    ASSERT_NE(load.loaded, nullptr) << testing::PrintToString(problems_of(load));
    EXPECT_EQ(load.loaded->version(), "2.1.0");
    EXPECT_TRUE(load.loaded->find_value_set("tumours")->contains(load.loaded->normalise({"i10", "C509"})));
    EXPECT_TRUE(
        load.loaded->find_value_set("tumours")->contains(load.loaded->normalise({"SCT", "254837009"})));
    const std::vector<concept_code> mapped{{"urn:ris", "IRFAL3"},
                                           {"http://snomed.info/sct", "438791002"},
                                           {"http://snomed.info/sct", "36470004"}};
    EXPECT_EQ(load.loaded->expand({"99RIS", "IRFAL3"}, "RIS|RXX"), mapped);
    EXPECT_EQ(load.loaded->expand({"99RIS", "IRFAL3"}, "RIS|RYY").size(), 1U);
}

} // namespace
} // namespace auditgate::mapping
