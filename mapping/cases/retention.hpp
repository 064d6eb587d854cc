// Which facts of a cluster are still needed (architecture.md, "Kept"): the others are to be erased. Personal data is to be
// kept no longer than its purpose needs (UK GDPR article 5(1)(e), storage limitation).
//
// While a patient has a case that may still change (from its procedure to definition.closing_day() after it), everything of
// the patient that the definition reads is kept, however old: what is erased must not change a case. Without one, facts
// are kept for the definition's look-backs. What is kept keeps with it what it depends on: the other versions of the same
// fact (else an older one would come back to life), the set that a procedure or diagnosis is a member of, its visit, and
// who the patient is.
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/event.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace auditgate::mapping {

struct retention_result {
    std::vector<bool> kept; // of each event, in their order
    // The earliest day after as_of on which the passing of time alone may end the need for one of them, or close a case.
    std::optional<std::chrono::local_days> next_on;
};

// Judges all events of one cluster. `received_on` has the day on which each arrived. Kept is what any definition needs; without
// a definition that is nothing. Pure: the order of the events does not matter.
[[nodiscard]] retention_result
needed_events(std::span<const event> events, std::span<const std::chrono::local_days> received_on,
              std::span<const std::shared_ptr<const compiled_definition>> definitions,
              std::chrono::local_days as_of);

} // namespace auditgate::mapping
