// Reads every public message and holds the library to what it says of them: nothing crashes, nothing is lost, and the
// findings are those of the reviewed table beside this file.
#include "hl7v2/acknowledgement.hpp"
#include "hl7v2/batch.hpp"
#include "hl7v2/check.hpp"
#include "hl7v2/message.hpp"
#include "hl7v2/timestamp.hpp"
#include "hl7v2/writer.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

namespace auditgate::hl7v2 {
namespace {

struct corpus_message {
    std::string where; // file, and #number where it holds several
    std::string bytes;
};

std::vector<std::filesystem::path> corpus_files() {
    std::vector<std::filesystem::path> files;
    const auto folder = test::corpus_folder();
    if (!folder || !std::filesystem::is_directory(*folder / "hl7v2")) {
        return files;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder / "hl7v2")) {
        const std::string extension = entry.path().extension().string();
        if (entry.is_regular_file() && extension != ".md" && extension != ".json") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string short_name(const std::filesystem::path& file) {
    return std::filesystem::relative(file, *test::corpus_folder() / "hl7v2").string();
}

std::vector<corpus_message> corpus_messages() {
    std::vector<corpus_message> messages;
    for (const std::filesystem::path& file : corpus_files()) {
        const std::string bytes = test::read_file(file);
        const batch_result split = split_batch(bytes);
        if (split.messages.size() <= 1 && split.batches == 0) {
            messages.push_back({short_name(file), bytes});
            continue;
        }
        for (std::size_t i = 0; i < split.messages.size(); ++i) {
            messages.push_back({short_name(file) + "#" + std::to_string(i + 1),
                                bytes.substr(split.messages[i].offset, split.messages[i].size)});
        }
    }
    return messages;
}

// Looks at every part of a message and counts the bytes of it that are in some part.
std::size_t visit_all(const message& read) {
    std::size_t bytes = 0;
    for (const segment_view segment : read) {
        for (const field_view field : segment.fields()) {
            for (const repetition_view repetition : field.repetitions()) {
                for (const component_view component : repetition.components()) {
                    for (const subcomponent_view part : component.subcomponents()) {
                        EXPECT_EQ(read.bytes().substr(part.offset(), part.raw().size()), part.raw());
                        static_cast<void>(part.text());
                        static_cast<void>(parse_timestamp(part.raw()));
                        bytes += part.raw().size();
                    }
                }
            }
        }
    }
    return bytes;
}

class Hl7v2Corpus : public testing::Test {
protected:
    void SetUp() override {
        messages_ = corpus_messages();
        if (messages_.empty()) {
            GTEST_SKIP() << "no folder of public messages (set AUDITGATE_CORPUS)";
        }
    }

    std::vector<corpus_message> messages_;
};

TEST_F(Hl7v2Corpus, EveryMessageIsReadAndEncodesByteForByte) {
    std::size_t read_count = 0;
    for (const corpus_message& each : messages_) {
        SCOPED_TRACE(each.where);
        const parse_result read = message::parse(each.bytes);
        if (!read.value) {
            EXPECT_TRUE(std::any_of(read.findings.begin(), read.findings.end(),
                                    [](const finding& found) { return found.level == severity::fatal; }));
            continue;
        }
        ++read_count;
        EXPECT_EQ(read.value->received(), each.bytes);
        EXPECT_EQ(message_writer(*read.value).encode(), each.bytes);
        EXPECT_LE(visit_all(*read.value), each.bytes.size());
    }
    RecordProperty("messages", static_cast<int>(messages_.size()));
    RecordProperty("read", static_cast<int>(read_count));
    std::cout << messages_.size() << " messages, " << read_count << " read\n";
}

TEST_F(Hl7v2Corpus, EveryMessageIsAnsweredWithItsOwnControlId) {
    for (const corpus_message& each : messages_) {
        SCOPED_TRACE(each.where);
        const message_header header = read_header(each.bytes);
        const std::string answer =
            build_acknowledgement(header, {acknowledgement_code::AA, {}, "1", "20240101"});
        const auto read = read_acknowledgement(answer);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->code, acknowledgement_code::AA);
        EXPECT_EQ(read->message_control_id, header.message_control_id);
        const parse_result whole = message::parse(each.bytes);
        if (whole.value) {
            EXPECT_EQ(header.message_control_id, whole.value->header().field(10).raw());
        }
    }
}

TEST_F(Hl7v2Corpus, NoFindingHoldsAValue) {
    for (const corpus_message& each : messages_) {
        const parse_result read = message::parse(each.bytes);
        if (!read.value) {
            continue;
        }
        const std::string name = read.value->segment("PID").field(5).component(1).text();
        for (const finding& found : check_content(*read.value)) {
            EXPECT_TRUE(name.size() < 4 || (found.text + found.path).find(name) == std::string::npos)
                << each.where;
        }
    }
}

// The table: one line a code, with the number of messages that have it; fatal ones with the messages' names.
TEST_F(Hl7v2Corpus, FindingsAreThoseOfTheReviewedTable) {
    if (std::getenv("AUDITGATE_CORPUS") != nullptr) {
        GTEST_SKIP() << "AUDITGATE_CORPUS is set: the table is that of the project's own folder of messages";
    }
    const auto table = test::source_folder() / "tests/conformance/hl7v2_corpus_findings.txt";
    std::map<std::string, std::size_t> counts;
    std::vector<std::string> refused;
    for (const corpus_message& each : messages_) {
        const parse_result read = message::parse(each.bytes);
        std::vector<finding> findings = read.findings;
        if (read.value) {
            const std::vector<finding> inside = check_content(*read.value);
            findings.insert(findings.end(), inside.begin(), inside.end());
        }
        std::vector<std::string> codes;
        for (const finding& found : findings) {
            codes.push_back(std::string(to_string(found.level)) + " " + found.code);
            if (found.level == severity::fatal) {
                refused.push_back(found.code + " " + each.where);
            }
        }
        std::sort(codes.begin(), codes.end());
        codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
        for (const std::string& code : codes) {
            ++counts[code];
        }
    }
    for (const std::filesystem::path& file : corpus_files()) {
        for (const finding& found : split_batch(test::read_file(file)).findings) {
            ++counts["batch " + found.code];
        }
    }
    std::ostringstream got;
    got << messages_.size() << " messages\n";
    for (const auto& [code, count] : counts) {
        got << code << ' ' << count << '\n';
    }
    for (const std::string& each : refused) {
        got << each << '\n';
    }
    EXPECT_EQ(got.str(), test::read_file(table));
}

} // namespace
} // namespace auditgate::hl7v2
