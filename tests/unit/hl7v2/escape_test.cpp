#include "hl7v2/escape.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace auditgate::hl7v2 {
namespace {

using list = std::vector<std::string>;

list codes(const std::vector<finding>& findings) {
    list found;
    std::transform(findings.begin(), findings.end(), std::back_inserter(found),
                   [](const finding& each) { return each.code; });
    return found;
}

TEST(Escape, DecodesEverySequenceOnce) {
    const struct {
        std::string_view raw;
        std::string_view text;
        list findings;
    } cases[] = {
        {"plain", "plain", {}},
        {"", "", {}},
        {"\\F\\\\S\\\\T\\\\R\\\\E\\\\P\\", "|^&~\\#", {}},
        {"\\E\\T\\E\\", "\\T\\", {}},
        {"\\E\\E\\E\\", "\\E\\", {}},
        {"a\\X0D\\b\\X0d0A\\c", "a\rb\r\nc", {}},
        {"\\XC3A9\\ \xC3\\XA9\\", "\u00e9 \u00e9", {}},
        {"one\\.br\\two\\.sp2\\three\\.sp\\four", "one\ntwo\n\nthree\nfour", {}},
        {"\\.in4\\a\\.ti-2\\b\\.sk 3\\c\\.fi\\\\.nf\\\\.ce\\d\\H\\e\\N\\f", "    ab   c\ndef", {}},
        {"\\C2842\\x\\M824041\\", "\\C2842\\x\\M824041\\", {"charset-switch-kept", "charset-switch-kept"}},
        {"\\Z99\\x\\.xy1\\", "\\Z99\\x\\.xy1\\", {"unknown-escape", "unknown-escape"}},
        {"4\\5", "4\\5", {"lone-escape"}},
        {"\\", "\\", {"lone-escape"}},
        {"\\\\", "\\\\", {"lone-escape", "lone-escape"}},
        {"x\\F", "x\\F", {"lone-escape"}},
        {"C:\\temp files\\T\\D", "C:\\temp files&D", {"lone-escape"}},
        {"\\X0\\\\XGG\\", "\\X0\\\\XGG\\", {"unknown-escape", "unknown-escape"}},
        {"\\X00d\\", "\\X00d\\", {"unknown-escape"}},
        {"<6.50", "<6.50", {}},
        {"a\xFFz", "a\xEF\xBF\xBDz", {"wrong-bytes"}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.raw);
        const decoded_text decoded = decode(each.raw, delimiters());
        EXPECT_EQ(decoded.text, each.text);
        EXPECT_EQ(codes(decoded.findings), each.findings);
    }
}

TEST(Escape, TellsWhereItIsWrong) {
    const decoded_text decoded = decode("ab\\Z1\\c\xFF\\", delimiters());
    ASSERT_EQ(decoded.findings.size(), 3U);
    EXPECT_EQ(decoded.findings[0].offset, 2U);
    EXPECT_EQ(decoded.findings[1].offset, 8U) << "the lone escape character";
    EXPECT_EQ(decoded.findings[2].offset, 7U);
}

TEST(Escape, ReadsHexAsTheSenderMeansIt) {
    const charset latin = charset::find("8859/1").value();
    const escape_options bytes{latin, latin, hex_reading::charset_bytes};
    const escape_options utf8{latin, latin, hex_reading::utf8_bytes};
    const escape_options points{latin, latin, hex_reading::code_points};
    EXPECT_EQ(decode("\\XE9\\\xE9", delimiters(), bytes).text, "\u00e9\u00e9");
    EXPECT_EQ(decode("\\XC3A9\\\xE9", delimiters(), utf8).text, "\u00e9\u00e9");
    EXPECT_EQ(decode("\\X00E9\\\xE9", delimiters(), points).text, "\u00e9\u00e9");
    EXPECT_EQ(decode("\\XD83DDE00\\", delimiters(), points).text, "\U0001F600");
    EXPECT_EQ(decode("\\XE9\\", delimiters(), points).text, "\\XE9\\");
}

// A message in UTF-16 is read as UTF-8, and what encode() writes as \X0D\ has one byte in every set.
TEST(Escape, ReadsSingleHexBytesInSetsOfWiderUnits) {
    for (const std::string_view name : {"UTF-16LE", "UTF-16BE", "UTF-32LE"}) {
        const escape_options wide{charset(), charset::find(name).value(), hex_reading::charset_bytes};
        const decoded_text decoded = decode("a\\X0D\\b\\X09\\", delimiters(), wide);
        EXPECT_EQ(decoded.text, "a\rb\t") << name;
        EXPECT_TRUE(decoded.findings.empty()) << name;
        EXPECT_EQ(decode("\\XE9\\", delimiters(), wide).text, "\uFFFD") << name;
    }
    const escape_options little{charset(), charset::find("UTF-16LE").value(), hex_reading::charset_bytes};
    EXPECT_EQ(decode("\\XE900\\", delimiters(), little).text, "\u00e9");
}

TEST(Escape, EncodesDelimitersAndControlCharacters) {
    delimiters five;
    five.truncation = '#';
    delimiters three;
    three.subcomponent = '\0';
    EXPECT_EQ(encode("|^&~\\#\r\n\x0B\x1C", delimiters()).bytes,
              "\\F\\\\S\\\\T\\\\R\\\\E\\#\\X0D\\\\X0A\\\\X0B\\\\X1C\\");
    EXPECT_EQ(encode("#", five).bytes, "\\P\\");
    EXPECT_EQ(encode("a&b", three).bytes, "a&b");
    const encoded_text lost = encode("\u00e9\u20ac", delimiters(), charset::find("8859/1").value());
    EXPECT_EQ(lost.bytes, "\xE9?");
    EXPECT_EQ(lost.wrong_count, 1U);
}

RC_GTEST_PROP(Escape, GivesBackEveryTextThatItEncoded, ()) {
    const auto characters = *rc::gen::container<std::vector<char32_t>>(
        rc::gen::oneOf(rc::gen::inRange<char32_t>(0, 0x80), rc::gen::inRange<char32_t>(0x80, 0xD800),
                       rc::gen::inRange<char32_t>(0x10000, 0x110000),
                       rc::gen::element<char32_t>('\\', '|', '^', '~', '&', '#', 'X', 'F')));
    std::string text;
    const charset utf32 = charset::find("UTF-32BE").value();
    for (const char32_t c : characters) {
        const char bytes[] = {static_cast<char>(c >> 24U), static_cast<char>(c >> 16U),
                              static_cast<char>(c >> 8U), static_cast<char>(c)};
        text += utf32.to_utf8({bytes, sizeof bytes}).text;
    }
    delimiters marks;
    marks.truncation = *rc::gen::element('\0', '#');
    const std::string_view set = *rc::gen::element<std::string_view>("UTF-8", "GB18030", "UTF-8");
    const charset target = charset::find(set).value();
    const encoded_text encoded = encode(text, marks, target);
    RC_ASSERT(encoded.wrong_count == 0U);
    if (target.is_delimiter_safe()) {
        RC_ASSERT(encoded.bytes.find_first_of("|^~&\r\n\v\x1C") == std::string::npos);
        const decoded_text decoded = decode(encoded.bytes, marks);
        RC_ASSERT(decoded.text == text);
        RC_ASSERT(decoded.findings.empty());
    } else {
        RC_ASSERT(decode(target.to_utf8(encoded.bytes).text, marks).text == text);
    }
}

RC_GTEST_PROP(Escape, LosesNoCharacterOfWhatIsNoSequence, ()) {
    const auto raw = *rc::gen::container<std::string>(rc::gen::element('\\', 'Q', 'z', '1', ' '));
    RC_ASSERT(decode(raw, delimiters()).text == raw);
}

} // namespace
} // namespace auditgate::hl7v2
