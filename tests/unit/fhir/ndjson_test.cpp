#include "fhir/ndjson.hpp"

#include <gtest/gtest.h>

namespace auditgate::fhir {
namespace {

TEST(Ndjson, IsSeveralLinesOfObjects) {
    EXPECT_TRUE(is_ndjson("{\"a\":1}\n{\"b\":2}\n"));
    EXPECT_TRUE(is_ndjson("\xEF\xBB\xBF{\"a\":1}\r\n\r\n{broken"));
    EXPECT_FALSE(is_ndjson("{\"a\":1}\n"));
    EXPECT_FALSE(is_ndjson("{\"a\":1}"));
    EXPECT_FALSE(is_ndjson("{\n \"a\":{}\n}\n"));
    EXPECT_FALSE(is_ndjson("{\"a\":{}\n}\n"));
    EXPECT_FALSE(is_ndjson(""));
}

TEST(Ndjson, LinesKeepTheirNumbersAndABadOneDisturbsNone) {
    const auto lines = split_ndjson("{\"a\":1}\r\n\n  \nnot json\n {\"b\":2} ");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].number, 1U);
    EXPECT_EQ(lines[0].content, "{\"a\":1}");
    EXPECT_EQ(lines[1].number, 4U);
    EXPECT_EQ(lines[1].content, "not json");
    EXPECT_EQ(lines[2].number, 5U);
    EXPECT_EQ(lines[2].content, "{\"b\":2}");
}

} // namespace
} // namespace auditgate::fhir
