#include "hl7v2/charset.hpp"

#include "hl7v2/check.hpp"
#include "hl7v2/header.hpp"
#include "hl7v2/message.hpp"

#include <gtest/gtest.h>

namespace auditgate::hl7v2 {
namespace {

TEST(Charset, IsFoundByTheNamesOfTable0211AndAliases) {
    const struct {
        std::string_view written;
        std::string name;
        bool safe;
    } cases[] = {
        {"ASCII", "US-ASCII", true},
        {"8859/1", "ISO-8859-1", true},
        {"8859/2", "ISO-8859-2", true},
        {"8859/3", "ISO-8859-3", true},
        {"8859/4", "ISO-8859-4", true},
        {"8859/5", "ISO-8859-5", true},
        {"8859/6", "ISO-8859-6", true},
        {"8859/7", "ISO-8859-7", true},
        {"8859/8", "ISO-8859-8", true},
        {"8859/9", "ISO-8859-9", true},
        {"8859/15", "ISO-8859-15", true},
        {"ISO IR6", "US-ASCII", true},
        {"ISO IR87", "ISO-2022-JP-2", false},
        {"GB 18030-2000", "GB18030", false},
        {"KS X 1001", "EUC-KR", true},
        {"BIG-5", "Big5", false},
        {"UNICODE", "UTF-16", false},
        {"UNICODE UTF-8", "UTF-8", true},
        {"UNICODE UTF-16", "UTF-16", false},
        {"UNICODE UTF-32", "UTF-32", false},
        {"utf8", "UTF-8", true},
        {" UTF-8 ", "UTF-8", true},
        {"ISO-8859-1", "ISO-8859-1", true},
        {"iso8859-15", "ISO-8859-15", true},
        {"windows-1252", "windows-1252", true},
        {"Shift_JIS", "Shift_JIS", false},
        {"ibm-37", "IBM037", false},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.written);
        const std::optional<charset> found = charset::find(each.written);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->name(), each.name);
        EXPECT_EQ(found->is_delimiter_safe(), each.safe);
    }
    EXPECT_TRUE(charset::find("ISO IR14"));
    EXPECT_TRUE(charset::find("ISO IR159"));
    EXPECT_TRUE(charset::find("CNS 11643-1992"));
    EXPECT_FALSE(charset::find(""));
    EXPECT_FALSE(charset::find("no such set"));
}

TEST(Charset, ReportsWrongBytesByPosition) {
    const struct {
        std::string_view set;
        std::string_view bytes;
        std::string text;
        std::vector<std::size_t> wrong;
    } cases[] = {
        {"UTF-8", "a\xC3\xA9", "a\u00e9", {}},
        {"UTF-8", "a\xE9z\xFF", "a\uFFFDz\uFFFD", {1, 3}},
        {"UTF-8", "\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD", {0, 1, 2}},
        {"UTF-8", "\xC0\xAF", "\uFFFD\uFFFD", {0, 1}},
        {"UTF-8", "a\xE2\x82", "a\uFFFD", {1}},
        {"ASCII", "a\xE9", "a\uFFFD", {1}},
        {"8859/1", "a\xE9\xFF", "a\u00e9\u00ff", {}},
        {"8859/15", "\xA4", "\u20ac", {}},
        {"8859/2", "\xB1", "\u0105", {}},
        {"GB18030", "a\xFFz", "a\uFFFDz", {1}},
        {"GB18030", "\x81\x30\x81", "\uFFFD", {0}},
        {"UTF-16BE", std::string_view("\0a\xD8\x00\0z", 6), "a\uFFFDz", {2}},
        {"UTF-16LE", std::string_view("a\0z", 3), "a\uFFFD", {2}},
        {"UTF-16BE", std::string_view("\xD8\x3D\xDE\0", 4), "\U0001F600", {}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.set);
        const converted_text converted = charset::find(each.set).value().to_utf8(each.bytes);
        EXPECT_EQ(converted.text, each.text);
        EXPECT_EQ(converted.wrong_offsets, each.wrong);
        EXPECT_EQ(converted.wrong_count, each.wrong.size());
    }
}

