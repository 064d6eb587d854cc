#include "hl7v2/check.hpp"
#include "hl7v2/dictionary.hpp"

#include <gtest/gtest.h>

namespace auditgate::hl7v2 {
namespace {

TEST(Dictionary, NamesSegmentsAndFields) {
    EXPECT_EQ(segment_title("PID"), "Patient Identification");
    EXPECT_EQ(segment_title("ZX9"), "");
    EXPECT_EQ(field_title("PID", 7), "Date/Time of Birth");
    EXPECT_EQ(field_title("PR1", 3), "Procedure Code");
    EXPECT_EQ(field_title("RXE", 25), "Give Strength");
    EXPECT_EQ(field_title("CON", 11), "Consent Status");
    EXPECT_EQ(field_title("PID", 0), "");
    EXPECT_EQ(field_title("PID", 41), "");
    EXPECT_EQ(field_title("ZX9", 1), "");
    for (const char* common :
         {"MSH", "EVN", "PID", "PD1", "PV1", "PV2", "DG1", "PR1", "OBR", "OBX", "ORC", "RXE",
          "RXO", "RXA", "RXR", "TQ1", "TXA", "MRG", "NTE", "AL1", "NK1", "FT1", "CON", "SCH"}) {
        EXPECT_FALSE(segment_title(common).empty()) << common;
        EXPECT_FALSE(field_title(common, 1).empty()) << common;
    }
}

TEST(Dictionary, KnowsSegmentNames) {
    for (const char* known : {"MSH", "PID", "OBX", "ZX9", "Z12", "ABS", "VTQ"}) {
        EXPECT_TRUE(is_known_segment(known)) << known;
    }
    for (const char* unknown : {"", "PI", "PIDX", "pid", "QQQ", "Zab", "Z1", "Z1 "}) {
        EXPECT_FALSE(is_known_segment(unknown)) << unknown;
    }
}

TEST(Dictionary, TellsWhichFieldsIdentifySomebody) {
    const struct {
        const char* segment;
        std::size_t field;
        disclosure expected;
    } cases[] = {
        {"PID", 3, disclosure::person},    {"PID", 5, disclosure::person},    {"PID", 7, disclosure::person},
        {"PID", 8, disclosure::plain},     {"PID", 11, disclosure::person},   {"PID", 29, disclosure::person},
        {"PV1", 7, disclosure::person},    {"PV1", 19, disclosure::person},   {"PV1", 2, disclosure::plain},
        {"MRG", 1, disclosure::person},    {"NK1", 2, disclosure::person},    {"OBX", 3, disclosure::plain},
        {"OBX", 5, disclosure::free_text}, {"NTE", 3, disclosure::free_text}, {"PR1", 3, disclosure::plain},
        {"PR1", 11, disclosure::person},   {"DG1", 4, disclosure::free_text}, {"MSH", 10, disclosure::plain},
        {"ZX9", 1, disclosure::person},    {"GT1", 3, disclosure::person},    {"PID", 99, disclosure::person},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(disclosure_of(each.segment, each.field), each.expected)
            << each.segment << '-' << each.field;
    }
}

TEST(CheckContent, FindsWhatIsOddInValues) {
    const parse_result read =
        message::parse("MSH|^~\\&|a||||||||||||||||x\rPID|1||  |a\\Z1\\\rPID|b\xFF^c\x01\rSmith|\\\r");
    ASSERT_TRUE(read.value);
    std::vector<std::string> lines;
    for (const finding& each : check_content(*read.value)) {
        lines.push_back(each.path + " " + each.code + " " + std::to_string(each.offset));
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"PID-3 blank-value 35", "PID-4 unknown-escape 39",
                                               "PID(2)-1 control-character 52", "PID(2)-1 wrong-bytes 49",
                                               "#4-1 lone-escape 60"}));
    EXPECT_EQ(check_content(*read.value, {.findings_max = 2}).size(), 2U);
}

} // namespace
} // namespace auditgate::hl7v2
