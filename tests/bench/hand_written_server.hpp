// An MLLP server that does as little as one can: what the gateway's listener is measured against.
#pragma once

#include <cstdint>
#include <functional>

namespace auditgate::test {

// Listens on a free port of this machine, tells it, and answers AA for ever: one thread, epoll, frames between VT and FS CR,
// MSH read by its own delimiters, the answer as the standard wants it (sender and receiver swapped, MSH-9 by the trigger,
// MSH-11, MSH-12 and MSA-2 as received, a control id of its own, the time in milliseconds).
void serve_by_hand(const std::function<void(std::uint16_t)>& ready);

} // namespace auditgate::test
