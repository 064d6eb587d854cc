// The way of outcomes from the journal's thread to the connections that wait for them: a whole batch of answers costs
// one wake-up of an I/O thread, not one for each.
#pragma once

#include "gateway/intake/answer_queue.hpp"
#include "gateway/store/store.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace auditgate::gateway::intake {

class mllp_connection;

struct committed_message {
    std::shared_ptr<mllp_connection> connection;
    answer_queue::place place{};
    std::size_t part = 0; // number of the message within its frame
    result<store::append_outcome> outcome;
};

// Held by whoever may still hand over; what was handed over keeps its connection alive until it has been taken.
class answer_relay : public std::enable_shared_from_this<answer_relay> {
public:
    explicit answer_relay(boost::asio::any_io_executor on) : on_(std::move(on)) {}

    // The connection takes the outcome on its own strand, soon. Any thread; never blocks for long.
    void hand_over(committed_message message);

private:
    void pass_on();

    boost::asio::any_io_executor on_;
    std::mutex mutex_;
    std::vector<committed_message> waiting_;
};

} // namespace auditgate::gateway::intake
