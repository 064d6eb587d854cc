// The feed layout that the project ships, and records made by it, for tests of the feed, delivery and the registry.
#pragma once

#include "fhir/json.hpp"
#include "mapping/feed/layout.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace auditgate::test {

// config/feed/<dataset>.yaml; throws when it has problems.
[[nodiscard]] mapping::feed::layout load_feed_layout(std::string_view dataset = "nice-rfa-spinal-metastases");

// All layouts of config/feed, and with them those of the datasets that are for tests only (tests/data); throws as above.
[[nodiscard]] std::vector<mapping::feed::layout> shipped_feed_layouts();
[[nodiscard]] std::vector<mapping::feed::layout> all_feed_layouts();

// A record with every item of the layout, of the given version and action; values come from `choose`, which is called
// with a bound and gives a number from 0 to below it. A retract has no sections.
[[nodiscard]] fhir::json::value make_record(const mapping::feed::layout& places, std::string_view record_id,
                                            int version, std::string_view action,
                                            const std::function<std::size_t(std::size_t)>& choose);

} // namespace auditgate::test
