#include "hl7v2/path.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace auditgate::hl7v2 {
namespace {

using list = std::vector<std::string>;

constexpr std::string_view results = "MSH|^~\\&|LAB\r"
                                     "PID|1||1^a~2^b&c~3\r"
                                     "OBR|1||F1\rOBX|1|NM|x||10\rOBX|2|NM|y||11\r"
                                     "OBR|2||F2\rOBX|1|NM|z||20\rNTE|1\rOBX|2|NM|w||21\r";

list found(std::string_view text) {
    const parse_result read = message::parse(results);
    const path_result which = parse_path(text);
    EXPECT_TRUE(which.value) << text;
    list all;
    for (const located_value& each : get_all(read.value.value(), which.value.value())) {
        all.push_back(to_string(each.where) + "=" + std::string(each.value.raw()));
        EXPECT_EQ(get(*read.value, to_string(each.where)).raw(), each.value.raw())
            << "its own path finds it again";
    }
    EXPECT_EQ(get(*read.value, text).is_absent(), all.empty());
    return all;
}

TEST(Path, FindsValues) {
    const struct {
        std::string_view path;
        list expected;
    } cases[] = {
        {"MSH-1", {"MSH-1=|"}},
        {"MSH-2", {"MSH-2=^~\\&"}},
        {"MSH-3", {"MSH-3=LAB"}},
        {"PID-3", {"PID-3=1^a~2^b&c~3"}},
        {"PID-3.1", {"PID-3.1=1"}},
        {"PID-3[2]", {"PID-3[2]=2^b&c"}},
        {"PID-3[2].2.2", {"PID-3[2].2.2=c"}},
        {"PID-3[*].2", {"PID-3[1].2=a", "PID-3[2].2=b&c"}},
        {"PID-3[*]", {"PID-3[1]=1^a", "PID-3[2]=2^b&c", "PID-3[3]=3"}},
        {"PID-3[4]", {}},
        {"PID-9", {}},
        {"ZZZ-1", {}},
        {"OBX-5", {"OBX-5=10"}},
        {"OBX(3)-5", {"OBX(3)-5=20"}},
        {"OBX(5)-5", {}},
        {"OBX(*)-5", {"OBX-5=10", "OBX(2)-5=11", "OBX(3)-5=20", "OBX(4)-5=21"}},
        {"OBR(2)/OBX(*)-5", {"OBR(2)/OBX-5=20", "OBR(2)/OBX(2)-5=21"}},
        {"OBR(*)/OBX(2)-3", {"OBR/OBX(2)-3=y", "OBR(2)/OBX(2)-3=w"}},
        {"OBR/NTE-1", {}},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(found(each.path), each.expected) << each.path;
    }
}

TEST(Path, NamesThePositionOfAnError) {
    const struct {
        std::string_view text;
        std::size_t offset;
    } cases[] = {
        {"", 0},        {"PI-3", 0},        {"pid-3", 0},
        {"1ID-3", 0},   {"PID", 3},         {"PID3", 3},
        {"PID-", 4},    {"PID-0", 4},       {"PID-x", 4},
        {"PID-3[", 6},  {"PID-3[0]", 6},    {"PID-3[2", 7},
        {"PID-3.", 6},  {"PID-3.1.0", 8},   {"PID-3.1.2.3", 9},
        {"PID(2-3", 5}, {"PID()-3", 4},     {"OBR(2)/-5", 7},
        {"PID-3 ", 5},  {"PID-1000001", 4}, {"PID-99999999999999999999", 4},
        {"PID-3.*", 6},
    };
    for (const auto& each : cases) {
        const path_result parsed = parse_path(each.text);
        EXPECT_FALSE(parsed.value) << each.text;
        EXPECT_EQ(parsed.error_offset, each.offset) << each.text;
        EXPECT_FALSE(parsed.error.empty()) << each.text;
    }
    EXPECT_TRUE(parse_path("PID-1000000").value);
}

RC_GTEST_PROP(Path, ReadsBackWhatItWrites, ()) {
    path written;
    const auto steps = *rc::gen::inRange<std::size_t>(1, 4);
    for (std::size_t i = 0; i < steps; ++i) {
        written.steps.push_back(
            {*rc::gen::element<std::string>("PID", "OBX", "ZX9"), *rc::gen::inRange<std::size_t>(0, 50)});
    }
    written.field = *rc::gen::inRange<std::size_t>(1, 100);
    if (*rc::gen::arbitrary<bool>()) {
        written.repetition = *rc::gen::inRange<std::size_t>(0, 50);
    }
    if (*rc::gen::arbitrary<bool>()) {
        written.component = *rc::gen::inRange<std::size_t>(1, 50);
        if (*rc::gen::arbitrary<bool>()) {
            written.subcomponent = *rc::gen::inRange<std::size_t>(1, 50);
        }
    }
    RC_ASSERT(parse_path(to_string(written)).value == written);
}

} // namespace
} // namespace auditgate::hl7v2
