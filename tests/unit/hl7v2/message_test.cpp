#include "hl7v2/message.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace auditgate::hl7v2 {
namespace {

constexpr std::string_view admission =
    "MSH|^~\\&|PAS|RXX|GATE|AUDIT|20240131||ADT^A01^ADT_A01|17|P|2.5.1\r"
    "PID|1||123^^^NHS^NH~456^^^RXX&1.2&ISO^MR||Smith\\T\\Co^Ann||\"\"|  |^^\r"
    "PD1\r"
    "OBX|1|NM|a||1\r"
    "OBX|2|NM|b||2\r";

std::vector<std::string> codes(const std::vector<finding>& findings) {
    std::vector<std::string> found;
    std::transform(findings.begin(), findings.end(), std::back_inserter(found),
                   [](const finding& each) { return each.code; });
    return found;
}

message parsed(std::string_view bytes, const parse_options& options = {}) {
    parse_result result = message::parse(bytes, options);
    EXPECT_TRUE(result.value) << bytes;
    return result.value.value();
}

using list = std::vector<std::string>;

TEST(Message, FindsFieldsAtTheNumbersOfTheStandard) {
    const message read = parsed(admission);
    EXPECT_EQ(read.header().field(1).text(), "|");
    EXPECT_EQ(read.header().field(2).text(), "^~\\&");
    EXPECT_EQ(read.header().field(3).text(), "PAS");
    EXPECT_EQ(read.message_type(), "ADT");
    EXPECT_EQ(read.trigger_event(), "A01");
    EXPECT_EQ(read.message_control_id(), "17");
    EXPECT_EQ(read.version(), "2.5.1");
    EXPECT_EQ(read.header().field_count(), 12U);
    const field_view identifiers = read.segment("PID").field(3);
    EXPECT_EQ(identifiers.repetition_count(), 2U);
    EXPECT_EQ(identifiers.repetition(2).component(4).subcomponent(2).text(), "1.2");
    EXPECT_EQ(identifiers.repetition(2).component(4).subcomponent_count(), 3U);
    EXPECT_EQ(identifiers.component(5).text(), "NH");
    EXPECT_EQ(identifiers.text(), "123");
    EXPECT_EQ(read.segment("OBX", 2).field(5).text(), "2");
    EXPECT_EQ(read.segments("OBX").size(), 2U);
    EXPECT_EQ(read.occurrence(read.segment("OBX", 2)), 2U);
    EXPECT_EQ(read.segment("OBX").path(), "OBX");
    EXPECT_EQ(read.segment("OBX", 2).path(), "OBX(2)");
    EXPECT_EQ(read.segment("ZZZ").path(), "");
    EXPECT_EQ(parsed("MSH|^~\\&|a\rsome text|x\r").segment(1).path(), "#2");
}

TEST(Message, TellsAbsentEmptyNullAndPresentApart) {
    const message read = parsed(admission);
    const segment_view patient = read.segment("PID");
    EXPECT_EQ(patient.field(1).state(), presence::present);
    EXPECT_EQ(patient.field(2).state(), presence::empty);
    EXPECT_EQ(patient.field(7).state(), presence::null);
    EXPECT_EQ(patient.field(7).text(), "");
    EXPECT_EQ(patient.field(8).state(), presence::empty) << "blanks only";
    EXPECT_EQ(patient.field(9).state(), presence::empty) << "delimiters only";
    EXPECT_EQ(patient.field(10).state(), presence::absent);
    EXPECT_EQ(patient.field(5).component(9).state(), presence::absent);
    EXPECT_EQ(patient.field(0).state(), presence::absent);
    EXPECT_EQ(read.segment("ZZZ").field(4).repetition(2).component(3).subcomponent(9).state(),
              presence::absent);
    EXPECT_EQ(read.segment("PD1").field(1).state(), presence::absent);
    EXPECT_EQ(read.segment("PD1").field_count(), 0U);
}

TEST(Message, NeverSplitsOrDecodesTheEncodingCharacters) {
    const message read = parsed(admission);
    const field_view encoding = read.header().field(2);
    EXPECT_EQ(encoding.repetition_count(), 1U);
    EXPECT_EQ(encoding.repetition(1).component(1).subcomponent(1).text(), "^~\\&");
    EXPECT_EQ(encoding.component(2).state(), presence::absent);
    std::size_t parts = 0;
    for (const repetition_view repetition : encoding.repetitions()) {
        for (const component_view component : repetition.components()) {
            for (const subcomponent_view part : component.subcomponents()) {
                ++parts;
                EXPECT_EQ(part.raw(), "^~\\&");
            }
        }
    }
    EXPECT_EQ(parts, 1U);
}

TEST(Message, GivesTheOffsetOfEveryValue) {
    const message read = parsed(admission);
    for (const segment_view segment : read) {
        for (const field_view field : segment.fields()) {
            for (const repetition_view repetition : field.repetitions()) {
                EXPECT_EQ(read.bytes().substr(repetition.offset(), repetition.raw().size()),
                          repetition.raw());
            }
        }
    }
    EXPECT_EQ(read.segment("PID").field(5).offset(), admission.find("Smith"));
}

TEST(Message, KeepsViewsAliveWhenItIsMoved) {
    message read = parsed(admission);
    const field_view family = read.segment("PID").field(5);
    const message moved = std::move(read);
    EXPECT_EQ(family.text(), "Smith&Co");
}

struct end_case {
    const char* what;
    std::string_view bytes;
    list segments;
    list findings;
};

TEST(Message, FindsSegmentEndsByTheAutomaticRule) {
    const end_case cases[] = {
        {"CR", "MSH|^~\\&|a\rPID|1\r", {"MSH|^~\\&|a", "PID|1"}, {}},
        {"LF", "MSH|^~\\&|a\nPID|1\n", {"MSH|^~\\&|a", "PID|1"}, {"line-feed-ends-segment"}},
        {"CRLF", "MSH|^~\\&|a\r\nPID|1\r\n", {"MSH|^~\\&|a", "PID|1"}, {"carriage-return-line-feed"}},
        {"LF as data",
         "MSH|^~\\&|a\rOBX|1|x\ny\rPV1|1\r",
         {"MSH|^~\\&|a", "OBX|1|x\ny", "PV1|1"},
         {"line-feed-in-data"}},
        {"LF before a known name",
         "MSH|^~\\&|a\rOBX|1\nPV1|1\r",
         {"MSH|^~\\&|a", "OBX|1", "PV1|1"},
         {"line-feed-before-segment"}},
        {"LF before a site's name",
         "MSH|^~\\&|a\rOBX|1\nZX9|1\r",
         {"MSH|^~\\&|a", "OBX|1", "ZX9|1"},
         {"line-feed-before-segment"}},
        {"known name without separator",
         "MSH|^~\\&|a\rOBX|1\nPV1 x\r",
         {"MSH|^~\\&|a", "OBX|1\nPV1 x"},
         {"line-feed-in-data"}},
        {"no end", "MSH|^~\\&|a", {"MSH|^~\\&|a"}, {"last-segment-not-ended"}},
        {"empty lines", "MSH|^~\\&|a\r\r\rPID|1\r\r", {"MSH|^~\\&|a", "PID|1"}, {"blank-line"}},
        {"indented", "MSH|^~\\&|a\r  PID|1\r", {"MSH|^~\\&|a", "PID|1"}, {"blank-before-segment"}},
        {"frame bytes",
         "\x0BMSH|^~\\&|a\rPID|1\r\x1C\r",
         {"MSH|^~\\&|a", "PID|1"},
         {"junk-before-msh", "trailing-junk"}},
        {"NUL before the end",
         std::string_view("MSH|^~\\&|a\0\r", 12),
         {std::string("MSH|^~\\&|a\0", 11)},
         {}},
        {"frame's end without CR",
         "MSH|^~\\&|a\x1C\r",
         {"MSH|^~\\&|a"},
         {"trailing-junk", "last-segment-not-ended"}},
        {"byte order mark", "\xEF\xBB\xBFMSH|^~\\&|a\r", {"MSH|^~\\&|a"}, {"byte-order-mark"}},
        {"no name",
         "MSH|^~\\&|a\rwhat is this\rPID|1\r",
         {"MSH|^~\\&|a", "what is this", "PID|1"},
         {"bad-segment-name"}},
        {"two headers", "MSH|^~\\&|a\rMSH|^~\\&|b\r", {"MSH|^~\\&|a", "MSH|^~\\&|b"}, {"second-header"}},
    };
    for (const end_case& each : cases) {
        SCOPED_TRACE(each.what);
        const parse_result result = message::parse(each.bytes);
        ASSERT_TRUE(result.value);
        list segments;
        for (const segment_view segment : *result.value) {
            segments.emplace_back(segment.raw());
        }
        EXPECT_EQ(segments, each.segments);
        EXPECT_EQ(codes(result.findings), each.findings);
        EXPECT_EQ(result.value->received(), each.bytes);
    }
}

TEST(Message, SaysThatABackslashStandsTwiceInMsh2) {
    const parse_result result = message::parse("MSH|^~\\\\&|PAS|RXX\r");
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].code, "bad-delimiters");
    EXPECT_NE(result.findings[0].text.find("it is written once, as in ^~\\&"), std::string::npos)
        << result.findings[0].text;
}

