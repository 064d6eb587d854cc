// What whoever sees a reason in a list can do about it; docs/how-messages-run.md explains each reason.
#pragma once

#include "gateway/store/store.hpp"

#include <span>
#include <string>

namespace auditgate::gateway::cli {

// One line for each reason among them; "" when there are none.
[[nodiscard]] std::string next_steps(std::span<const store::stored_message> messages);
[[nodiscard]] std::string next_steps(std::span<const store::held_record> records);

} // namespace auditgate::gateway::cli
