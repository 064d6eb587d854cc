#include "gateway/config/configuration.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

using namespace auditgate::gateway;

namespace {

namespace fs = std::filesystem;

// The configuration that ships, as somebody's own copy.
class Configuration : public testing::Test {
protected:
    Configuration() {
        fs::copy(auditgate::test::source_folder() / "config", folder_.path(), fs::copy_options::recursive);
    }

    configuration_load load() { return check_configuration(folder_.path() / "gateway.yaml"); }
    void append(const fs::path& file, const std::string& text) {
        const fs::path path = folder_.path() / file;
        auditgate::test::write_file(path, auditgate::test::read_file(path) + text);
    }

    void replace(const fs::path& file, const std::string& what, const std::string& by) {
        std::string text = auditgate::test::read_file(folder_.path() / file);
        ASSERT_NE(text.find(what), std::string::npos) << what;
        auditgate::test::write_file(folder_.path() / file, text.replace(text.find(what), what.size(), by));
    }
    std::vector<std::string> problems() {
        std::vector<std::string> all;
        for (const auto& one : load().problems)
            all.push_back(to_string(one));
        return all;
    }

    const std::string destination = "destinations:\n"
                                    "  - name: registry\n"
                                    "    url: https://registry.example/fhir\n"
                                    "    key_id: k\n"
                                    "    opt_out: exempt\n"
                                    "    exemption_reference: test\n";
    auditgate::test::temporary_folder folder_;
};

TEST_F(Configuration, ThatShipsIsRight) {
    const configuration_load found = load();
    ASSERT_TRUE(found.loaded) << to_string(found.problems.at(0));
    EXPECT_EQ(found.loaded->layouts.size(), 1u);
    EXPECT_EQ(found.loaded->mapping->profiles.count("hospital"), 1u);
    EXPECT_EQ(found.loaded->mapping->definitions.size(), 1u);
}

// As the file offers it: the lines of the second dataset without their comment signs.
TEST_F(Configuration, TakesTheOtherDatasetThatShipsBesideTheFirst) {
    replace("gateway.yaml", "    # - datasets/nice-rfa-vertebral", "    - datasets/nice-rfa-vertebral");
    append("gateway.yaml", destination + "    coarsen: {levels: region, tumour: common}\n");
    EXPECT_THAT(problems(), testing::ElementsAre(testing::HasSubstr(
                                "layout of dataset `nice-rfa-vertebral-augmentation` version 1.0.0")));
    replace("gateway.yaml", "    # - feed/nice-rfa-vertebral", "    - feed/nice-rfa-vertebral");
    const configuration_load found = load();
    ASSERT_TRUE(found.loaded) << to_string(found.problems.at(0));
    EXPECT_EQ(found.loaded->layouts.size(), 2u);
    EXPECT_EQ(found.loaded->mapping->definitions.size(), 2u);
}

TEST_F(Configuration, TellsASettingOfCoarseningThatNoDatasetHas) {
    append("gateway.yaml", destination + "    coarsen: {level: region, tumour: comon}\n");
    EXPECT_THAT(problems(),
                testing::ElementsAre(
                    testing::HasSubstr("`tumour` must be one of `all`, `common`, did you mean `common`?"),
                    testing::HasSubstr("unknown key `level` in coarsen, did you mean `levels`?")));
}

TEST_F(Configuration, HasAnotherRevisionWhenTheMappingChanges) {
    const std::string before = load().loaded->mapping->revision;
    EXPECT_EQ(load().loaded->mapping->revision, before);
    for (const char* file : {"gateway.yaml", "datasets/nice-rfa-spinal-metastases.yaml",
                             "sources/default.yaml", "terminology/units.csv"}) {
        const std::string last = load().loaded->mapping->revision;
        append(file, "# changed\n");
        ASSERT_TRUE(load().loaded) << file;
        EXPECT_NE(load().loaded->mapping->revision, last) << file;
    }
}

// What a destination may not see must not depend on a line that somebody forgot.
TEST_F(Configuration, TellsWhatIsMissingToCoarsenAsADestinationWants) {
    constexpr std::string_view destinations = R"(
destinations:
  - name: registry
    url: https://registry.example/fhir
    key_id: k1
    legal_basis: consent
    coarsen:
      levels: region
      age: 20
      ethnicity: 5+1
      tumour: common
      sex: binary-or-unknown
)";
    append("gateway.yaml", std::string(destinations));
    const configuration_load right = load();
    ASSERT_TRUE(right.loaded) << to_string(right.problems.at(0));
    const fs::path sites = folder_.path() / "terminology/value-sets/sites.csv";
    auditgate::test::write_file(sites, "value_set,system,code,status,note\n");
    const fs::path maps = folder_.path() / "terminology/concept-maps/coarsen.csv";
    std::string kept;
    std::istringstream lines(auditgate::test::read_file(maps));
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with("coarsen-age-20,") && !line.starts_with("coarsen-tumour-common,,*,") &&
            !line.starts_with("coarsen-sex-binary-or-unknown,,other,"))
            kept += line + '\n';
    auditgate::test::write_file(maps, kept);
    const configuration_load found = load();
    EXPECT_FALSE(found.loaded);
    const std::string text = auditgate::test::read_file(folder_.path() / "gateway.yaml");
    const auto line_of = [&](std::string_view setting) {
        return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.rfind(setting)),
                              '\n');
    };
    std::vector<std::string> told;
    for (const auto& one : found.problems)
        told.push_back(fs::path(one.file).filename().string() + ':' + std::to_string(one.line) + ' ' +
                       one.text);
    const auto has = [&](std::string_view setting, std::string_view problem) {
        const std::string wanted =
            "gateway.yaml:" + std::to_string(line_of(setting)) + ' ' + std::string(problem);
        return std::find(told.begin(), told.end(), wanted) != told.end();
    };
    EXPECT_TRUE(has("age: 20", "to coarsen `age` so, the terminology needs a map `coarsen-age-20`"));
    EXPECT_TRUE(has("tumour: common",
                    "to coarsen `tumour` so, the map `coarsen-tumour-common` of the terminology "
                    "needs a line for `thyroid`, a word of selection.primary_tumour"));
    EXPECT_TRUE(has("sex: binary",
                    "to coarsen `sex` so, the map `coarsen-sex-binary-or-unknown` of the terminology "
                    "needs a line for `other`, a word of patient.sex"));
    EXPECT_TRUE(has("levels: region",
                    "to coarsen `levels` so, the terminology needs a value set `site-codes` with "
                    "the codes that tell a site"));
    EXPECT_EQ(told.size(), 8u) << testing::PrintToString(told); // five kinds of tumour
}

