// The current records of a dataset as NDJSON and as CSV, piece by piece: each piece takes one page of the store, so that
// nothing else waits for long.
#pragma once

#include "gateway/registry/registry_service.hpp"
#include "gateway/registry/registry_store.hpp"
#include "mapping/feed/layout.hpp"

#include <functional>
#include <string>

namespace auditgate::gateway::registry {

// Is told once of each record that is left out because it cannot be opened, by its key in the registry.
using left_out_function = std::function<void(const std::string& record_key)>;

// One record a line, ordered by record id. `records` outlives the source.
[[nodiscard]] body_source export_ndjson(registry_store& records, std::string dataset,
                                        left_out_function left_out);

// One record a line, RFC 4180 with CR LF, a header first: one column for each item, named by its path. Values of a list
// are joined by `;`. Rows told apart by one key item (time points) become columns `efficacy.BL.status`; other rows
// stand in one column, as JSON. Unknown is an empty cell. A cell never begins with a sign that a spreadsheet would take
// for a formula, but for negative numbers. `records` and `places` outlive the source.
[[nodiscard]] body_source export_csv(registry_store& records, const mapping::feed::layout& places,
                                     left_out_function left_out);

} // namespace auditgate::gateway::registry
