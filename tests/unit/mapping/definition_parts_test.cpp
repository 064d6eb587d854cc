// Definitions that say little: what a dataset has no use for is left out of its file, and of its records.
#include "mapping/definition/load.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/mapping/cases_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace auditgate::mapping::test {
namespace {

const auto operation_day = day(2026, 3, 5);

// A dataset of one operation, without sites, time points, safety and follow-up.
const std::string least = R"(dataset: least
version: 1.0.0
title: The least
selection:
  evidence: [{name: operation, together: [OPCS4|W37.1]}]
  procedure_codes: [OPCS4|W37.*]
)";

const std::string least_record = R"(record:
  - section: operation
    items:
      - {name: status, meaning: x, derive: status, deidentification: keep}
      - {name: sequence, meaning: x, derive: sequence, days_max: 10, words: [a, b, c, d], deidentification: keep}
      - {name: fixation, meaning: x, derive: session-word, codes: [L|FIX], words: [cemented, none], deidentification: keep}
      - {name: flags, meaning: x, derive: flags, deidentification: keep}
)";

definition_load load(const std::string& text) {
    const auditgate::test::temporary_folder folder;
    auditgate::test::write_file(folder.path() / "dataset.yaml", text);
    return load_definition(folder.path() / "dataset.yaml", shipped_definition()->codes, {});
}

std::shared_ptr<const compiled_definition> loaded(const std::string& text) {
    const definition_load read = load(text);
    for (const yaml::problem& one : read.problems)
        ADD_FAILURE() << to_string(one);
    return read.loaded;
}

std::string problems_of(const std::string& text) {
    std::string told;
    for (const yaml::problem& one : load(text).problems)
        told += to_string(one) + '\n';
    return told;
}

message operated(const std::string& code = "W37.1") {
    message made(at(operation_day, 13));
    made.of({"local|RXX|H1"});
    made.add("code", at(operation_day), procedure{{{"OPCS4", code}}, performance::as_coded, {}, {}, {}});
    return made;
}

case_result only_case(const std::vector<message>& messages, const compiled_definition& definition) {
    auto result = cases(together(messages), definition, day(2026, 5, 1));
    EXPECT_EQ(result.cases.size(), 1U);
    return result.cases.empty() ? case_result{} : std::move(result.cases.front());
}

TEST(DefinitionParts, ASelectionAndARecordAreEnough) {
    const auto definition = loaded(least + least_record);
    ASSERT_NE(definition, nullptr);
    const case_result one = only_case({operated()}, *definition);
    EXPECT_EQ(one.state, case_state::record);
    EXPECT_EQ(fhir::json::write(one.content),
              R"({"operation":{"status":"completed","sequence":"a","fixation":null,"flags":[]}})");
}

TEST(DefinitionParts, ItemsNeedThePartsThatTheyStandOn) {
    const auto with = [](const std::string& one) {
        return problems_of(least + "record:\n  - section: s\n    items:\n      - {" + one +
                           ", meaning: x, deidentification: keep}\n");
    };
    for (const auto& [one, part] :
         {std::pair{"name: \"\", derive: time-points", "time_points"},
          std::pair{"name: \"\", derive: time-points", "efficacy"},
          std::pair{"name: a, derive: adverse-events", "safety"},
          std::pair{"name: a, derive: adverse-occurred, words: [\"yes\", no], otherwise: u", "safety"},
          std::pair{"name: a, derive: follow-up-status, words: [a, b, c, d]", "follow_up"}})
        EXPECT_NE(with(one).find(std::string("` needs `") + part + '`'), std::string::npos) << with(one);
}

const std::string rows = R"(  - section: outcomes
    items: [{name: "", meaning: x, derive: time-points, deidentification: derive}]
time_points:
  - {name: W2, nominal: 14, window: [7, 21], due: 21}
efficacy:
  - block: walking
    shown: [metres]
    meanings: {metres: x}
    instruments: [{values: [{name: metres, codes: [L|WALK], form: integer, range: [0, 600]}]}]
  - block: score
    shown: [total]
    meanings: {total: x}
    instruments:
      - {name: OHS, values: [{name: total, codes: [L|OHS], form: integer, range: [0, 48], scales: [48]}]}
)";

// No baseline, no dose, no response; blocks in the order of the file.
TEST(DefinitionParts, RowsHoldWhatTheFileSaysInItsOrder) {
    const auto definition = loaded(least + least_record + rows);
    ASSERT_NE(definition, nullptr);
    message assessed(at(day(2026, 3, 20), 12));
    assessed.of({"local|RXX|H1"}).score("OHS", at(day(2026, 3, 20)), "38/48");
    const case_result one = only_case({operated(), assessed}, *definition);
    EXPECT_EQ(fhir::json::write(*one.content.at("/outcomes")),
              R"([{"timepoint":"W2","status":"in-window","walking":{"day":null,"metres":null},)"
              R"("score":{"day":15,"total":38,"instrument":"OHS"}}])");
}

