// Two gateways on one data folder: the second must not say that it is ready.
#include "tests/support/processes.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::test {
namespace {

TEST(SecondGateway, EndsAtOnceAndLeavesTheFirstAlone) {
    const temporary_folder folder;
    demo_services services(folder.path());
    services.start_gateway();
    {
        const auto log = folder.path() / "second.log";
        child_process second({AUDITGATE_BINARY, "gateway", "--config", folder.path() / "gateway.yaml"}, log);
        EXPECT_EQ(second.wait(), 4);
        EXPECT_NE(read_file(log).find("another process works on the store"), std::string::npos)
            << read_file(log);
    }
    EXPECT_EQ(http_get(services.operations_port(), "/health/ready"), 200);
    EXPECT_NE(services.run("gateway", {"status"}).find("OK"), std::string::npos) << "commands work beside it";
    EXPECT_TRUE(services.stop());
}

} // namespace
} // namespace auditgate::test
