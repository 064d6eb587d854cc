// From one frame to what is journaled and answered, without sockets and without the store.
#pragma once

#include "gateway/config/gateway_config.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/store/store.hpp"
#include "hl7v2/header.hpp"

#include <functional>
#include <span>
#include <string>

namespace auditgate::gateway::intake {

// Where a frame came from.
struct frame_origin {
    std::string listener;
    std::string peer; // address and port
};

// Any thread; the clock and the ids must allow that.
class message_intake {
public:
    // `new_control_id`: MSH-10 of an answer, never the same twice. `sources` must outlive this.
    message_intake(std::span<const source_config> sources, observe::clock_function now,
                   std::function<std::string()> new_control_id);

    // What to journal for the content of a frame; `answer` holds the framed acknowledgement (none, one or two) to be
    // sent once it is committed. States:
    //   waiting      to be mapped; positive answer
    //   held         unknown-source: no source fits; positive answer, for the message is safe
    //   quarantined  no-msh, bad-delimiters ...: cannot be read; negative answer
    //   refused      the header lacks what it must have; negative answer with its error
    // Those with a negative answer take no part in duplicate detection: sent again, they are judged again.
    [[nodiscard]] store::incoming_message take_frame(std::string content, const frame_origin& from) const;

    // The same for a frame over the listener's limit, of which only the beginning was kept: refused, frame-too-large.
    [[nodiscard]] store::incoming_message take_too_large(std::string beginning,
                                                         const frame_origin& from) const;

private:
    // None: an unknown sender.
    [[nodiscard]] const source_config* source_of(const hl7v2::message_header& header,
                                                 const std::string& message_type,
                                                 const std::string& listener) const;

    std::span<const source_config> sources_;
    observe::clock_function now_;
    std::function<std::string()> new_control_id_;
};

// HL7 DTM in UTC: 20260504091233.120+0000.
[[nodiscard]] std::string hl7_time(store::utc_time at);

} // namespace auditgate::gateway::intake