TEST(Message, FindsTheHeaderInWideCharacterSets) {
    const std::string text = "MSH|^~\\&|A||||||ADT^A01|7|P|2.5\rPID|1||||\u00e9\r";
    const struct {
        const char* set;
        std::string mark;
        const char* default_charset;
        list findings;
    } cases[] = {
        {"UTF-16LE", "\xFF\xFE", "UTF-8", {"byte-order-mark", "charset-converted"}},
        {"UTF-16BE", "\xFE\xFF", "UTF-8", {"byte-order-mark", "charset-converted"}},
        {"UTF-32LE", std::string("\xFF\xFE\0\0", 4), "UTF-8", {"byte-order-mark", "charset-converted"}},
        {"UTF-16LE", "", "UTF-8", {"charset-assumed", "charset-converted"}},
        {"UTF-16BE", "", "8859/1", {"charset-assumed", "charset-converted"}},
        {"UTF-32BE", "", "UTF-8", {"charset-assumed", "charset-converted"}},
        {"UTF-16LE", "", "UTF-16", {"charset-converted"}},
        {"UTF-16BE", "", "UTF-16BE", {"charset-converted"}},
        {"UTF-16LE", "\xFF\xFE", "UTF-16", {"byte-order-mark", "charset-converted"}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(std::string(each.set) + " by " + each.default_charset);
        const std::string bytes = each.mark + charset::find(each.set)->from_utf8(text).text;
        const parse_result read = message::parse(bytes, {.default_charset = each.default_charset});
        ASSERT_TRUE(read.value);
        EXPECT_EQ(codes(read.findings), each.findings);
        EXPECT_EQ(read.value->segment("PID").field(5).text(), "\u00e9");
        EXPECT_EQ(read.value->message_control_id(), "7");
        EXPECT_EQ(read.value->byte_order_mark_size(), each.mark.size());
    }
}

TEST(Message, RefusesWhatIsNoMessage) {
    const struct {
        std::string_view bytes;
        std::string code;
    } cases[] = {
        {"", "no-msh"},
        {"PID|1\r", "no-msh"},
        {"FHS|^~\\&|\rMSH|^~\\&|a\r", "no-msh"},
        {"MSH", "bad-delimiters"},
        {"MSH|&&&&|a\r", "bad-delimiters"},
        {"MSHa^~\\&a\r", "bad-delimiters"},
        {"MSH|^~|a\r", "bad-delimiters"},
        {"MSH|^~\\&#!|a\r", "bad-delimiters"},
        {"MSH|^~1&|a\r", "bad-delimiters"},
        {"MSH\r^~\\&|a\r", "bad-delimiters"},
    };
    for (const auto& each : cases) {
        const parse_result result = message::parse(each.bytes);
        EXPECT_FALSE(result.value) << each.bytes;
        ASSERT_EQ(result.findings.size(), 1U) << each.bytes;
        EXPECT_EQ(result.findings[0].code, each.code) << each.bytes;
        EXPECT_EQ(result.findings[0].level, severity::fatal);
    }
}

TEST(Message, LimitsTheNumberOfSegments) {
    const parse_options two{.segments_max = 2};
    EXPECT_TRUE(message::parse("MSH|^~\\&|a\rPID|1\r", two).value);
    EXPECT_FALSE(message::parse("MSH|^~\\&|a\rPID|1\rPV1|1\r", two).value);
}

// A thousand times what an ordinary message has; quadratic work would take minutes.
TEST(Message, CountsOccurrencesOfManySegmentsInLinearTime) {
    constexpr std::size_t notes = 90'000;
    std::string bytes = "MSH|^~\\&|a\r";
    for (std::size_t i = 0; i < notes; ++i) {
        bytes += i % 2 == 0 ? "NTE|1\r" : "OBX|1\r";
    }
    const message read = parsed(bytes);
    std::size_t sum = 0;
    for (const segment_view segment : read) {
        sum += read.occurrence(segment);
    }
    EXPECT_EQ(sum, 1 + 2 * (notes / 2) * (notes / 2 + 1) / 2);
    EXPECT_EQ(read.occurrence(read.segment("ZZZ")), 0U);
}

TEST(Message, TakesDelimitersFromTheHeader) {
    const message three = parsed("MSH|^~\\|a&b^c\r");
    EXPECT_EQ(three.header().field(3).component(1).text(), "a&b");
    EXPECT_EQ(three.header().field(3).component(1).subcomponent_count(), 1U);
    const message odd = parsed("MSH#@*!$#a@b*c\rPID#x$y\r");
    EXPECT_EQ(odd.header().field(3).repetition(2).text(), "c");
    EXPECT_EQ(odd.segment("PID").field(1).component(1).subcomponent(2).text(), "y");
    const message five = parsed("MSH|^~\\&#|cut\\P\\\r");
    EXPECT_EQ(five.marks().truncation, '#');
    EXPECT_EQ(five.header().field(3).text(), "cut#");
}

} // namespace
} // namespace auditgate::hl7v2
