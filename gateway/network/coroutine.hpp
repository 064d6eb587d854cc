// What every coroutine that moves bytes uses.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace auditgate::gateway::network {

// Completion token: the error code comes back as a value, nothing is thrown.
constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

[[nodiscard]] inline bool is_cancelled(const boost::asio::cancellation_state& state) {
    return state.cancelled() != boost::asio::cancellation_type::none;
}

} // namespace auditgate::gateway::network
