// Makes of an outbox row what will be sent: the record with its version and action, rendered once.
#pragma once

#include "gateway/result.hpp"
#include "gateway/store/store.hpp"
#include "mapping/feed/layout.hpp"

#include <span>

namespace auditgate::gateway::delivery {

// Seals the desired content (create, amend), or takes back what was sealed or sent last (retract). configuration: no
// layout for the record's dataset version, or the record has something that the layout has no place for; the text says
// what, for the hold.
[[nodiscard]] result<store::sealed_record> seal_record(const store::outbox_row& row,
                                                       store::record_action action, int version,
                                                       std::span<const mapping::feed::layout> layouts);

} // namespace auditgate::gateway::delivery
