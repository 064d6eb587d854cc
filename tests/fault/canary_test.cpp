// The fourth promise: nothing identifying leaves, is logged, or lies in clear on the disk. Strings that
// identify a patient or a clinician are planted in messages that go all the way to a registry; then
// everything that the two processes wrote, said and kept is searched for them.
#include "tests/support/canaries.hpp"
#include "tests/support/idle.hpp"
#include "tests/support/processes.hpp"
#include "tests/support/recording_proxy.hpp"
#include "tests/support/sample_journey.hpp"
#include "tests/support/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace auditgate::test {
namespace {

constexpr int patients = 10;

// The text with `#` replaced by the number, in digits enough to make canaries of one length.
std::string numbered(std::string text, int number) {
    const std::string digits = std::to_string(1000 + number).substr(1);
    return text.replace(text.find('#'), 1, digits);
}

// What stands in the sample journey, and what is planted there for one patient.
std::vector<std::pair<std::string, std::string>> planted_for(int patient) {
    return {
        {"SAMPLE^MARGARET^ANN^", numbered("CANARYFAMILY#^", patient) + numbered("CANARYGIVEN#^", patient)},
        {"1 EXAMPLE STREET^", numbered("CANARYSTREET#^", patient)},
        {"^EXAMPLETON^", numbered("^CANARYTOWN#^", patient)},
        {"ZZ99 3VZ", numbered("CANARYPOST#", patient)},
        {"02079460123", numbered("02079461#", patient)},
        {"19580412", numbered("19580#", 400 + 10 + patient)},
        {"C9999999^OTHER^A", numbered("C8800#", patient) + numbered("^CANARYDOCTOR#^A", patient)},
        {"Uneventful. Good position of both probes.", numbered("CANARYNOTE#", patient)},
        {"Worst pain in 24 hours", numbered("CANARYDISPLAY#", patient)},
        {"Primary coxarthrosis", numbered("CANARYDIAGNOSIS#", patient)}};
}

std::vector<std::string> journey_with_canaries(int patient, std::chrono::sys_days day_zero) {
    std::vector<std::string> messages = sample_journey(patient, day_zero);
    for (std::string& message : messages) {
        for (const auto& [what, by] : planted_for(patient)) {
            for (std::size_t at = message.find(what); at != std::string::npos;
                 at = message.find(what, at + by.size()))
                message.replace(at, what.size(), by);
        }
    }
    return messages;
}

std::vector<std::string> canaries() {
    std::vector<std::string> all;
    for (int patient = 0; patient < patients; ++patient) {
        for (const char* format :
             {"CANARYFAMILY#", "CANARYGIVEN#", "CANARYSTREET#", "CANARYTOWN#", "CANARYPOST#", "CANARYDOCTOR#",
              "CANARYNOTE#", "CANARYDISPLAY#", "CANARYDIAGNOSIS#", "C8800#", "CANARYBROKEN#", "CANARYVALUE#"})
            all.push_back(numbered(format, patient));
        all.push_back(numbered("02079461#", patient));
        all.push_back(numbered("19580#", 400 + 10 + patient));
        for (int person = 0; person < 3; ++person)
            all.push_back(nhs_test_number(patient * 10 + person));
        const std::string own = std::to_string(patient) + "X";
        for (const auto& [prefix, number] :
             {std::pair("H", "104217"), std::pair("H", "104311"), std::pair("V", "104217"),
              std::pair("RX", "20881"), std::pair("PRM", "4401"), std::pair("RIS", "6602"),
              std::pair("DOC", "6602")})
            all.push_back(prefix + own + number);
    }
    return all;
}

// Messages that cannot be read or make no sense, each with something planted in it.
std::vector<std::string> messages_with_faults(int patient) {
    const std::string broken = numbered("CANARYBROKEN#", patient);
    const std::string value = numbered("CANARYVALUE#", patient);
    const std::string head = "MSH|^~\\&|PAS|RXX|AUDITGATE|AUDIT|20260101||";
    return {broken + "|no header", "MSH|&&&&|" + broken,
            head + "ADT^A08|F1-" + std::to_string(patient) + "|P|2.4\rPID|1||" + value + "^^^^^" + value,
            head + "ORU^R01|F2-" + std::to_string(patient) + "|P|2.5.1\rPID|1||" + value +
                "^^^RXX^MR\rOBR|1||" + value + "|BPI-WORST^x^L|||" + value + "\rOBX|1|NM|BPI-WORST^" + value +
                "^L||" + value + "||||||F|||" + value,
            head + broken + "^" + broken + "|F3-" + std::to_string(patient) + "|P|9.9\rPID|1||" + value};
}

// Every canary found in a file below the folder.
std::vector<std::string> search_folder(const canary_search& search, const std::filesystem::path& folder) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file())
            continue;
        for (const std::string& hit : search.find_in(read_file(entry.path())))
            found.push_back(entry.path().filename().string() + ": " + hit);
    }
    return found;
}

