// NDJSON: one resource a line, as bulk exports write it (Bulk Data Access IG; application/fhir+ndjson).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace auditgate::fhir {

struct ndjson_line {
    std::size_t number = 0; // of the line, from 1
    std::string_view content;
};

// Several lines that each hold an object of their own. One JSON document, on one line or on many, is none.
[[nodiscard]] bool is_ndjson(std::string_view bytes);

// The lines that are not blank. A line that is no JSON is a line all the same: its neighbours do not suffer from it.
[[nodiscard]] std::vector<ndjson_line> split_ndjson(std::string_view bytes);

} // namespace auditgate::fhir
