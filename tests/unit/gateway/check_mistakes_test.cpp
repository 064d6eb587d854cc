// What `auditgate check` says about mistakes of every kind of file: each is made by a small edit of the shipped
// configuration, and the messages are those of tests/data/check-mistakes.txt. After a change of a message, or of the lines
// of a shipped file, write the table anew and read what changed:
//
//   AUDITGATE_WRITE_EXPECTED=1 build/dev/test_gateway --gtest_filter='CheckMistakes.*'; git diff tests/data
#include "gateway/acceptance/golden_case.hpp"
#include "gateway/config/configuration.hpp"
#include "gateway/registry/registry_config.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace auditgate::gateway {
namespace {

namespace fs = std::filesystem;

struct mistake {
    std::string_view title;
    std::string_view file; // of the configuration folder
    std::string_view from; // the last place where it stands is replaced
    std::string_view to;
};

constexpr std::string_view destinations = R"(
destinations:
  - name: registry
    url: https://registry.example.nhs.uk/fhir
    token_file: token
    dataset: nice-rfa-spinal-metastases
    key_id: registry-2026
    key_file: registry.key
    opt_out: exempt
    exemption_reference: 26/CAG/0001
    procedures_from: 2026-04-01
    coarsen:
      days: week
)";

constexpr std::string_view golden_case = R"(title: A case
spec: section 2
steps:
  - receive: [01-adt.hl7]
    as_of: 2026-04-30
)";

constexpr std::string_view gateway = "gateway.yaml";
constexpr std::string_view dataset = "datasets/nice-rfa-spinal-metastases.yaml";
constexpr std::string_view feed = "feed/nice-rfa-spinal-metastases.yaml";
constexpr std::string_view profile = "sources/default.yaml";
constexpr std::string_view terms = "terminology/terminology.yaml";
constexpr std::string_view registry_file = "registry.yaml";
constexpr std::string_view case_file = "case/case.yaml";

