// When an order is to be carried out: TQ1, and before version 2.5 the data type TQ (RXE-1, ORC-7).
#pragma once

#include "mapping/read/hl7v2_reading.hpp"

#include <optional>
#include <vector>

namespace auditgate::mapping {

// One TQ1, or one repetition of a TQ.
struct stated_timing {
    std::optional<amount> quantity; // TQ1-2; TQ.1: how much at each time
    std::optional<dose_frequency> frequency;
    bool as_needed = false;
    std::optional<event_time> start;
    order_end ended = order_end::absent;
    std::optional<event_time> end; // stated, else start and duration

    bool operator==(const stated_timing&) const = default;
};

// The timings of what is ordered in this segment (RXE, RXO): of the TQ1 behind it, else of those behind its ORC (v2.5.1
// section 4.13), else of its own field `quantity_timing` (0: it has none), else of ORC-7 (v2.4 section 4.3). Never empty: an
// order that states none has one that says nothing. All but the first are further dosages of the same order.
[[nodiscard]] std::vector<stated_timing> read_timings(hl7v2_reading& from, const hl7v2::segment_view& ordered,
                                                      std::size_t quantity_timing);

} // namespace auditgate::mapping
