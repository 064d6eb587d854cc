// Which version of a record goes out next, if any (dataset.md section 3, record_version and record_action).
#pragma once

#include "fhir/json.hpp"
#include "mapping/release/gate.hpp"
#include "mapping/release/record.hpp"

#include <optional>
#include <string>

namespace auditgate::mapping {

// What a destination has been given of one record.
struct release_history {
    int last_version = 0;      // highest ever given away; 0: none
    bool live = false;         // that version showed content, as far as anybody knows
    bool may_be_there = false; // some content was given away that no retract has been confirmed for
    std::optional<fhir::json::value> last_content; // of the live version; none: nobody knows what arrived
};

struct next_release {
    enum class kind { nothing, hold, send };

    kind what = kind::nothing;
    record_action action{}; // of send
    int version = 0;        // of send
    std::string reason;     // code: why nothing, hold or retract

    bool operator==(const next_release&) const = default;
};

// `wanted`: the content that should be there, none when the case gives no record (any more). `verdict` counts
// only with it. A record that was never sent is not retracted; one that comes back is a create with the next
// version.
[[nodiscard]] next_release decide_release(const release_history& history,
                                          const std::optional<fhir::json::value>& wanted,
                                          const gate_verdict& verdict);

} // namespace auditgate::mapping
