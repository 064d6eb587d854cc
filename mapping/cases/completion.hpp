// What the messages of one visit, or of one order, say together: unlike other versions of a fact they complete each other
// instead of replacing each other whole (dataset.md section 1, Versions). For facts.cpp.
#pragma once

#include "mapping/event.hpp"

namespace auditgate::mapping {

// Whether the versions of this fact complete each other.
[[nodiscard]] bool is_cumulative(const event& one);

// Adds to a visit or order what an earlier version of it says. To be asked for each earlier version, the latest first.
void complete_from(event& later, const event& earlier);

// Whether a version of an order says what is taken: one that stops or cancels the order need not repeat its dosages.
[[nodiscard]] bool states_dosage(const medication& order);

// Status and end of an order that a later version stops or cancels without repeating its dosages.
void take_stop(medication& order, const medication& later);

} // namespace auditgate::mapping
