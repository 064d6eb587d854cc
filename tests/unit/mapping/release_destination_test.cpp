// The settings of a destination as people write them.
#include "mapping/release/destination.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

struct reading {
    destination_settings settings;
    std::vector<std::string> problems; // LINE TEXT
};

reading read(std::string_view text) {
    reading result;
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink("case.yaml", problems);
    const std::optional<yaml::node> root = yaml::parse(text, sink);
    if (root) {
        yaml::map_reader keys(*root, "a destination", sink);
        result.settings = read_destination(keys);
        keys.finish();
    }
    for (const yaml::problem& one : problems) {
        result.problems.push_back(std::to_string(one.line) + ' ' + one.text);
    }
    return result;
}

TEST(Destination, DefaultsToTheStrictestReleaseAndTheExactRecord) {
    const reading result = read("key_id: a\n");
    EXPECT_TRUE(result.problems.empty()) << testing::PrintToString(result.problems);
    EXPECT_EQ(result.settings.basis, legal_basis::s251);
    EXPECT_FALSE(result.settings.opt_out_exempt);
    EXPECT_FALSE(result.settings.send_without_nhs_number);
    EXPECT_FALSE(result.settings.consent_assumed);
    EXPECT_EQ(result.settings.opt_out_max_age, std::chrono::days(7));
    EXPECT_EQ(result.settings.release, release_schedule::weekly);
    EXPECT_EQ(result.settings.coarsen, coarsening{});
}

TEST(Destination, ReadsEverySetting) {
    const reading result = read(R"(key_id: a
legal_basis: consent
recorded_consent: assumed
consent_policy: urn:x|policy
opt_out: exempt
exemption_reference: CAG 1
opt_out_max_age: 3d
without_nhs_number: send
release: immediate
procedures_from: 2026-04-01
coarsen: {days: window-only, period: year, levels: region, age: 20, ethnicity: 5+1, tumour: common,
          sex: binary-or-unknown, eq5d5l_profile: drop, provider: region}
provider_regions: {RXX: R1}
)");
    EXPECT_TRUE(result.problems.empty()) << testing::PrintToString(result.problems);
    EXPECT_EQ(result.settings.basis, legal_basis::consent);
    EXPECT_TRUE(result.settings.consent_assumed);
    EXPECT_EQ(result.settings.consent_policy, "urn:x|policy");
    EXPECT_TRUE(result.settings.opt_out_exempt);
    EXPECT_EQ(result.settings.opt_out_max_age, std::chrono::days(3));
    EXPECT_TRUE(result.settings.send_without_nhs_number);
    EXPECT_EQ(result.settings.release, release_schedule::immediate);
    EXPECT_EQ(result.settings.procedures_from,
              std::chrono::local_days(std::chrono::year(2026) / std::chrono::April / 1));
    const coarsening all{coarsening::day_form::window_only,
                         coarsening::period_form::year,
                         coarsening::age_form::twenty_years,
                         coarsening::ethnicity_form::five_groups,
                         coarsening::sex_form::binary_or_unknown,
                         coarsening::provider_form::region,
                         {{"levels", "region"}, {"tumour", "common"}, {"eq5d5l_profile", "drop"}}};
    EXPECT_EQ(result.settings.coarsen, all);
    EXPECT_EQ(result.settings.provider_regions.at("RXX"), "R1");
}

TEST(Destination, TakesAnOptOutListOfOneDay) {
    const reading result = read("key_id: a\nopt_out_max_age: 24h\n");
    EXPECT_TRUE(result.problems.empty()) << testing::PrintToString(result.problems);
    EXPECT_EQ(result.settings.opt_out_max_age, std::chrono::days(1));
}

TEST(Destination, TellsWhatCannotBeMeant) {
    const std::vector<std::pair<const char*, const char*>> table{
        {"legal_basis: s251\n", "1 a destination needs `key_id`"},
        {"key_id: a\nlegal_basis: anonymised\n", "2 `anonymised` is no legal basis for records"},
        {"key_id: a\nopt_out_max_age: 12h\n", "2 `opt_out_max_age` is counted in whole days: 1d or more"},
        {"key_id: a\nopt_out_max_age: 36h\n", "2 `opt_out_max_age` is counted in whole days: 1d or more"},
        {"key_id: a\nlegal_basis: s25\n", "2 `legal_basis` must be"},
        {"key_id: a\nopt_out: exempt\n", "2 `exempt` needs `exemption_reference`"},
        {"key_id: a\nprocedures_from: 2026-02-30\n",
         "2 `procedures_from` must be a date such as 2026-04-01, not `2026-02-30`"},
        {"key_id: a\ncoarsen: {days: month}\n", "2 `days` must be"},
        {"key_id: a\ncoarsen: {provider: region}\n", "2 `provider: region` needs `provider_regions`"},
        {"key_id: a\nrelease_schedule: weekly\n", "2 unknown key `release_schedule`"},
    };
    for (const auto& [text, problem] : table) {
        const std::vector<std::string> problems = read(text).problems;
        ASSERT_EQ(problems.size(), 1U) << text << testing::PrintToString(problems);
        EXPECT_EQ(problems[0].substr(0, std::string_view(problem).size()), problem);
    }
}

} // namespace
} // namespace auditgate::mapping