TEST(Charset, KeepsPairsTogetherAcrossItsBuffers) {
    const charset utf16 = charset::find("UTF-16BE").value();
    for (const std::size_t before : {1022U, 1023U, 1024U, 1025U}) {
        const std::string text = std::string(before, 'x') + "\U0001F600\U0001F601";
        EXPECT_EQ(utf16.to_utf8(utf16.from_utf8(text).text).text, text) << before;
    }
}

TEST(Charset, CountsAllWrongBytesAndKeepsTheFirstPlaces) {
    const converted_text converted = charset().to_utf8(std::string(1000, '\xFF'));
    EXPECT_EQ(converted.wrong_count, 1000U);
    EXPECT_EQ(converted.wrong_offsets.size(), converted_text::wrong_offsets_max);
}

// One message, written in many sets: the values are the same, whatever the bytes.
TEST(Charset, MessagesInEverySetHaveTheSameValues) {
    const struct {
        std::string_view declared;
        std::string_view written_in;
        std::string_view family;
    } cases[] = {
        {"8859/1", "ISO-8859-1", "Jos\u00e9"},
        {"8859/2", "ISO-8859-2", "Wa\u0142\u0119sa"},
        {"8859/15", "ISO-8859-15", "\u0152uf\u20ac"},
        {"UNICODE UTF-8", "UTF-8", "Jos\u00e9"},
        {"UNICODE UTF-16", "UTF-16BE", "Jos\u00e9"},
        {"", "UTF-16LE", "Jos\u00e9"},
        // In these the second byte of a letter may be a delimiter.
        {"GB 18030-2000", "GB18030", "\u8b5c\u4e02\u6f23\u3400"},
        {"BIG-5", "Big5", "\u529f\u8a31\u84cb"},
        {"~ISO IR87", "ISO-2022-JP-2", "\u5c71\u7530\u592a\u90ce"},
        {"KS X 1001", "EUC-KR", "\uae40\ucca0\uc218"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.written_in);
        const std::string text = "MSH|^~\\&|A|B|C|D|2024||ADT^A01|7|P|2.5||||||" +
                                 std::string(each.declared) + "\rPID|1||123||" + std::string(each.family) +
                                 "^Given||1970\r";
        const charset set = charset::find(each.written_in).value();
        std::string bytes = set.from_utf8(text).text;
        if (each.written_in == "UTF-16BE") {
            bytes.insert(0, "\xFE\xFF");
        } else if (each.written_in == "UTF-16LE") {
            bytes.insert(0, "\xFF\xFE");
        }
        const parse_result read = message::parse(bytes);
        ASSERT_TRUE(read.value);
        EXPECT_EQ(read.value->segment("PID").field(5).component(1).text(), each.family);
        EXPECT_EQ(read.value->segment("PID").field(5).component(2).text(), "Given");
        EXPECT_EQ(read.value->segment("PID").field(7).text(), "1970");
        EXPECT_EQ(read.value->received(), bytes);
        EXPECT_TRUE(check_content(*read.value).empty());
    }
}

