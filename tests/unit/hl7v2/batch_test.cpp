#include "hl7v2/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace auditgate::hl7v2 {
namespace {

using list = std::vector<std::string>;

TEST(Batch, SplitsMessagesAndChecksCounts) {
    const struct {
        const char* what;
        std::string bytes;
        list messages;
        list findings;
    } cases[] = {
        {"nothing", "", {}, {}},
        {"one message", "MSH|^~\\&|a\rPID|1\r", {"MSH|^~\\&|a\rPID|1\r"}, {}},
        {"a run", "MSH|^~\\&|a\rPID|1\rMSH|^~\\&|b\r", {"MSH|^~\\&|a\rPID|1\r", "MSH|^~\\&|b\r"}, {}},
        {"empty lines between",
         "\n\nMSH|^~\\&|a\n\n\nMSH|^~\\&|b\n\n",
         {"MSH|^~\\&|a\n\n\n", "MSH|^~\\&|b\n\n"},
         {}},
        {"file and batch",
         "FHS|^~\\&|\rBHS|^~\\&|\rMSH|^~\\&|a\rMSH|^~\\&|b\rBTS|2\rFTS|1\r",
         {"MSH|^~\\&|a\r", "MSH|^~\\&|b\r"},
         {}},
        {"CRLF", "BHS|^~\\&|\r\nMSH|^~\\&|a\r\nBTS|1\r\n", {"MSH|^~\\&|a\r\n"}, {}},
        {"wrong counts",
         "FHS|^~\\&|\rBHS|^~\\&|\rMSH|^~\\&|a\rBTS|2|x\rFTS|7\r",
         {"MSH|^~\\&|a\r"},
         {"batch-count-differs", "file-count-differs"}},
        {"no counts",
         "FHS|^~\\&|\rBHS|^~\\&|\rMSH|^~\\&|a\rBTS\rFTS|\r",
         {"MSH|^~\\&|a\r"},
         {"batch-count-missing", "batch-count-missing"}},
        {"count is no number",
         "BHS|^~\\&|\rMSH|^~\\&|a\rBTS|one\r",
         {"MSH|^~\\&|a\r"},
         {"batch-count-differs"}},
        {"not ended",
         "FHS|^~\\&|\rBHS|^~\\&|\rMSH|^~\\&|a\r",
         {"MSH|^~\\&|a\r"},
         {"batch-not-ended", "file-not-ended"}},
        {"two batches",
         "FHS|^~\\&|\rBHS|^~\\&|\rMSH|^~\\&|a\rBTS|1\rBHS|^~\\&|\rMSH|^~\\&|b\rBTS|1\rFTS|2\r",
         {"MSH|^~\\&|a\r", "MSH|^~\\&|b\r"},
         {}},
        {"batch within a batch",
         "BHS|^~\\&|\rMSH|^~\\&|a\rBHS|^~\\&|\rMSH|^~\\&|b\rBTS|1\r",
         {"MSH|^~\\&|a\r", "MSH|^~\\&|b\r"},
         {"batch-not-ended"}},
        {"trailer alone", "MSH|^~\\&|a\rBTS|1\r", {"MSH|^~\\&|a\r"}, {"trailer-without-header"}},
        {"no trailer", "MSH|^~\\&|a\rBTS^O31\rPID|1\r", {"MSH|^~\\&|a\rBTS^O31\rPID|1\r"}, {}},
        {"bad neighbour",
         "MSH|^~\\&|a\rMSH|&&&&|b\rwhat\rMSH|^~\\&|c\r",
         {"MSH|^~\\&|a\r", "MSH|&&&&|b\rwhat\r", "MSH|^~\\&|c\r"},
         {}},
        {"text outside", "hello\rMSH|^~\\&|a\r", {"MSH|^~\\&|a\r"}, {"text-outside-message"}},
        {"frames", "\vMSH|^~\\&|a\r\x1C\r\vMSH|^~\\&|b\r\x1C\r", {"MSH|^~\\&|a\r", "MSH|^~\\&|b\r"}, {}},
        {"byte order mark", "\xEF\xBB\xBFMSH|^~\\&|a\r", {"MSH|^~\\&|a\r"}, {}},
        {"byte order mark of each message",
         "\xEF\xBB\xBFMSH|^~\\&|a\r\v\xEF\xBB\xBFMSH|^~\\&|b\r",
         {"MSH|^~\\&|a\r", "MSH|^~\\&|b\r"},
         {}},
        {"byte order mark alone", "\xEF\xBB\xBF\r\nMSH|^~\\&|a\r", {"MSH|^~\\&|a\r"}, {}},
        {"a letter that ends as the mark does",
         "MSH|^~\\&|a\rPID|\xC3\xBB",
         {"MSH|^~\\&|a\rPID|\xC3\xBB"},
         {}},
        {"no end before the next frame",
         "MSH|^~\\&|\xC3\xBB\x1C\r\vMSH|^~\\&|\xC3\xAF\x1C\r",
         {"MSH|^~\\&|\xC3\xBB", "MSH|^~\\&|\xC3\xAF"},
         {}},
        {"own separator", "BHS#@*!$\rMSH|^~\\&|a\rBTS#1\r", {"MSH|^~\\&|a\r"}, {}},
        {"MSH in a word",
         "MSH|^~\\&|a\rNTE|1||the\rMSHX is no header\r",
         {"MSH|^~\\&|a\rNTE|1||the\rMSHX is no header\r"},
         {}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.what);
        const batch_result split = split_batch(each.bytes);
        list messages;
        for (const batch_message& part : split.messages) {
            messages.push_back(each.bytes.substr(part.offset, part.size));
        }
        list codes;
        for (const finding& one : split.findings) {
            codes.push_back(one.code);
        }
        EXPECT_EQ(messages, each.messages);
        EXPECT_EQ(codes, each.findings);
    }
}

TEST(Batch, TellsInWhichBatchAMessageStands) {
    const batch_result split = split_batch(
        "MSH|^~\\&|a\rBHS|^~\\&|\rMSH|^~\\&|b\rBTS|1\rMSH|^~\\&|c\rBHS|^~\\&|\rMSH|^~\\&|d\rBTS|1\r");
    ASSERT_EQ(split.messages.size(), 4U);
    EXPECT_EQ(split.messages[0].batch, 0U);
    EXPECT_EQ(split.messages[1].batch, 1U);
    EXPECT_EQ(split.messages[2].batch, 0U);
    EXPECT_EQ(split.messages[3].batch, 2U);
    EXPECT_EQ(split.batches, 2U);
}

TEST(Batch, KnowsWhatMustBeSplit) {
    EXPECT_FALSE(is_batch("MSH|^~\\&|a\rPID|1\r"));
    EXPECT_FALSE(is_batch(""));
    EXPECT_TRUE(is_batch("MSH|^~\\&|a\rMSH|^~\\&|b\r"));
    EXPECT_TRUE(is_batch("BHS|^~\\&|\rMSH|^~\\&|a\rBTS|1\r"));
    EXPECT_TRUE(is_batch("FHS|^~\\&|\r"));
    EXPECT_TRUE(is_batch("MSH|^~\\&|a\rBHS|^~\\&|\rBTS|0\r"));
    EXPECT_FALSE(is_batch("MSH|^~\\&|a\rNTE|1||MSH and BHS\r"));
}

TEST(Batch, IsAnsweredByABatch) {
    const std::string file = "FHS#@*!$#FA#FF#TA@x#TF#2024##name#comment#F7\rBHS|^~\\&|A^1|B|C|D|2024||n|c|B~"
                             "7\rMSH|^~\\&|a\rBTS|1\rFTS#1\r";
    const batch_result split = split_batch(file);
    ASSERT_EQ(split.headers.size(), 1U);
    const std::vector<std::string> answers{"MSH|1\rMSA|AA|1\r", "MSH|2\rMSA|AR|2\r"};
    const std::string batch = build_batch_acknowledgement(
        read_batch_header(std::string_view(file).substr(split.headers.front())),
        {.parts = answers, .control_id = "G1", .time = "20240201", .comment = "BTS-1 | differs"});
    EXPECT_EQ(batch, "BHS|^~\\&|C|D|A^1|B|20240201||n||G1|B~7\rMSH|1\rMSA|AA|1\rMSH|2\rMSA|AR|2\r"
                     "BTS|2|BTS-1 \\F\\ differs\r");
    EXPECT_EQ(build_file_acknowledgement(read_batch_header(std::string_view(file).substr(split.file_header)),
                                         {.parts = {&batch, 1}, .control_id = "G2", .time = "20240201"}),
              "FHS#@*!$#TA@x#TF#FA#FF#20240201##name##G2#F7\r" + batch + "FTS#1\r");
}

TEST(Batch, AnswersWhatItCannotReadInTheDelimitersOfTheStandard) {
    for (const char* header : {"", "BHS", "BHSX^~", "BHS|&&&&|A|B"}) {
        const std::string answer = build_batch_acknowledgement(read_batch_header(header),
                                                               {.parts = {}, .control_id = "G1", .time = ""});
        EXPECT_TRUE(answer.starts_with("BHS|^~\\&|")) << answer;
        EXPECT_TRUE(answer.ends_with("|G1|\rBTS|0\r")) << answer;
    }
}

} // namespace
} // namespace auditgate::hl7v2
