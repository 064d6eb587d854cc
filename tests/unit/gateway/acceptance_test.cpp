#include "gateway/acceptance/clusters.hpp"
#include "gateway/acceptance/environment.hpp"
#include "gateway/acceptance/golden_case.hpp"
#include "gateway/acceptance/record_differences.hpp"
#include "gateway/acceptance/run_case.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {
namespace {

using fhir::json::value;

value parsed(std::string_view text) {
    return fhir::json::parse(text).document.value_or(value());
}

TEST(Differences, NameTheItemAndBothSides) {
    const auto found = item_differences(
        parsed(
            R"({"a":{"x":"one","y":["p","q"],"n":1.0},"e":[{"timepoint":"BL","s":{"v":3}},{"timepoint":"M1","s":{"v":4}}],
                   "l":[{"c":"x","d":null}],"gone":true})"),
        parsed(R"({"l":[{"c":"y","d":null},{"c":"z","d":2}],"a":{"n":1,"y":["p"],"x":null},
                   "e":[{"timepoint":"M1","s":{"v":5}},{"timepoint":"BL","s":{"v":3}}]})"));
    EXPECT_EQ(found, (std::vector<item_difference>{{"a.x", "one", "nothing"},
                                                   {"a.y", "p, q", "p"},
                                                   {"e.M1.s.v", "4", "5"},
                                                   {"l[1].c", "x", "y"},
                                                   {"l[2]", "nothing", "(c z, d 2)"},
                                                   {"gone", "true", "nothing"}}));
}

// The ids say nothing to a reader: what is most like it is what he looks for.
TEST(Differences, PairRecordsOfOtherIdsByLikeness) {
    const auto record = [](const std::string& id, const std::string& word) {
        return parsed(R"({"dataset":"d","record_id":")" + id + R"(","record_action":"create","a":{"x":")" +
                      word + R"("},"b":1})");
    };
    const std::chrono::local_days day = std::chrono::local_days(std::chrono::year(2026) / 3 / 9);
    const std::vector<released_record> sent{
        {"111111111111111", record("111111111111111", "same"), {}, day},
        {"222222222222222",
         record("222222222222222", "other"),
         {{"a.x", "the rule", {"02.hl7"}, {"01.hl7"}}},
         day},
        {"333333333333333",
         parsed(R"({"dataset":"e","record_id":"333333333333333","record_action":"amend"})"),
         {},
         day}};
    const std::vector<value> expected{record("111111111111111", "same"), record("999999999999999", "one")};
    const std::string text = differences_text(expected, sent, {{"d", day, "held", "identity-conflict"}});
    EXPECT_EQ(
        text,
        "  record 999999999999... (create) did not go out; the one most like it went out as 222222222222...: "
        "another patient key, dataset or date of the procedure, or other keys\n"
        "    a.x: expected one, got other\n"
        "      the rule, from 02.hl7, not 01.hl7\n"
        "  record 333333333333... (amend) went out and should not: e, procedure of 2026-03-09\n"
        "  kept back from d: held identity-conflict\n");
    EXPECT_EQ(differences_text({sent[0].record, sent[1].record, sent[2].record}, sent, {}), "");
}

TEST(Differences, AreCutOffWhereRecordsHaveLittleInCommon) {
    std::string many = R"({"dataset":"d","record_id":"111111111111111")";
    for (int i = 0; i < 30; ++i)
        many += ",\"i" + std::to_string(i) + "\":" + std::to_string(i);
    const released_record sent{
        "111111111111111", parsed(R"({"dataset":"d","record_id":"111111111111111"})"), {}, {}};
    EXPECT_THAT(differences_text({parsed(many + "}")}, {sent}, {}), testing::HasSubstr("    and 5 more\n"));
}

TEST(Clusters, AreConnectedByIdentityAndFactKeys) {
    const auto fact = [](std::vector<std::string> subject, std::string key) {
        mapping::event result;
        result.subject = std::move(subject);
        result.fact_key = std::move(key);
        return result;
    };
    const auto clusters =
        clusters_of({fact({"local|1"}, ""), fact({"local|2"}, "f"), fact({"local|3"}, ""),
                     fact({"nhs|9000014565", "local|1"}, ""), fact({"local|3"}, "f"), fact({}, "")});
    ASSERT_EQ(clusters.size(), 2U);
    EXPECT_EQ(clusters[0], (std::vector<std::size_t>{0, 3}));
    EXPECT_EQ(clusters[1], (std::vector<std::size_t>{1, 2, 4}));
}

// A case with one message of an unrelated patient: nothing goes out.
std::filesystem::path write_case(const test::temporary_folder& folder, const std::string& steps) {
    const std::filesystem::path at = folder.path() / "a-case";
    std::filesystem::create_directories(at / "messages");
    std::filesystem::create_directories(at / "expected");
    test::write_file(at / "case.yaml", "title: A case\nspec: none\n" + steps);
    test::write_file(at / "messages" / "01.hl7",
                     "MSH|^~\\&|PAS|RXX|A|B|202603060900||ADT^A28|M1|P|2.4\rPID|1||H1^^^RXX^MR\r");
    return at;
}