const std::vector<mistake>& mistakes() {
    static const std::vector<mistake> all = {
        {"a key misspelt", gateway, "    port: 2575", "    prot: 2575"},
        {"a key that there is not", gateway, "log: info", "colour: blue"},
        {"a key twice", gateway, "log: info", "log: info\nlog: debug"},
        {"a number in words", gateway, "io_threads: 2", "io_threads: two"},
        {"a port out of range", gateway, "port: 2575",
         "port: 25755"
         "0"},
        {"a length of time in words", gateway, "idle: 12h", "idle: 12 hours"},
        {"a size in bits", gateway, "frame: 64MB", "frame: 64Mb"},
        {"a size out of range", gateway, "frame: 64MB", "frame: 64"},
        {"a word that is none of those there are", gateway, "log: info", "log: warn"},
        {"a tab", gateway, "  address: 127.0.0.1", "\taddress: 127.0.0.1"},
        {"a bracket not closed", gateway, "datasets:\n    - datasets/nice-rfa-spinal-metastases.yaml",
         "datasets: [datasets/nice-rfa-spinal-metastases.yaml"},
        {"a map where one value is expected", gateway, "log: info", "log: {level: info}"},
        {"a name twice", gateway, "  - name: hospital", "  - name: hospital\n  - name: hospital"},
        {"a source of a listener that there is not", gateway, "listener: main", "listener: mian"},
        {"a source profile that there is not", gateway, "sources/default.yaml", "sources/defualt.yaml"},
        {"a dataset file that there is not", gateway, "    - datasets/nice-rfa", "    - datasets/nice-raf"},
        {"a layout file that there is not", gateway, "    - feed/nice-rfa", "    - feed/nice-raf"},
        {"a folder of terminology that there is not", gateway, "terminology: terminology",
         "terminology: terms"},
        {"an opioid table that there is not", gateway, "ome_table: uk", "ome_table: ukk"},
        {"a time zone that there is not", gateway, "time_zone: Europe/London", "time_zone: Europe/Londn"},
        {"a destination of an unknown dataset", gateway, "dataset: nice-rfa-spinal-metastases",
         "dataset: nice-rfa-spinal-metastasis"},
        {"a destination without the name of its keys", gateway, "    key_id: registry-2026\n", ""},
        {"a key file that there is not", gateway, "key_file: registry.key", "key_file: registry.kye"},
        {"a token file that there is not", gateway, "token_file: token", "token_file: tokens"},
        {"a key file with something else", "registry.key", "00", "zz"},
        {"a registry outside without encryption", gateway, "url: https://", "url: http://"},
        {"an exemption without its reference", gateway, "    exemption_reference: 26/CAG/0001\n", ""},
        {"opt-outs that apply without their files", gateway, "opt_out: exempt", "opt_out: apply"},
        {"a date that there is not", gateway, "procedures_from: 2026-04-01", "procedures_from: 2026-02-30"},
        {"a coarsening that there is not", gateway, "days: week", "days: month"},
        {"a folder of files that there is not", gateway, "# What the messages mean.",
         "directories:\n  - {name: coding, path: coding}\n\n# What the messages mean."},
        {"a directory of an unknown source", gateway, "# What the messages mean.",
         "directories:\n  - {name: coding, path: ., source: hopsital}\n\n# What the messages mean."},
        {"messages that go before they can be repeated", gateway, "journal: 90d", "journal: 5d"},
        {"a time of retention that is no whole days", gateway, "journal: 90d", "journal: 36h"},
        {"a retention that is longer for what is done with", gateway, "unsettled: 400d", "unsettled: 40d"},
        {"several mistakes at once", gateway, "    port: 2575\n    limits:\n      frame: 64MB",
         "    port: none\n    limits:\n      frane: 64MB"},

        {"an unknown code system", dataset, "[OPCS4|Z66.*]", "[OPSC4|Z66.*]"},
        {"an unknown value set", dataset, "value-set:cement-kyphoplasty", "value-set:cement-kyphoplasti"},
        {"an unknown code set", dataset, "site_codes: [site-opcs4]", "site_codes: [site-opcs]"},
        {"a * in the middle of a code", dataset, "OPCS4|Z66.*", "OPCS4|Z*6"},
        {"a range of codes backwards", dataset, "I10|C00-C97", "I10|C97-C00"},
        {"a window backwards", dataset, "window: [21, 45]", "window: [45, 21]"},
        {"a window of one day", dataset, "window: [21, 45]", "window: [21]"},
        {"a time point twice", dataset, "name: M3", "name: M1"},
        {"no baseline", dataset, ", baseline: true", ""},
        {"a word that the item does not have", dataset, "kyphoplasty: [value", "kyphoplasti: [value"},
        {"a value that no instrument has", dataset, "leading: worst", "leading: worts"},
        {"a derivation that there is not", dataset, "derive: latest-number", "derive: last-number"},
        {"a key that the derivation does not take", dataset, "derive: last-contact,",
         "derive: last-contact, otherwise: unknown,"},
        {"an item about an unknown item", dataset, "of: procedure.cement", "of: procedure.cemnet"},
        {"an item twice", dataset, "name: route", "name: access"},
        {"an item without its de-identification", dataset, ", bounds: [0, 4], deidentification: keep",
         ", bounds: [0, 4]"},
        {"bounds that do not ascend", dataset, "[7, 30, 90,", "[7, 90, 30,"},
        {"facts that go before a window reads them", dataset, "dated_items: 180d", "dated_items: 60d"},
        {"a report on a value that there is not", dataset, "value: pain.worst, label",
         "value: pain.worts, label"},
        {"a share of a word that the item does not have", dataset, "word: \"true\"", "word: \"ture\""},
        {"a value without its meaning", dataset, "      worst: Pain at its worst, 0 (none) to 10\n", ""},
        {"a setting that drops an unknown item", dataset, "items: [selection.primary_tumour]",
         "items: [selection.primary_tumor]"},
        {"an exclusion by conditions misspelt", dataset, "unless: [", "unles: ["},

        {"a dataset version without a layout", feed, "dataset_versions: [1.0.0]",
         "dataset_versions: [0.9.0]"},
        {"a layout without versions", feed, "dataset_versions: [1.0.0]\n", ""},
        {"an item without a place", feed, "  - {item: selection.ecog, type: integer, in: selection}\n", ""},
        {"a place for a misspelt item", feed, "item: selection.ecog,", "item: selection.egoc,"},
        {"a place in an unknown resource", feed, "type: integer, in: selection}",
         "type: integer, in: selektion}"},
        {"a resource twice", feed, "name: metastasis, type", "name: primary-tumour, type"},

        {"a kind of set that there is not", profile, "sets: by-version", "sets: by-versions"},
        {"an unknown key among the identifiers", profile, "nhs_types:", "nhs_type:"},
        {"a table without a key", profile, "fhir_dispenses: not-read",
         "fhir_dispenses: not-read\ntable:\n  name: coding\n  patient: {nhs_number: NHS_NUMBER}\n  date: "
         "DAY\n  events:\n    - {tells: condition, columns: DIAG, system: I10}"},

        {"a file of the terminology that there is not", terms, "value-sets/safety.csv",
         "value-sets/safty.csv"},
        {"a file of the terminology that is not named", terms, "  - concept-maps/answers.csv\n", ""},
        {"a column misspelt", "terminology/value-sets/safety.csv", "value_set,system,", "valueset,system,"},
        {"a row with a cell too few", "terminology/ome/uk.csv", "morphine,oral,mg,1,,verified,",
         "morphine,oral,mg"},
        {"a row with a cell too many", "terminology/ome/uk.csv", "oral,mg,1.5,", "oral,mg,1,5,"},
        {"a factor that is no number", "terminology/ome/uk.csv", "tapentadol,oral,mg,0.4",
         "tapentadol,oral,mg,0.4x"},
        {"a factor per an unknown unit", "terminology/ome/uk.csv", "tapentadol,oral,mg", "tapentadol,oral,g"},
        {"a factor twice", "terminology/ome/uk.csv", "codeine,oral,mg,0.1,,verified,\ndihydrocodeine",
         "dihydrocodeine,oral,mg,0.1,,verified,\ndihydrocodeine"},
        {"a map to an unknown drug", "terminology/concept-maps/drugs.csv", ",,morphine,", ",,morphin,"},
        {"a map to an unknown site", "terminology/concept-maps/sites.csv", ",,L3,", ",,L33,"},
        {"a code of an unknown system", "terminology/value-sets/safety.csv", "safety-infection,I10",
         "safety-infection,I01"},
        {"a status that there is not", "terminology/value-sets/safety.csv", ",unverified,", ",unverifed,"},

        {"a sender twice", registry_file, "senders:\n",
         "senders:\n  - {name: demo-hospital, token_file: t, provider_orgs: [RXX]}\n"},
        {"a sender of no organisation", registry_file, "    provider_orgs: [RXX]\n", ""},
        {"a key of the registry misspelt", registry_file, "slow_request:", "slow_requests:"},

        {"a step without its date", case_file, "    as_of: 2026-04-30\n", ""},
        {"a date of a step in another form", case_file, "2026-04-30", "30.04.2026"},
    };
    return all;
}

