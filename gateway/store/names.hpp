// The names of states as people and the database see them: waiting, applied, not-relevant, held ...
#pragma once

#include "gateway/store/store.hpp"

#include <optional>
#include <string_view>

namespace auditgate::gateway::store {

[[nodiscard]] std::string_view name_of(message_state state);
[[nodiscard]] std::string_view name_of(seal_state state);
[[nodiscard]] std::string_view name_of(record_action action);

// None when there is no such state.
[[nodiscard]] std::optional<message_state> message_state_of(std::string_view name);
[[nodiscard]] std::optional<seal_state> seal_state_of(std::string_view name);
[[nodiscard]] std::optional<record_action> record_action_of(std::string_view name);

} // namespace auditgate::gateway::store
