// Reads every public message as `auditgate explain` does: none crashes, and what became of each segment is counted and held
// against the reviewed table beside this file, so that a reader that stops reading something shows.
#include "gateway/cli/explanation.hpp"
#include "hl7v2/batch.hpp"
#include "hl7v2/message.hpp"
#include "mapping/terminology/load.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <map>
#include <sstream>

namespace auditgate::gateway::cli {
namespace {

std::vector<std::string> corpus_messages() {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> messages;
    const auto folder = test::corpus_folder();
    if (!folder || !std::filesystem::is_directory(*folder / "hl7v2")) {
        return messages;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder / "hl7v2")) {
        const std::string extension = entry.path().extension().string();
        if (entry.is_regular_file() && extension != ".md" && extension != ".json") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& file : files) {
        const std::string bytes = test::read_file(file);
        const hl7v2::batch_result split = hl7v2::split_batch(bytes);
        if (split.messages.size() <= 1 && split.batches == 0) {
            messages.push_back(bytes);
            continue;
        }
        for (const auto& each : split.messages) {
            messages.push_back(bytes.substr(each.offset, each.size));
        }
    }
    return messages;
}

// ADT, ORU ... of "ADT^A08, HL7 v2.5, 7 segments, UTF-8".
std::string family_of(const explanation& of) {
    const std::string family = of.title.substr(0, of.title.find_first_of("^,"));
    return family.size() == 3 ? family : "other";
}

struct tally {
    std::map<std::string, std::map<std::string, std::size_t>> segments; // by name, by class
    std::map<std::string, std::map<std::string, std::size_t>> facts;    // by family, by kind
    std::map<std::string, std::size_t> uses;
    std::size_t messages = 0, unreadable = 0, parts = 0;

    void add(const explanation& of) {
        ++messages;
        unreadable += of.parts.empty() ? 1U : 0U;
        for (const explained_part& part : of.parts) {
            ++parts;
            ++uses[part.use];
            const bool is_line = part.name.starts_with('#'); // no segment
            ++segments[is_line ? "(no segment)" : part.name][part.use];
        }
        for (const explained_fact& fact : of.facts) {
            ++facts[family_of(of)][fact.kind];
        }
    }

    [[nodiscard]] std::string text() const {
        std::ostringstream out;
        out << messages << " messages, " << unreadable << " cannot be read, " << parts << " segments\n\n";
        for (const auto& [use, count] : uses) {
            out << std::left << std::setw(18) << use << std::right << std::setw(6) << count << std::setw(7)
                << std::fixed << std::setprecision(1)
                << 100.0 * static_cast<double>(count) / static_cast<double>(parts) << " %\n";
        }
        out << "\nsegments\n";
        for (const auto& [name, by_use] : segments) {
            out << name;
            for (const auto& [use, count] : by_use) {
                out << "  " << use << ' ' << count;
            }
            out << '\n';
        }
        out << "\nfacts\n";
        for (const auto& [family, by_kind] : facts) {
            out << family;
            for (const auto& [kind, count] : by_kind) {
                out << "  " << kind << ' ' << count;
            }
            out << '\n';
        }
        return out.str();
    }
};

class Hl7v2Explained : public testing::Test {
protected:
    void SetUp() override {
        messages_ = corpus_messages();
        if (messages_.empty()) {
            GTEST_SKIP() << "no folder of public messages (set AUDITGATE_CORPUS)";
        }
        loaded_ = mapping::load_terminology(test::source_folder() / "config/terminology");
        ASSERT_TRUE(loaded_.loaded);
        rules_.codes = loaded_.loaded.get();
    }

    std::vector<std::string> messages_;
    mapping::terminology_load loaded_;
    reading_rules rules_;
};

TEST_F(Hl7v2Explained, WhatBecameOfEachSegmentIsThatOfTheReviewedTable) {
    tally all;
    for (const std::string& each : messages_) {
        all.add(explain_message(each, false, rules_));
    }
    const std::string got = all.text();
    std::cout << got.substr(0, got.find("\nsegments"));
    if (std::getenv("AUDITGATE_CORPUS") != nullptr) {
        GTEST_SKIP() << "AUDITGATE_CORPUS is set: the table is that of the project's own folder of messages";
    }
    EXPECT_EQ(got, test::read_file(test::source_folder() / "tests/conformance/hl7v2_corpus_classes.txt"));
}

TEST_F(Hl7v2Explained, EverySegmentThatGaveNothingSaysWhy) {
    for (const std::string& bytes : messages_) {
        const explanation found = explain_message(bytes, false, rules_);
        for (const explained_part& part : found.parts) {
            EXPECT_TRUE(part.use == "read" || !part.notes.empty()) << found.title << ": " << part.path;
            EXPECT_TRUE(part.use != "read" || part.facts > 0 || part.name.size() == 3) << part.path;
        }
    }
}

TEST_F(Hl7v2Explained, NoReasonHoldsANameOrANumberOfThePatient) {
    for (const std::string& bytes : messages_) {
        const hl7v2::parse_result read = hl7v2::message::parse(bytes);
        if (!read.value) {
            continue;
        }
        const std::vector<std::string> secrets = {read.value->segment("PID").field(5).component(1).text(),
                                                  read.value->segment("PID").field(3).component(1).text()};
        for (const explained_part& part : explain_message(bytes, false, rules_).parts) {
            for (const explained_note& note : part.notes) {
                for (const std::string& secret : secrets) {
                    EXPECT_TRUE(secret.size() < 6 ||
                                (note.path + note.text).find(secret) == std::string::npos)
                        << part.path;
                }
            }
        }
    }
}

} // namespace
} // namespace auditgate::gateway::cli
