#include "gateway/intake/source_choice.hpp"

#include <gtest/gtest.h>

using namespace auditgate::gateway;
using namespace auditgate::gateway::intake;

namespace {

TEST(Wildcard, MatchesWholeTexts) {
    struct row {
        std::string_view pattern, text;
        bool fits;
    };
    const row table[] = {
        {"", "", true},          {"", "a", false},           {"*", "", true},
        {"*", "anything", true}, {"PAS", "PAS", true},       {"PAS", "PAS2", false},
        {"PAS*", "PAS2", true},  {"*PAS", "MYPAS", true},    {"*A*B*", "xxAyyBzz", true},
        {"a?c", "abc", true},    {"a?c", "ac", false},       {"*ab", "aab", true},
        {"**", "x", true},       {"ADT^*", "ADT^A08", true}, {"a*b*c", "a-b-b-c-d", false},
    };
    for (const row& one : table)
        EXPECT_EQ(matches_wildcard(one.pattern, one.text), one.fits) << one.pattern << " " << one.text;
}

TEST(Wildcard, StaysQuickOnManyStars) {
    std::string pattern;
    for (int i = 0; i < 30; ++i)
        pattern += "*a";
    EXPECT_FALSE(matches_wildcard(pattern + "b", std::string(20'000, 'a')));
}

TEST(SourceChoice, TakesTheFirstThatFits) {
    source_config pas, theatre, rest;
    pas.name = "pas";
    pas.sending_applications = {"PAS*"};
    pas.message_types = {"ADT^*"};
    theatre.name = "theatre";
    theatre.listener = "second";
    rest.name = "rest";
    rest.sending_facilities = {"RXX"};
    source_config files; // has no pattern, and would take everything
    files.name = "files";
    files.only_files = true;
    const std::vector<source_config> sources{files, pas, theatre, rest};
    const auto name = [&](const message_origin& origin) {
        const source_config* chosen = choose_source(sources, origin);
        return chosen == nullptr ? std::string() : chosen->name;
    };
    EXPECT_EQ(name({"main", "PAS1", "RXX", "ADT^A08"}), "pas");
    EXPECT_EQ(name({"main", "PAS1", "RXX", "ORU^R01"}), "rest");
    EXPECT_EQ(name({"second", "X", "Y", "ORU^R01"}), "theatre");
    EXPECT_EQ(name({"main", "X", "Y", "ORU^R01"}), "");
}

} // namespace
