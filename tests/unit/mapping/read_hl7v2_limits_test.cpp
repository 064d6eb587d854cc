#include "tests/unit/mapping/read_hl7v2_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

// Messages of a size that no sender has: work that grows with the square of it would take minutes.
constexpr std::size_t many = 20'000;

std::vector<std::string> repeated(std::vector<std::string> before, const std::vector<std::string>& segments) {
    for (std::size_t i = 0; i < many; ++i) {
        before.insert(before.end(), segments.begin(), segments.end());
    }
    return before;
}

TEST(ReadHl7v2Limits, ManySegmentsAreReadInLinearTime) {
    const struct {
        const char* what;
        const char* type;
        std::vector<std::string> segments;
        std::size_t events; // the patient is one
    } rows[] = {
        {"notes", "ADT^A08", repeated({pid}, {"NTE|1||x"}), 1},
        {"administrations without a route", "RAS^O17",
         repeated({pid, "ORC|RE|A1"}, {"RXA|0|1|202603030900||N02AA01^^ATC|1|mg"}), many + 1},
        {"orders without timing", "OMG^O19", repeated({pid, "ORC|NW|O1"}, {"OBR|1|||Y13.4^^OPCS4"}),
         many + 1},
        {"visits without EVN", "ADT^A01", repeated({pid}, {"PV1|1|I|||||||||||||||||V1"}), many + 1},
        {"results of a long report", "ORU^R01",
         repeated({pid, "OBR|" + std::string(100'000, '1') + "||F1|x^^L"}, {"OBX|1|NM|PAIN-NRS^^L||5"}),
         many + 2},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(read(row.type, "2.5", row.segments).events.size(), row.events) << row.what;
    }
}

} // namespace
} // namespace auditgate::mapping::test
