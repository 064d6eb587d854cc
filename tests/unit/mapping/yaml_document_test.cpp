#include "mapping/yaml/document.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace yaml = auditgate::mapping::yaml;
using namespace std::chrono_literals;

namespace {

struct parsed {
    std::vector<yaml::problem> problems;
    std::optional<yaml::node> root;
};

parsed parse(std::string_view text, const yaml::limits& within = {}) {
    parsed result;
    yaml::problem_sink sink("f.yaml", result.problems);
    result.root = yaml::parse(text, sink, within);
    return result;
}

// All problems, one a line, as a person sees them.
std::string lines(const std::vector<yaml::problem>& problems) {
    std::string all;
    for (const yaml::problem& one : problems)
        all += to_string(one) + "\n";
    return all;
}

template <class Read>
std::string problems_of(std::string_view text, Read read) {
    parsed input = parse(text);
    yaml::problem_sink sink("f.yaml", input.problems);
    if (input.root) {
        yaml::map_reader reader(*input.root, "the file", sink);
        read(reader);
        reader.finish();
    }
    return lines(input.problems);
}

TEST(YamlDocument, KeepsThePlaceOfEveryKeyAndValue) {
    const parsed input = parse("listeners:\n  - port: 2575\n    name: \"theatre\"\n");
    ASSERT_TRUE(input.root);
    const yaml::node* listeners = input.root->find("listeners");
    ASSERT_NE(listeners, nullptr);
    const yaml::entry& port = listeners->items.at(0).entries.at(0);
    EXPECT_EQ(port.where, (yaml::position{2, 5}));
    EXPECT_EQ(port.value.where, (yaml::position{2, 11}));
    EXPECT_EQ(port.value.text, "2575");
    EXPECT_FALSE(port.value.quoted);
    EXPECT_TRUE(listeners->items.at(0).find("name")->quoted);
}

TEST(YamlDocument, ReadsAnEmptyFileAsAnEmptyMap) {
    for (const std::string_view text : {"", "# only a comment\n", "---\n"}) {
        const parsed input = parse(text);
        ASSERT_TRUE(input.root) << text;
        EXPECT_EQ(input.root->kind, yaml::node_kind::map);
        EXPECT_TRUE(input.root->entries.empty());
    }
}

TEST(YamlDocument, RefusesWhatItDoesNotSupport) {
    const std::pair<std::string_view, std::string_view> table[] = {
        {"a: &x 1\n",
         "f.yaml:1:4: an anchor (`&name`) is not supported: write the value out where it is needed\n"},
        {"? [a, b]\n: 1\n", "f.yaml:1:3: a key must be a plain word, not a list or a map\n"},
        {"~: 1\n", "f.yaml:1:1: a key must be a plain word; put null and ~ in quotes\n"},
        {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document (`---`) in one file is not supported\n"},
        {"a: [1, 2\n",
         "f.yaml:2:1: not valid YAML: end of sequence flow not found; a list that begins with `[` "
         "is not closed with `]` before here\n"},
        {"a: b: 1\n",
         "f.yaml:1:5: not valid YAML: illegal map value; a text with `: ` in it needs quotes; a map "
         "begins on a line of its own\n"},
        {"a:\n\tb: 1\n", "f.yaml:2:1: a tab stands in the indentation: YAML takes only spaces there\n"},
        {"a:\n  \t b: 1\n", "f.yaml:2:3: a tab stands in the indentation: YAML takes only spaces there\n"},
    };
    for (const auto& [text, expected] : table) {
        const parsed input = parse(text);
        EXPECT_FALSE(input.root) << text;
        EXPECT_EQ(lines(input.problems), expected) << text;
    }
}

TEST(YamlDocument, ReadsOnAfterADoubledKeyOfWhichTheFirstCounts) {
    const parsed input = parse("a: 1\nb: {c: 2, c: 3}\na: 4\n");
    ASSERT_TRUE(input.root);
    EXPECT_EQ(input.root->find("a")->text, "1");
    EXPECT_EQ(lines(input.problems), "f.yaml:2:11: key `c` is here a second time; the first is at line 2\n"
                                     "f.yaml:3:1: key `a` is here a second time; the first is at line 1\n");
}

TEST(YamlDocument, TakesATabThatIsNoIndentation) {
    EXPECT_TRUE(parse("a: \"x\ty\"\t# comment\n\t\nb: 1\n").problems.empty());
}

TEST(YamlSuggestion, FindsExchangedNeighboursAndBeginnings) {
    const std::vector<std::string_view> words{"opcs4", "main", "warning"};
    EXPECT_EQ(yaml::suggestion("opsc4", words), ", did you mean `opcs4`?");
    EXPECT_EQ(yaml::suggestion("mian", words), ", did you mean `main`?");
    EXPECT_EQ(yaml::suggestion("warn", words), ", did you mean `warning`?");
    EXPECT_EQ(yaml::suggestion("wa", words), "");
    EXPECT_EQ(yaml::suggestion("i10", words), "");
}

TEST(YamlDocument, KeepsItsLimits) {
    const yaml::limits small{.bytes_max = 30, .depth_max = 3, .nodes_max = 6};
    EXPECT_TRUE(parse("a: [[1, 2]]", small).root);
    EXPECT_EQ(lines(parse("a: [[[1]]]", small).problems), "f.yaml:1:6: nested more than 3 levels deep\n");
    EXPECT_TRUE(parse("[1, 2, 3, 4, 5]", small).root);
    EXPECT_EQ(lines(parse("[1, 2, 3, 4, 5, 6]", small).problems),
              "f.yaml:1:1: more than 6 values in one file\n");
    EXPECT_TRUE(parse(std::string(30, 'x'), small).root);
    EXPECT_EQ(lines(parse(std::string(31, 'x'), small).problems), "f.yaml: larger than 30 bytes\n");
}

TEST(YamlDocument, LoadsFilesAndSaysWhichCannotBeRead) {
    const auditgate::test::temporary_folder folder;
    auditgate::test::write_file(folder.path() / "good.yaml", "a: 1\n");
    auditgate::test::write_file(folder.path() / "empty.yaml", "");
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink("x.yaml", problems);
    EXPECT_TRUE(yaml::load(folder.path() / "good.yaml", sink));
    EXPECT_TRUE(yaml::load(folder.path() / "empty.yaml", sink));
    EXPECT_TRUE(problems.empty());
    EXPECT_FALSE(yaml::load(folder.path() / "missing.yaml", sink));
    EXPECT_EQ(lines(problems), "x.yaml: cannot be read: No such file or directory\n");
}

TEST(YamlMapReader, ReadsTypedValues) {
    enum class colour { red, green };
    const std::string_view text = "port: 2575\nwait: 30s\nframe: 64MB\nexact: 64MiB\non: true\nfactor: 0.1\n"
                                  "paint: green\ncodes: [A, B]\none: C\nempty:\n";
    const std::string problems = problems_of(text, [](yaml::map_reader& reader) {
        EXPECT_EQ(reader.integer("port", 1, 65535), 2575);
        EXPECT_EQ(reader.duration_or("wait", 0ms), 30s);
        EXPECT_EQ(reader.size_or("frame", 0), 64'000'000u);
        EXPECT_EQ(reader.size_or("exact", 0), 67'108'864u);
        EXPECT_TRUE(reader.boolean_or("on", false));
        EXPECT_DOUBLE_EQ(reader.number_or("factor", 0), 0.1);
        EXPECT_EQ(reader.choice<colour>("paint", {{"red", colour::red}, {"green", colour::green}}),
                  colour::green);
        EXPECT_EQ(reader.texts("codes"), (std::vector<std::string>{"A", "B"}));
        EXPECT_EQ(reader.texts("one"), std::vector<std::string>{"C"});
        EXPECT_EQ(reader.text_or("empty", "default"), "default");
        EXPECT_EQ(reader.integer_or("absent", 7, 0, 9), 7);
    });
    EXPECT_EQ(problems, "");
}

TEST(YamlMapReader, TellsEveryProblemWithItsPlace) {
    const std::string problems =
        problems_of("prot: 1\nwait: soon\nsize: 5 apples\non: yes\nn: 70000\nword: gren\n"
                    "name: [a]\nquoted: \"5\"\n",
                    [](yaml::map_reader& reader) {
                        (void)reader.integer("port", 1, 65535);
                        (void)reader.duration_or("wait", 0ms);
                        (void)reader.size_or("size", 0);
                        (void)reader.boolean_or("on", false);
                        (void)reader.integer_or("n", 0, 1, 65535);
                        (void)reader.choice<int>("word", {{"red", 1}, {"green", 2}});
                        (void)reader.text("name");
                        (void)reader.integer_or("quoted", 0, 0, 9);
                    });
    EXPECT_EQ(problems,
              "f.yaml:1:1: the file needs `port`\n"
              "f.yaml:2:7: `wait` must be a length of time such as 250ms, 30s, 5m, 12h or 90d, not `soon`\n"
              "f.yaml:3:7: `size` must be a size such as 512, 64kB, 16MB, 2GB or 64MiB, not `5 apples`\n"
              "f.yaml:4:5: `on` must be true or false, not `yes`\n"
              "f.yaml:5:4: `n` must be a whole number from 1 to 65535, not `70000`\n"
              "f.yaml:6:7: `word` must be one of `red`, `green`, not `gren`, did you mean `green`?\n"
              "f.yaml:7:7: `name` must be a text, not a list\n"
              "f.yaml:8:9: `quoted` must be a whole number from 0 to 9, not `5`\n"
              "f.yaml:1:1: unknown key `prot` in the file, did you mean `port`?\n");
}

TEST(YamlMapReader, SaysSoWhenItIsNoMap) {
    EXPECT_EQ(problems_of("[1, 2]", [](yaml::map_reader& reader) { (void)reader.text("name"); }),
              "f.yaml:1:1: the file must be a map of keys and values, not a list\n");
}

TEST(YamlMapReader, RefusesDurationsAndSizesThatDoNotFit) {
    const std::string problems = problems_of("wait: 99999999999999999999s\nsize: 9223372036854775807GB\n",
                                             [](yaml::map_reader& reader) {
                                                 (void)reader.duration_or("wait", 0ms);
                                                 (void)reader.size_or("size", 0);
                                             });
    EXPECT_NE(problems.find("f.yaml:1:7: `wait`"), std::string::npos);
    EXPECT_NE(problems.find("f.yaml:2:7: `size`"), std::string::npos);
}

} // namespace
