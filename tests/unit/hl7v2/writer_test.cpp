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

TEST(Writer, GivesBackAConvertedMessageByteForByteAndChangesItInItsOwnSet) {
    const struct {
        const char* set;
        std::string mark;
        std::string name; // MSH-18
    } cases[] = {
        {"UTF-16LE", "\xFF\xFE", ""},
        {"UTF-16BE", "", ""},
        {"UTF-32LE", std::string("\xFF\xFE\0\0", 4), ""},
        {"GB18030", "", "GB 18030-2000"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.set);
        const charset set = charset::find(each.set).value();
        const auto in_set = [&](const std::string& text) { return each.mark + set.from_utf8(text).text; };
        const std::string header = "MSH|^~\\&|A||||||ADT^A01|7|P|2.5||||||" + each.name + "\r";
        const std::string received = in_set(header + "PID|1||||\u4e8c^\u56fd\r\x1C");
        const parse_result read = message::parse(received);
        ASSERT_TRUE(read.value);
        ASSERT_NE(read.value->bytes().data(), received.data());
        message_writer writer(*read.value);
        EXPECT_EQ(writer.encode(), received);
        EXPECT_FALSE(writer.set_text("nonsense", "x"));
        EXPECT_EQ(writer.encode(), received);
        EXPECT_TRUE(writer.set_text("PID-5.2", "\u4e2d|"));
        EXPECT_TRUE(writer.append_segment("ZX9"));
        EXPECT_EQ(writer.encode(), in_set(header + "PID|1||||\u4e8c^\u4e2d\\F\\\rZX9\r\x1C"));
        EXPECT_EQ(writer.wrong_characters(), 0U);
    }
}

TEST(Writer, BuildsInSetsWhoseLettersHoldDelimiters) {
    // The second byte of this letter is the one of `|` in Big5.
    const std::string letter = "\u529f";
    const charset big5 = charset::find("BIG-5").value();
    ASSERT_NE(big5.from_utf8(letter).text.find_first_of("\\|^~&"), std::string::npos);
    message_writer writer(delimiters(), big5);
    EXPECT_TRUE(writer.set_text("MSH-3", letter));
    EXPECT_TRUE(writer.set_text("MSH-4", "x\u00e9"));
    EXPECT_TRUE(writer.set_text("MSH-18", "BIG-5"));
    EXPECT_EQ(writer.encode(), big5.from_utf8("MSH|^~\\&|" + letter + "|x?||||||||||||||BIG-5\r").text);
    EXPECT_EQ(writer.wrong_characters(), 1U);
    const std::string bytes = writer.encode();
    EXPECT_EQ(message::parse(bytes).value.value().header().field(3).text(), letter);
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
