// Rows of a table to events.
#include "mapping/read/table_reading.hpp"
#include "tests/unit/mapping/read_table_support.hpp"

#include <gmock/gmock.h>

namespace auditgate::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An event as "row 2, PAIN L|PAIN-NRS=8 on 2026-03-04".
std::string text(const event& one) {
    std::string result = one.path;
    if (const auto* seen = one.as<observation>(); seen != nullptr && !seen->codes.empty())
        result += " " + seen->codes.front().system + "|" + seen->codes.front().code + "=" + seen->value.text;
    if (const auto* seen = one.as<procedure>(); seen != nullptr)
        result += " " + seen->codes.front().system + "|" + seen->codes.front().code;
    if (const auto* seen = one.as<condition>(); seen != nullptr)
        result += " " + seen->codes.front().system + "|" + seen->codes.front().code;
    if (one.version == version_status::deleted)
        result += " deleted";
    if (one.version == version_status::corrected)
        result += " corrected";
    if (one.when) {
        const std::chrono::year_month_day date(one.when->date());
        result +=
            " on " + std::to_string(unsigned(date.day())) + "." + std::to_string(unsigned(date.month()));
    }
    return result;
}

std::vector<std::string> texts(const read_result& of) {
    std::vector<std::string> result;
    for (const event& one : of.events)
        result.push_back(text(one));
    return result;
}

// "row 3, column DAY: invalid-time error"
std::vector<std::string> findings(const read_result& of) {
    constexpr std::array<const char*, 3> levels{"fatal", "error", "warning"};
    std::vector<std::string> result;
    for (const read_finding& one : of.findings)
        result.push_back(one.path + ": " + one.code + " " + levels.at(static_cast<std::size_t>(one.level)));
    return result;
}

TEST(Table, EveryRowIsAFactWithAPartForEachColumn) {
    const read_result read =
        read_rows("ID,NHS,DAY,PAIN\n7,900 001 0640,2026-03-04,8\n8,9000010641,2026-03-05,\n",
                  table_profile_of(small_table));
    EXPECT_THAT(texts(read), ElementsAre("row 2 on 4.3", "row 2, PAIN L|PAIN-NRS=8 on 4.3", "row 3 on 5.3"));
    EXPECT_THAT(findings(read), IsEmpty());
    EXPECT_EQ(read.message_type, "table-small");
    EXPECT_EQ(read.events[0].fact_key, "LAB|table-small|7");
    EXPECT_EQ(read.events[1].fact_key, "LAB|table-small|7#PAIN");
    EXPECT_THAT(read.events[1].subject, ElementsAre("nhs|9000010640"));
    EXPECT_EQ(read.events[1].feed, "table-small");
    EXPECT_EQ(read.events[1].as<observation>()->value.kind, value_kind::number);
}

TEST(Table, ARowOfTheJournalGivesWhatItGivesInItsFile) {
    const source_profile profile = table_profile_of(small_table);
    const read_result in_file = read_rows("ID,NHS,DAY,PAIN\n\n7,9000010640,2026-03-04,8\n", profile);
    table_message row;
    row.row = 3;
    row.header = "ID,NHS,DAY,PAIN";
    row.cells = "7,9000010640,2026-03-04,8";
    const std::string bytes = write_table_message(row);
    EXPECT_EQ(format_of(bytes), message_format::table);
    EXPECT_EQ(read_rows(bytes, profile).events, in_file.events);
}

TEST(Table, ARowThatCannotBeUsedIsToldByRowAndColumnAndItsNeighboursCount) {
    const source_profile profile = table_profile_of(small_table);
    const read_result read =
        read_rows("ID,NHS,DAY,PAIN\n1,9000010640,2026-03-04,1\n2,9000010640,04.03.2026,2\n"
                  "3,9000010640,2026-03-04\n,9000010640,2026-03-04,4\n5,,2026-03-04,5\n"
                  "6,9000010640,2026-03-04,\"6\n7,9000010640,2026-03-04,\"7\"x\n"
                  "8,9000010640,2026-03-04,\xFF\n9,9000010640,2026-03-04,9\n",
                  profile);
    EXPECT_THAT(findings(read),
                ElementsAre("row 3, column DAY: invalid-time error", "row 4: cell-count-differs error",
                            "row 5, column ID: no-row-key error", "row 6, column NHS: no-patient error",
                            "row 7: bad-quotes error", "row 8: wrong-character error"));
    EXPECT_EQ(read.events.size(), 4U); // rows 2 and 9
    for (const read_finding& one : read.findings)
        EXPECT_EQ(one.text.find("9000010640"), std::string::npos);
    // Alone it is fatal, so that it is quarantined by itself.
    table_message row;
    row.row = 3;
    row.header = "ID,NHS,DAY,PAIN";
    row.cells = "2,9000010640,04.03.2026,2";
    EXPECT_EQ(read_rows(write_table_message(row), profile).unreadable_reason(), "invalid-time");
}