TEST(GoldenCase, HasTheDefaultsOfItsFormat) {
    const test::temporary_folder folder;
    const auto at = write_case(folder, "steps:\n  - receive: [01.hl7]\n    as_of: 2026-03-09\n");
    const golden_case_load load = load_golden_case(at);
    ASSERT_TRUE(load.loaded.has_value());
    EXPECT_EQ(load.loaded->name(), "a-case");
    EXPECT_TRUE(load.loaded->definition.allow_test_numbers);
    EXPECT_EQ(load.loaded->destination.key_id, "acceptance-1");
    EXPECT_EQ(load.loaded->keys.record_key, "acceptance-record-key");
    EXPECT_TRUE(load.loaded->permute);
    ASSERT_EQ(load.loaded->steps.size(), 1U);
    EXPECT_EQ(load.loaded->steps[0].receive, (std::vector<std::string>{"01.hl7"}));
}

TEST(GoldenCase, MayBeOfSeveralDatasets) {
    const test::temporary_folder folder;
    const std::string steps = "steps:\n  - receive: [01.hl7]\n    as_of: 2026-03-09\n";
    EXPECT_EQ(load_golden_case(write_case(folder, steps)).loaded->datasets, std::vector<std::string>{});
    const test::temporary_folder one;
    EXPECT_EQ(load_golden_case(write_case(one, "dataset: a\n" + steps)).loaded->datasets,
              std::vector<std::string>{"a"});
    const test::temporary_folder two;
    EXPECT_EQ(load_golden_case(write_case(two, "dataset: [a, b]\n" + steps)).loaded->datasets,
              (std::vector<std::string>{"a", "b"}));
}

// A case that names no dataset is of the one that the gateway maps first, else of the only one that there is.
TEST(Environment, KnowsWhichDatasetIsMeantWhenNoneIsNamed) {
    const test::temporary_folder folder;
    std::filesystem::copy(test::source_folder() / "config", folder.path(),
                          std::filesystem::copy_options::recursive);
    const auto first = folder.path() / "datasets" / "nice-rfa-spinal-metastases.yaml";
    std::filesystem::remove_all(folder.path() / "datasets");
    std::filesystem::create_directory(folder.path() / "datasets");
    const std::string text =
        test::read_file(test::source_folder() / "config" / "datasets" / "nice-rfa-spinal-metastases.yaml");
    const auto names = [&](const std::vector<std::string>& datasets) {
        const environment_load load = load_environment(folder.path(), datasets, {});
        std::string result;
        for (const auto& problem : load.problems)
            result += problem.text;
        if (load.loaded)
            for (const auto& definition : load.loaded->definitions)
                result += definition->dataset + ' ';
        return result;
    };
    test::write_file(first, text);
    test::write_file(folder.path() / "datasets" / "a.yaml",
                     "dataset: a" + text.substr(text.find("\nversion:")));
    EXPECT_EQ(names({}), "nice-rfa-spinal-metastases ");
    EXPECT_EQ(names({"a", "nice-rfa-spinal-metastases"}), "a nice-rfa-spinal-metastases ");
    std::filesystem::remove(folder.path() / "gateway.yaml");
    EXPECT_EQ(names({}), "there are several datasets in this folder: name one");
    std::filesystem::remove(first);
    EXPECT_EQ(names({}), "a ");
    std::filesystem::remove(folder.path() / "datasets" / "a.yaml");
    EXPECT_EQ(names({}), "there is no dataset in this folder");
}

TEST(GoldenCase, MistakesAreToldWithTheirLine) {
    const test::temporary_folder folder;
    const auto at = write_case(folder, "steps:\n  - receive: [01.hl7]\n    as_of: soon\n    opt_uot: []\n");
    const golden_case_load load = load_golden_case(at);
    EXPECT_FALSE(load.loaded.has_value());
    ASSERT_EQ(load.problems.size(), 2U);
    EXPECT_EQ(load.problems[0].line, 5);
    EXPECT_EQ(load.problems[1].line, 6);
}

TEST(RunCase, PassesWhenWhatGoesOutIsAsExpected) {
    const test::temporary_folder folder;
    const auto at = write_case(folder, "steps:\n  - receive: [01.hl7]\n    as_of: 2026-03-09\n");
    test::write_file(at / "expected" / "01.ndjson", "");
    const case_outcome outcome = run_case(at, {test::source_folder() / "config", 1});
    EXPECT_TRUE(outcome.passed()) << outcome.failures.front().what;
    EXPECT_EQ(outcome.orders, 1U);
}

TEST(RunCase, TellsWhatIsMissing) {
    const test::temporary_folder folder;
    const auto at = write_case(folder, "steps:\n  - receive: [01.hl7]\n    as_of: 2026-03-09\n");
    test::write_file(at / "expected" / "01.ndjson",
                     R"({"record_id":"0123456789abcdef","record_action":"create"})");
    const case_outcome outcome = run_case(at, {test::source_folder() / "config", 1});
    ASSERT_EQ(outcome.failures.size(), 1U);
    EXPECT_EQ(outcome.failures[0].where, "step 1");
    EXPECT_EQ(outcome.failures[0].what, "  record 0123456789ab... (create) did not go out\n");
}

TEST(RunCase, MissingMessageIsAFailureOfTheCase) {
    const test::temporary_folder folder;
    const auto at = write_case(folder, "steps:\n  - receive: [02.hl7]\n    as_of: 2026-03-09\n");
    EXPECT_FALSE(run_case(at, {test::source_folder() / "config", 1}).passed());
}

} // namespace
} // namespace auditgate::gateway::acceptance
