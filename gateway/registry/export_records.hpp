// The current records of a dataset as NDJSON and as CSV, piece by piece: each piece takes one page of the store, so that
// nothing else waits for long.
#pragma once

#include "gateway/registry/registry_service.hpp"
#include "gateway/registry/registry_store.hpp"
#include "mapping/feed/layout.hpp"

#include <string>

namespace auditgate::gateway::registry {

// One record a line, ordered by record id. `records` outlives the source.
[[nodiscard]] body_source export_ndjson(registry_store& records, std::string dataset);

// One record a line, RFC 4180 with CR LF, a header first: one column for each item, named by its path. Values of a list
// are joined by `;`. Rows told apart by one key item (time points) become columns `efficacy.BL.status`; other rows
// stand in one column, as JSON. Unknown is an empty cell. A cell never begins with a sign that a spreadsheet would take
// for a formula, but for negative numbers. `records` and `places` outlive the source.
[[nodiscard]] body_source export_csv(registry_store& records, const mapping::feed::layout& places);

} // namespace auditgate::gateway::registry