TEST(CanarySearch, FindsEveryForm) {
    const canary_search search({"CANARY-4711"});
    const std::string base64[] = {"xxQ0FOQVJZLTQ3MTE=", "eENBTkFSWS00NzExeA==", "eHhDQU5BUlktNDcxMQ=="};
    for (const std::string& text : base64)
        EXPECT_EQ(search.find_in(text).size(), 1U) << text;
    for (const std::string& text :
         {std::string("a CANARY-4711 b"), std::string("43414e4152592d34373131"),
          std::string("43414E4152592D34373131"), std::string("%43%41%4E%41%52%59%2D%34%37%31%31"),
          std::string("\\u0043\\u0041\\u004e\\u0041\\u0052\\u0059\\u002d\\u0034\\u0037\\u0031\\u0031"),
          std::string("C\0A\0N\0A\0R\0Y\0-\0004\0007\0001\0001\0", 22)})
        EXPECT_EQ(search.find_in(text).size(), 1U) << text;
    EXPECT_TRUE(search.find_in("CANARY-4712 canary-4711").empty());
}

TEST(Canary, NothingIdentifyingIsLeftBehind) {
    const temporary_folder folder;
    const canary_search search(canaries());
    ASSERT_GE(search.size(), 200U);
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());

    demo_services services(folder.path());
    const recording_proxy wire(services.registry_port());
    services.send_records_by_way_of(wire.port());
    services.start_gateway(); // first without a registry: attempts fail, and say so in the log
    {
        mllp_connection sender(services.mllp_port());
        for (int patient = 0; patient < patients; ++patient) {
            for (const std::string& message : journey_with_canaries(patient, today - std::chrono::days(91)))
                EXPECT_THAT(sender.exchange(message), testing::HasSubstr("\rMSA|AA|"));
            // An answer echoes the sender's own header, and nothing of a patient.
            const canary_search values({numbered("CANARYVALUE#", patient)});
            for (const std::string& message : messages_with_faults(patient))
                EXPECT_TRUE(values.find_in(sender.exchange(message)).empty()) << "in an answer";
        }
    }
    wait_until_mapped(services);
    services.start_registry();
    wait_until_delivered(services);

    std::string metrics;
    EXPECT_EQ(http_get(services.operations_port(), "/metrics", &metrics), 200);
    EXPECT_TRUE(search.find_in(metrics).empty()) << "in metrics";
    const std::string records = services.run("registry", {"export", "--format", "ndjson"});
    EXPECT_EQ(std::count(records.begin(), records.end(), '\n'), patients);
    EXPECT_TRUE(search.find_in(records).empty()) << "in records";
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"status"}, {"status", "--json"}, {"quarantine", "list"}, {"holds", "list"}})
        EXPECT_TRUE(search.find_in(services.run("gateway", command, 1)).empty()) << "in " << command[0];

    // Neither side compresses: what passed is what a registry reads.
    EXPECT_THAT(wire.recorded(), testing::HasSubstr(R"("resourceType":"Bundle")"));
    EXPECT_TRUE(search.find_in(wire.recorded()).empty()) << "on the wire to the registry";
    EXPECT_EQ(search_folder(search, folder.path()), std::vector<std::string>{}) << "while running";
    EXPECT_TRUE(services.stop());
    EXPECT_EQ(search_folder(search, folder.path()), std::vector<std::string>{}) << "afterwards";

    write_file(folder.path() / "careless.tmp", "patient " + canaries().front() + " was here");
    EXPECT_EQ(search_folder(search, folder.path()).size(), 1U) << "the search itself does not find anything";
}

} // namespace
} // namespace auditgate::test
