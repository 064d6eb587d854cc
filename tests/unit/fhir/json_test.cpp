#include "fhir/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace auditgate::fhir::json {
namespace {

value parsed(std::string_view text) {
    parse_result result = parse(text);
    EXPECT_TRUE(result.document.has_value()) << (result.findings.empty() ? "" : result.findings.front().text);
    return result.document.value_or(value());
}

finding refusal(std::string_view text, const parse_limits& limits = {}) {
    const parse_result result = parse(text, limits);
    EXPECT_FALSE(result.document.has_value());
    EXPECT_EQ(result.findings.size(), 1U);
    return result.findings.empty() ? finding{} : result.findings.front();
}

TEST(Json, WritesBackByteForByte) {
    const char* const documents[] = {
        "null",
        "true",
        R"({"value":1.0500})",
        R"([-0.00,0,-0,1e2,1E+2,1.50e-7,12345678901234567890123456789012345678,0.1000000000000000055511151231257827])",
        R"({"b":1,"a":{"d":[],"c":{}},"":""})",
        "\"\xC3\xA9 \xF0\x9F\x98\x80\"",
        R"("quote \" backslash \\ line \n")",
    };
    for (const char* document : documents) {
        EXPECT_EQ(write(parsed(document)), document);
    }
}

TEST(Json, PrettyTextReadsBackTheSame) {
    const value document = parsed(R"({"a":[1.10,{"b":null}],"c":"x"})");
    const std::string pretty = write(document, layout::pretty);
    EXPECT_NE(pretty.find("\n  \"a\": [\n"), std::string::npos);
    EXPECT_EQ(parsed(pretty), document);
}

TEST(Json, CanonicalTextSortsMembersAtEveryLevel) {
    EXPECT_EQ(write_canonical(parsed(R"({ "b" : 1.0, "a" : [ {"z":1,"y":2} ], "B":3 })")),
              R"({"B":3,"a":[{"y":2,"z":1}],"b":1.0})");
}

TEST(Json, RefusesWithCodeOffsetAndPath) {
    const struct {
        std::string_view text;
        const char* code;
        std::size_t offset;
        const char* path;
    } rows[] = {
        {"", "invalid-json", 0, ""},
        {"{} {}", "invalid-json", 3, ""},
        {"{\"a\":1,}", "invalid-json", 7, ""},
        {"[1,]", "invalid-json", 3, "[1]"},
        {"// c\n1", "invalid-json", 0, ""},
        {"\xEF\xBB\xBF{}", "invalid-json", 0, ""},
        {"[NaN]", "invalid-json", 1, "[0]"},
        {"[01]", "invalid-json", 2, "[1]"},
        {"[1e400]", "number-too-big", 1, "[0]"},
        {R"({"resourceType":"Patient","id":"1","id":"2"})", "duplicate-key", 39, "Patient.id"},
        {R"({"resourceType":"Bundle","entry":[{},{"resource":{"status":"a","status":"b"}}]})",
         "duplicate-key", 71, "Bundle.entry[1].resource.status"},
        {R"({"a name":1,"a name":2})", "duplicate-key", 20, "?"},
        {R"(["\ud800"])", "invalid-encoding", 2, "[0]"},
        {R"(["\udc00"])", "invalid-encoding", 9, "[0]"},
        {"[\"\xFF\"]", "invalid-encoding", 2, "[0]"},
        {"[\"\xC0\x80\"]", "invalid-encoding", 2, "[0]"},
        {R"(["\u0000"])", "null-character", 9, "[0]"},
        {std::string_view("{}\0x", 4), "null-character", 2, ""},
    };
    for (const auto& row : rows) {
        const finding refused = refusal(row.text);
        EXPECT_EQ(refused.code, row.code) << row.text;
        EXPECT_EQ(refused.offset, row.offset) << row.text;
        EXPECT_EQ(refused.path, row.path) << row.text;
        EXPECT_EQ(refused.level, severity::fatal);
    }
}

