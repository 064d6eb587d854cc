#include "gateway/intake/answer_relay.hpp"

#include "gateway/intake/mllp_connection.hpp"

#include <boost/asio/post.hpp>

#include <iterator>
#include <utility>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;

// More than these are left to another thread, if there is an idle one: an answer is mostly a system call.
constexpr std::size_t at_a_time = 16;

void take_all(std::vector<committed_message> messages) {
    for (committed_message& message : messages)
        message.connection->take_outcome(message.place, message.part, std::move(message.outcome));
}

} // namespace

void answer_relay::hand_over(committed_message message) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(message));
        if (waiting_.size() > 1)
            return; // somebody is on the way
    }
    asio::post(on_, [self = shared_from_this()] { self->pass_on(); });
}

void answer_relay::pass_on() {
    std::vector<committed_message> messages;
    {
        const std::lock_guard lock(mutex_);
        messages.swap(waiting_);
    }
    while (messages.size() > at_a_time) {
        const auto rest = messages.end() - at_a_time;
        std::vector<committed_message> others(std::make_move_iterator(rest),
                                              std::make_move_iterator(messages.end()));
        messages.erase(rest, messages.end());
        asio::post(on_, [others = std::move(others)]() mutable { take_all(std::move(others)); });
    }
    take_all(std::move(messages));
}

} // namespace auditgate::gateway::intake
