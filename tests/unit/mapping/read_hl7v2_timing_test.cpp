#include "tests/unit/mapping/read_hl7v2_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

using namespace std::chrono;

std::vector<event> orders(const std::vector<std::string>& segments, const std::string& type = "RDE^O11") {
    std::vector<std::string> all = {pid};
    all.insert(all.end(), segments.begin(), segments.end());
    return of_kind<medication>(read(type, "2.5.1", all));
}

medication order_with(const std::string& tq1) {
    return *orders({"ORC|NW|O1", "RXE||N02AA01^^ATC|30||mg", tq1}).at(0).as<medication>();
}

TEST(ReadHl7v2Timing, PatternsAreDosesInAPeriod) {
    const struct {
        const char* pattern;
        std::optional<dose_frequency> frequency;
        bool as_needed;
    } rows[] = {
        {"BD", dose_frequency{2, 1440}, false},
        {"daily", dose_frequency{1, 1440}, false},
        {"5ID", dose_frequency{5, 1440}, false},
        {"QOD", dose_frequency{1, 2880}, false},
        {"Q72H", dose_frequency{1, 4320}, false},
        {"QDS PRN", dose_frequency{4, 1440}, true}, // as British prescribers write it
        {"Q4H PRN", dose_frequency{1, 240}, true},
        {"PRN", std::nullopt, true},
        {"OM~ON", dose_frequency{2, 1440}, false},
        {"BD~whenever", std::nullopt, false},
        {"OM~Q4H", std::nullopt, false},
        {"LOCAL1^^^^12^h", dose_frequency{1, 720}, false}, // the code is not known, its meaning is sent
        {"LOCAL1^^^^1^mo", std::nullopt, false},
        {"STAT", std::nullopt, true}, // no regular order
        {"XID", std::nullopt, false},
        {"Q0H", std::nullopt, false},
        {"", std::nullopt, false},
    };
    for (const auto& row : rows) {
        const medication found = order_with("TQ1|1||" + std::string(row.pattern));
        EXPECT_EQ(found.frequency, row.frequency) << row.pattern;
        EXPECT_EQ(found.as_needed, row.as_needed) << row.pattern;
    }
}

TEST(ReadHl7v2Timing, APatternThatIsNotKnownIsPointedOut) {
    const auto notes_of = [](const std::string& tq1) {
        std::vector<std::string> paths;
        for (const part_report& part :
             read("RDE^O11", "2.5.1", {pid, "ORC|NW|O1", "RXE||N02AA01^^ATC|30||mg", tq1}).parts) {
            for (const part_note& note : part.notes) {
                paths.push_back(note.path);
            }
        }
        return paths;
    };
    EXPECT_EQ(notes_of("TQ1|1||LOCAL7"), std::vector<std::string>{"TQ1-3"});
    EXPECT_TRUE(notes_of("TQ1|1||BD").empty());
    EXPECT_TRUE(notes_of("TQ1|1||PRN").empty());
    EXPECT_TRUE(notes_of("TQ1|1").empty());
}

TEST(ReadHl7v2Timing, TimesOfDayAreDosesWhereNoPatternSaysMore) {
    EXPECT_EQ(order_with("TQ1|1|||0800~1400~2000").frequency, (dose_frequency{3, 1440}));
    EXPECT_EQ(order_with("TQ1|1||BD|0800~1400~2000").frequency, (dose_frequency{2, 1440}));
    const auto old = of_kind<medication>(
        read("RDE^O11", "2.3", {pid, "ORC|NW|O1", "RXE|^&0800,2000^^202603041200|N02AA01^^ATC|30||mg"}));
    EXPECT_EQ(old.at(0).as<medication>()->frequency, (dose_frequency{2, 1440}));
}

