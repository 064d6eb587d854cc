// Replaces what a sender could recognise in a record by what only this registry can make: the record id and every
// identifier of the patient. Hospitals share the keys that they make pseudonyms with, so without this any of them could
// find its neighbours' patients in what the registry holds.
#pragma once

#include "fhir/json.hpp"
#include "gateway/security/crypto.hpp"
#include "mapping/feed/layout.hpp"

#include <string>
#include <string_view>

namespace auditgate::gateway::registry {

// A record of one sender, under a key of the registry alone; 64 hexadecimal digits. Two senders never share one.
[[nodiscard]] std::string record_key(const security::secret_key& secret, std::string_view sender,
                                     std::string_view record_id);

// The record with its id and its identifiers (items whose place is `identifier`) replaced; the same patient keeps the same
// identifier from whichever sender.
[[nodiscard]] fhir::json::value rekeyed(fhir::json::value record, const mapping::feed::layout& places,
                                        const security::secret_key& secret, std::string_view sender);

} // namespace auditgate::gateway::registry
