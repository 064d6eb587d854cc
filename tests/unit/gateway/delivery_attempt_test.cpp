#include "gateway/delivery/answer.hpp"
#include "gateway/delivery/attempt.hpp"
#include "gateway/delivery/retry_policy.hpp"

#include <gtest/gtest.h>

namespace auditgate::gateway::delivery {
namespace {

using namespace std::chrono_literals;
using mapping::gate_state;
using mapping::release_schedule;
using store::attempt_end;
using store::record_action;

const std::string wanted = R"({"dataset":"d","provider_org":"RXX"})";
const std::string other = R"({"dataset":"d","provider_org":"RYY"})";
const store::utc_time noon_tuesday = std::chrono::sys_days{std::chrono::May / 5 / 2026} + 12h;

mapping::gate_verdict gate(gate_state state) {
    return {state, state == gate_state::open ? "" : "a-reason"};
}

store::outbox_row row(std::optional<std::string> desired) {
    store::outbox_row made;
    made.destination = "registry";
    made.record_id = std::string(64, 'a');
    made.desired_content = std::move(desired);
    return made;
}

// A row whose last version arrived and shows `content`.
store::outbox_row delivered(std::optional<std::string> desired, const std::string& content) {
    store::outbox_row made = row(std::move(desired));
    made.last_version = 3;
    made.live = made.may_be_there = true;
    made.last_content = content;
    made.slots_out = {"patient"};
    return made;
}

store::outbox_row sealed(std::optional<std::string> desired, record_action action) {
    store::outbox_row made = delivered(std::move(desired), wanted);
    made.sealed =
        store::sealed_record{4, action, action == record_action::retract ? "" : "hash", wanted, "{}", {}};
    return made;
}

struct before_case {
    const char* what;
    store::outbox_row row;
    gate_state gate;
    move what_next;
    record_action action;
    attempt_end end;
};

TEST(DeliveryAttempt, DecidesBeforeAnAttemptByRowAndGate) {
    constexpr record_action any_action = record_action::create;
    constexpr attempt_end any_end = attempt_end::receipted;
    store::outbox_row may_be_there = row(std::nullopt);
    may_be_there.may_be_there = true;
    store::outbox_row outdated = sealed(other, record_action::create);
    outdated.desired_revision = 2;
    outdated.sealed_revision = 1;
    const auto held = [](store::outbox_row made) {
        made.hold_reason = "http-422";
        return made;
    };
    const auto held_by_gate = [](store::outbox_row made) {
        made.hold_reason = "opt-out-list-stale";
        made.hold_detail = gate_hold_detail;
        return made;
    };
    const auto of_older_configuration = [](store::outbox_row made) {
        made.of_active_configuration = false;
        return made;
    };
    const auto pausing = [](store::outbox_row made) {
        made.retry_at = noon_tuesday + 1ms;
        return made;
    };
    store::outbox_row pause_over = sealed(wanted, record_action::amend);
    pause_over.retry_at = noon_tuesday;
    const std::vector<before_case> cases = {
        {"held for people, open", held(sealed(wanted, record_action::amend)), gate_state::open, move::finish,
         any_action, attempt_end::held},
        {"held for people, held gate", held(sealed(wanted, record_action::amend)), gate_state::hold,
         move::finish, any_action, attempt_end::held},
        {"held for people, closed", held(sealed(wanted, record_action::amend)), gate_state::closed,
         move::seal, record_action::retract, any_end},
        {"held for people, no longer wanted", held(sealed(std::nullopt, record_action::amend)),
         gate_state::open, move::seal, record_action::retract, any_end},
        {"never sealed, held for people, closed", held(delivered(other, wanted)), gate_state::closed,
         move::seal, record_action::retract, any_end},
        {"retract held for people, closed", held(sealed(wanted, record_action::retract)), gate_state::closed,
         move::send, any_action, any_end},
        {"held by the gate, open", held_by_gate(sealed(wanted, record_action::amend)), gate_state::open,
         move::send, any_action, any_end},
        {"content not readable", delivered("{", wanted), gate_state::open, move::finish, any_action,
         attempt_end::held},
        {"content not readable, closed", delivered("{", wanted), gate_state::closed, move::seal,
         record_action::retract, any_end},
        {"pausing", pausing(sealed(wanted, record_action::amend)), gate_state::open, move::finish, any_action,
         attempt_end::later},
        {"pausing, other content by now", pausing(outdated), gate_state::open, move::finish, any_action,
         attempt_end::later},
        {"pausing, closed", pausing(sealed(wanted, record_action::amend)), gate_state::closed, move::seal,
         record_action::retract, any_end},
        {"retract pausing, closed", pausing(sealed(wanted, record_action::retract)), gate_state::closed,
         move::finish, any_action, attempt_end::later},
        {"of an older configuration", of_older_configuration(row(wanted)), gate_state::open, move::finish,
         any_action, attempt_end::later},
        {"sealed, of an older configuration", of_older_configuration(sealed(wanted, record_action::amend)),
         gate_state::open, move::finish, any_action, attempt_end::later},
        {"of an older configuration, closed", of_older_configuration(delivered(wanted, wanted)),
         gate_state::closed, move::seal, record_action::retract, any_end},
        {"retract sealed, of an older configuration",
         of_older_configuration(sealed(wanted, record_action::retract)), gate_state::open, move::send,
         any_action, any_end},
        {"pause over", pause_over, gate_state::open, move::send, any_action, any_end},
        {"sealed, other content by now", outdated, gate_state::open, move::seal, record_action::create,
         any_end},
        {"new", row(wanted), gate_state::open, move::seal, record_action::create, any_end},
        {"changed", delivered(other, wanted), gate_state::open, move::seal, record_action::amend, any_end},
        {"same", delivered(wanted, wanted), gate_state::open, move::finish, any_action,
         attempt_end::unchanged},
        {"gone", delivered(std::nullopt, wanted), gate_state::open, move::seal, record_action::retract,
         any_end},
        {"gone, held gate", delivered(std::nullopt, wanted), gate_state::hold, move::seal,
         record_action::retract, any_end},
        {"never there", row(std::nullopt), gate_state::open, move::finish, any_action,
         attempt_end::unchanged},
        {"may be there", may_be_there, gate_state::open, move::seal, record_action::retract, any_end},
        {"new, held", row(wanted), gate_state::hold, move::finish, any_action, attempt_end::held},
        {"changed, held", delivered(other, wanted), gate_state::hold, move::finish, any_action,
         attempt_end::held},
        {"new, closed", row(wanted), gate_state::closed, move::finish, any_action, attempt_end::held},
        {"there, closed", delivered(wanted, wanted), gate_state::closed, move::seal, record_action::retract,
         any_end},
        {"sealed", sealed(wanted, record_action::amend), gate_state::open, move::send, any_action, any_end},
        {"sealed, held", sealed(wanted, record_action::amend), gate_state::hold, move::finish, any_action,
         attempt_end::held},
        {"sealed, closed", sealed(wanted, record_action::create), gate_state::closed, move::seal,
         record_action::retract, any_end},
        {"sealed, no longer wanted", sealed(std::nullopt, record_action::create), gate_state::open,
         move::seal, record_action::retract, any_end},
        {"retract sealed, closed", sealed(wanted, record_action::retract), gate_state::closed, move::send,
         any_action, any_end},
    };
    for (const before_case& one : cases) {
        const next_move next =
            before_attempt(one.row, gate(one.gate), release_schedule::immediate, noon_tuesday);
        EXPECT_EQ(next.what, one.what_next) << one.what;
        if (one.what_next == move::seal) {
            EXPECT_EQ(next.action, one.action) << one.what;
        } else if (one.what_next == move::finish) {
            EXPECT_EQ(next.outcome.end, one.end) << one.what;
        }
    }
}

TEST(DeliveryAttempt, NewContentWaitsForTheReleaseWindowAndRetractsDoNot) {
    const auto next_monday = std::chrono::sys_days{std::chrono::May / 11 / 2026};
    const next_move create =
        before_attempt(row(wanted), gate(gate_state::open), release_schedule::weekly, noon_tuesday);
    EXPECT_EQ(create.what, move::finish);
    EXPECT_EQ(create.outcome.end, attempt_end::later);
    EXPECT_EQ(create.outcome.retry_at, next_monday);
    const next_move retract = before_attempt(delivered(std::nullopt, wanted), gate(gate_state::open),
                                             release_schedule::weekly, noon_tuesday);
    EXPECT_EQ(retract.what, move::seal);
    EXPECT_EQ(release_time(release_schedule::weekly, next_monday), next_monday);
    EXPECT_EQ(release_time(release_schedule::weekly, next_monday + 6h - 1ms), next_monday + 6h - 1ms);
    EXPECT_EQ(release_time(release_schedule::weekly, next_monday + 6h), next_monday + std::chrono::days{7});
    EXPECT_EQ(release_time(release_schedule::daily, noon_tuesday),
              std::chrono::sys_days{std::chrono::May / 6 / 2026});
}

struct after_case {
    const char* what;
    peer_answer answer;
    bool sealed_above;
    std::optional<int> seal_above;
    attempt_end end;
    const char* reason;
};

peer_answer status(int code, bool confirmed = false) {
    peer_answer made;
    made.status = code;
    made.confirmed = confirmed;
    return made;
}

peer_answer conflict(int version, std::string hash) {
    peer_answer made = status(409);
    made.current_version = version;
    made.current_hash = std::move(hash);
    return made;
}

TEST(DeliveryAttempt, DecidesAfterAnAttemptByTheAnswer) {
    peer_answer refused_connection;
    refused_connection.failure = "connect";
    const std::vector<after_case> cases = {
        {"confirmed", status(200, true), false, {}, attempt_end::receipted, ""},
        {"success that confirms nothing", status(200), false, {}, attempt_end::held, "unexpected-answer"},
        {"no connection", refused_connection, false, {}, attempt_end::retry, "connect"},
        {"server error", status(500), false, {}, attempt_end::retry, "http-500"},
        {"overloaded", status(503), false, {}, attempt_end::retry, "http-503"},
        {"too many", status(429), false, {}, attempt_end::retry, "http-429"},
        {"token refused", status(401), false, {}, attempt_end::retry, "http-401"},
        {"timed out there", status(408), false, {}, attempt_end::retry, "http-408"},
        {"bad request", status(400), false, {}, attempt_end::held, "http-400"},
        {"forbidden", status(403), false, {}, attempt_end::held, "http-403"},
        {"not processable", status(422), false, {}, attempt_end::held, "http-422"},
        {"redirect", status(307), false, {}, attempt_end::held, "http-307"},
        {"same content there", conflict(9, "hash"), false, {}, attempt_end::receipted, ""},
        {"later version there", conflict(9, "x"), false, 9, {}, ""},
        {"later version again", conflict(10, "x"), true, {}, attempt_end::held, "version-conflict"},
        {"conflict that says nothing", status(409), false, {}, attempt_end::held, "conflict"},
        {"precondition that says nothing", status(412), false, {}, attempt_end::held, "conflict"},
    };
    const store::sealed_record sent{4, record_action::amend, "hash", wanted, "{}", {}};
    for (const after_case& one : cases) {
        const after_attempt_result after =
            after_attempt(sent, one.answer, one.sealed_above, 0, {}, 1.0, noon_tuesday);
        EXPECT_EQ(after.seal_above, one.seal_above) << one.what;
        if (!one.seal_above) {
            EXPECT_EQ(after.outcome.end, one.end) << one.what;
            EXPECT_EQ(after.outcome.reason, one.reason) << one.what;
        }
    }
}

TEST(DeliveryAttempt, KeepsTheReasonOfAHoldForPeople) {
    store::outbox_row held = sealed(wanted, record_action::amend);
    held.hold_reason = "http-422";
    held.hold_detail = "error invalid";
    const next_move next =
        before_attempt(held, gate(gate_state::hold), release_schedule::immediate, noon_tuesday);
    EXPECT_EQ(next.outcome.reason, "http-422");
    EXPECT_EQ(next.outcome.detail, "error invalid");
}

TEST(DeliveryAttempt, ARetractIsNotConfirmedByAHashThatIsNotTold) {
    const store::sealed_record retract{4, record_action::retract, "", "", "{}", {}};
    EXPECT_EQ(after_attempt(retract, conflict(9, ""), false, 0, {}, 1.0, noon_tuesday).seal_above, 9);
    const after_attempt_result again =
        after_attempt(retract, conflict(10, ""), true, 0, {}, 1.0, noon_tuesday);
    EXPECT_EQ(again.seal_above, std::nullopt);
    EXPECT_EQ(again.outcome.end, attempt_end::held);
    EXPECT_EQ(again.outcome.reason, "version-conflict");
}

TEST(DeliveryAttempt, LeavesADestinationAloneThatAsksForTime) {
    const store::sealed_record sent{4, record_action::amend, "hash", wanted, "{}", {}};
    const auto asks = [&](int code, std::optional<std::chrono::seconds> retry_after) {
        peer_answer answer = status(code);
        answer.retry_after = retry_after;
        return after_attempt(sent, answer, false, 0, {}, 1.0, noon_tuesday);
    };
    EXPECT_TRUE(asks(429, {}).leave_alone);
    EXPECT_TRUE(asks(503, 3600s).leave_alone);
    EXPECT_EQ(asks(503, 3600s).outcome.retry_at, noon_tuesday + 3600s);
    EXPECT_FALSE(asks(503, {}).leave_alone);
    EXPECT_FALSE(asks(422, 3600s).leave_alone);
}

TEST(RetryPolicy, DoublesUpToItsLimitWithJitter) {
    const retry_policy policy{1s, 60s, 3600s};
    EXPECT_EQ(retry_delay(policy, 1, 1.0, {}), 1s);
    EXPECT_EQ(retry_delay(policy, 1, 0.0, {}), 500ms);
    EXPECT_EQ(retry_delay(policy, 4, 1.0, {}), 8s);
    EXPECT_EQ(retry_delay(policy, 1'000'000, 1.0, {}), 60s);
    EXPECT_EQ(retry_delay(policy, 1, 1.0, 30s), 30s);
    EXPECT_EQ(retry_delay(policy, 1, 1.0, 9999s), 3600s);
}

TEST(RetryPolicy, ReadsRetryAfterAsSecondsAndAsDate) {
    const auto now = std::chrono::sys_seconds{std::chrono::sys_days{std::chrono::May / 5 / 2026}};
    EXPECT_EQ(parse_retry_after("120", now), 120s);
    EXPECT_EQ(parse_retry_after("Tue, 05 May 2026 00:01:00 GMT", now), 60s);
    EXPECT_EQ(parse_retry_after("Mon, 04 May 2026 00:01:00 GMT", now), 0s);
    EXPECT_EQ(parse_retry_after("", now), std::nullopt);
    EXPECT_EQ(parse_retry_after("soon", now), std::nullopt);
    EXPECT_EQ(parse_retry_after("-5", now), std::nullopt);
}

TEST(DeliveryAnswer, ConfirmsOnlyACompleteTransactionResponse) {
    const auto read = [](std::string body) {
        http_answer answer;
        answer.status = 200;
        answer.body = std::move(body);
        return read_answer(answer, 2, noon_tuesday).confirmed;
    };
    const std::string begin = R"({"resourceType":"Bundle","type":"transaction-response","entry":[)";
    const std::string good = R"({"response":{"status":"200 OK"}})";
    EXPECT_TRUE(read(begin + good + "," + R"({"response":{"status":"204"}}]})"));
    EXPECT_FALSE(read(begin + good + "]}"));
    EXPECT_FALSE(read(begin + good + "," + R"({"response":{"status":"404"}}]})"));
    EXPECT_FALSE(read("<html>"));
    EXPECT_FALSE(read(""));
}

TEST(DeliveryAnswer, TellsWhatTheServerSaidWithoutValues) {
    EXPECT_EQ(without_values("Unknown code 'C79.5' in system, value 32443 of \"x y\""),
              "Unknown code ... in system, value ... of ...");
    EXPECT_EQ(without_values("the server doesn't do that"), "the server doesn't do that");
    http_answer answer;
    answer.status = 422;
    answer.body = R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid",)"
                  R"("diagnostics":"Patient 9434765919 unknown"}]})";
    EXPECT_EQ(read_answer(answer, 1, noon_tuesday).detail, "error invalid: Patient ... unknown");
}

} // namespace
} // namespace auditgate::gateway::delivery
