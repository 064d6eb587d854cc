// One MLLP connection: moves bytes between a peer, the framer, the journal and the queue of answers. What is decided is
// decided by those; here are only the waits.
#pragma once

#include "gateway/intake/answer_queue.hpp"
#include "gateway/intake/answer_relay.hpp"
#include "gateway/intake/buffer_budget.hpp"
#include "gateway/intake/byte_stream.hpp"
#include "gateway/intake/journal_gate.hpp"
#include "gateway/intake/message_intake.hpp"
#include "hl7v2/mllp_framer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::gateway::intake {

// By event: every frame, whatever was no whole frame, and why connections were closed.
using mllp_event_counts = std::map<std::string_view, observe::counter>;
[[nodiscard]] mllp_event_counts mllp_event_counters(observe::metrics& metrics, const std::string& listener);

// What the connections of one listener share; outlives their tasks.
struct mllp_services {
    const listener_config& listener;
    const message_intake& messages;
    journal_gate& journal;
    const mllp_event_counts& events;
    std::shared_ptr<buffer_budget> buffers;
    std::shared_ptr<answer_relay> relay;
    observe::logger& log;
};

// Made by create(), then all three tasks are run on `strand`; the connection closes when they have ended, or when an
// exception leaves one of them. The cancellation `total` of read() ends reading: what was received whole is still
// journaled and answered. `terminal` ends everything.
class mllp_connection : public std::enable_shared_from_this<mllp_connection> {
public:
    [[nodiscard]] static std::shared_ptr<mllp_connection> create(boost::asio::any_io_executor strand,
                                                                 std::unique_ptr<byte_stream> stream,
                                                                 std::string peer,
                                                                 const mllp_services& services);

    // Each keeps the connection alive by `self`.
    [[nodiscard]] boost::asio::awaitable<void> read(std::shared_ptr<mllp_connection> self);
    [[nodiscard]] boost::asio::awaitable<void> write(std::shared_ptr<mllp_connection> self);
    [[nodiscard]] boost::asio::awaitable<void> watch(std::shared_ptr<mllp_connection> self);

    // What became of the message at this place of the queue of answers. Any thread.
    void take_outcome(answer_queue::place place, std::size_t part, result<store::append_outcome> outcome);

private:
    mllp_connection(boost::asio::any_io_executor strand, std::unique_ptr<byte_stream> stream,
                    std::string peer, const mllp_services& services);

    using task = boost::asio::awaitable<void> (mllp_connection::*)();
    [[nodiscard]] boost::asio::awaitable<void> run(std::shared_ptr<mllp_connection> self, task body);
    [[nodiscard]] boost::asio::awaitable<void> read_frames();
    [[nodiscard]] boost::asio::awaitable<void> write_answers();
    [[nodiscard]] boost::asio::awaitable<void> watch_waits();

    void take_events();
    void take(hl7v2::mllp_event event);
    void take_batch(std::string content);
    void enqueue(store::incoming_message message, answer_queue::place place, std::size_t part);
    void take_junk(hl7v2::mllp_event event);
    void keep(std::string_view reason, std::string bytes);
    void tell_of_waiting_bytes();
    void submit();
    void committed(answer_queue::place place, std::size_t part, result<store::append_outcome> outcome);
    void write_at_once();
    [[nodiscard]] bool may_read() const;
    [[nodiscard]] bool has_memory();
    [[nodiscard]] std::size_t held_bytes() const;
    [[nodiscard]] bool is_finished() const;
    [[nodiscard]] connection_waits waits() const;
    [[nodiscard]] bool needs_short_wait() const;
    [[nodiscard]] std::chrono::milliseconds watch_interval() const;
    void count(std::string_view event);
    void close(std::string_view reason);

    static constexpr std::size_t read_bytes_max = 16 * 1024;

    // A message that the journal's queue has had no room for so far.
    struct unsubmitted_message {
        store::incoming_message message;
        store::journal::completion done;
    };

    boost::asio::any_io_executor strand_;
    std::unique_ptr<byte_stream> stream_;
    const mllp_services& services_;
    std::shared_ptr<answer_relay> relay_; // also for outcomes that come when the listener is gone
    frame_origin origin_;
    buffer_budget::share buffer_;
    hl7v2::mllp_framer framer_;
    answer_queue answers_;
    std::optional<hl7v2::mllp_event> next_event_;          // taken out of the framer, waits for room
    std::deque<unsubmitted_message> unsubmitted_;          // of one frame
    std::map<answer_queue::place, batch_answers> batches_; // that wait for answers
    // Nothing writes to it before bytes come: most of it costs an idle connection no memory.
    std::unique_ptr<char[]> read_buffer_ = std::make_unique_for_overwrite<char[]>(read_bytes_max);
    std::string write_buffer_; // what the peer has not taken yet
    std::exception_ptr defect_;
    bool reading_ = true;       // false: no more bytes are wanted or come
    bool store_failed_ = false; // an answer is withheld: nothing may pass it
    bool closed_ = false;
    bool waits_for_memory_ = false;
    bool watches_closely_ = false;       // the watch wakes after a short wait
    bool told_of_waiting_bytes_ = false; // of the frame that has begun
    steady_time quiet_since_;
    std::optional<steady_time> handshake_since_;
    std::optional<steady_time> frame_since_;
    std::optional<steady_time> write_since_;
    // Conditions: never expire, waiting ends by cancel_one().
    boost::asio::steady_timer reader_wake_;
    boost::asio::steady_timer writer_wake_;
    boost::asio::steady_timer watch_timer_;
};

} // namespace auditgate::gateway::intake
