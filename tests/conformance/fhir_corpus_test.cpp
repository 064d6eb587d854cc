// Every public FHIR file through `auditgate explain`: none is too odd for it, and what becomes of its elements is written down
// in fhir-expected.csv. Also: what changes the facts when it is taken away is said to be read.
#include "fhir/json.hpp"
#include "fhir/ndjson.hpp"
#include "fhir/xml.hpp"
#include "gateway/cli/explanation.hpp"
#include "mapping/read/fhir_element_use.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace auditgate::gateway {
namespace {

namespace fs = std::filesystem;
namespace json = fhir::json;

constexpr std::array<std::string_view, 4> uses = {"read", "unused", "unknown", "unreadable"};

// Lines of text that are no FHIR: lists that were made beside the files, and forms of primitives.
bool is_resource_file(const fs::path& file) {
    const std::string name = file.filename().string();
    return (file.extension() == ".json" || file.extension() == ".xml" || file.extension() == ".ndjson") &&
           name != "validator-cases.json" && name != "expected.json" &&
           file.parent_path().filename() != "google-fhir-primitives";
}

class FhirCorpus : public testing::Test {
protected:
    void SetUp() override {
        const auto folder = test::corpus_folder();
        if (!folder || !fs::is_directory(*folder / "fhir"))
            GTEST_SKIP() << "no folder of public resources";
        if (std::getenv("AUDITGATE_CORPUS") != nullptr)
            GTEST_SKIP() << "AUDITGATE_CORPUS is set: the table is that of the project's own folder";
        corpus_ = *folder / "fhir";
        for (const auto& entry : fs::recursive_directory_iterator(corpus_))
            if (entry.is_regular_file() && is_resource_file(entry.path()))
                files_.push_back(entry.path());
        std::sort(files_.begin(), files_.end());
    }

