// What deploy/quickstart does with the folder that it is given, before it installs or builds anything.
#include "tests/support/processes.hpp"
#include "tests/support/support.hpp"

#include <sys/file.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace auditgate::test;

namespace {

namespace fs = std::filesystem;

class Quickstart : public testing::Test {
protected:
    int run() {
        child_process process({(source_folder() / "deploy/quickstart").string(), "--once", "--data", data_},
                              log());
        return process.wait();
    }
    [[nodiscard]] fs::path log() const { return folder_.path() / "log"; }

    temporary_folder folder_;
    const std::string data_ = folder_.path() / "data";
};

TEST_F(Quickstart, LeavesAFolderOfSomebodyElseAlone) {
    fs::create_directory(data_);
    fs::permissions(data_, fs::perms::all);
    write_file(fs::path(data_) / "letter", "dear");
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(read_file(log()), testing::HasSubstr("is not empty and no folder of the quickstart"));
    EXPECT_EQ(fs::status(data_).permissions(), fs::perms::all);
    EXPECT_EQ(std::distance(fs::directory_iterator(data_), {}), 1);
}

TEST_F(Quickstart, RefusesAFolderThatAnotherOneRunsIn) {
    fs::create_directory(data_);
    const int held = ::open((data_ + "/quickstart.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    ASSERT_EQ(::flock(held, LOCK_EX), 0);
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(read_file(log()), testing::HasSubstr("another quickstart, or what it started, runs in"));
    ::close(held);
}

} // namespace