class broken_configuration {
public:
    broken_configuration() {
        fs::copy(test::source_folder() / "config", folder_.path(), fs::copy_options::recursive);
        const fs::path file = folder_.path() / gateway;
        test::write_file(file, test::read_file(file) + std::string(destinations));
        test::write_file(folder_.path() / "token", "word");
        test::write_file(folder_.path() / "registry.key", std::string(64, '0'));
        fs::create_directory(folder_.path() / "case");
        test::write_file(folder_.path() / case_file, golden_case);
    }

    void make(const mistake& one) const {
        const fs::path file = folder_.path() / one.file;
        std::string text = test::read_file(file);
        const std::size_t at = text.rfind(one.from); // the last: what is commented out stands before
        if (at == std::string::npos)
            throw std::runtime_error(std::string(one.file) + " does not hold: " + std::string(one.from));
        test::write_file(file, text.replace(at, one.from.size(), one.to));
    }

    // What is printed, a problem a line, with paths from the configuration folder.
    [[nodiscard]] std::string problems(std::string_view of_file) const {
        std::vector<mapping::yaml::problem> found;
        if (of_file == registry_file)
            found = registry::load_registry_config(folder_.path() / registry_file).problems;
        else if (of_file == case_file)
            found = acceptance::load_golden_case(folder_.path() / "case").problems;
        else
            found = check_configuration(folder_.path() / gateway).problems;
        std::string text;
        for (const mapping::yaml::problem& one : found)
            text += "  " + to_string(one) + '\n';
        const std::string here = folder_.path().string() + '/';
        for (std::size_t at = text.find(here); at != std::string::npos; at = text.find(here, at))
            text.erase(at, here.size());
        return text;
    }

private:
    test::temporary_folder folder_;
};

TEST(CheckMistakes, NothingIsWrongBeforeAMistakeIsMade) {
    const broken_configuration untouched;
    for (const std::string_view file : {gateway, registry_file, case_file})
        EXPECT_EQ(untouched.problems(file), "") << file;
}

TEST(CheckMistakes, EachIsToldWithFileLineWhatIsWrongAndWhatWasMeant) {
    std::string actual = "# What `auditgate check` prints about mistakes: "
                         "tests/unit/gateway/check_mistakes_test.cpp makes them.\n";
    for (const mistake& one : mistakes()) {
        const broken_configuration broken;
        broken.make(one);
        const std::string told = broken.problems(one.file);
        EXPECT_NE(told, "") << one.title << ": nothing is told";
        actual += '\n' + std::string(one.title) + '\n' + told;
    }
    const fs::path table = test::source_folder() / "tests/data/check-mistakes.txt";
    if (std::getenv("AUDITGATE_WRITE_EXPECTED") != nullptr)
        test::write_file(table, actual);
    EXPECT_EQ(actual, test::read_file(table));
}

} // namespace
} // namespace auditgate::gateway