TEST(DefinitionParts, AResponseNeedsABaselineALeadingScoreAndADose) {
    const std::string told = problems_of(
        least + least_record + rows +
        "  - {response: r, meaning: x, score_min: 2, score_change: 2, score_slight: 1, dose_percent: 25}\n");
    EXPECT_NE(told.find("`response` needs a time point that is the baseline"), std::string::npos) << told;
    EXPECT_NE(told.find("`response` needs a block with `reference: true` and `leading`"), std::string::npos)
        << told;
}

TEST(DefinitionParts, ADiagnosisOrAnItemCanExclude) {
    const auto definition = loaded(least + R"(  exclude:
    - {reason: fracture, conditions: [I10|S72.*], unless: [I10|M16.*]}
    - {reason: nothing-fixed, item: operation.fixation, words: [none]}
)" + least_record);
    ASSERT_NE(definition, nullptr);
    const auto diagnosed = [](const char* code) {
        message made(at(operation_day, 12));
        made.of({"local|RXX|H1"});
        condition seen;
        seen.codes = {{"I10", code}};
        made.add(code, at(operation_day), seen);
        return made;
    };
    const auto fixed = [](const char* word) {
        message made(at(operation_day, 14));
        made.of({"local|RXX|H1"});
        observation seen;
        seen.codes = {{"L", "FIX"}};
        seen.value.kind = value_kind::coded;
        seen.value.codes = {{"L", word}};
        made.add("Observation/1", at(operation_day), seen);
        return made;
    };
    EXPECT_EQ(only_case({operated(), diagnosed("S72.0")}, *definition).reason, "fracture");
    EXPECT_EQ(only_case({operated(), diagnosed("S72.0"), diagnosed("M16.1")}, *definition).state,
              case_state::record);
    const case_result excluded = only_case({operated(), fixed("none")}, *definition);
    EXPECT_EQ(excluded.state, case_state::excluded);
    EXPECT_EQ(excluded.reason, "nothing-fixed");
    EXPECT_TRUE(excluded.content.is_null());
    EXPECT_EQ(only_case({operated(), fixed("cemented")}, *definition).state, case_state::record);
}

TEST(DefinitionParts, AnExcludingItemAndItsWordsMustBeKnown) {
    const auto told = [](const std::string& rule) {
        return problems_of(least + "  exclude: [{reason: r, " + rule + "}]\n" + least_record);
    };
    EXPECT_NE(told("item: operation.fixatoin, words: [none]").find("did you mean `operation.fixation`?"),
              std::string::npos);
    EXPECT_NE(told("item: operation.fixation, words: [nome]").find("did you mean `none`?"),
              std::string::npos);
    EXPECT_NE(told("item: operation.fixation").find("needs `words`"), std::string::npos);
}

TEST(DefinitionParts, SettingsOfCoarseningSpeakOfWhatIsThere) {
    const auto told = [](const std::string& setting) {
        return problems_of(least + least_record + rows + "coarsening:\n  - {" + setting + "}\n");
    };
    EXPECT_EQ(told("setting: s, values: [a, b], how: drop, items: [outcomes.score.total]"), "");
    EXPECT_EQ(told("setting: s, values: [a, b, c], how: groups, items: [operation.fixation]"), "");
    for (const auto& [setting, problem] :
         {std::pair{"setting: s, values: [a, b], how: drop, items: [outcomes.scoer.total]",
                    "did you mean `outcomes.score.total`?"},
          std::pair{"setting: s, values: [a, b], how: groups, items: [outcomes.score.total]",
                    "is no item with words"},
          std::pair{"setting: s, values: [a, b, c], how: drop, items: [operation.fixation]",
                    "[as it is, coarser] is expected"},
          std::pair{"setting: s, values: [a], how: groups, items: [operation.fixation]",
                    "[as it is, coarser] is expected"},
          std::pair{"setting: s, values: [a, b], how: drop", "`items` are needed"},
          std::pair{"setting: age, values: [a, b], how: drop, items: [operation.fixation]",
                    "`age` is a setting of every dataset"}})
        EXPECT_NE(told(setting).find(problem), std::string::npos) << told(setting);
}

// A destination that may see regions only must never get the exact site because a definition forgot to say how.
TEST(DefinitionParts, SitesNeedASettingThatMakesThemRegions) {
    const std::string sites = "      - {name: side, meaning: x, derive: sites, deidentification: keep}\n";
    EXPECT_NE(problems_of(least + least_record + sites).find("a setting with `how: regions` is needed"),
              std::string::npos);
    EXPECT_EQ(problems_of(least + least_record + sites +
                          "coarsening: [{setting: side, values: [exact, region], how: regions}]\n"),
              "");
}

} // namespace
} // namespace auditgate::mapping::test
