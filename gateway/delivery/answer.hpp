// What a FHIR server's answer to a transaction says, in the terms that attempt.hpp decides by.
#pragma once

#include "gateway/delivery/attempt.hpp"
#include "gateway/delivery/http_client.hpp"

#include <cstddef>

namespace auditgate::gateway::delivery {

// `entries_sent`: of the Bundle; a confirmation has as many, each with a 2xx status (R4 3.1.0.11.2).
[[nodiscard]] peer_answer read_answer(const http_answer& answer, std::size_t entries_sent,
                                      store::utc_time now);

// A server's text about a record, fit for an operator's screen and the log: quoted parts and everything with a digit in
// it are left out, for they may be values of the record.
[[nodiscard]] std::string without_values(std::string_view text);

} // namespace auditgate::gateway::delivery