TEST(ReadHl7v2Timing, ADurationTellsTheEndThatIsNotStated) {
    const medication timed = order_with("TQ1|1||TID|||3^D&day|202603041200");
    ASSERT_TRUE(timed.end);
    EXPECT_EQ(timed.ended, order_end::given);
    EXPECT_EQ(timed.end->as_end(), local_days(2026y / 3 / 7) + 12h);
    const medication dated = order_with("TQ1|1||TID|||3^d|20260304");
    EXPECT_EQ(dated.end->as_end(), local_days(2026y / 3 / 7) + 0h); // the third day is over
    EXPECT_EQ(day_of(order_with("TQ1|1||TID|||3^d|20260304|20260320").end), "2026-3-20");
    EXPECT_EQ(order_with("TQ1|1||TID|||3^d|20260304|\"\"").ended, order_end::removed);
    EXPECT_EQ(order_with("TQ1|1||TID|||3^d").ended, order_end::absent);
    EXPECT_EQ(order_with("TQ1|1||TID|||3^moons|20260304").ended, order_end::absent);
    const auto old = of_kind<medication>(
        read("RDE^O11", "2.3", {pid, "ORC|NW|O1", "RXE|^BD^D5^20260304|N02AA01^^ATC|30||mg"}));
    EXPECT_EQ(day_of(old.at(0).as<medication>()->end), "2026-3-9");
}

TEST(ReadHl7v2Timing, OldPrioritiesSayWhenNeeded) {
    const auto old = of_kind<medication>(
        read("RDE^O01", "2.3", {pid, "ORC|NW|O1", "RXE|^Q4H^^202603041200^^PRN|N02AA01^^ATC|30||mg"}));
    EXPECT_TRUE(old.at(0).as<medication>()->as_needed);
    EXPECT_EQ(old.at(0).as<medication>()->frequency, (dose_frequency{1, 240}));
}

TEST(ReadHl7v2Timing, TheOrderItselfSaysWhenItsDrugDoesNot) {
    const auto found = of_kind<medication>(
        read("RDE^O01", "2.3", {pid, "ORC|NW|O1|||||^BD^^202603041200", "RXE||N02AA01^^ATC|30||mg"}));
    EXPECT_EQ(found.at(0).as<medication>()->frequency, (dose_frequency{2, 1440}));
}

TEST(ReadHl7v2Timing, EachTimingIsADosageOfItsOwn) {
    const auto found = orders({"ORC|NW|O1", "RXE||N02AA01^^ATC|10||mg", "TQ1|1|10^mg|OM||||202603010800",
                               "TQ1|2|20^mg|ON||||202603012000", "RXR|PO", "ORC|NW|O2",
                               "RXE||N02AA05^^ATC|5||mg", "TQ1|1|1|BD"});
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].fact_key, "PAS|RXX|hl7v2-rde|RXE|O1");
    EXPECT_EQ(found[1].fact_key, "PAS|RXX|hl7v2-rde|RXE|O1#dosage-2");
    EXPECT_EQ(found[1].as<medication>()->order_numbers, (std::vector<std::string>{"O1#dosage-2"}));
    EXPECT_EQ(found[0].as<medication>()->dose, (amount{"10", "mg"}));
    EXPECT_EQ(found[1].as<medication>()->dose, (amount{"20", "mg"}));
    EXPECT_EQ(found[1].as<medication>()->route, (codings{{"", "PO"}}));
    EXPECT_EQ(day_of(found[1].when), "2026-3-1");
    EXPECT_EQ(found[2].as<medication>()->dose, (amount{"5", "mg"})) << "one timing: RXE-3 is the dose";
}

TEST(ReadHl7v2Timing, RepetitionsOfAnOldTimingAreDosages) {
    const auto found = of_kind<medication>(
        read("RDE^O01", "2.3", {pid, "ORC|NW|O1", "RXE|10&mg^OM~20&mg^ON|N02AA01^^ATC|10||mg"}));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1].as<medication>()->dose, (amount{"20", "mg"}));
}

TEST(ReadHl7v2Timing, TimingsOfOneOrderAreNotTakenForThoseOfTheNext) {
    const auto found =
        orders({"ORC|NW|O1", "TQ1|1||BD", "RXE||N02AA01^^ATC|10||mg", "RXE||N02AA05^^ATC|5||mg", "TQ1|1||OD",
                "ORC|NW|O2", "RXE||N02AX02^^ATC|50||mg"});
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].as<medication>()->frequency, (dose_frequency{2, 1440}));
    EXPECT_EQ(found[1].as<medication>()->frequency, (dose_frequency{1, 1440}));
    EXPECT_EQ(found[2].as<medication>()->frequency, std::nullopt);
}

} // namespace
} // namespace auditgate::mapping::test
