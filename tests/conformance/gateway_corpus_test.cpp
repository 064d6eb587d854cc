// Sends every public message to a running gateway, the sample journey among them, and holds the answers and states to the
// reviewed table beside this file: what is answered, what becomes of each message, and that the counts add up.
#include "fhir/json.hpp"
#include "gateway/cli/send_messages.hpp"
#include "gateway/store/names.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace auditgate::gateway {
namespace {

namespace fs = std::filesystem;
namespace json = fhir::json;

constexpr std::chrono::seconds settling_timeout(120);

// One message, and what became of it.
struct sent_message {
    fs::path file; // relative to the folder of public messages; empty for one of the sample journey
    std::size_t number = 0;
    std::string bytes;
    std::string answer; // MSA-1, or why there is none
    std::string errors; // codes of ERR
    std::string state;
    std::string reason;
};

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        if (!line.empty())
            lines.push_back(line);
    return lines;
}

std::string table_line(const sent_message& message) {
    return message.file.string() + ',' + std::to_string(message.number) + ',' + message.answer + ',' +
           message.errors + ',' + message.state + ',' + message.reason;
}

std::vector<fs::path> corpus_files(const fs::path& corpus) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
        const std::string extension = entry.path().extension().string();
        if (entry.is_regular_file() && extension != ".md" && extension != ".json")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// The files in their order, those of the journey spread evenly among them.
std::vector<fs::path> mixed(const std::vector<fs::path>& corpus, const std::vector<fs::path>& journey) {
    std::vector<fs::path> files;
    std::size_t next = 0;
    for (std::size_t i = 0; i < corpus.size(); ++i) {
        files.push_back(corpus[i]);
        if ((i + 1) * journey.size() / corpus.size() > next)
            files.push_back(journey[next++]);
    }
    return files;
}

std::vector<fs::path> write_journey(const fs::path& folder) {
    fs::create_directories(folder);
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    constexpr std::chrono::days journey_days(92); // its last message is of day 91
    std::vector<fs::path> files;
    for (const std::string& message : test::sample_journey(1, today - journey_days)) {
        files.push_back(folder / (std::to_string(files.size() + 1) + ".hl7"));
        test::write_file(files.back(), message);
    }
    return files;
}

class GatewayCorpus : public testing::Test {
protected:
    void SetUp() override {
        const auto folder = test::corpus_folder();
        if (!folder || !fs::is_directory(*folder / "hl7v2"))
            GTEST_SKIP() << "no folder of public messages";
        if (std::getenv("AUDITGATE_CORPUS") != nullptr)
            GTEST_SKIP()
                << "AUDITGATE_CORPUS is set: the table is that of the project's own folder of messages";
        corpus_ = *folder / "hl7v2";
    }

