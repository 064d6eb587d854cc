// The first promise for files: 2,000 messages in 50 files, among them batches, NDJSON and a table, while the gateway is killed
// again and again. None is lost, none is doubled, and every file ends in done/. AUDITGATE_KILLS sets how often it is killed
// (default 3), AUDITGATE_KILL_SEED which moments are chosen.
#include "fhir/json.hpp"
#include "tests/support/idle.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

namespace auditgate::test {
namespace {

namespace fs = std::filesystem;
namespace json = fhir::json;

constexpr int files = 50;
constexpr int messages_in_a_file = 40;

int setting(const char* name, int otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr ? std::atoi(value) : otherwise;
}

std::string batch_of(int file) {
    std::string batch = "FHS|^~\\&|PAS|RXX\rBHS|^~\\&|PAS|RXX\r";
    for (int message = 0; message < messages_in_a_file; ++message) {
        const int number = file * messages_in_a_file + message;
        batch += "MSH|^~\\&|PAS|RXX|AUDITGATE|AUDIT|20260306||ADT^A08^ADT_A01|F" + std::to_string(number) +
                 "|P|2.4\rPID|1||H" + std::to_string(number) + "^^^RXX^MR~" + nhs_test_number(number) +
                 "^^^NHS^NH||CANARY||19580712|F\rDG1|1||C79.5^CANARY^I10||20260124\r";
    }
    return batch + "BTS|" + std::to_string(messages_in_a_file) + "\rFTS|1\r";
}

std::string ndjson_of(int file) {
    std::string lines;
    for (int message = 0; message < messages_in_a_file; ++message) {
        const std::string number = std::to_string(file * messages_in_a_file + message);
        lines += R"({"resourceType":"Condition","id":"c)" + number +
                 R"(","subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":")" +
                 nhs_test_number(file * messages_in_a_file + message) +
                 R"("}},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C79.5"}]},)"
                 R"("onsetDateTime":"2026-01-24"})"
                 "\n";
    }
    return lines;
}

std::string table_of(int file) {
    std::string rows = "ID,NHS,DAY,PAIN\r\n";
    for (int row = 0; row < messages_in_a_file; ++row) {
        const int number = file * messages_in_a_file + row;
        rows += std::to_string(number) + "," + nhs_test_number(number) + ",2026-03-04," +
                std::to_string(row % 11) + "\r\n";
    }
    return rows;
}

// Three kinds of files, in turn.
void drop(const fs::path& into, int file) {
    const std::string number = std::to_string(file);
    const fs::path part = into / ("." + number + ".part");
    const char* const kind = file % 3 == 0 ? ".hl7" : file % 3 == 1 ? ".ndjson" : ".csv";
    write_file(part, file % 3 == 0 ? batch_of(file) : file % 3 == 1 ? ndjson_of(file) : table_of(file));
    fs::rename(part, into / ("f" + number + kind));
}

void configure(demo_services& services) {
    write_file(services.folder() / "lab.yaml",
               "sender: LAB\n"
               "table:\n"
               "  name: lab\n"
               "  key: ID\n"
               "  patient: {nhs_number: NHS}\n"
               "  date: DAY\n"
               "  events:\n"
               "    - {tells: observation, columns: PAIN, code: L|PAIN-NRS, type: number}\n");
    const fs::path file = services.folder() / "gateway.yaml";
    std::string text = read_file(file);
    const std::string mapping = "\nmapping:";
    text.insert(text.find(mapping),
                "\n  - name: lab\n    profile: lab.yaml\n"
                "\ndirectories:\n  - {name: lab, path: inbox, source: lab, settle: 0s, poll: 20ms}\n");
    write_file(file, text);
    fs::create_directories(services.folder() / "inbox/ready");
}

// Not the report beside it, or what a kill left of one.
bool is_dropped_kind(const fs::path& extension) {
    return extension == ".hl7" || extension == ".ndjson" || extension == ".csv";
}

std::size_t files_done(const demo_services& services) {
    std::size_t count = 0;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(services.folder() / "inbox/done", failure))
        count += is_dropped_kind(entry.path().extension()) ? 1U : 0U;
    return count;
}

