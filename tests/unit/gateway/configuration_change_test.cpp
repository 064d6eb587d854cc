// What of a changed configuration a running gateway takes, and what waits for a restart.
#include "gateway/config/configuration_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

using namespace auditgate::gateway;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr const char* running_yaml = R"(data: data
listeners:
  - name: main
    port: 2575
sources:
  - name: pas
  - name: coding
directories:
  - name: extracts
    path: extracts
    source: coding
mapping:
  terminology: terminology
  datasets: [datasets/a.yaml]
)";

gateway_config read(const std::string& text) {
    auto load = parse_gateway_config(text, "gateway.yaml");
    for (const auto& one : load.problems)
        ADD_FAILURE() << to_string(one);
    return load.loaded.value();
}

std::string with(const std::string& what, const std::string& instead) {
    std::string text = running_yaml;
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
}

TEST(ConfigurationChange, TellsTheKeysThatNeedARestart) {
    const gateway_config running = read(running_yaml);
    EXPECT_THAT(needs_restart(running, read(running_yaml)), IsEmpty());
    EXPECT_THAT(needs_restart(running, read(with("data: data", "data: other"))), ElementsAre("data"));
    EXPECT_THAT(needs_restart(running, read(with("port: 2575", "port: 2576"))), ElementsAre("listeners"));
    EXPECT_THAT(needs_restart(running, read(with("path: extracts", "path: elsewhere"))),
                ElementsAre("directories"));
    EXPECT_THAT(needs_restart(running, read(with("mapping:\n", "mapping:\n  threads: 3\n"))),
                ElementsAre("mapping.threads"));
    EXPECT_THAT(
        needs_restart(running, read(std::string("log: debug\nio_threads: 5\nretention:\n  journal: 30d\n"
                                                "operations:\n  port: 9999\n") +
                                    running_yaml)),
        ElementsAre("log", "io_threads", "operations", "retention"));
}

TEST(ConfigurationChange, TakesWhatMappingAndDeliveryAreMadeOf) {
    const gateway_config running = read(running_yaml);
    EXPECT_THAT(needs_restart(running, read(with("- name: pas", "- name: lab"))), IsEmpty());
    EXPECT_THAT(needs_restart(running, read(with("a.yaml]", "a.yaml]\n  time_zone: Europe/Paris"))),
                IsEmpty());
    EXPECT_THAT(needs_restart(running, read(with("data: data", "# a line more\ndata: data"))), IsEmpty())
        << "where in the file it stands says nothing";
}

TEST(ConfigurationChange, TellsADirectoryWhoseSourceWouldBeGone) {
    const gateway_config running = read(running_yaml);
    EXPECT_EQ(orphaned_directory(running, running), "");
    gateway_config wanted = running;
    std::erase_if(wanted.sources, [](const source_config& one) { return one.name == "coding"; });
    wanted.directories.clear();
    EXPECT_THAT(orphaned_directory(running, wanted),
                testing::AllOf(HasSubstr("directory `extracts`"), HasSubstr("source `coding`"),
                               HasSubstr("restart")));
}

} // namespace
