#include "hl7v2/writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace auditgate::hl7v2 {
namespace {

TEST(Writer, BuildsMessages) {
    message_writer writer;
    EXPECT_TRUE(writer.set_text("MSH-9.2", "A01"));
    EXPECT_TRUE(writer.set_text("MSH-9.1", "ADT"));
    EXPECT_TRUE(writer.append_segment("PID"));
    EXPECT_TRUE(writer.append_segment("ZX9"));
    EXPECT_TRUE(writer.set_text("PID-3[2].4.2", "a|b\rc"));
    EXPECT_TRUE(writer.set_raw("PID-5", "A^B"));
    EXPECT_TRUE(writer.set_raw("PID-5.2", "\"\""));
    EXPECT_TRUE(writer.insert_segment(1, "EVN"));
    EXPECT_EQ(writer.encode(), "MSH|^~\\&|||||||ADT^A01\rEVN\rPID|||~^^^&a\\F\\b\\X0D\\c||A^\"\"\rZX9\r");
    EXPECT_TRUE(writer.remove_segment(1));
    EXPECT_TRUE(writer.set_text("PID-3", "7"));
    EXPECT_EQ(writer.encode(), "MSH|^~\\&|||||||ADT^A01\rPID|||7||A^\"\"\rZX9\r");
}

TEST(Writer, ChangesOnlyWhatItIsTold) {
    const parse_result read =
        message::parse("\vMSH|^~\\&|a\r\n\r\n  PID|1||x\\Z1\\~y|  \r\nbad line\r\nPV1|1\r\n\x1C\r");
    ASSERT_TRUE(read.value);
    message_writer writer(*read.value);
    EXPECT_EQ(writer.encode(), read.value->received());
    EXPECT_TRUE(writer.set_text("PID-3[2]", "z&"));
    EXPECT_TRUE(writer.append_segment("ZX9"));
    EXPECT_EQ(writer.encode(),
              "\vMSH|^~\\&|a\r\n\r\n  PID|1||x\\Z1\\~z\\T\\|  \r\nbad line\r\nPV1|1\r\nZX9\r\n\x1C\r");
}

TEST(Writer, RefusesWhatItCannotDo) {
    message_writer writer;
    writer.append_segment("PID");
    for (const char* path :
         {"MSH-1", "MSH-2", "PV1-1", "PID(2)-3", "PID(*)-3", "PID-3[*]", "PID/PID-3", "nonsense"}) {
        EXPECT_FALSE(writer.set_text(path, "x")) << path;
    }
    for (const char* raw : {"a\rb", "a\nb", "a|b"}) {
        EXPECT_FALSE(writer.set_raw("PID-3", raw)) << raw;
    }
    EXPECT_FALSE(writer.append_segment("pid"));
    EXPECT_FALSE(writer.append_segment("PIDX"));
    EXPECT_FALSE(writer.insert_segment(0, "PID"));
    EXPECT_FALSE(writer.insert_segment(3, "PID"));
    EXPECT_FALSE(writer.remove_segment(0));
    EXPECT_FALSE(writer.remove_segment(2));
    EXPECT_EQ(writer.encode(), "MSH|^~\\&\rPID\r");
    delimiters three;
    three.subcomponent = '\0';
    message_writer plain(three);
    EXPECT_TRUE(plain.set_text("MSH-3.1.1", "x"));
    EXPECT_FALSE(plain.set_text("MSH-3.1.2", "x"));
}

TEST(Writer, WritesInTheCharacterSetOfTheMessage) {
    const parse_result read = message::parse("MSH|^~\\&|a|||||||||||||||8859/1\rPID|1\r");
    message_writer writer(read.value.value());
    EXPECT_TRUE(writer.set_text("PID-5", "Jos\u00e9 \u20ac"));
    EXPECT_EQ(writer.encode(), "MSH|^~\\&|a|||||||||||||||8859/1\rPID|1||||Jos\xE9 ?\r");
    EXPECT_EQ(writer.wrong_characters(), 1U);
}

RC_GTEST_PROP(Writer, GivesBackTheTextThatItWrote, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 0x7F));
    path where;
    where.steps.push_back({"PID", 1});
    where.field = *rc::gen::inRange<std::size_t>(1, 40);
    where.repetition = *rc::gen::inRange<std::size_t>(1, 5);
    where.component = *rc::gen::inRange<std::size_t>(1, 10);
    where.subcomponent = *rc::gen::inRange<std::size_t>(1, 5);
    message_writer writer;
    writer.append_segment("PID");
    RC_ASSERT(writer.set_text(where, text));
    const std::string bytes = writer.encode();
    const parse_result read = message::parse(bytes);
    RC_ASSERT(read.value.has_value());
    const element_view value = get(*read.value, where);
    const bool has_content = text.find_first_not_of(" ") != std::string::npos && text != "\"\"";
    RC_ASSERT(value.text() == (has_content ? text : ""));
}

} // namespace
} // namespace auditgate::hl7v2
