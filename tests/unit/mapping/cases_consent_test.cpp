// Which consents of a patient count, and what they do to the record and its release.
#include "tests/unit/mapping/cases_support.hpp"

#include "mapping/definition/load.hpp"
#include "mapping/release/gate.hpp"
#include "mapping/terminology/load.hpp"
#include "tests/support/support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping::test {
namespace {

namespace fs = std::filesystem;

const auto operation_day = day(2026, 3, 5);
const auto as_of = day(2026, 4, 30);
const coding registry_policy{"", "urn:auditgate:consent:registry"};

// The shipped definition, in a deployment where 99PAS|REGY is what one sender calls the registry's policy.
std::shared_ptr<const compiled_definition> definition_with_local_policy() {
    const fs::path config = auditgate::test::source_folder() / "config";
    const auditgate::test::temporary_folder copy;
    fs::copy(config / "terminology", copy.path(), fs::copy_options::recursive);
    const auto append = [&](const char* file, const std::string& line) {
        const std::string before = auditgate::test::read_file(copy.path() / file);
        auditgate::test::write_file(copy.path() / file, before + line + '\n');
    };
    append("code-systems.csv", "urn:pas,99PAS,,");
    append("concept-maps/local-codes.csv",
           "local-codes,99PAS,REGY,,urn:auditgate:consent:registry,trust,verified,");
    const terminology_load codes = load_terminology(copy.path());
    const definition_load load = load_definition(config / "datasets" / "nice-rfa-spinal-metastases.yaml",
                                                 codes.loaded, {"uk", "Europe/London", true});
    for (const yaml::problem& one : load.problems)
        ADD_FAILURE() << to_string(one);
    return load.loaded;
}

struct told {
    coding policy = registry_policy;
    bool active = true;
    bool permits = true;
    std::chrono::local_days recorded = day(2026, 3, 10);
    std::string sender = "trust";
};

case_result case_with(const std::vector<told>& consents, const compiled_definition& definition) {
    std::vector<message> messages{
        message(at(operation_day, 13)).born(day(1956, 3, 5)).ablation(at(operation_day))};
    for (const told& one : consents) {
        message& made = messages.emplace_back(at(one.recorded), "hl7v2-adt");
        made.add("", at(one.recorded), consent{{one.policy}, one.active, one.permits, {}, {}});
        made.events.back().sender = one.sender;
    }
    cases_result result = cases(together(messages), definition, as_of);
    EXPECT_EQ(result.cases.size(), 1U);
    return std::move(result.cases.at(0));
}

std::string release_of(const case_result& one) {
    destination_settings destination;
    destination.basis = legal_basis::consent;
    const gate_verdict verdict = ask_gate(gate_facts_of(one), destination, {}, as_of);
    return verdict.state == gate_state::open ? "open" : verdict.reason;
}

std::string status_of(const case_result& one) {
    return std::string(one.content["follow_up"]["status"].text());
}

TEST(Consents, OfALocalPolicyCountForTheSenderThatTheMapIsLimitedTo) {
    const auto definition = definition_with_local_policy();
    const told permit{registry_policy, true, true, day(2026, 3, 10), "portal"};
    told refusal{{"99PAS", "REGY"}, false, true, day(2026, 3, 11), "trust"};
    const case_result refused = case_with({permit, refusal}, *definition);
    EXPECT_EQ(release_of(refused), "consent-not-active");
    EXPECT_EQ(status_of(refused), "withdrawn");
    refusal.sender = "another";
    const case_result unrelated = case_with({permit, refusal}, *definition);
    EXPECT_EQ(release_of(unrelated), "open");
    EXPECT_EQ(status_of(unrelated), "active");
}

// The hash of their content decides nothing: whatever else differs, the refusal counts.
TEST(Consents, OfOneInstantCountAsRefusedWhenOneOfThemIs) {
    for (const char* other : {"a", "b", "c", "d", "e", "f"}) {
        const told permit{registry_policy, true, true, day(2026, 3, 10), other};
        told denial = permit;
        denial.permits = false;
        denial.sender = std::string(other) + '2';
        for (const auto& order : {std::vector{permit, denial}, std::vector{denial, permit}}) {
            const case_result one = case_with(order, *shipped_definition());
            EXPECT_EQ(release_of(one), "consent-denied") << other;
            EXPECT_EQ(status_of(one), "withdrawn") << other;
        }
    }
}

TEST(Consents, RecordedLaterTakesARefusalBack) {
    told denial;
    denial.permits = false;
    told permit;
    permit.recorded = denial.recorded + std::chrono::days(1);
    const case_result one = case_with({permit, denial}, *shipped_definition());
    EXPECT_EQ(release_of(one), "open");
    EXPECT_EQ(status_of(one), "active");
}

TEST(Consents, RecordedLastCountsThoughItIsDatedAhead) {
    const auto ahead = as_of + std::chrono::days(10);
    message given(at(day(2026, 3, 10)));
    given.add("Consent/1", at(day(2026, 3, 10)), consent{{registry_policy}, true, true, {}, {}});
    message withdrawn(at(day(2026, 3, 12)));
    withdrawn.add("Consent/2", at(ahead), consent{{registry_policy}, false, true, at(ahead), {}});
    const cases_result result =
        cases(together({message(at(operation_day, 13)).born(day(1956, 3, 5)).ablation(at(operation_day)),
                        given, withdrawn}),
              *shipped_definition(), as_of);
    EXPECT_EQ(release_of(result.cases.at(0)), "consent-not-active");
}

} // namespace
} // namespace auditgate::mapping::test