TEST(Table, AFileWithoutAColumnThatTheProfileSpeaksOfCannotBeRead) {
    const read_result read =
        read_rows("ID,NHS,DATE,PAIN\n1,9000010640,2026-03-04,1\n", table_profile_of(small_table));
    EXPECT_EQ(read.unreadable_reason(), "column-missing");
    EXPECT_NE(read.findings.front().text.find("`DAY`"), std::string::npos);
    EXPECT_EQ(read_rows("x", source_profile()).unreadable_reason(), "no-table-profile");
}

TEST(Table, StatusAndRecordedTimeComeFromTheirColumns) {
    std::string text_of_profile(small_table);
    text_of_profile +=
        "  recorded: {column: CHANGED, format: yyyyMMdd}\n"
        "  status: {column: STATUS, current: [ok], corrected: [C], deleted: [D], ignored: [draft]}\n";
    const read_result read =
        read_rows("ID,NHS,DAY,PAIN,CHANGED,STATUS\n1,9000010640,2026-03-04,1,20260305,OK\n"
                  "2,9000010640,2026-03-04,2,,c\n3,9000010640,2026-03-04,3,20260306,D\n"
                  "4,9000010640,2026-03-04,4,20260306,Draft\n"
                  "5,9000010640,2026-03-04,5,20260306,what\n",
                  table_profile_of(text_of_profile));
    EXPECT_THAT(texts(read),
                ElementsAre("row 2 on 4.3", "row 2, PAIN L|PAIN-NRS=1 on 4.3", "row 3 corrected on 4.3",
                            "row 3, PAIN L|PAIN-NRS=2 corrected on 4.3", "row 4 deleted on 4.3"));
    EXPECT_THAT(findings(read), ElementsAre("row 6, column STATUS: unknown-status error"));
    using namespace std::chrono;
    EXPECT_EQ(read.events[0].recorded, sys_days(year(2026) / 3 / 5));
    EXPECT_EQ(read.events[2].recorded, sys_days(year(2026) / 3 / 20)); // not stated: when it was received
}

TEST(Table, CodesComeWithTheirOwnSystemsDatesAndConditions) {
    const read_result read =
        read_rows("ID;WHO;KIND;CODE;SYSTEM;DONE;OP_1;OP_2;AT_1;AT_2\n"
                  "1;H1;PROC;V43.8;OPCS-4;;V55.1;;05/03/2026;\n"
                  "2;H1;DIAG;C79.5;ICD;06/03/2026;;Y13.4;;\n",
                  table_profile_of("sender: LAB\n"
                                   "table:\n"
                                   "  name: small\n"
                                   "  format: {delimiter: \";\"}\n"
                                   "  key: [ID]\n"
                                   "  patient: {local_number: WHO, local_organisation: {value: RXX}}\n"
                                   "  date: {column: DONE, format: dd/MM/yyyy}\n"
                                   "  events:\n"
                                   "    - tells: procedure\n"
                                   "      columns: CODE\n"
                                   "      system: {column: SYSTEM, words: {OPCS-4: OPCS4}}\n"
                                   "      where: {column: KIND, is: [proc]}\n"
                                   "    - tells: condition\n"
                                   "      columns: CODE\n"
                                   "      system: {column: SYSTEM, words: {icd: I10}}\n"
                                   "      where: {column: KIND, is: [diag]}\n"
                                   "    - tells: procedure\n"
                                   "      columns: \"OP_{1..2}\"\n"
                                   "      system: OPCS4\n"
                                   "      date: {column: \"AT_{1..2}\", format: dd/MM/yyyy}\n"));
    EXPECT_THAT(findings(read), IsEmpty());
    EXPECT_THAT(texts(read), ElementsAre("row 2", "row 2, CODE OPCS4|V43.8", "row 2, OP_1 OPCS4|V55.1 on 5.3",
                                         "row 3 on 6.3", "row 3, CODE I10|C79.5 on 6.3",
                                         "row 3, OP_2 OPCS4|Y13.4 on 6.3"));
    EXPECT_THAT(read.events[0].subject, ElementsAre("local|RXX|H1"));
}

