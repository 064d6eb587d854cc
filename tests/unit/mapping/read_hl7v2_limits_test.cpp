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
        {"timings of one order", "RDE^O11",
         repeated({pid, "ORC|NW|O1", "RXE||N02AA01^^ATC|10||mg"}, {"TQ1|1||BD"}), many + 1},
        {"orders that may be replaced", "RDE^O11", repeated({pid}, {"ORC|RP|O1", "RXE||N02AA01^^ATC|10||mg"}),
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

TEST(ReadHl7v2Limits, ManyCodesOfOneReportAreReadInLinearTime) {
    std::string codes;
    for (std::size_t i = 0; i < 4 * many; ++i) {
        codes += std::to_string(i) + "^^L~";
    }
    const auto found =
        of_kind<procedure>(read("ORU^R01", "2.5", {pid, "OBR|1||F1|x^^L" + std::string(40, '|') + codes}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].as<procedure>()->codes.size(), 4 * many + 1);
}

std::string repetitions(const std::string& one, std::size_t count) {
    std::string all = one;
    for (std::size_t i = 1; i < count; ++i) {
        all += "~" + one;
    }
    return all;
}

TEST(ReadHl7v2Limits, EmptyRepetitionsAreNoFacts) {
    const std::string value(1'000'000, '~');
    EXPECT_EQ(read("ORU^R01", "2.5", {pid, "OBR|1||F1", "OBX|1|TX|x^^L||" + value}).events.size(), 3U);
}

TEST(ReadHl7v2Limits, AMessageWithTooManyFactsIsRefusedWhole) {
    const auto read_values = [](std::size_t count) { // the patient is a fact, too
        return read("ORU^R01", "2.5", {pid, "OBX|1|TX|x^^L||" + repetitions("a", count - 1)});
    };
    const read_result all = read_values(events_of_a_message_max);
    EXPECT_EQ(all.events.size(), events_of_a_message_max);
    EXPECT_EQ(all.unreadable_reason(), "");
    const read_result more = read_values(events_of_a_message_max + 1);
    EXPECT_TRUE(more.events.empty());
    EXPECT_EQ(more.unreadable_reason(), "too-many-events");
    EXPECT_EQ(more.findings.back().path, "OBX");
}

TEST(ReadHl7v2Limits, APatientWithTooManyNumbersIsRefused) {
    const auto read_numbers = [](std::size_t count) {
        std::string identifiers;
        for (std::size_t i = 0; i < count; ++i) {
            identifiers += std::to_string(i) + "^^^RXX^MR~";
        }
        return read("ADT^A28", "2.5", {"PID|1||" + identifiers});
    };
    EXPECT_EQ(read_numbers(identifiers_of_a_patient_max).events.size(), 1U);
    const read_result more = read_numbers(identifiers_of_a_patient_max + 1);
    EXPECT_TRUE(more.events.empty());
    EXPECT_EQ(more.unreadable_reason(), "too-many-identifiers");
    EXPECT_EQ(more.findings.back().path, "PID-3");
}

} // namespace
} // namespace auditgate::mapping::test
