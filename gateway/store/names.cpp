#include "gateway/store/names.hpp"

#include <array>
#include <utility>

namespace auditgate::gateway::store {

namespace {

constexpr std::array<std::pair<message_state, std::string_view>, 7> message_states{{
    {message_state::waiting, "waiting"},
    {message_state::applied, "applied"},
    {message_state::not_relevant, "not-relevant"},
    {message_state::held, "held"},
    {message_state::quarantined, "quarantined"},
    {message_state::duplicate, "duplicate"},
    {message_state::refused, "refused"},
}};

constexpr std::array<std::pair<seal_state, std::string_view>, 4> seal_states{{
    {seal_state::pending, "pending"},
    {seal_state::receipted, "receipted"},
    {seal_state::held, "held"},
    {seal_state::discarded, "discarded"},
}};

constexpr std::array<std::pair<record_action, std::string_view>, 3> record_actions{{
    {record_action::create, "create"},
    {record_action::amend, "amend"},
    {record_action::retract, "retract"},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    for (const auto& [entry, name] : table) {
        if (entry == value)
            return name;
    }
    return {};
}

template <class Value, std::size_t Size>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, Size>& table,
                              std::string_view name) {
    for (const auto& [value, entry] : table) {
        if (entry == name)
            return value;
    }
    return std::nullopt;
}

} // namespace

std::string_view name_of(message_state state) {
    return name_in(message_states, state);
}

std::string_view name_of(seal_state state) {
    return name_in(seal_states, state);
}

std::string_view name_of(record_action action) {
    return name_in(record_actions, action);
}

std::optional<message_state> message_state_of(std::string_view name) {
    return value_in(message_states, name);
}

std::optional<seal_state> seal_state_of(std::string_view name) {
    return value_in(seal_states, name);
}

std::optional<record_action> record_action_of(std::string_view name) {
    return value_in(record_actions, name);
}

} // namespace auditgate::gateway::store