TEST(Json, FindsDuplicateAmongManyMembers) {
    std::string text = "{";
    for (int i = 0; i < 100; ++i) {
        text += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    }
    EXPECT_EQ(parsed(text + "\"last\":0}").size(), 101U);
    EXPECT_EQ(refusal(text + "\"m50\":0}").code, "duplicate-key");
}

TEST(Json, HoldsLimitsExactly) {
    parse_limits limits;
    limits.depth_max = 3;
    EXPECT_TRUE(parse("[[[1]]]", limits).document.has_value());
    EXPECT_EQ(refusal("[[[[1]]]]", limits).code, "too-deep");
    limits = {};
    limits.values_max = 4;
    EXPECT_TRUE(parse("[1,2,3]", limits).document.has_value());
    EXPECT_EQ(refusal("[1,2,3,4]", limits).code, "too-many-values");
    limits = {};
    limits.document_bytes_max = 7;
    EXPECT_TRUE(parse("[1,2,3]", limits).document.has_value());
    EXPECT_EQ(refusal("[1,2,3] ", limits).code, "too-large");
}

TEST(Json, RefusesEndlessNestingWithoutRecursing) {
    EXPECT_EQ(refusal(std::string(2'000'000, '[')).code, "too-deep");
}

TEST(Json, FindingNeverHoldsAValue) {
    const finding refused = refusal(R"({"family":"CANARY","family":"CANARY")");
    EXPECT_EQ(refused.text.find("CANARY"), std::string::npos);
    EXPECT_EQ(refused.path.find("CANARY"), std::string::npos);
}

TEST(Json, ReadsMissingThingsAsNull) {
    const value patient = parsed(R"({"name":[{"family":"A","given":["B","C"]}],"active":true,"count":7})");
    EXPECT_EQ(patient["name"][0]["given"][1].text(), "C");
    EXPECT_TRUE(patient["name"][1]["given"][0].is_null());
    EXPECT_TRUE(patient["name"]["family"].is_null());
    EXPECT_EQ(patient["active"].as_bool(), true);
    EXPECT_EQ(patient["count"].as_integer(), 7);
    EXPECT_EQ(patient["active"].as_integer(), std::nullopt);
    EXPECT_EQ(parsed("1.0").as_integer(), std::nullopt);
    EXPECT_EQ(parsed("9223372036854775808").as_integer(), std::nullopt);
}

TEST(Json, FollowsPointers) {
    const value document = parsed(R"({"a":[{"b/c":1,"d~e":2}],"":3})");
    EXPECT_EQ(document.at(""), &document);
    EXPECT_EQ(document.at("/a/0/b~1c")->text(), "1");
    EXPECT_EQ(document.at("/a/0/d~0e")->text(), "2");
    EXPECT_EQ(document.at("/")->text(), "3");
    EXPECT_EQ(document.at("/a/1"), nullptr);
    EXPECT_EQ(document.at("/a/x"), nullptr);
    EXPECT_EQ(document.at("a"), nullptr);
}

TEST(Json, BuildsAndChangesTrees) {
    value document = make_object({{"a", value(1)}, {"b", value("x")}});
    document.set("a", value(number{"2.50"}));
    document.set("c", make_array({value(true), value()})).push_back(value(std::string_view("z")));
    EXPECT_TRUE(document.erase("b"));
    EXPECT_FALSE(document.erase("b"));
    EXPECT_EQ(write(document), R"({"a":2.50,"c":[true,null,"z"]})");
}

TEST(Json, ComparesAsJsonWhenAsked) {
    EXPECT_TRUE(
        same_json(parsed(R"({"a":1,"b":[1.0,2e1,-0,0.50]})"), parsed(R"({"b":[1,20.00,0,5E-1],"a":1})")));
    EXPECT_FALSE(same_json(parsed("[1,2]"), parsed("[2,1]")));
    EXPECT_FALSE(same_json(parsed("1"), parsed("\"1\"")));
    EXPECT_FALSE(same_json(parsed("1"), parsed("10")));
    EXPECT_FALSE(same_json(parsed("1"), parsed("-1")));
    EXPECT_FALSE(same_json(parsed(R"({"a":null})"), parsed(R"({"b":null})")));
}

} // namespace
} // namespace auditgate::fhir::json
