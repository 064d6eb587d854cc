#include "gateway/observe/defect.hpp"
#include "gateway/observe/health.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/observe/phi.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

using namespace auditgate::gateway::observe;

namespace {

template <class T>
concept streamable = requires(std::ostream& out, const T& value) {
    out << value;
};

using hidden = phi<std::string>;
static_assert(streamable<std::string> && !streamable<hidden>);
static_assert(fmt::is_formattable<std::string>::value && !fmt::is_formattable<hidden>::value);
static_assert(std::is_constructible_v<field, const char*, std::string>);
static_assert(!std::is_constructible_v<field, const char*, hidden>);
static_assert(!std::is_convertible_v<hidden, std::string> &&
              !std::is_convertible_v<hidden, std::string_view>);

TEST(Phi, GivesItsValueOnlyWhenAskedByName) {
    EXPECT_EQ(hidden("x").expose(), "x");
}

TEST(Log, WritesOneJsonLine) {
    using namespace std::chrono;
    const auto at = sys_days(2026y / 5 / 4) + 9h + 12min + 33s + 120ms;
    const field fields[] = {{"port", 2575}, {"rate", 0.5}, {"tls", true}, {"name", "theatre"}};
    EXPECT_EQ(json_line(at, log_level::info, "listener-open", "listening", fields),
              R"({"at":"2026-05-04T09:12:33.120Z","level":"info","code":"listener-open","text":"listening",)"
              R"("port":2575,"rate":0.5,"tls":true,"name":"theatre"})");
}

TEST(Log, EscapesWhateverItIsGiven) {
    const field fields[] = {{"peer", "a\"b\\c\n\x01\xe9"}};
    EXPECT_EQ(json_line({}, log_level::warning, "c", "t", fields),
              R"({"at":"1970-01-01T00:00:00.000Z","level":"warning","code":"c","text":"t",)"
              R"("peer":"a\"b\\c\n\u0001\u00e9"})");
}

TEST(Log, CutsLongTexts) {
    const std::string line = json_line({}, log_level::info, "c", std::string(5000, 'x'), {});
    EXPECT_LT(line.size(), 2200u);
}

TEST(Log, WritesWhatIsQueuedBeforeItEnds) {
    testing::internal::CaptureStderr();
    {
        const auto log =
            create_logger(log_level::info, [] { return std::chrono::sys_time<std::chrono::milliseconds>{}; });
        log->debug("below", "not shown");
        for (int i = 0; i < 100; ++i)
            log->info("line", "shown", {field("i", i)});
    }
    const std::string written = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 100);
    EXPECT_EQ(written.find("below"), std::string::npos);
    EXPECT_NE(written.find(R"("i":99})"), std::string::npos);
}

TEST(Defect, IsToldByItsTypeAlone) {
    EXPECT_EQ(type_name(std::make_exception_ptr(std::out_of_range("CANARY"))), "std::out_of_range");
    EXPECT_EQ(type_name(std::make_exception_ptr(7)), "int");
    EXPECT_EQ(type_name(nullptr), "none");
}

TEST(DefectDeathTest, TerminatesWithoutItsText) {
    const auto end = [] {
        tell_only_types_when_terminated();
        std::thread([] { throw std::runtime_error("CANARY"); }).join();
    };
    EXPECT_EXIT(end(), testing::KilledBySignal(SIGABRT),
                "^auditgate: stopped by a defect: std::runtime_error\n$");
}

TEST(Metrics, ShowsCountersGaugesAndTimes) {
    metrics all;
    all.counter("auditgate_messages_total", "Messages received", {{"source", "theatre"}}).add(2);
    all.counter("auditgate_messages_total", "Messages received", {{"source", "theatre"}}).add();
    all.gauge("auditgate_connections", "Open connections").set(4);
    all.histogram("auditgate_commit_seconds", "Time to commit", {0.01, 0.1}).observe(0.05);
    const std::string text = all.text();
    EXPECT_NE(text.find("auditgate_messages_total{source=\"theatre\"} 3"), std::string::npos) << text;
    EXPECT_NE(text.find("auditgate_connections 4"), std::string::npos);
    EXPECT_NE(text.find("auditgate_commit_seconds_bucket{le=\"0.1\"} 1"), std::string::npos);
}

TEST(Health, IsReadyWhenEveryPartIs) {
    health state;
    EXPECT_TRUE(state.ready());
    state.set_ready("listener:theatre");
    state.set_not_ready("store", "store-unavailable");
    EXPECT_FALSE(state.ready());
    EXPECT_EQ(state.json(),
              R"({"ready":false,"parts":{"listener:theatre":"ready","store":"store-unavailable"}})");
    state.set_ready("store");
    EXPECT_TRUE(state.ready());
}

} // namespace
