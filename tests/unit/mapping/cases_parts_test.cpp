#include "tests/unit/mapping/cases_support.hpp"

#include "mapping/cases/identity.hpp"
#include "mapping/cases/score.hpp"
#include "mapping/definition/load.hpp"
#include "mapping/nhs_number.hpp"
#include "mapping/terminology/load.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace auditgate::mapping::test {
namespace {

TEST(NhsNumber, IsUsableOnlyWhenItCanBeOne) {
    struct row {
        std::string_view key, digits;
        bool test_numbers;
    };
    for (const row& one :
         {row{"nhs|9000014565", "9000014565", true}, row{"nhs|900 001 4565", "9000014565", true},
          row{"nhs|9000014565", "", false}, row{"nhs|9000014566", "", true},
          row{"nhs|4010232137", "4010232137", false}, row{"nhs|1111111111", "", true},
          row{"nhs|900001456", "", true}, row{"nhs|90000145650", "", true}, row{"nhs|90000A4565", "", true},
          row{"nhs|", "", true}})
        EXPECT_EQ(usable_nhs_number(one.key, one.test_numbers), one.digits) << one.key;
}

event with_value(observed_value value) {
    event one;
    observation seen;
    seen.value = std::move(value);
    one.payload = seen;
    return one;
}

TEST(Score, ReadsPlainNumbersAndRefusesTheRest) {
    struct row {
        std::string_view text, unit;
        bool visual_analogue;
        std::string expected; // number, or flag
    };
    for (const row& one : {row{"8", "", false, "8"},
                           row{"8/10", "", false, "8"},
                           row{"=7", "", false, "7"},
                           row{" 3 ", "", false, "3"},
                           row{"7.0", "", false, "7"},
                           row{"7.5", "", false, "unparsed-value"},
                           row{"7-8", "", false, "unparsed-value"},
                           row{"severe", "", false, "unparsed-value"},
                           row{">=7", "", false, "unparsed-value"},
                           row{"11", "", false, "out-of-range"},
                           row{"-1", "", false, "out-of-range"},
                           row{"65", "mm", true, "7"},
                           row{"64", "mm", true, "6"},
                           row{"55", "", true, "6"},
                           row{"4", "", true, "4"},
                           row{"4", "mm", true, "0"},
                           row{"101", "mm", true, "out-of-range"},
                           row{"101", "", true, "out-of-range"},
                           row{"-1", "mm", true, "out-of-range"},
                           row{"-4", "", true, "out-of-range"},
                           row{"0", "mm", true, "0"}}) {
        assessment_value form;
        form.max = 10;
        form.scale_to_10 = one.visual_analogue;
        const score read =
            read_score(with_value({value_kind::text, std::string(one.text), std::string(one.unit), {}, {}}),
                       form, *shipped_definition());
        EXPECT_EQ(read.usable() ? thousandths_text(read.thousandths) : read.flag, one.expected) << one.text;
    }
}

TEST(Score, AnotherScaleIsRefused) {
    assessment_value form;
    form.max = 10;
    form.scales = {10, 100};
    event one = with_value({value_kind::number, "2", "", {}, {}});
    auto& seen = std::get<observation>(one.payload);
    for (const auto& [low, high, usable] :
         {std::tuple{"0", "10", true}, std::tuple{"0", "100", true}, std::tuple{"", "", true},
          std::tuple{"0", "3", false}, std::tuple{"1", "10", false}}) {
        seen.range_low = low;
        seen.range_high = high;
        EXPECT_EQ(read_score(one, form, *shipped_definition()).usable(), usable) << low << '-' << high;
    }
}

TEST(Score, ThousandthsAreExact) {
    for (const auto& [text, thousandths] :
         {std::pair{"0.312", 312}, std::pair{"-0.05", -50}, std::pair{"1", 1000}, std::pair{"6.40", 6400},
          std::pair{"0.0005", 1}, std::pair{"0.0004", 0}})
        EXPECT_EQ(parse_thousandths(text), thousandths) << text;
    for (const char* text : {"", "-", ".", "1e3", "1,5", "0x1", "1234567890123"})
        EXPECT_EQ(parse_thousandths(text), std::nullopt) << text;
    EXPECT_EQ(thousandths_text(-50), "-0.05");
    EXPECT_EQ(thousandths_text(6400), "6.4");
}

// The shipped definition with one text replaced by another.
definition_load definition_with(const std::string& text, const std::string& instead) {
    const auto config = auditgate::test::source_folder() / "config";
    std::string file = auditgate::test::read_file(config / "datasets" / "nice-rfa-spinal-metastases.yaml");
    const std::size_t place = file.find(text);
    EXPECT_NE(place, std::string::npos) << text;
    file.replace(place, text.size(), instead);
    const auditgate::test::temporary_folder folder;
    auditgate::test::write_file(folder.path() / "dataset.yaml", file);
    return load_definition(folder.path() / "dataset.yaml", shipped_definition()->codes, {});
}

std::vector<yaml::problem> problems_with(const std::string& text, const std::string& instead) {
    return definition_with(text, instead).problems;
}

TEST(Definition, MistakesAreToldWithLineAndSuggestion) {
    struct row {
        std::string text, instead, told;
    };
    for (const row& one :
         {row{"mandatory: true, conflict_flag", "mandatry: true, conflict_flag", "did you mean `mandatory`?"},
          row{"derive: age-band", "derive: age-bnd", "did you mean `age-band`?"},
          row{"value-set:safety-infection", "value-set:safety-infektion", "did you mean `safety-infection`?"},
          row{"OPCS4|Y13.4", "OPCS5|Y13.4", "no code system `OPCS5`"},
          row{"derive: event-seen, codes: [L|MDT-DATE], ", "derive: event-seen, ", "codes"},
          row{"window: [-60, 0]", "window: [0, -60]",
              "`window` ends before it begins, did you mean `[-60, 0]`?"},
          row{"of: procedure.cement", "of: procedure.cment", "procedure.cment"},
          row{"due: 0, mandatory: true, baseline: true", "due: 0, mandatory: true", "baseline"},
          row{"old_before: -14, old_flag: baseline-older-than-14-days", "old_before: -14",
              "needs `old_flag`"},
          row{"together: [ablation-snomed]", "together: [ablation-snomde]",
              "did you mean `ablation-snomed`?"},
          // words that are needed
          row{"words: [\"yes\"],\n         otherwise", "otherwise", "needs `words`"},
          row{"words: [none, vertebroplasty, kyphoplasty, cementoplasty]", "words: []",
              "`words` must not be empty"},
          row{"words: [\"yes\", none-recorded], ", "", "needs `words`"},
          row{"words: [\"yes\", none-recorded]", "words: [\"yes\"]",
              "`adverse-occurred` takes exactly 2 `words`, not 1"},
          row{"words: [index, repeat-same-level, staged, new-level]", "words: [index, staged, new-level]",
              "`sequence` takes exactly 4 `words`, not 3"},
          row{"words: [withdrawn, died, complete, active]", "words: [withdrawn, died, active]",
              "`follow-up-status` takes exactly 4 `words`, not 3"},
          row{"codes: [L|ECOG]", "codes: []", "`codes` must not be empty"},
          row{"bounds: [0, 4]", "bounds: [0, 2, 4]", "[least, greatest]"},
          row{"bounds: [18, 30,", "bounds: [18, 18,", "ascending"},
          // words that must be known
          row{"coded: {percutaneous: ", "coded: {percutanous: ",
              "`percutanous` is none of the item's `words`, did you mean `percutaneous`?"},
          row{"IMP: inpatient", "IMP: inpatent",
              "`inpatent` is none of the item's `words`, did you mean `inpatient`?"},
          row{"companion_word: cement, repeat_word: rfa", "companion_word: cemnt, repeat_word: rfa",
              "did you mean `cement`?"},
          row{"repeat_word: repeat-rfa", "repeat_word: repeat-rfb", "did you mean `repeat-rfa`?"},
          row{"of: procedure.cement, words: [none]", "of: procedure.cement, words: [nonne]",
              "`nonne` is none of the words of `procedure.cement`, did you mean `none`?"},
          row{"words: [none], otherwise: unknown", "words: [none], otherwise: unknwn",
              "`unknwn` is none of the words of `procedure.cement`, did you mean `unknown`?"},
          row{"deidentification: pseudonymise", "deidentification: pseudonomise",
              "did you mean `pseudonymise`?"},
          row{"leading: worst", "leading: wors", "did you mean `worst`?"},
          row{"shown: [worst, average,", "shown: [worst, averge,", "did you mean `average`?"},
          row{"mandatory: {worst: [worst]}", "mandatory: {worst: wurst}", "did you mean `worst`?"},
          row{"mandatory: {worst: [worst]}", "mandatory: {worst: []}", "`worst` needs at least one value"},
          // what there can be only one of
          row{"name: route,", "name: access,", "the record has an item `procedure.access` already"},
          row{"section: follow_up", "section: safety", "the record has a section `safety` already"},
          row{"derive: time-points, deidentification: derive}",
              "derive: time-points, deidentification: derive}\n"
              "      - {name: x, meaning: x, derive: period, deidentification: keep}",
              "must be alone there"},
          row{"  - opioid: opioid\n",
              "  - opioid: other\n    meaning: x\n    reported: [L|OME-24H]\n    mandatory: ome_mg_per_day\n"
              "  - opioid: opioid\n",
              "only one part `opioid`"},
          row{"block: quality_of_life", "block: pain", "the rows have a part `pain` already"},
          row{"- name: VAS", "- name: NRS", "the block has an instrument `NRS` already"},
          row{"name: D3, nominal", "name: W1, nominal", "there is a time point `W1` already"},
          // how long facts are kept
          row{"dated_items: 180d", "dated_items: 89d", "begins 90 days before the procedure"},
          row{"long_lived: 1826d", "long_lived: 179d", "must not be shorter than `dated_items`"},
          row{"closing: 90d", "closing: 12h", "`closing` must be whole days from 1d to 36525d, such as 90d"},
          row{"after_arrival: 30d", "after_arival: 30d", "did you mean `after_arrival`?"},
          row{"L|PRIOR-TREATMENT, value-set", "M|PRIOR-TREATMENT, value-set", "no code system `M`"}}) {
        const auto problems = problems_with(one.text, one.instead);
        const bool told = std::ranges::any_of(problems, [&](const yaml::problem& problem) {
            return problem.line > 0 && to_string(problem).find(one.told) != std::string::npos;
        });
        EXPECT_TRUE(told) << one.instead;
        for (const yaml::problem& problem : problems)
            EXPECT_TRUE(told) << to_string(problem);
    }
}

// Words may come from codes or from a map of values, and of some items only their kind tells them.
TEST(Definition, AnItemMayBeAboutAnyItemBeforeIt) {
    const std::string own = "of: procedure.cement, words: [none], otherwise: unknown";
    for (const char* other : {"of: selection.primary_tumour, words: [breast], otherwise: unknown",
                              "of: patient.sex, words: [female], otherwise: unknown",
                              "of: patient.age_band, words: [90+]", "of: procedure.period, words: [2026-Q1]"})
        EXPECT_TRUE(problems_with(own, other).empty()) << other;
    for (const char* other : {"of: selection.primary_tumour, words: [brest], otherwise: unknown",
                              "of: patient.age_band, words: [90]", "of: follow_up.status, words: [died]"})
        EXPECT_EQ(problems_with(own, other).size(), 1U) << other;
}

TEST(Definition, OneValueAloneCountsAsAListOfIt) {
    const auto definition =
        definition_with("mandatory: {worst: [worst]}", "mandatory: {worst: worst}").loaded;
    ASSERT_NE(definition, nullptr);
    EXPECT_EQ(definition->blocks[0].mandatory, shipped_definition()->blocks[0].mandatory);
}

TEST(Definition, AnotherProcedureNeedsNothingButAFile) {
    const auto config = auditgate::test::source_folder() / "config";
    std::string file = auditgate::test::read_file(config / "datasets" / "nice-rfa-spinal-metastases.yaml");
    for (const auto& [text, instead] :
         {std::pair{"dataset: nice-rfa-spinal-metastases", "dataset: hip-replacement"},
          std::pair{"ablation-snomed: [SCT|438791002, SCT|879916008]", "ablation-snomed: [OPCS4|W37.1]"},
          std::pair{"together: [ablation-snomed], site: required", "together: [ablation-snomed]"},
          std::pair{"name: electrode", "name: bearing"},
          std::pair{"section: procedure", "section: operation"},
          std::pair{"of: procedure.cement", "of: operation.cement"},
          std::pair{"item: procedure.standalone", "item: operation.standalone"}})
        file.replace(file.find(text), std::string_view(text).size(), instead);
    const auditgate::test::temporary_folder folder;
    auditgate::test::write_file(folder.path() / "dataset.yaml", file);
    const auto load = load_definition(folder.path() / "dataset.yaml", shipped_definition()->codes,
                                      {"uk", "Europe/London", true});
    for (const yaml::problem& one : load.problems)
        ADD_FAILURE() << to_string(one);
    ASSERT_NE(load.loaded, nullptr);

    message operation(at(day(2026, 3, 5), 13), "hl7v2-adt");
    operation.add("code", at(day(2026, 3, 5)),
                  procedure{{{"OPCS4", "W371"}}, performance::as_coded, {}, {}, {}});
    const auto result = cases(operation.events, *load.loaded, day(2026, 3, 6));
    ASSERT_EQ(result.cases.size(), 1U);
    EXPECT_EQ(result.cases[0].state, case_state::record);
    EXPECT_EQ(fhir::json::write(*result.cases[0].content.at("/operation/bearing")), R"("unknown")");
    EXPECT_TRUE(cases(operation.events, *shipped_definition(), day(2026, 3, 6)).cases.empty());
}

TEST(Definition, UnknownTableAndZoneAreToldToo) {
    const auto file =
        auditgate::test::source_folder() / "config" / "datasets" / "nice-rfa-spinal-metastases.yaml";
    const auto load = load_definition(file, shipped_definition()->codes, {"us", "Europe/Londn", false});
    EXPECT_EQ(load.loaded, nullptr);
    EXPECT_EQ(load.problems.size(), 2U);
}

} // namespace
} // namespace auditgate::mapping::test