TEST(Table, WithoutAHeaderTheProfileNamesTheColumns) {
    std::string text(small_table);
    text.insert(text.find("  key:"),
                "  format: {header: false, columns: [ID, NHS, DAY, PAIN], delimiter: tab, quote: none, "
                "encoding: windows-1252}\n");
    const source_profile profile = table_profile_of(text);
    const read_result read = read_rows("J\xF6rg \"7\"\t9000010640\t2026-03-04\t8\n", profile);
    EXPECT_THAT(findings(read), IsEmpty());
    EXPECT_THAT(texts(read), ElementsAre("row 1 on 4.3", "row 1, PAIN L|PAIN-NRS=8 on 4.3"));
    EXPECT_EQ(read.events[0].fact_key, "LAB|table-small|J\xC3\xB6rg \"7\"");
    table_message row;
    row.row = 1;
    row.cells = "J\xF6rg \"7\"\t9000010640\t2026-03-04\t8";
    EXPECT_EQ(read_rows(write_table_message(row), profile).events, read.events);
    // What a full extract leaves out is written as the file is.
    const read_result gone = read_rows(write_omission({"J\xC3\xB6rg \"7\""}, *profile.table, {}), profile);
    ASSERT_EQ(gone.events.size(), 1U);
    EXPECT_EQ(gone.events[0].fact_key, read.events[0].fact_key);
}

TEST(Table, ARowThatAFullExtractLeavesOutIsTakenBackWithAllThatItTold) {
    const source_profile profile = table_profile_of(small_table);
    const std::string bytes = write_omission({"7,\"x\""}, *profile.table, {});
    const read_result read = read_rows(bytes, profile);
    ASSERT_EQ(read.events.size(), 1U);
    EXPECT_EQ(read.events[0].fact_key, "LAB|table-small|7,\"x\"");
    EXPECT_EQ(read.events[0].version, version_status::deleted);
    EXPECT_THAT(cluster_keys(read.events[0]), ElementsAre("LAB|table-small|7,\"x\""));
}

TEST(Table, TheWorkedExamplesReadTheirSamples) {
    const auto folder = test::source_folder();
    const auto read = [&](const char* profile, const char* file) {
        const source_profile_load load = load_source_profile(folder / "config/sources" / profile);
        EXPECT_TRUE(load.profile.has_value())
            << (load.problems.empty() ? "" : to_string(load.problems.front()));
        return read_rows(test::read_file(folder / "deploy/sample/tables" / file),
                         load.profile.value_or(source_profile()), file);
    };
    const read_result coding = read("coding-extract.yaml", "coding_20260316.csv");
    EXPECT_THAT(findings(coding), IsEmpty());
    EXPECT_EQ(coding.parts.size(), 3U);
    EXPECT_EQ(coding.events.size(), 3 * 3 + 7U + 7U + 2U);
    const read_result proms = read("proms-export.yaml", "proms_responses.csv");
    EXPECT_THAT(findings(proms), IsEmpty());
    EXPECT_EQ(proms.events.size(), 3 + 5U + 5U + 4U);
    const auto profile = std::find_if(proms.events.begin(), proms.events.end(), [](const event& one) {
        const auto* seen = one.as<observation>();
        return !seen->codes.empty() && seen->codes.front().code == "EQ5D-PROFILE";
    });
    EXPECT_EQ(profile->as<observation>()->value.text, "32443");
}

TEST(Table, AFileMayGiveMoreEventsThanOneMessage) {
    std::string bytes = "ID,NHS,DAY,PAIN\n";
    for (int row = 0; row < 40'000; ++row)
        bytes += std::to_string(row) + ",9000010640,2026-03-04,8\n";
    EXPECT_EQ(read_rows(bytes, table_profile_of(small_table)).events.size(), 80'000U);
}

} // namespace
} // namespace auditgate::mapping