// The second bytes of these letters are `|`, `~` and `^`.
TEST(Charset, HalfDelimitersInTheHeaderMoveNoField) {
    const struct {
        std::string declared;
        std::string_view written_in;
        std::string letters;
    } cases[] = {
        {"BIG-5", "Big5", "\u54bd\u54c1\u4e5e"},
        {"GB 18030-2000", "GB18030", "\u4e85\u4e8a\u4e5b"},
        {"ISO IR14", "Shift_JIS", "\u5012\u5186\u4e0e"},
        {"~BIG-5", "Big5", "\u54bd\u54c1\u4e5e"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.declared);
        const charset set = charset::find(each.written_in).value();
        const std::string text = "MSH|^~\\&|" + each.letters + "^A|" + each.letters +
                                 "|C|D|2024||ADT^A01|7|P|2.5||||||" + each.declared + "|zh\rPID|1||123||" +
                                 each.letters + "^Given\r";
        const std::string bytes = set.from_utf8(text).text;
        const message_header header = read_header(bytes);
        EXPECT_EQ(header.message_control_id, "7");
        EXPECT_EQ(header.character_set, each.declared);
        EXPECT_EQ(header.component(header.sending_application, 1), set.from_utf8(each.letters).text);
        EXPECT_EQ(header.component(header.sending_application, 2), "A");
        EXPECT_EQ(header.component(header.sending_application, 3), "");
        const parse_result read = message::parse(bytes);
        ASSERT_TRUE(read.value);
        EXPECT_EQ(read.value->message_control_id(), "7");
        EXPECT_EQ(read.value->declared_charset(), set);
        EXPECT_EQ(read.value->segment("PID").field(5).component(1).text(), each.letters);
    }
    // Nothing is declared, or what is declared has no such letters: the bytes count.
    EXPECT_EQ(read_header("MSH|^~\\&|\xC3\xA9||||2024||ADT^A01|7|P|2.5\r").message_control_id, "7");
    EXPECT_EQ(read_header("MSH|^~\\&|\xE9||||2024||ADT^A01|7|P|2.5||||||8859/1\r").message_control_id, "7");
}

TEST(Charset, PlainAsciiIsReadAsItStandsWhateverIsDeclared) {
    const struct {
        std::string_view declared;
        std::vector<std::string> findings;
    } cases[] = {
        {"UNICODE", {"charset-contradicted"}},
        {"UNICODE UTF-16", {"charset-contradicted"}},
        {"UNICODE UTF-32", {"charset-contradicted"}},
        {"UTF-16LE", {"charset-contradicted"}},
        {"ibm-37", {}},
        {"GB 18030-2000", {}},
        {"BIG-5", {}},
        {"ISO IR14", {}},
        {"8859/1", {}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.declared);
        const std::string bytes = "MSH|^~\\&" + std::string(16, '|') + std::string(each.declared) +
                                  "\rPID|1||9434765919||Smith\\T\\Co^Ann\r";
        const parse_result read = message::parse(bytes);
        ASSERT_TRUE(read.value);
        const segment_view patient = read.value->segment("PID");
        EXPECT_EQ(patient.field(3).text(), "9434765919");
        EXPECT_EQ(patient.field(5).text(), "Smith&Co");
        EXPECT_EQ(patient.field(5).whole_text(), "Smith&Co^Ann");
        std::vector<std::string> codes;
        for (const finding& found : read.findings) {
            codes.push_back(found.code);
        }
        EXPECT_EQ(codes, each.findings);
    }
}

TEST(Charset, IsChosenByHeaderSettingsAndBytes) {
    const struct {
        std::string_view declared;
        parse_options options;
        std::string name;
        std::vector<std::string> findings;
    } cases[] = {
        {"", {}, "UTF-8", {"charset-assumed"}},
        {"", {.default_charset = "8859/1"}, "ISO-8859-1", {"charset-assumed"}},
        {"8859/1", {}, "ISO-8859-1", {}},
        {"8859/1", {.forced_charset = "UTF-8"}, "UTF-8", {}},
        {"nonsense", {}, "UTF-8", {"unknown-charset"}},
        {"ASCII~8859/1", {}, "ISO-8859-1", {}},
        {"8859/1~nonsense", {}, "ISO-8859-1", {"unknown-charset"}},
        {"UNICODE UTF-16", {}, "UTF-8", {"charset-contradicted"}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.declared);
        const std::string bytes =
            "MSH|^~\\&" + std::string(16, '|') + std::string(each.declared) + "|\xC3\xA9\r";
        const parse_result read = message::parse(bytes, each.options);
        ASSERT_TRUE(read.value);
        EXPECT_EQ(read.value->declared_charset().name(), each.name);
        std::vector<std::string> codes;
        for (const finding& found : read.findings) {
            codes.push_back(found.code);
        }
        EXPECT_EQ(codes, each.findings);
    }
    EXPECT_FALSE(message::parse("MSH|^~\\&|\r", {.forced_charset = "nonsense"}).value);
}

} // namespace
} // namespace auditgate::hl7v2
