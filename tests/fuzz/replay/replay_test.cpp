// The fuzzers' targets over their seeds and over the public messages, without a fuzzer: what was found once stays found.
#include "tests/fuzz/targets/targets.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

namespace auditgate::fuzz {

// Found by its type, so outside of the unnamed namespace. Else GoogleTest writes its bytes, which differ from run to run, into the names of the tests.
void PrintTo(const target& each, std::ostream* to) {
    *to << each.name;
}

namespace {

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(folder)) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (entry.is_regular_file()) {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

class FuzzReplay : public testing::TestWithParam<target> {};

TEST_P(FuzzReplay, HoldsForItsSeeds) {
    const auto seeds = files_below(test::source_folder() / "tests/fuzz/seeds" / GetParam().name);
    ASSERT_FALSE(seeds.empty());
    for (const std::filesystem::path& seed : seeds) {
        SCOPED_TRACE(seed);
        GetParam().run(test::read_file(seed));
    }
}

TEST_P(FuzzReplay, HoldsForTheEmptyInputAndEverySingleByte) {
    GetParam().run({});
    for (int byte = 0; byte < 256; ++byte) {
        const char one = static_cast<char>(byte);
        GetParam().run({&one, 1});
    }
}

TEST_P(FuzzReplay, HoldsForPublicMessages) {
    const auto folder = test::corpus_folder();
    if (!folder) {
        GTEST_SKIP() << "no folder of public messages (set AUDITGATE_CORPUS)";
    }
    for (const std::filesystem::path& file : files_below(*folder / "hl7v2")) {
        SCOPED_TRACE(file);
        GetParam().run(" " + test::read_file(file)); // the first byte chooses options in some targets
        GetParam().run(test::read_file(file));
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzReplay, testing::ValuesIn(all_targets().begin(), all_targets().end()),
                         [](const testing::TestParamInfo<target>& each) {
                             return std::string(each.param.name);
                         });

} // namespace
} // namespace auditgate::fuzz
