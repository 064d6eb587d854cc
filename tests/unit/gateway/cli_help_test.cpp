// What --help says to somebody who is new here: each command tells what it does, how it ends, and an example to copy.
#include "gateway/cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace auditgate::gateway::cli;

namespace {

class Help : public testing::Test {
protected:
    Help() { add_commands(app_, exit_); }

    // Each command with the words that name it, `auditgate holds list`.
    void each(const std::function<void(const CLI::App&, const std::string&)>& look) {
        look_below(app_, "auditgate", look);
    }

    static std::vector<std::string> lines_of(const CLI::App& command) {
        std::vector<std::string> lines;
        std::istringstream text(command.get_footer());
        for (std::string line; std::getline(text, line);)
            lines.push_back(line);
        return lines;
    }

    // Options of the command itself, those in its groups, too.
    static std::vector<const CLI::Option*> options_of(const CLI::App& command) {
        std::vector<const CLI::Option*> options = command.get_options();
        for (const CLI::App* group : command.get_subcommands([](const CLI::App*) { return true; }))
            if (group->get_name().empty())
                for (const CLI::Option* one : group->get_options())
                    options.push_back(one);
        return options;
    }

private:
    void look_below(const CLI::App& at, const std::string& words,
                    const std::function<void(const CLI::App&, const std::string&)>& look) {
        for (const CLI::App* command : at.get_subcommands([](const CLI::App*) { return true; })) {
            if (command->get_name().empty())
                continue; // a group of options
            look(*command, words + " " + command->get_name());
            look_below(*command, words + " " + command->get_name(), look);
        }
    }

    CLI::App app_;
    int exit_ = 0;
};

TEST_F(Help, EveryCommandSaysWhatItDoesAndHasAnExampleOfItself) {
    each([](const CLI::App& command, const std::string& words) {
        EXPECT_FALSE(command.get_description().empty()) << words;
        const auto lines = lines_of(command);
        EXPECT_THAT(lines, testing::Contains(testing::AnyOf("Example:", "Examples:"))) << words;
        EXPECT_THAT(lines, testing::Contains(testing::HasSubstr("  " + words))) << words;
    });
}

TEST_F(Help, EveryCommandThatRunsTellsItsExitCodes) {
    each([](const CLI::App& command, const std::string& words) {
        if (command.get_require_subcommand_max() == 0) {
            EXPECT_THAT(command.get_footer(), testing::HasSubstr("Exit codes")) << words;
        }
    });
}

TEST_F(Help, EveryOptionIsDescribedAndLinesFitATerminal) {
    constexpr std::size_t columns = 110;
    each([=](const CLI::App& command, const std::string& words) {
        for (const CLI::Option* one : options_of(command)) {
            EXPECT_FALSE(one->get_description().empty()) << words << " " << one->get_name();
            EXPECT_NE(one->get_type_name(), "TEXT") << words << " " << one->get_name();
        }
        for (const std::string& line : lines_of(command))
            EXPECT_LE(line.size(), columns) << words << ": " << line;
    });
}

// --limit is a number wherever it is, and --json a flag.
TEST_F(Help, AnOptionOfOneNameIsOfOneKind) {
    std::map<std::string, std::map<std::string, std::set<std::string>>> kinds;
    each([&](const CLI::App& command, const std::string& words) {
        for (const CLI::Option* one : options_of(command))
            if (const std::string name = one->get_name(); name.starts_with("--"))
                kinds[name][one->get_items_expected_max() == 0 ? "flag" : "value"].insert(words);
    });
    for (const auto& [name, kind] : kinds)
        EXPECT_EQ(kind.size(), 1U) << name << " is a flag here and takes a value there";
}

} // namespace
