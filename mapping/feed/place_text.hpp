// Where an item stands in the feed, in words: for documentation.
#pragma once

#include "mapping/feed/layout.hpp"

#include <string>

namespace auditgate::mapping::feed {

// "set of codes"
[[nodiscard]] std::string type_text(const item_place& item);
// "`score.<timepoint>`"
[[nodiscard]] std::string slots_text(const layout& places, const item_place& item);
// "Observation.component, code `score.total`, unit `mg/d`"
[[nodiscard]] std::string place_text(const layout& places, const item_place& item);

} // namespace auditgate::mapping::feed
