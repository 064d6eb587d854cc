// Folders and lists that change while a gateway runs, and what its user must be able to do with them.
#pragma once

#include "gateway/config/gateway_config.hpp"

#include <vector>

namespace auditgate::gateway {

// Tells watched directories, and folders and lists of the national opt-out, that are not there or that the user who runs this
// may not write or read. A gateway starts without them all the same (files then wait and records are held, which it tells), so
// that a disk that comes late keeps no message out: only `auditgate check` asks.
void check_folders(const gateway_config& of, std::vector<mapping::yaml::problem>& problems);

} // namespace auditgate::gateway
