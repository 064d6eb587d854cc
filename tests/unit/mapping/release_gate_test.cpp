// Whether a record may leave, which version goes next, and the files of the national opt-out service.
#include "mapping/release/gate.hpp"
#include "mapping/release/version.hpp"
#include "tests/unit/mapping/release_support.hpp"

#include <gtest/gtest.h>

namespace auditgate::mapping {
namespace {

using test_support::day;
using test_support::json;
using test_support::shipped_terminology;

const std::chrono::local_days today = day(2026, 4, 30);

gate_facts patient(std::string nhs_number) {
    return {std::move(nhs_number), day(2026, 3, 5), {}};
}

opt_out_state fresh_list() {
    return {{"9000012538", "9000009944"}, {"9000012538"}, today, {"9000010225"}, false};
}

std::string verdict_of(const gate_verdict& verdict) {
    const std::string state = verdict.state == gate_state::open   ? "open"
                              : verdict.state == gate_state::hold ? "hold"
                                                                  : "closed";
    return verdict.reason.empty() ? state : state + ' ' + verdict.reason;
}

struct s251_row {
    const char* nhs_number;
    int list_age_days; // -1: no response yet
    bool exempt, send_without_number;
    const char* verdict;
};

class GateUnderS251 : public testing::TestWithParam<s251_row> {};

TEST_P(GateUnderS251, GivesItsVerdict) {
    destination_settings destination;
    destination.opt_out_exempt = GetParam().exempt;
    destination.send_without_nhs_number = GetParam().send_without_number;
    opt_out_state list = fresh_list();
    list.answered_on.reset();
    if (GetParam().list_age_days >= 0) {
        list.answered_on = today - std::chrono::days(GetParam().list_age_days);
    }
    EXPECT_EQ(verdict_of(ask_gate(patient(GetParam().nhs_number), destination, list, today)),
              GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(Table, GateUnderS251,
                         testing::Values(s251_row{"9000012538", 0, false, false, "open"},
                                         s251_row{"9000012538", 7, false, false, "open"},
                                         s251_row{"9000012538", 8, false, false, "hold opt-out-list-stale"},
                                         s251_row{"9000012538", -1, false, false, "hold opt-out-list-stale"},
                                         s251_row{"9000009944", 0, false, false, "closed opted-out"},
                                         s251_row{"9000009944", 8, false, false, "closed opted-out"},
                                         s251_row{"9000000001", 0, false, false,
                                                  "hold opt-out-not-requested"},
                                         s251_row{"9000010225", 0, false, false, "closed opted-out"},
                                         s251_row{"9000010225", 0, true, false, "closed opted-out"},
                                         s251_row{"9000009944", 8, true, false, "open"},
                                         s251_row{"", 0, false, false, "hold opt-out-not-checkable"},
                                         s251_row{"", 8, false, true, "open"}));

// The `nth` consent that was recorded.
consent_fact consent(int nth, const char* policy, bool active, bool permits) {
    return {{{"", policy}}, active, permits, {}, {}, consent_fact{}.recorded + std::chrono::hours(nth)};
}

TEST(GateUnderConsent, TakesTheConsentRecordedLastOfItsPolicy) {
    constexpr const char* registry = "urn:auditgate:consent:registry";
    destination_settings destination;
    destination.basis = legal_basis::consent;
    gate_facts facts = patient("9000009944"); // opted out of uses without consent: not asked here
    const auto verdict = [&] { return verdict_of(ask_gate(facts, destination, fresh_list(), today)); };
    EXPECT_EQ(verdict(), "hold no-consent");
    facts.consents.push_back(consent(1, "treatment", true, false));
    EXPECT_EQ(verdict(), "hold no-consent");
    destination.consent_assumed = true;
    EXPECT_EQ(verdict(), "open");
    facts.consents.push_back(consent(2, registry, true, false));
    EXPECT_EQ(verdict(), "closed consent-denied");
    facts.consents.push_back(consent(3, registry, true, true));
    EXPECT_EQ(verdict(), "open");
    facts.consents.push_back(consent(4, registry, false, true));
    EXPECT_EQ(verdict(), "closed consent-not-active");
    facts.consents.push_back(consent(5, "treatment", true, true));
    EXPECT_EQ(verdict(), "closed consent-not-active");
}

TEST(GateUnderConsent, KnowsItsPolicyByCodeAloneOrWithTheSystem) {
    destination_settings destination;
    destination.basis = legal_basis::consent;
    gate_facts facts = patient("");
    facts.consents = {consent(1, "unused", true, true)};
    facts.consents[0].policies = {{"http://snomed.info/sct", "1"}};
    for (const auto& [policy, verdict] :
         {std::pair{"1", "open"}, std::pair{"http://snomed.info/sct|1", "open"},
          std::pair{"urn:x|1", "hold no-consent"}, std::pair{"|1", "hold no-consent"}}) {
        destination.consent_policy = policy;
        EXPECT_EQ(verdict_of(ask_gate(facts, destination, {}, today)), verdict) << policy;
    }
}

// Which of them was said last nobody can tell: one that does not permit is enough, wherever it stands.
TEST(GateUnderConsent, SeveralRecordedAtOneInstantPermitOnlyTogether) {
    constexpr const char* registry = "urn:auditgate:consent:registry";
    destination_settings destination;
    destination.basis = legal_basis::consent;
    const consent_fact permits = consent(2, registry, true, true);
    consent_fact ended = permits;
    ended.last = today - std::chrono::days(1);
    struct row {
        consent_fact other;
        const char* verdict;
    };
    for (const row& one : {row{consent(2, registry, true, false), "closed consent-denied"},
                           row{consent(2, registry, false, true), "closed consent-not-active"},
                           row{ended, "closed consent-out-of-period"}, row{permits, "open"},
                           row{consent(1, registry, true, false), "open"}}) {
        gate_facts facts = patient("");
        facts.consents = {permits, one.other};
        EXPECT_EQ(verdict_of(ask_gate(facts, destination, {}, today)), one.verdict);
        facts.consents = {one.other, permits};
        EXPECT_EQ(verdict_of(ask_gate(facts, destination, {}, today)), one.verdict);
    }
}

TEST(GateUnderConsent, IsOpenFromTheFirstToTheLastDayOfThePeriod) {
    destination_settings destination;
    destination.basis = legal_basis::consent;
    gate_facts facts = patient("");
    facts.consents.push_back(consent(1, "urn:auditgate:consent:registry", true, true));
    facts.consents[0].first = day(2026, 3, 10);
    facts.consents[0].last = day(2026, 4, 14);
    const auto verdict_on = [&](std::chrono::local_days date) {
        return verdict_of(ask_gate(facts, destination, {}, date));
    };
    EXPECT_EQ(verdict_on(day(2026, 3, 9)), "closed consent-out-of-period");
    EXPECT_EQ(verdict_on(day(2026, 3, 10)), "open");
    EXPECT_EQ(verdict_on(day(2026, 4, 14)), "open");
    EXPECT_EQ(verdict_on(day(2026, 4, 15)), "closed consent-out-of-period");
}

struct dissent_row {
    const char* name;
    void (*configure)(destination_settings&);
};

class GateWithADissentList : public testing::TestWithParam<dissent_row> {};

TEST_P(GateWithADissentList, IsClosedForWhoStandsOnItAndHoldsWhileItCannotBeRead) {
    destination_settings destination;
    GetParam().configure(destination);
    opt_out_state list = fresh_list();
    EXPECT_EQ(verdict_of(ask_gate(patient("9000010225"), destination, list, today)), "closed opted-out");
    EXPECT_EQ(verdict_of(ask_gate(patient("9000012538"), destination, list, today)), "open");
    list.dissent_unreadable = true;
    for (const char* number : {"9000012538", ""}) {
        EXPECT_EQ(verdict_of(ask_gate(patient(number), destination, list, today)),
                  "hold dissent-list-unreadable");
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, GateWithADissentList,
    testing::Values(dissent_row{"Applied",
                                [](destination_settings& to) { to.send_without_nhs_number = true; }},
                    dissent_row{"Exempt", [](destination_settings& to) { to.opt_out_exempt = true; }},
                    dissent_row{"Consent",
                                [](destination_settings& to) {
                                    to.basis = legal_basis::consent;
                                    to.consent_assumed = true;
                                }}),
    [](const auto& one) { return one.param.name; });

// What must be taken back is taken back all the same.
TEST(GateWithAnUnreadableDissentList, IsClosedForWhoMayNotBeThereAnyway) {
    destination_settings destination;
    opt_out_state list = fresh_list();
    list.dissent_unreadable = true;
    EXPECT_EQ(verdict_of(ask_gate(patient("9000009944"), destination, list, today)), "closed opted-out");
    destination.basis = legal_basis::consent;
    gate_facts facts = patient("9000012538");
    facts.consents = {consent(1, "urn:auditgate:consent:registry", true, false)};
    EXPECT_EQ(verdict_of(ask_gate(facts, destination, list, today)), "closed consent-denied");
}

TEST(Gate, IsClosedForProceduresBeforeGoLive) {
    destination_settings destination;
    destination.procedures_from = day(2026, 3, 6);
    EXPECT_EQ(verdict_of(ask_gate(patient("9000012538"), destination, fresh_list(), today)),
              "closed before-procedures-from");
    destination.procedures_from = day(2026, 3, 5);
    EXPECT_EQ(verdict_of(ask_gate(patient("9000012538"), destination, fresh_list(), today)), "open");
}

TEST(GateFacts, SurviveTheStore) {
    gate_facts facts = patient("9000012538");
    facts.consents = {consent(1, "a", true, false), consent(2, "b", false, true)};
    facts.consents[1].policies.push_back({"urn:x", "b"});
    facts.consents[1].first = day(1969, 12, 31);
    facts.consents[1].last = day(2030, 1, 1);
    EXPECT_EQ(gate_facts_from_bytes(to_bytes(facts)), facts);
    EXPECT_EQ(gate_facts_from_bytes(to_bytes(patient(""))), patient(""));
    EXPECT_EQ(gate_facts_from_bytes(""), std::nullopt);
    EXPECT_EQ(gate_facts_from_bytes("{}"), std::nullopt);
}

TEST(GateFacts, WithoutTheTimeOfAConsentCannotBeRead) {
    EXPECT_EQ(gate_facts_from_bytes(R"({"nhs_number":"","procedure_date":20000,"consents":[{"policies":[],)"
                                    R"("active":true,"permits":true,"first":null,"last":null}]})"),
              std::nullopt);
}

// ---- versions ----

struct version_row {
    const char* name;
    int last_version;
    bool live, may_be_there;
    const char* last;   // content; "" unknown
    const char* wanted; // content; "" none
    gate_state gate;
    const char* decision;
};

class NextRelease : public testing::TestWithParam<version_row> {};

TEST_P(NextRelease, IsDecidedByHistoryContentAndGate) {
    const version_row& row = GetParam();
    const auto content = [](std::string_view text) -> std::optional<fhir::json::value> {
        return text.empty() ? std::nullopt : std::optional(json(text));
    };
    const release_history history{row.last_version, row.live, row.may_be_there, content(row.last)};
    const next_release next =
        decide_release(history, content(row.wanted), {row.gate, row.gate == gate_state::open ? "" : "r"});
    const std::string what = next.what == next_release::kind::nothing ? "nothing"
                             : next.what == next_release::kind::hold
                                 ? "hold"
                                 : std::string(to_string(next.action)) + ' ' + std::to_string(next.version);
    EXPECT_EQ(next.reason.empty() ? what : what + " (" + next.reason + ")", row.decision);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NextRelease,
    testing::Values(
        version_row{"First", 0, false, false, "", R"({"a":1})", gate_state::open, "create 1"},
        version_row{"Unchanged", 1, true, true, R"({"a":1})", R"({"a":1})", gate_state::open,
                    "nothing (unchanged)"},
        version_row{"OtherVersions", 1, true, true, R"({"a":1,"ome_table":"uk"})",
                    R"({"ome_table":"x","a":1})", gate_state::open, "nothing (unchanged)"},
        version_row{"Changed", 1, true, true, R"({"a":1})", R"({"a":2})", gate_state::open, "amend 2"},
        version_row{"UnknownWhatArrived", 2, true, true, "", R"({"a":2})", gate_state::open, "amend 3"},
        version_row{"Gone", 2, true, true, R"({"a":1})", "", gate_state::open, "retract 3 (no-record)"},
        version_row{"NeverSentAndGone", 0, false, false, "", "", gate_state::open, "nothing (no-record)"},
        version_row{"RetractedAndGone", 3, false, false, "", "", gate_state::open, "nothing (no-record)"},
        version_row{"Back", 3, false, false, "", R"({"a":1})", gate_state::open, "create 4"},
        version_row{"ClosedAfterSending", 1, true, true, R"({"a":1})", R"({"a":1})", gate_state::closed,
                    "retract 2 (r)"},
        version_row{"ClosedBeforeSending", 0, false, false, "", R"({"a":1})", gate_state::closed,
                    "nothing (r)"},
        version_row{"ClosedWhileUnderWay", 1, false, true, "", R"({"a":1})", gate_state::closed,
                    "retract 2 (r)"},
        version_row{"HeldFirst", 0, false, false, "", R"({"a":1})", gate_state::hold, "hold (r)"},
        version_row{"HeldChange", 1, true, true, R"({"a":1})", R"({"a":2})", gate_state::hold, "hold (r)"},
        version_row{"RetractLeavesThroughHold", 1, true, true, R"({"a":1})", "", gate_state::hold,
                    "retract 2 (no-record)"}),
    [](const auto& one) { return one.param.name; });

// ---- opt-out files ----

TEST(OptOutFiles, RequestIsOneNumberALineWithItsComma) {
    EXPECT_EQ(write_opt_out_request({"9000012538", "9000009944"}), "9000009944,\n9000012538,\n");
    EXPECT_EQ(write_opt_out_request({}), "");
}

TEST(OptOutFiles, AreReadInTheFormsPeopleHaveThem) {
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink("response.dat", problems);
    const nhs_number_set numbers{"9000009944", "9000012538"};
    EXPECT_EQ(read_nhs_numbers("9000012538,\n9000009944,\n", sink), numbers);
    EXPECT_EQ(read_nhs_numbers("9000012538\r\n\r\n9000009944, \r\n9000009944", sink), numbers);
    EXPECT_EQ(read_nhs_numbers("", sink), nhs_number_set{});
    EXPECT_TRUE(problems.empty());
}

TEST(OptOutFiles, AreRefusedWholeWithTheLineButNotItsText) {
    for (const char* text :
         {"9000012538,\n90000125,\n", "9000012538,\nThe file contains one or more invalid NHS Numbers.\n",
          "9000012538,\n900001253x,\n", "9000012538,\n9000009944;9000009945,\n"}) {
        std::vector<yaml::problem> problems;
        yaml::problem_sink sink("response.dat", problems);
        EXPECT_EQ(read_nhs_numbers(text, sink), std::nullopt);
        ASSERT_EQ(problems.size(), 1U);
        EXPECT_EQ(problems[0].line, 2);
        EXPECT_EQ(problems[0].text.find("9000"), std::string::npos);
    }
}

TEST(OptOutFiles, ResponseMustAnswerItsRequest) {
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink("response.dat", problems);
    const auto state = answered_opt_out({"9000012538", "9000009944"}, {"9000012538"}, today, sink);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->cleared, nhs_number_set{"9000012538"});
    EXPECT_EQ(state->answered_on, today);
    EXPECT_EQ(answered_opt_out({"9000012538"}, {"9000009944"}, today, sink), std::nullopt);
    EXPECT_EQ(problems.size(), 1U);
}

TEST(OptOutFiles, FewMayAllHaveOptedOutButNotMany) {
    std::vector<yaml::problem> problems;
    yaml::problem_sink sink("response.dat", problems);
    nhs_number_set requested{"9000009944", "9000010225", "9000012538"};
    ASSERT_EQ(requested.size(), all_opted_out_max);
    EXPECT_TRUE(answered_opt_out(requested, {}, today, sink));
    EXPECT_TRUE(problems.empty());
    requested.insert("9000014565");
    EXPECT_EQ(answered_opt_out(requested, {}, today, sink), std::nullopt);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_NE(problems[0].text.find("4 numbers"), std::string::npos) << problems[0].text;
}

} // namespace
} // namespace auditgate::mapping
