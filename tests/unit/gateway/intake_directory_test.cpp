// What a file holds, and when it is whole.
#include "gateway/intake/directory_messages.hpp"
#include "gateway/intake/directory_report.hpp"
#include "gateway/intake/directory_settling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

TEST(DirectoryMessages, TellWhatAFileIsByItsBegin) {
    struct row {
        const char* begin;
        const char* name;
        bool sends_tables;
        file_kind expected;
    };
    for (const row& one : std::initializer_list<row>{
             {"", "a.hl7", false, file_kind::empty},
             {" \r\n", "a.hl7", true, file_kind::empty},
             {"MSH|^~\\&|", "a.txt", true, file_kind::hl7v2},
             {"\n\vFHS|^~\\&|", "a.txt", false, file_kind::hl7v2},
             {"BHS#", "a.txt", false, file_kind::hl7v2},
             {"MSH_ID,NHS\n", "a.csv", true, file_kind::table},
             {"\xEF\xBB\xBF{\"resourceType\":", "a.json", true, file_kind::fhir_json},
             {"{\"a\":1}\n{\"b\":2}\n", "a.json", false, file_kind::fhir_ndjson},
             {"{\"a\":1}\n\n", "a.json", false, file_kind::fhir_json},
             {"{\"a\":\n1}\n", "a.json", false, file_kind::fhir_json},
             {"{\"a\":1", "a.ndjson", false, file_kind::fhir_ndjson},
             {"<?xml version=\"1.0\"?>", "a.xml", false, file_kind::fhir_xml},
             {"ID,NHS\n", "a.csv", true, file_kind::table},
             {"ID,NHS\n", "a.csv", false, file_kind::unknown},
         })
        EXPECT_EQ(kind_of_file(one.begin, one.name, one.sends_tables), one.expected) << one.begin;
}

std::vector<std::string> bytes_of(const file_content& content) {
    std::vector<std::string> all;
    for (const file_message& one : content.messages)
        all.push_back(std::to_string(one.number) + ":" + std::string(one.bytes));
    return all;
}

TEST(DirectoryMessages, AreThoseOfABatchAndItsCountsAreChecked) {
    const file_content content = split_file(
        "FHS|^~\\&|\rBHS|^~\\&|\rMSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rBTS|3\rFTS|1\r", file_kind::hl7v2);
    EXPECT_THAT(bytes_of(content), ElementsAre("1:MSH|^~\\&|A\rPID|1\r", "2:MSH|^~\\&|B\r"));
    ASSERT_EQ(content.findings.size(), 1U);
    EXPECT_EQ(content.findings[0].code, "batch-count-differs");
}

TEST(DirectoryMessages, AreTheLinesOfNdjsonAlsoThoseThatAreNoJson) {
    EXPECT_THAT(bytes_of(split_file("{\"a\":1}\r\n\nno json\n{\"b\":2}", file_kind::fhir_ndjson)),
                ElementsAre("1:{\"a\":1}", "3:no json", "4:{\"b\":2}"));
}

TEST(DirectoryMessages, AreNamedByTheirResourceAndNothingElse) {
    EXPECT_EQ(resource_type_of("{\"id\":\"1\",\"resourceType\":\"Bundle\",\"x\":{\"resourceType\":\"Y\"}}",
                               "fhir-json"),
              "Bundle");
    EXPECT_EQ(resource_type_of("{\"resourceType\":\"Anna <b>\"}", "fhir-json"), "");
    EXPECT_EQ(resource_type_of("not json", "fhir-json"), "");
    EXPECT_EQ(resource_type_of("<?xml version=\"1.0\"?><!-- c --><Procedure xmlns=\"x\">", "fhir-xml"),
              "Procedure");
    EXPECT_EQ(resource_type_of("<f:Procedure>", "fhir-xml"), "f");
    EXPECT_EQ(resource_type_of("no xml", "fhir-xml"), "");
}

TEST(DirectorySettling, AFileIsWholeWhenItHasNotChangedForAsLongAsAsked) {
    directory_settling settling(5s);
    const std::chrono::steady_clock::time_point start;
    const listed_file old{"old", 10, 1};
    EXPECT_THAT(settling.settled({old, {"new", 1, 7}}, start), IsEmpty());
    EXPECT_THAT(settling.settled({old, {"new", 2, 7}}, start + 4999ms), IsEmpty());
    EXPECT_THAT(settling.settled({old, {"new", 2, 7}}, start + 5000ms), ElementsAre("old"));
    EXPECT_THAT(settling.settled({{"new", 2, 7}}, start + 9998ms), IsEmpty());
    EXPECT_THAT(settling.settled({old, {"new", 2, 7}}, start + 9999ms), ElementsAre("new"))
        << "one that came back waits again";
    EXPECT_THAT(settling.settled({{"b", 1, 2}, {"a", 1, 2}, old}, start + 20s), ElementsAre("old"));
    EXPECT_THAT(settling.settled({{"b", 1, 2}, {"a", 1, 2}, old}, start + 25s), ElementsAre("old", "a", "b"));
    EXPECT_THAT(directory_settling(0s).settled({old}, start), ElementsAre("old"));
}

TEST(DirectorySettling, PassesOverNamesOfFilesThatAreStillWritten) {
    for (const char* unfinished : {".hidden", "a.csv.part", "a.filepart", "a.tmp", "a.partial", "a.writing"})
        EXPECT_TRUE(is_unfinished_name(unfinished)) << unfinished;
    for (const char* whole : {"a.csv", "part", "a.part.csv"})
        EXPECT_FALSE(is_unfinished_name(whole)) << whole;
}

TEST(DirectoryReport, IsTheSameAfterItWasWritten) {
    file_report report;
    report.digest = "0123456789abcdef";
    report.findings.push_back({"batch-count-differs", "BTS-1", "text"});
    for (const store::message_id id : {5, 6, 9})
        report.add("pas", "ADT^A08", store::message_state::waiting, id);
    report.add("pas", "ADT^A08", store::message_state::duplicate, 10);
    EXPECT_EQ(report.messages, 4);
    EXPECT_EQ(report.ids, (std::vector<std::pair<store::message_id, store::message_id>>{{5, 6}, {9, 9}}));
    const auto read = report_of(to_json(report));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(write(to_json(*read)), write(to_json(report)));
    EXPECT_FALSE(report_of(auditgate::fhir::json::value::array()).has_value());
}

} // namespace
