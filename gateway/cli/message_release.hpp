// Messages of the journal given to mapping again: what `holds release-message` and `quarantine replay` share.
#pragma once

#include "gateway/cli/exit_code.hpp"
#include "gateway/config/gateway_config.hpp"
#include "gateway/store/store.hpp"

#include <string>
#include <vector>

namespace auditgate::gateway::cli {

struct message_release {
    std::vector<store::message_id> ids{}; // empty: all that are in `state` for `reason`
    std::string reason{};
    std::string of_source{}; // with `reason`: only those of this source; "": of any
    // Whose messages they are from now on; "": of the source that each has, and of the one that its header fits when it has
    // none.
    std::string source{};
    bool dry_run = false; // shows which, and changes nothing
};

// Tells on standard output what came of it, and on standard error which message was left as it is, and why. done: all of
// them; findings: some were left; usage: there was none to give, or a source is not configured.
[[nodiscard]] exit_code release_messages(store::store& in, const gateway_config& config,
                                         store::message_state state, const message_release& which);

} // namespace auditgate::gateway::cli