    fs::path corpus_;
    std::vector<fs::path> files_;
};

struct counted {
    std::size_t facts = 0;
    std::map<std::string, std::size_t> of_use;
    std::set<std::string> findings;
};

std::string table_line(const std::string& file, const counted& of) {
    std::string line = file + ',' + std::to_string(of.facts);
    for (const std::string_view use : uses) {
        const auto found = of.of_use.find(std::string(use));
        line += ',' + std::to_string(found == of.of_use.end() ? 0 : found->second);
    }
    line += ',';
    for (const std::string& code : of.findings)
        line += (line.back() == ',' ? "" : " ") + code;
    return line;
}

std::vector<std::string> expected_lines() {
    std::vector<std::string> lines;
    const std::string table = test::read_file(test::source_folder() / "tests/conformance/fhir-expected.csv");
    for (std::size_t at = 0; at < table.size();) {
        const std::size_t end = std::min(table.find('\n', at), table.size());
        std::string line = table.substr(at, end - at);
        if (!line.empty() && !line.starts_with('#') && !line.starts_with("file,"))
            lines.push_back(std::move(line));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

void print_shares(const std::map<std::string, counted>& by_folder) {
    for (const auto& [folder, sum] : by_folder) {
        std::cout << "  " << folder << ": facts " << sum.facts;
        for (const auto& [use, count] : sum.of_use)
            std::cout << ", " << use << ' ' << count;
        std::cout << '\n';
    }
}

TEST_F(FhirCorpus, EveryElementIsReadKnownUnknownOrUnreadableAsTheTableSays) {
    std::vector<std::string> got;
    std::map<std::string, counted> by_folder;
    for (const fs::path& file : files_) {
        const cli::explanation found = cli::explain_message(test::read_file(file), false);
        const std::string name = fs::relative(file, corpus_).string();
        counted one;
        one.facts = found.facts.size();
        for (const cli::explained_element& element : found.elements)
            ++one.of_use[element.use];
        for (const cli::explained_finding& finding : found.findings)
            one.findings.insert(finding.code);
        for (const std::string& sum : {name.substr(0, name.find('/')), std::string("all")}) {
            by_folder[sum].facts += one.facts;
            for (const auto& [use, count] : one.of_use)
                by_folder[sum].of_use[use] += count;
        }
        got.push_back(table_line(name, one));
    }
    std::sort(got.begin(), got.end());
    const std::vector<std::string> expected = expected_lines();
    std::vector<std::string> missing, surplus;
    std::set_difference(expected.begin(), expected.end(), got.begin(), got.end(),
                        std::back_inserter(missing));
    std::set_difference(got.begin(), got.end(), expected.begin(), expected.end(),
                        std::back_inserter(surplus));
    for (const std::string& line : missing)
        ADD_FAILURE() << "expected: " << line;
    for (const std::string& line : surplus)
        ADD_FAILURE() << "got:      " << line;
    if (!missing.empty() || !surplus.empty()) {
        std::string table = "file,facts,read,unused,unknown,unreadable,findings\n";
        for (const std::string& line : got)
            table += line + '\n';
        const fs::path beside = fs::current_path() / "fhir-got.csv";
        test::write_file(beside, table);
        std::cout << "the table as it would be now: " << beside << '\n';
    }
    std::cout << got.size() << " files, " << missing.size() + surplus.size()
              << " differences to fhir-expected.csv\n";
    print_shares(by_folder);
}

// Takes elements away one by one and looks whether the facts change.
class element_remover {
public:
    element_remover(const json::value& document, std::string name)
        : document_(document), changed_(document), name_(std::move(name)), before_(read(document)),
          reports_(mapping::element_reports(document, before_, {})) {}

    void run() {
        // Of what gave nothing the resource itself tells why.
        if (!before_.events.empty())
            try_members(changed_, std::string(document_["resourceType"].text()));
    }
    [[nodiscard]] std::size_t removed() const { return removed_; }

private:
    static mapping::read_result read(const json::value& document) {
        const std::string text = json::write(document);
        return mapping::read_message({text, mapping::message_format::fhir_json, "m", {}}, {});
    }

    void try_members(json::value& holder, const std::string& path) {
        std::vector<std::string> names;
        for (const json::member& each : holder.members())
            names.push_back(each.name);
        for (const std::string& name : names) {
            json::value& content = *holder.find(name);
            if (!content.is_array()) {
                try_element(content, path + "." + name);
                continue;
            }
            std::size_t index = 0;
            for (json::value& one : content.items())
                try_element(one, path + "." + name + "[" + std::to_string(index++) + "]");
        }
    }

    void try_element(json::value& content, const std::string& path) {
        json::value kept = std::move(content);
        content = json::value(); // null is nothing
        ++removed_;
        const bool changes = read(changed_).events != before_.events;
        content = std::move(kept);
        if (!changes || path.ends_with(".resourceType"))
            return;
        EXPECT_TRUE(is_said_to_be_read(path)) << name_ << ": " << path;
        try_members(content, path);
    }

    [[nodiscard]] bool is_said_to_be_read(const std::string& path) const {
        return std::any_of(reports_.begin(), reports_.end(), [&](const mapping::element_report& one) {
            const bool is_below =
                one.path == path || one.path.starts_with(path + ".") || one.path.starts_with(path + "[");
            const bool is_above = path.starts_with(one.path + ".") && one.path.find('.') != std::string::npos;
            return one.use == mapping::part_use::used && (is_below || is_above);
        });
    }

    const json::value& document_;
    json::value changed_;
    std::string name_;
    mapping::read_result before_;
    std::vector<mapping::element_report> reports_;
    std::size_t removed_ = 0;
};

TEST_F(FhirCorpus, WhatChangesTheFactsIsSaidToBeRead) {
    constexpr std::size_t bytes_max = 20'000; // each element is a reading
    std::size_t removed = 0;
    for (const fs::path& file : files_) {
        const std::string bytes = test::read_file(file);
        if (bytes.size() > bytes_max || file.extension() == ".ndjson")
            continue;
        const json::parse_result parsed =
            file.extension() == ".xml" ? fhir::parse_xml(bytes) : json::parse(bytes);
        if (!parsed.document || (*parsed.document)["resourceType"].text() == "Bundle")
            continue;
        element_remover remover(*parsed.document, file.filename().string());
        remover.run();
        removed += remover.removed();
    }
    std::cout << removed << " elements taken away\n";
    EXPECT_GT(removed, 5000U);
}

} // namespace
} // namespace auditgate::gateway
