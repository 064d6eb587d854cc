#include "gateway/delivery/attempt.hpp"

#include "fhir/json.hpp"
#include "mapping/release/record.hpp"
#include "mapping/release/version.hpp"

#include <algorithm>

namespace auditgate::gateway::delivery {

namespace {

using store::attempt_end;
using store::record_action;

next_move finish(attempt_end end, std::string reason) {
    return {move::finish, {}, {end, {}, std::move(reason), {}}};
}

next_move hold_by_gate(const mapping::gate_verdict& gate) {
    return {move::finish, {}, {attempt_end::held, {}, gate.reason, std::string{gate_hold_detail}}};
}

next_move seal(record_action action) {
    return {move::seal, action, {}};
}

std::optional<fhir::json::value> parsed(const std::string& content) {
    return fhir::json::parse(content).document;
}

// Other content is wanted by now than was sealed. It must not wait until that is confirmed: the destination may refuse it.
bool is_outdated(const store::outbox_row& row) {
    if (row.desired_revision == row.sealed_revision) {
        return false;
    }
    const auto wanted = parsed(*row.desired_content);
    return wanted && mapping::content_hash(*wanted) != row.sealed->content_hash;
}

bool is_held_for_people(const store::outbox_row& row) {
    return !row.hold_reason.empty() && row.hold_detail != gate_hold_detail;
}

next_move wait_until(store::utc_time when, std::string reason) {
    return {move::finish, {}, {attempt_end::later, when, std::move(reason), {}}};
}

next_move with_sealed(const store::outbox_row& row, const mapping::gate_verdict& gate,
                      mapping::release_schedule schedule, store::utc_time now) {
    if (row.sealed->action == record_action::retract) {
        return {move::send, {}, {}};
    }
    if (!row.desired_content || gate.state == mapping::gate_state::closed) {
        return seal(record_action::retract);
    }
    if (gate.state == mapping::gate_state::hold) {
        return hold_by_gate(gate);
    }
    if (release_time(schedule, now) == now && is_outdated(row)) {
        return seal(row.sealed->action);
    }
    return {move::send, {}, {}};
}

mapping::release_history history_of(const store::outbox_row& row) {
    mapping::release_history history;
    history.last_version = row.last_version;
    history.live = row.live;
    history.may_be_there = row.may_be_there;
    if (row.live) {
        history.last_content = parsed(row.last_content);
    }
    return history;
}

record_action stored_action(mapping::record_action action) {
    switch (action) {
    case mapping::record_action::create:
        return record_action::create;
    case mapping::record_action::amend:
        return record_action::amend;
    case mapping::record_action::retract:
        return record_action::retract;
    }
    return record_action::retract;
}

next_move without_sealed(const store::outbox_row& row, const mapping::gate_verdict& gate,
                         mapping::release_schedule schedule, store::utc_time now) {
    std::optional<fhir::json::value> wanted;
    if (row.desired_content) {
        wanted = parsed(*row.desired_content);
        if (!wanted && gate.state != mapping::gate_state::closed) {
            return finish(attempt_end::held, "content-not-readable");
        }
    }
    const mapping::next_release next = mapping::decide_release(history_of(row), wanted, gate);
    switch (next.what) {
    case mapping::next_release::kind::hold:
        return hold_by_gate(gate);
    case mapping::next_release::kind::nothing:
        // A gate that is closed now may open again, as when an opt-out is taken back.
        return wanted && gate.state == mapping::gate_state::closed ? hold_by_gate(gate)
                                                                   : finish(attempt_end::unchanged, {});
    case mapping::next_release::kind::send:
        break;
    }
    const record_action action = stored_action(next.action);
    if (const auto leaves_at = release_time(schedule, now);
        action != record_action::retract && leaves_at > now) {
        return wait_until(leaves_at, "release-schedule");
    }
    return seal(action);
}

after_attempt_result held(std::string reason, std::string detail) {
    return {std::nullopt, {attempt_end::held, {}, std::move(reason), std::move(detail)}};
}

after_attempt_result conflict(const store::sealed_record& sealed, const peer_answer& answer,
                              bool sealed_above_already) {
    if (!answer.current_version) {
        return held("conflict", answer.detail);
    }
    // A registry that tells no hash confirms nothing: not even a retract, whose own hash is empty.
    const bool same_content = *answer.current_version >= sealed.version && !answer.current_hash.empty() &&
                              answer.current_hash == sealed.content_hash;
    if (same_content) {
        return {std::nullopt, {attempt_end::receipted, {}, {}, {}}};
    }
    if (sealed_above_already) {
        return held("version-conflict", answer.detail);
    }
    return {std::max(*answer.current_version, sealed.version), {}};
}

// Statuses that speak of the moment and not of the record: the peer is overloaded, restarting, or does not know our
// credentials just now (a token that is being rotated must not hold every record).
bool is_passing(int status) {
    return status == 0 || status >= 500 || status == 429 || status == 408 || status == 401;
}

std::string reason_of(const peer_answer& answer) {
    return answer.status == 0 ? answer.failure : "http-" + std::to_string(answer.status);
}

} // namespace

next_move before_attempt(const store::outbox_row& row, const mapping::gate_verdict& gate,
                         mapping::release_schedule schedule, store::utc_time now) {
    const bool must_go = !row.desired_content || gate.state == mapping::gate_state::closed;
    if (is_held_for_people(row) && !must_go) {
        return {move::finish, {}, {attempt_end::held, {}, row.hold_reason, row.hold_detail}};
    }
    const next_move next =
        row.sealed ? with_sealed(row, gate, schedule, now) : without_sealed(row, gate, schedule, now);
    const bool new_retract = next.what == move::seal && next.action == record_action::retract;
    if (next.what == move::finish || new_retract) {
        return next;
    }
    const bool shows_content = next.what == move::seal || row.sealed->action != record_action::retract;
    if (shows_content && !row.of_active_configuration) {
        return wait_until(now + configuration_wait_s, "configuration");
    }
    return row.retry_at > now ? wait_until(row.retry_at, "retry") : next;
}

store::utc_time release_time(mapping::release_schedule schedule, store::utc_time now) {
    constexpr std::chrono::hours window_length{6};
    if (schedule == mapping::release_schedule::immediate) {
        return now;
    }
    const auto today = std::chrono::floor<std::chrono::days>(now);
    const bool weekly = schedule == mapping::release_schedule::weekly;
    const auto since_monday = std::chrono::weekday{today} - std::chrono::Monday;
    const auto opened = weekly ? today - since_monday : today;
    const bool inside = now < opened + window_length;
    return inside ? now : store::utc_time{opened + std::chrono::days{weekly ? 7 : 1}};
}

after_attempt_result after_attempt(const store::sealed_record& sealed, const peer_answer& answer,
                                   bool sealed_above_already, int attempts, const retry_policy& policy,
                                   double jitter, store::utc_time now) {
    if (is_passing(answer.status)) {
        const auto wait = retry_delay(policy, attempts + 1, jitter, answer.retry_after);
        return {std::nullopt,
                {attempt_end::retry, now + wait, reason_of(answer), answer.detail},
                answer.status == 429 || answer.retry_after.has_value()};
    }
    if (answer.status == 409 || answer.status == 412) {
        return conflict(sealed, answer, sealed_above_already);
    }
    if (answer.status >= 200 && answer.status < 300) {
        return answer.confirmed ? after_attempt_result{std::nullopt, {attempt_end::receipted, {}, {}, {}}}
                                : held("unexpected-answer", answer.detail);
    }
    return held(reason_of(answer), answer.detail);
}

} // namespace auditgate::gateway::delivery
