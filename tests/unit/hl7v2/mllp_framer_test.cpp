#include "hl7v2/mllp_framer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace auditgate::hl7v2 {

bool operator==(const mllp_event& a, const mllp_event& b) {
    return a.kind == b.kind && a.bytes == b.bytes && a.size == b.size &&
           a.without_carriage_return == b.without_carriage_return;
}

void PrintTo(const mllp_event& event, std::ostream* out) {
    *out << static_cast<int>(event.kind) << ' ' << testing::PrintToString(event.bytes) << ' ' << event.size
         << ' ' << event.without_carriage_return;
}

namespace {

using kind = mllp_event_kind;
using events = std::vector<mllp_event>;

constexpr mllp_limits small_limits{
    .frame_bytes_max = 8, .kept_bytes_max = 4, .junk_bytes_max = 6, .discarded_bytes_max = 20};

events taken(mllp_framer& framer) {
    events all;
    while (std::optional<mllp_event> event = framer.next()) {
        all.push_back(std::move(*event));
    }
    return all;
}

events fed(const std::vector<std::string>& parts, bool close = true, mllp_limits limits = {}) {
    mllp_framer framer(limits);
    for (const std::string& part : parts) {
        framer.feed(part);
    }
    if (close) {
        framer.close();
    }
    return taken(framer);
}

mllp_event frame(std::string bytes, bool without_carriage_return = false) {
    const std::size_t size = bytes.size();
    return {kind::frame, std::move(bytes), size, without_carriage_return};
}

TEST(MllpFramer, GivesFramesAndWhatIsWrongInOrder) {
    const struct {
        const char* what;
        std::string bytes;
        events expected;
    } cases[] = {
        {"one frame", "\vabc\x1C\r", {frame("abc")}},
        {"empty frame", "\v\x1C\r", {frame("")}},
        {"two frames in one packet", "\vabc\x1C\r\vde\x1C\r", {frame("abc"), frame("de")}},
        {"junk before the frame",
         std::string("x\0\v", 3) + "abc\x1C\r",
         {{kind::junk, std::string("x\0", 2), 2}, frame("abc")}},
        {"line feed between frames", "\va\x1C\r\n\vb\x1C\r", {frame("a"), {kind::junk, "\n", 1}, frame("b")}},
        {"junk at the end", "\va\x1C\rxy", {frame("a"), {kind::junk, "xy", 2}}},
        {"separator without CR, then a frame", "\va\x1C\vb\x1C\r", {frame("a", true), frame("b")}},
        {"separator as data",
         "\va\x1C"
         "b\x1C\r",
         {frame("a\x1C"
                "b")}},
        {"two separators", "\va\x1C\x1C\r", {frame("a\x1C")}},
        {"restart", "\vabc\vde\x1C\r", {{kind::restarted, "abc", 3}, frame("de")}},
        {"cut", "\vabc", {{kind::cut, "abc", 3}}},
        {"cut behind the separator", "\vabc\x1C", {{kind::cut, "abc", 3}}},
        {"nothing", "", {}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.what);
        EXPECT_EQ(fed({each.bytes}), each.expected);
    }
}

TEST(MllpFramer, KeepsFrameSplitAcrossReads) {
    std::vector<std::string> bytes;
    for (const char c : std::string("\vabc\x1C\r\vd\x1C"
                                    "e\x1C\r")) {
        bytes.emplace_back(1, c);
    }
    EXPECT_EQ(fed(bytes), (events{frame("abc"), frame("d\x1C"
                                                      "e")}));
}

TEST(MllpFramer, EndsFrameWithoutCarriageReturnAfterTheWait) {
    mllp_framer framer;
    framer.feed("\vabc");
    EXPECT_FALSE(framer.is_waiting_for_carriage_return());
    framer.end_wait();
    EXPECT_EQ(framer.waiting_bytes(), 3U);
    framer.feed("\x1C");
    EXPECT_TRUE(framer.is_waiting_for_carriage_return());
    framer.end_wait();
    EXPECT_FALSE(framer.is_inside_frame());
    framer.feed("\r\vde\x1C\r");
    EXPECT_EQ(taken(framer), (events{frame("abc", true), {kind::junk, "\r", 1}, frame("de")}));
}

TEST(MllpFramer, HoldsItsLimitsAtAndOnePast) {
    const struct {
        const char* what;
        std::string bytes;
        events expected;
    } cases[] = {
        {"frame at the limit", "\v12345678\x1C\r", {frame("12345678")}},
        {"frame one past", "\v123456789\x1C\r\va\x1C\r", {{kind::too_large, "1234", 9}, frame("a")}},
        {"junk at the limit", "123456\va\x1C\r", {{kind::junk, "1234", 6}, frame("a")}},
        {"junk one past", "1234567\va\x1C\r", {{kind::overrun, "1234", 7}}},
        {"discarded at the limit", "\v12345678901234567890\x1C\r", {{kind::too_large, "1234", 20}}},
        {"discarded one past", "\v123456789012345678901\x1C\r", {{kind::overrun, "1234", 21}}},
        {"restarted keeps the beginning", "\v1234567\va\x1C\r", {{kind::restarted, "1234", 7}, frame("a")}},
        {"cut keeps the beginning", "\v1234567", {{kind::cut, "1234", 7}}},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.what);
        EXPECT_EQ(fed({each.bytes}, true, small_limits), each.expected);
    }
}

TEST(MllpFramer, IgnoresBytesBehindTheClose) {
    mllp_framer framer;
    framer.close();
    framer.feed("\vabc\x1C\r");
    EXPECT_EQ(framer.next(), std::nullopt);
}

RC_GTEST_PROP(MllpFramer, GivesTheSameEventsForAnySplit, ()) {
    const auto bytes =
        *rc::gen::container<std::string>(rc::gen::element('\v', '\x1C', '\r', '\n', '\0', 'a', 'b'));
    std::vector<std::string> parts;
    std::string rest = bytes;
    while (!rest.empty()) {
        const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
        parts.push_back(rest.substr(0, size));
        rest.erase(0, size);
    }
    // Only where an overrun stops does the counted size depend on how much of it came at once.
    const mllp_limits limits{.frame_bytes_max = 8, .kept_bytes_max = 4};
    RC_ASSERT(fed(parts, true, limits) == fed({bytes}, true, limits));
}

RC_GTEST_PROP(MllpFramer, GivesBackEveryFrameThatItWrote, ()) {
    const auto content = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const std::optional<std::string> encoded = encode_frame(content);
    RC_ASSERT(encoded.has_value() == (content.find_first_of("\v\x1C") == std::string::npos));
    if (encoded) {
        RC_ASSERT(fed({*encoded}) == events{frame(content)});
    }
}

} // namespace
} // namespace auditgate::hl7v2
