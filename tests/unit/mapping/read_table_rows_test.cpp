// Where rows and cells end, and a row as a message.
#include "mapping/read/table_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace auditgate::mapping {
namespace {

using ::testing::ElementsAre;

// Number, content and whether it is broken, as "1:a,b" and "2!x".
std::vector<std::string> rows_of(std::string_view bytes, std::size_t piece) {
    row_splitter splitter(',', '"');
    std::vector<std::string> result;
    const auto take = [&] {
        while (const auto row = splitter.next())
            result.push_back(std::to_string(row->number) + (row->is_broken ? "!" : ":") +
                             std::string(row->bytes));
    };
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        splitter.feed(bytes.substr(at, piece));
        take();
    }
    splitter.finish();
    take();
    return result;
}

TEST(TableRows, EndWhereALineEndsOutsideQuotesHoweverTheBytesCome) {
    constexpr std::string_view bytes =
        "\xEF\xBB\xBFid,text\r\n1,\"two\r\nlines\"\r\n\r\n2,\"say \"\"so\"\"\"\n3,5\" pipe\r4,x";
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U})
        EXPECT_THAT(rows_of(bytes, piece), ElementsAre("1:id,text", "2:1,\"two\r\nlines\"",
                                                       "4:2,\"say \"\"so\"\"\"", "5:3,5\" pipe", "6:4,x"))
            << piece;
}

TEST(TableRows, AQuoteThatIsNotClosedBreaksItsLineAlone) {
    EXPECT_THAT(rows_of("id,text\n1,\"open\n2,b\n3,c\n", 1000),
                ElementsAre("1:id,text", "2!1,\"open", "3:2,b", "4:3,c"));
    // Also far before the end of a large file.
    std::string large = "id,text\n1,\"open\n";
    std::size_t rows = 2;
    for (; large.size() < 3 * row_bytes_max; ++rows)
        large += std::to_string(rows) + ",some text\n";
    const auto found = rows_of(large, 65536);
    EXPECT_EQ(found.size(), rows);
    EXPECT_EQ(found[1], "2!1,\"open");
    EXPECT_EQ(found[2], "3:2,some text");
}

TEST(TableRows, ARowAtTheLimitIsWholeAndOnePastItIsBroken) {
    const std::string at_limit(row_bytes_max, 'x');
    EXPECT_THAT(rows_of(at_limit + "\nb\n", 10000), ElementsAre("1:" + at_limit, "2:b"));
    EXPECT_THAT(rows_of(at_limit + "x\nb\n", 10000), ElementsAre("1!" + at_limit, "2:b"));
    EXPECT_THAT(rows_of(at_limit + at_limit + "\r\nb", 10000), ElementsAre("1!" + at_limit, "2:b"));
}

TEST(TableRows, AnyBytesInAnyPiecesGiveTheSameRows) {
    std::mt19937 random(4711);
    constexpr std::string_view letters = "a,\"\r\n ";
    for (int i = 0; i < 2000; ++i) {
        std::string bytes;
        for (std::size_t size = random() % 40; bytes.size() < size;)
            bytes += letters[random() % letters.size()];
        ASSERT_EQ(rows_of(bytes, 1), rows_of(bytes, 1000)) << bytes;
    }
}

TEST(TableRows, CellsLoseTheirQuotesAndTheBlanksAroundThem) {
    using cells = std::vector<std::string>;
    EXPECT_EQ(split_cells("a, b ,\" c \",,\"d\"\"e\" ,", ',', '"'), (cells{"a", "b", " c ", "", "d\"e", ""}));
    EXPECT_EQ(split_cells("a\t\"b\tc\"\t", '\t', '"'), (cells{"a", "b\tc", ""}));
    EXPECT_EQ(split_cells("a|\"b|c", '|', '\0'), (cells{"a", "\"b", "c"}));
    EXPECT_EQ(split_cells("\"a\"b,c", ',', '"'), std::nullopt);
    EXPECT_EQ(split_cells("\"a,c", ',', '"'), std::nullopt);
}

TEST(TableRows, ARowIsAMessageThatHoldsItsBytesUnchanged) {
    table_message written;
    written.row = 17;
    written.recorded =
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(1772582400000));
    written.header = "\"id\nof row\",b";
    written.cells = "1,\"two\r\nlines\"";
    const std::string bytes = write_table_message(written);
    const auto read = parse_table_message(bytes);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->row, 17U);
    EXPECT_EQ(read->recorded, written.recorded);
    EXPECT_EQ(read->header, written.header);
    EXPECT_EQ(read->cells, written.cells);
    EXPECT_FALSE(read->omitted);
    for (const std::string_view wrong :
         {"MSH|^~\\&|", "#auditgate-table row=1", "#auditgate-table row=1 header=9\na\nb",
          "#auditgate-table row=-1 header=1\na\nb", "#auditgate-table row=1\na\nb"})
        EXPECT_FALSE(parse_table_message(wrong).has_value()) << wrong;
}

} // namespace
} // namespace auditgate::mapping