    // Sends all files with eight connections and keeps the answers.
    void send(test::demo_services& services, const std::vector<fs::path>& files) {
        std::vector<cli::outgoing_message> messages;
        std::vector<std::string> command{AUDITGATE_BINARY,
                                         "send",
                                         "--json",
                                         "--connections",
                                         "8",
                                         "--to",
                                         "127.0.0.1:" + std::to_string(services.mllp_port())};
        for (const fs::path& file : files) {
            cli::add_messages(messages, file, test::read_file(file));
            command.push_back(file);
        }
        const fs::path output = services.folder() / "send.out";
        test::child_process process(command, output);
        EXPECT_EQ(process.wait(), 1) << "all answered, some refused";
        const std::vector<std::string> lines = lines_of(test::read_file(output));
        ASSERT_EQ(lines.size(), messages.size());
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const auto line = json::parse(lines[i]).document;
            ASSERT_TRUE(line) << lines[i];
            const bool of_corpus = messages[i].file.string().starts_with(corpus_.string());
            sent_message& one = sent_.emplace_back();
            one.file = of_corpus ? fs::relative(messages[i].file, corpus_) : fs::path();
            one.number = messages[i].number;
            one.bytes = std::move(messages[i].bytes);
            one.answer = (*line)["answer"].text();
            for (const json::value& error : (*line)["errors"].items())
                one.errors += (one.errors.empty() ? "" : " ") + std::string(error.text());
        }
    }

    // Waits until nothing is left to map and the registry has what it will get; returns its records.
    std::vector<std::string> records_at_registry(test::demo_services& services) {
        const auto deadline = std::chrono::steady_clock::now() + settling_timeout;
        for (;;) {
            const json::value status = status_of(services);
            std::vector<std::string> records =
                lines_of(services.run("registry", {"export", "--format", "ndjson"}));
            if (status["backlog"].as_integer() == 0 && !records.empty())
                return records;
            if (std::chrono::steady_clock::now() > deadline)
                return {};
            ::poll(nullptr, 0, 100);
        }
    }

    static json::value status_of(test::demo_services& services) {
        constexpr int needs_attention = 1; // there are messages in quarantine
        return json::parse(services.run("gateway", {"status", "--json"}, needs_attention))
            .document.value_or(json::value());
    }

    // Of messages with the same bytes the first one counts as stored: which of them came first, nobody can say.
    void find_states(store::store& store) {
        store::message_filter all;
        all.limit = 1'000'000;
        std::map<std::string, std::vector<store::stored_message>> stored;
        for (store::stored_message& one : store.messages(all).value())
            stored[one.bytes].push_back(std::move(one));
        for (sent_message& message : sent_) {
            std::vector<store::stored_message>& rows = stored[message.bytes];
            if (rows.empty()) {
                message.state = "duplicate";
                continue;
            }
            message.state = store::name_of(rows.back().state);
            message.reason = rows.back().reason;
            rows.pop_back();
        }
    }

    void compare_with_table() const {
        std::vector<std::string> got, expected;
        std::string table = "file,message,answer,error,state,reason\n";
        for (const sent_message& message : sent_) {
            if (message.file.empty())
                continue;
            got.push_back(table_line(message));
            table += got.back() + '\n';
        }
        for (const std::string& line :
             lines_of(test::read_file(test::source_folder() / "tests/conformance/hl7v2-expected.csv")))
            if (!line.starts_with('#') && !line.starts_with("file,"))
                expected.push_back(line);
        std::sort(got.begin(), got.end());
        std::sort(expected.begin(), expected.end());
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
            const fs::path beside = fs::current_path() / "hl7v2-got.csv";
            test::write_file(beside, table);
            std::cout << "the table as it would be now: " << beside << '\n';
        }
        std::cout << got.size() << " messages, " << missing.size() + surplus.size()
                  << " differences to hl7v2-expected.csv\n";
    }

    void print_states_by_folder() const {
        std::map<std::string, std::map<std::string, int>> table;
        for (const sent_message& message : sent_)
            ++table[message.file.empty() ? "the sample journey" : message.file.begin()->string()]
                   [message.state];
        for (const auto& [folder, states] : table) {
            std::cout << "  " << folder << ':';
            for (const auto& [state, count] : states)
                std::cout << ' ' << state << ' ' << count;
            std::cout << '\n';
        }
    }

    fs::path corpus_;
    std::vector<sent_message> sent_;
};

// received = waiting + applied + not-relevant + held + quarantined + duplicate + refused, and is what was sent.
void expect_counts_add_up(const json::value& status, std::size_t sent) {
    std::int64_t received = 0, in_states = 0;
    for (const auto& [source, counts] : status["sources"].members())
        for (const auto& [name, count] : counts.members())
            (name == "received" ? received : in_states) += count.as_integer().value_or(0);
    EXPECT_EQ(received, in_states);
    EXPECT_EQ(received, static_cast<std::int64_t>(sent));
    for (const json::value& line : status["attention"].items())
        EXPECT_EQ(line.text().find("add up"), std::string::npos) << line.text();
}

TEST_F(GatewayCorpus, EveryMessageIsAnsweredAndKeptAsTheTableSaysAndOnlyTheJourneyGivesARecord) {
    const test::temporary_folder folder;
    test::demo_services services(folder.path());
    services.start_registry();
    services.start_gateway();
    ASSERT_NO_FATAL_FAILURE(
        send(services, mixed(corpus_files(corpus_), write_journey(folder.path() / "journey"))));
    EXPECT_EQ(records_at_registry(services).size(), 1U);
    expect_counts_add_up(status_of(services), sent_.size());
    EXPECT_TRUE(services.stop());

    const fs::path data = folder.path() / "gateway";
    const auto keys = security::key_ring::open(store::keys_folder(data)).value();
    const auto store = store::create_sqlite_store(store::database_path(data), *keys).value();
    find_states(*store);
    EXPECT_TRUE(store->held_records(10).value().empty());
    EXPECT_EQ(store->recheck("registry", std::nullopt).value(), 1) << "records ever wanted at the registry";
    print_states_by_folder();
    compare_with_table();
}

} // namespace
} // namespace auditgate::gateway