TEST(DirectoryKill, NoMessageOfAFileIsLostOrDoubled) {
    const int kills = setting("AUDITGATE_KILLS", 3);
    const int seed = setting("AUDITGATE_KILL_SEED", 20260101);
    std::mt19937 random(static_cast<unsigned>(seed));
    const temporary_folder folder;
    demo_services services(folder.path());
    configure(services);
    services.start_gateway();
    int dropped = 0;
    for (int kill = 1; kill <= kills; ++kill) {
        for (; dropped < files * kill / kills; ++dropped)
            drop(services.folder() / "inbox/ready", dropped);
        ::poll(nullptr, 0, static_cast<int>(random() % 120));
        services.kill_gateway();
        services.start_gateway();
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (files_done(services) < files && std::chrono::steady_clock::now() < deadline)
        ::poll(nullptr, 0, 20);
    EXPECT_EQ(files_done(services), static_cast<std::size_t>(files));
    EXPECT_TRUE(fs::is_empty(services.folder() / "inbox/ready"));
    EXPECT_TRUE(fs::is_empty(services.folder() / "inbox/failed"));
    wait_until_mapped(services);
    EXPECT_EQ(journaled_messages(services), files * messages_in_a_file);

    const json::parse_result status = json::parse(services.run("gateway", {"status", "--json"}, 1));
    ASSERT_TRUE(status.document.has_value());
    std::int64_t applied = 0;
    std::int64_t duplicate = 0;
    for (const json::member& source : (*status.document)["sources"].members()) {
        applied += source.content["applied"].as_integer().value_or(0);
        duplicate += source.content["duplicate"].as_integer().value_or(0);
    }
    EXPECT_EQ(applied, files * messages_in_a_file) << "each was read once";
    std::cout << kills << " kills (seed " << seed << "), " << files * messages_in_a_file << " messages in "
              << files << " files, " << duplicate << " read again\n";
    EXPECT_TRUE(services.stop());
}

// The command that hands files over, with a gateway that runs, and its sum.
TEST(DirectoryImport, HandsFilesOverAndSumsUpWhatBecameOfThem) {
    const temporary_folder folder;
    demo_services services(folder.path());
    configure(services);
    services.start_gateway();
    write_file(folder.path() / "rows.csv", "ID,NHS,DAY,PAIN\r\n1," + nhs_test_number(1) +
                                               ",2026-03-04,8\r\n2," + nhs_test_number(2) +
                                               ",04.03.2026,8\r\n");
    const auto import = [&] {
        json::parse_result parsed = json::parse(services.run(
            "gateway", {"import", folder.path() / "rows.csv", "--source", "lab", "--wait", "--json"}, 1));
        EXPECT_TRUE(parsed.document.has_value());
        return std::move(*parsed.document);
    };
    const json::value first = import();
    EXPECT_EQ(first["files"][0]["outcome"].text(), "done");
    ASSERT_EQ(first["messages"].size(), 2U);
    EXPECT_EQ(first["messages"][0]["state"].text(), "applied");
    EXPECT_EQ(first["messages"][1]["state"].text(), "quarantined");
    EXPECT_EQ(first["messages"][1]["reason"].text(), "invalid-time");
    ASSERT_EQ(first["findings"].size(), 1U);
    EXPECT_NE(first["findings"][0].text().find("row 3, column DAY: invalid-time"), std::string::npos);
    EXPECT_EQ(first["findings"][0].text().find("04.03.2026"), std::string::npos);
    const json::value again = import();
    // Beside the duplicates what the first time gave: the row in quarantine is not forgotten.
    ASSERT_EQ(again["messages"].size(), 3U);
    EXPECT_EQ(again["messages"][0]["state"].text(), "applied");
    EXPECT_EQ(again["messages"][1]["state"].text(), "duplicate");
    EXPECT_EQ(again["messages"][1]["count"].as_integer(), 2);
    EXPECT_EQ(again["messages"][2]["state"].text(), "quarantined");
    EXPECT_EQ(again["findings"].size(), 1U);
    EXPECT_TRUE(services.stop());
}

} // namespace
} // namespace auditgate::test
