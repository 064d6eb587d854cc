// Every public message, with letters of each character set put into it, transcoded by ICU as its sender's system would do
// it: every value must be read as it was before, and MSA-2 be the control id byte for byte. Prints the table.
#include "hl7v2/acknowledgement.hpp"
#include "hl7v2/batch.hpp"
#include "hl7v2/header.hpp"
#include "hl7v2/message.hpp"
#include "hl7v2/writer.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <vector>

namespace auditgate::hl7v2 {
namespace {

struct character_set {
    std::string icu_name;
    std::string declared; // MSH-18
    std::string mark;     // byte order mark, in UTF-8
    std::string letters;  // that the set has; in GB 18030 with second bytes that are `|`, `~` and `^`
};

const std::vector<character_set>& character_sets() {
    static const std::vector<character_set> all{
        {"ISO-8859-1", "8859/1", "", "Jos\u00e9 \u00c5ngstr\u00f6m \u00ff"},
        {"ISO-8859-2", "8859/2", "", "Wa\u0142\u0119sa \u0150ry \u017d"},
        {"ISO-8859-15", "8859/15", "", "\u0152uf 5\u20ac \u0178"},
        {"UTF-8", "UNICODE UTF-8", "", "Jos\u00e9 \u8b5c \U0001F600"},
        {"UTF-16LE", "UNICODE UTF-16", "\uFEFF", "Jos\u00e9 \u8b5c \U0001F600"},
        {"UTF-16BE", "UNICODE UTF-16", "\uFEFF", "Jos\u00e9 \u8b5c \U0001F600"},
        {"UTF-16LE", "UNICODE UTF-16", "", "Jos\u00e9 \u8b5c \U0001F600"},
        {"UTF-16BE", "UNICODE UTF-16", "", "Jos\u00e9 \u8b5c \U0001F600"},
        {"GB18030", "GB 18030-2000", "", "\u4e85\u4e8a\u4e5b \u8b5c \u3400 \U0001F600"},
    };
    return all;
}

struct close_converter {
    void operator()(UConverter* one) const { ucnv_close(one); }
};
using converter = std::unique_ptr<UConverter, close_converter>;

// By ICU itself, not by the library that is tested. Empty when the set lacks a character.
std::string transcoded(const std::string& text, const std::string& to, const std::string& from = "UTF-8") {
    UErrorCode failure = U_ZERO_ERROR;
    const converter source(ucnv_open(from.c_str(), &failure));
    const converter target(ucnv_open(to.c_str(), &failure));
    ucnv_setToUCallBack(source.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &failure);
    ucnv_setFromUCallBack(target.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &failure);
    std::string bytes(text.size() * 4 + 16, '\0');
    char* out = bytes.data();
    const char* in = text.data();
    ucnv_convertEx(target.get(), source.get(), &out, bytes.data() + bytes.size(), &in,
                   text.data() + text.size(), nullptr, nullptr, nullptr, nullptr, 1, 1, &failure);
    bytes.resize(U_SUCCESS(failure) ? static_cast<std::size_t>(out - bytes.data()) : 0);
    return bytes;
}

// Longer messages take time and show nothing new.
constexpr std::size_t message_bytes_max = 16 * 1024;
#ifdef AUDITGATE_SANITIZED
constexpr std::size_t one_message_in = 10;
#else
constexpr std::size_t one_message_in = 1;
#endif

// Messages in UTF-8 or plain ASCII that can be read, one of each file.
std::vector<std::string> corpus_texts() {
    std::vector<std::string> texts;
    const auto folder = test::corpus_folder();
    if (!folder || !std::filesystem::is_directory(*folder / "hl7v2"))
        return texts;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder / "hl7v2")) {
        const std::string extension = entry.path().extension().string();
        if (!entry.is_regular_file() || extension == ".md" || extension == ".json")
            continue;
        std::string bytes = test::read_file(entry.path());
        const batch_result split = split_batch(bytes);
        if (split.messages.empty())
            continue;
        bytes = bytes.substr(split.messages.front().offset, split.messages.front().size);
        const parse_result read = message::parse(bytes);
        if (read.value && bytes.size() <= message_bytes_max &&
            read.value->declared_charset().name() != "UTF-16" && !transcoded(bytes, "UTF-16LE").empty() &&
            read.value->header().field_count() >= 12)
            texts.push_back(std::move(bytes));
    }
    return texts;
}

