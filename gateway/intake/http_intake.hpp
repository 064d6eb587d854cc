// A listener for HTTP: POST /hl7v2 takes one HL7 v2 message and answers with its acknowledgement, after the commit (HL7 over
// HTTP, https://hapifhir.github.io/hapi-hl7v2/hapi-hl7overhttp/specification.html).
//
//   request   Content-Type application/hl7-v2 or application/hl7-v2+er7, also with x- before it; text/plain. Its charset
//             wins over MSH-18 (section 2.4). The body is the message, unchanged; MLLP framing around it is taken off.
//   answer    200 AA, CA; 400 AR, CR; 500 AE, CE (section 2.6), the acknowledgement as body; 204 when MSH-15 and MSH-16 want
//             none. Of two acknowledgements, which one answer cannot hold, the application's is given.
//   else      400 a batch: one request, one message; 401 no token of a client; 404, 405, 413, 415; 503 with Retry-After: the
//             message is not stored, send it again
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "gateway/intake/journal_gate.hpp"
#include "gateway/intake/message_intake.hpp"
#include "gateway/network/http_server.hpp"
#include "gateway/observe/health.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace auditgate::gateway::intake {

// Listens at once; what is passed by reference must outlive the server, and the journal must have answered everything
// before the executor goes. configuration: the address, a certificate or a token file cannot be used.
[[nodiscard]] result<std::unique_ptr<network::http_server>>
start_http_intake(boost::asio::any_io_executor on, const listener_config& listener,
                  const message_intake& messages, journal_gate& journal, observe::health& health,
                  observe::metrics& metrics, observe::logger& log);

} // namespace auditgate::gateway::intake