TEST_F(Configuration, HasAnotherRevisionWithOtherKeysOfADestination) {
    append("gateway.yaml", destination + "    key_file: key\n");
    auditgate::test::write_file(folder_.path() / "key", std::string(64, 'a'));
    ASSERT_TRUE(load().loaded) << to_string(load().problems.at(0));
    const std::string before = load().loaded->mapping->revision;
    auditgate::test::write_file(folder_.path() / "key", std::string(64, 'b'));
    EXPECT_NE(load().loaded->mapping->revision, before);
}

TEST_F(Configuration, NeedsALayoutOfEveryDatasetThatIsSent) {
    replace("gateway.yaml", "    - feed/nice-rfa-spinal-metastases.yaml", "    []");
    EXPECT_TRUE(load().loaded) << "nothing is sent";
    append("gateway.yaml", destination);
    EXPECT_THAT(problems(),
                testing::ElementsAre(testing::MatchesRegex(
                    ".*/gateway.yaml:[0-9]+:5: no file in `feeds` is a layout of dataset "
                    "`nice-rfa-spinal-metastases` version 1.0.0: none of its records could be sent")));
}

TEST_F(Configuration, NeedsALayoutOfTheVersionThatIsSent) {
    append("gateway.yaml", destination);
    replace("feed/nice-rfa-spinal-metastases.yaml", "dataset_versions: [1.0.0]", "dataset_versions: [0.9.0]");
    EXPECT_THAT(problems(), testing::ElementsAre(testing::HasSubstr(
                                "none of its records could be sent; there is one of version 0.9.0")));
}

TEST_F(Configuration, NeedsTheFilesThatAreNamed) {
    append("gateway.yaml", destination + "    token_file: no-token\n    authorities: no-authorities\n");
    replace("gateway.yaml", "    port: 2575",
            "    port: 2575\n    tls: {certificate: no-certificate, key: no-key, client_authorities: none}");
    const std::string text = testing::PrintToString(problems());
    EXPECT_EQ(problems().size(), 5u) << text;
    for (const char* expected :
         {"gateway.yaml:25:24: `certificate`: ", "no-certificate cannot be read", "`key`: ",
          "`client_authorities`: ", "`token_file`: ", "no-token cannot be read", "`authorities`: "})
        EXPECT_THAT(text, testing::HasSubstr(expected));
}

TEST_F(Configuration, LooksIntoTheFilesThatAreNamed) {
    append("gateway.yaml", destination + "    token_file: token\n    authorities: authorities.pem\n");
    auditgate::test::write_file(folder_.path() / "token", " \n");
    auditgate::test::write_file(folder_.path() / "authorities.pem", "no certificate");
    EXPECT_THAT(problems(), testing::ElementsAre(testing::HasSubstr("authorities.pem holds no PEM text"),
                                                 testing::HasSubstr("token is empty")));
    auditgate::test::write_file(folder_.path() / "token", "word\n");
    auditgate::test::write_file(folder_.path() / "authorities.pem", "-----BEGIN CERTIFICATE-----\n");
    EXPECT_THAT(problems(), testing::IsEmpty());
}

