// What to do next with one row of the outbox. Decisions only: no clock, no socket, no store; the worker (delivery.hpp)
// carries them out.
#pragma once

#include "gateway/delivery/retry_policy.hpp"
#include "gateway/store/store.hpp"
#include "mapping/release/destination.hpp"
#include "mapping/release/gate.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::gateway::delivery {

// ---- before an attempt ---------------------------------------------------------------------------------------------

enum class move {
    send,   // send row.sealed as it is
    seal,   // seal `action` with the version after row.last_version, then send it
    finish, // record `outcome`; nothing is sent
};

struct next_move {
    move what{};
    store::record_action action{}; // of seal
    store::attempt_outcome outcome;
};

// Detail of a record that the release gate holds. Such a hold needs nobody: the gate is asked again when it may have
// changed its mind (release_gate.hpp).
inline constexpr std::string_view gate_hold_detail =
    "held by the release gate, which is asked again by itself";

// How soon a record is looked at again that waits to be computed again; the store makes it due at once when it has been.
inline constexpr std::chrono::seconds configuration_wait_s{60};

// Asked before every attempt, so that no retry slips out after the gate has closed. Nothing with content leaves but
// while the gate is open and the record is still wanted: what was sealed before is then replaced by a retract, for nobody
// knows what of it has arrived. Content that has changed since it was sealed is sealed again. A retract always leaves. New
// content waits for the destination's release window. A record that is held for somebody to act stays held, unless
// what the destination may have of it must go. The pause before the next attempt is kept by all but a new retract. Content
// that was computed with an older configuration, which may have shown the destination more, waits until it has been
// computed again.
[[nodiscard]] next_move before_attempt(const store::outbox_row& row, const mapping::gate_verdict& gate,
                                       mapping::release_schedule schedule, store::utc_time now);

// When a record that is new at `now` may leave: at once inside a window, else when the next one opens. Weekly: Mondays,
// daily: every day, both 00:00 to 06:00 UTC, so that the time of sending does not date a procedure.
[[nodiscard]] store::utc_time release_time(mapping::release_schedule schedule, store::utc_time now);

// ---- after an attempt ----------------------------------------------------------------------------------------------

// What came back. `status` 0: no answer (not connected, connection broken, deadline); whether the peer has acted on the
// request is then unknown, which is harmless: sending the same version again changes nothing.
struct peer_answer {
    int status = 0;
    std::optional<std::chrono::seconds> retry_after;
    bool confirmed = false; // the body is a transaction-response with a 2xx for every entry that was sent
    std::optional<int> current_version; // of a 409 or 412: what the registry has of the record
    std::string current_hash;           // of a 409 or 412: hash of that content
    std::string failure; // code of what went wrong without an answer: connect, tls, timeout ...
    std::string detail;  // for people: what the OperationOutcome says, without values
};

struct after_attempt_result {
    std::optional<int> seal_above;  // the registry has this version: seal above it and send at once
    store::attempt_outcome outcome; // else: how the attempt ended
    bool leave_alone = false; // the destination asks for time: nothing goes there before outcome.retry_at
};

// `sealed_above_already`: this attempt follows a seal above the registry's version; a second conflict holds the record.
// `attempts`: failed attempts of this sealed version before this one.
[[nodiscard]] after_attempt_result after_attempt(const store::sealed_record& sealed,
                                                 const peer_answer& answer, bool sealed_above_already,
                                                 int attempts, const retry_policy& policy, double jitter,
                                                 store::utc_time now);

} // namespace auditgate::gateway::delivery
