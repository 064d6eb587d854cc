// The release gate (dataset.md section 8): asked before every attempt to send, so that no retry slips out
// after a change.
#pragma once

#include "mapping/cases/cases.hpp"
#include "mapping/release/destination.hpp"
#include "mapping/release/opt_out.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// What the gate must know of a patient; kept with the record that waits, since the gate is asked long after
// the case was computed.
struct gate_facts {
    std::string nhs_number; // usable one, else ""
    std::chrono::local_days procedure_date{};
    std::vector<consent_fact> consents;

    bool operator==(const gate_facts&) const = default;
};

[[nodiscard]] gate_facts gate_facts_of(const case_result& from);

// A form for the store; identifies the patient, so it must be kept encrypted.
[[nodiscard]] std::string to_bytes(const gate_facts& facts);
// The inverse; none when the bytes are not what to_bytes() gave.
[[nodiscard]] std::optional<gate_facts> gate_facts_from_bytes(std::string_view bytes);

enum class gate_state {
    open,   // the record may leave
    hold,   // nothing may leave for now; what is at the destination stays there
    closed, // the record may not be there: what has gone out is retracted
};

struct gate_verdict {
    gate_state state{};
    std::string reason; // code, empty when open: opt-out-list-stale, no-consent ...

    bool operator==(const gate_verdict&) const = default;
};

// Numbers on the dissent list never leave, whatever the legal basis; while that list cannot be read, nothing does.
// Pure: the same facts, settings, list and day give the same verdict. A retract is never asked about: it
// always leaves.
[[nodiscard]] gate_verdict ask_gate(const gate_facts& facts, const destination_settings& destination,
                                    const opt_out_state& opt_outs, std::chrono::local_days today);

// Whether the opt-out list does not count on that day: an alarm for whoever fetches it.
[[nodiscard]] bool is_stale(const opt_out_state& opt_outs, std::chrono::days max_age,
                            std::chrono::local_days today);

} // namespace auditgate::mapping