TEST_F(Configuration, TellsWhereADestinationAsksForADatasetThatIsNotThere) {
    append("gateway.yaml", destination + "    dataset: other\n");
    EXPECT_THAT(problems(), testing::ElementsAre(testing::MatchesRegex(
                                ".*/gateway.yaml:[0-9]+:14: no file in `datasets` is of dataset `other`")));
}

TEST_F(Configuration, TakesTheWorkedExamplesOfTables) {
    fs::create_directories(folder_.path() / "inbox");
    replace("gateway.yaml", "\n# Folders whose files are messages",
            "\n  - {name: coding, profile: sources/coding-extract.yaml}\n"
            "  - {name: proms, profile: sources/proms-export.yaml}\n"
            "directories:\n  - {name: coding, path: inbox, source: coding}\n\n# Folders whose files are "
            "messages");
    EXPECT_THAT(problems(), testing::IsEmpty());
}

TEST_F(Configuration, TellsAMisspeltCodeSystemOfATableAndAFolderThatIsNotThere) {
    replace("sources/coding-extract.yaml", "system: OPCS4", "system: OPCS44");
    replace("gateway.yaml", "\n# Folders whose files are messages",
            "\n  - {name: coding, profile: sources/coding-extract.yaml}\n"
            "directories:\n  - {name: coding, path: nowhere, source: coding}\n\n# Folders whose files are "
            "messages");
    EXPECT_THAT(
        problems(),
        testing::ElementsAre(
            testing::HasSubstr("no file of the terminology knows the code system `OPCS44`, did you mean"),
            testing::HasSubstr("directory `coding`: there is no folder")));
}

TEST_F(Configuration, TellsFoldersAndListsOfTheOptOutThatAreNotThere) {
    const std::string lists = "    opt_out_files:\n"
                              "      request: asked/request.csv\n"
                              "      response: answered/response.csv\n"
                              "      dissent: answered/dissent.csv\n";
    std::string applies = destination;
    applies.replace(applies.find("exempt"), applies.size(), "apply\n");
    append("gateway.yaml", applies + lists);
    EXPECT_THAT(problems(),
                testing::ElementsAre(
                    testing::MatchesRegex(".*/gateway.yaml:[0-9]+:7: `request`: there is no folder "
                                          ".*/asked; make it for the gateway's user .*"),
                    testing::HasSubstr("`response`: there is no folder "),
                    testing::MatchesRegex(".*`dissent`: there is no file .*/answered/dissent.csv: without it "
                                          "every new or changed record is held")));
    fs::create_directories(folder_.path() / "asked");
    fs::create_directories(folder_.path() / "answered");
    auditgate::test::write_file(folder_.path() / "answered/dissent.csv", "");
    EXPECT_THAT(problems(), testing::IsEmpty()) << "the first answer comes later";
}

TEST_F(Configuration, AskForNoFolderOfAnOptOutThatDoesNotApply) {
    append("gateway.yaml",
           destination + "    opt_out_files: {request: asked/a.csv, response: asked/b.csv}\n");
    EXPECT_THAT(problems(), testing::IsEmpty());
}

TEST_F(Configuration, TellsFoldersAndListsThatMayNotBeWrittenOrRead) {
    if (::geteuid() == 0)
        GTEST_SKIP() << "the superuser may write everywhere";
    for (const char* folder : {"asked", "answered", "inbox/done"})
        fs::create_directories(folder_.path() / folder);
    auditgate::test::write_file(folder_.path() / "answered/response.csv", "");
    fs::permissions(folder_.path() / "asked", fs::perms::owner_read | fs::perms::owner_exec);
    fs::permissions(folder_.path() / "inbox/done", fs::perms::owner_read | fs::perms::owner_exec);
    fs::permissions(folder_.path() / "answered/response.csv", fs::perms::none);
    replace("gateway.yaml", "\n# Folders whose files are messages",
            "\n  - {name: coding, profile: sources/coding-extract.yaml}\n"
            "directories:\n  - {name: coding, path: inbox, source: coding}\n\n# Folders whose files are "
            "messages");
    std::string applies = destination;
    applies.replace(applies.find("exempt"), applies.size(), "apply\n");
    append("gateway.yaml",
           applies + "    opt_out_files: {request: asked/a.csv, response: answered/response.csv}\n");
    EXPECT_THAT(problems(),
                testing::ElementsAre(testing::HasSubstr("/inbox/done cannot be written by the user"),
                                     testing::HasSubstr("/asked cannot be written by the user"),
                                     testing::HasSubstr("/answered/response.csv cannot be read")));
    fs::permissions(folder_.path() / "asked", fs::perms::owner_all);
    fs::permissions(folder_.path() / "inbox/done", fs::perms::owner_all);
}

TEST_F(Configuration, TellsTheProblemsOfEveryFile) {
    append("sources/default.yaml", "colour: red\n");
    append("datasets/nice-rfa-spinal-metastases.yaml", "colour: red\n");
    const configuration_load found = load();
    EXPECT_FALSE(found.loaded);
    EXPECT_EQ(found.problems.size(), 2u);
}

} // namespace