// The message with the set's letters in its control id, its sender and a name, and the set in MSH-18. Empty when a character
// of it is not in the set.
std::string prepared(const std::string& text, const character_set& set) {
    const parse_result read = message::parse(text, {.forced_charset = "UTF-8"});
    message_writer changed(*read.value);
    bool done = changed.set_text("MSH-3", set.letters) &&
                changed.set_text("MSH-10", read.value->message_control_id() + set.letters) &&
                changed.set_raw("MSH-18", set.declared);
    if (changed.find_segment("PID") < changed.segment_count())
        done = done && changed.set_text("PID-5.1", set.letters);
    const std::string bytes = done ? changed.encode() : "";
    return transcoded(bytes, set.icu_name).empty() ? "" : bytes;
}

std::vector<std::string> all_values(const message& read) {
    std::vector<std::string> values;
    for (const segment_view segment : read)
        for (const field_view field : segment.fields())
            for (const repetition_view repetition : field.repetitions())
                for (const component_view component : repetition.components())
                    for (const subcomponent_view part : component.subcomponents())
                        values.push_back(part.text());
    return values;
}

struct table_row {
    std::size_t messages = 0;
    std::size_t values = 0;
    std::size_t values_right = 0;
    std::size_t answers_right = 0; // MSA-2 byte for byte
};

void compare(const std::string& text, const character_set& set, table_row& row) {
    const std::string bytes = transcoded(set.mark + text, set.icu_name);
    const parse_result expected = message::parse(text, {.forced_charset = "UTF-8"});
    const parse_result read = message::parse(bytes);
    ASSERT_TRUE(expected.value && read.value);
    ++row.messages;
    const std::vector<std::string> before = all_values(*expected.value);
    const std::vector<std::string> after = all_values(*read.value);
    row.values += before.size();
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (after[i] == before[i])
            ++row.values_right;
        EXPECT_EQ(after[i], before[i]);
    }
    const std::string answer =
        build_acknowledgement(read_header(bytes), {acknowledgement_code::AA, {}, "1", "20260101"});
    // MSA-2 ends the segment: what stands between is the control id's own bytes.
    const std::string field(1, expected.value->marks().field);
    const std::string control_id(expected.value->header().field(10).raw());
    const std::string wanted = transcoded("\rMSA" + field + "AA" + field + control_id + "\r", set.icu_name);
    const bool is_right =
        answer.find(wanted) != std::string::npos &&
        bytes.find(transcoded(field + control_id + field, set.icu_name)) != std::string::npos;
    if (is_right)
        ++row.answers_right;
    EXPECT_TRUE(is_right) << "MSA-2 in " << set.icu_name;
}

TEST(Hl7v2Charsets, ValuesAndControlIdsOfTranscodedMessagesAreThoseOfTheOriginals) {
    const std::vector<std::string> texts = corpus_texts();
    if (texts.empty())
        GTEST_SKIP() << "no folder of public messages (set AUDITGATE_CORPUS)";
    std::cout << std::left << std::setw(14) << "set" << std::setw(6) << "mark" << std::setw(16) << "MSH-18"
              << std::right << std::setw(9) << "messages" << std::setw(9) << "values" << std::setw(9)
              << "right" << std::setw(22) << "MSA-2 byte for byte" << '\n';
    for (const character_set& set : character_sets()) {
        SCOPED_TRACE(set.icu_name);
        table_row row;
        for (std::size_t i = 0; i < texts.size(); i += one_message_in)
            if (const std::string changed = prepared(texts[i], set); !changed.empty())
                compare(changed, set, row);
        std::cout << std::left << std::setw(14) << set.icu_name << std::setw(6)
                  << (set.mark.empty() ? "no" : "yes") << std::setw(16) << set.declared << std::right
                  << std::setw(9) << row.messages << std::setw(9) << row.values << std::setw(9)
                  << row.values_right << std::setw(22) << row.answers_right << '\n';
        EXPECT_GT(row.messages, texts.size() / one_message_in / 2);
        EXPECT_EQ(row.values_right, row.values);
        EXPECT_EQ(row.answers_right, row.messages);
    }
}

} // namespace
} // namespace auditgate::hl7v2
