#include "gateway/intake/mllp_connection.hpp"

#include "gateway/network/coroutine.hpp"

#include <boost/asio/dispatch.hpp>

#include <algorithm>
#include <array>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;
using steady_clock = std::chrono::steady_clock;
using network::as_result;
using network::is_cancelled;

// After FS without CR, and between attempts to hand a message to a full journal.
constexpr std::chrono::milliseconds short_wait{20};
constexpr std::chrono::milliseconds watch_interval_max{1000};
constexpr int waiting_told_share = 6;             // of the time that a frame may take
constexpr std::size_t kept_bytes_max = 64 * 1024; // of a frame that is refused or broken

hl7v2::mllp_limits framer_limits(const mllp_limits& limits) {
    hl7v2::mllp_limits own;
    own.frame_bytes_max = limits.frame_bytes_max;
    own.kept_bytes_max = std::min(kept_bytes_max, limits.frame_bytes_max);
    return own;
}

std::string_view reason_of(overdue_wait wait) {
    switch (wait) {
    case overdue_wait::idle:
        return "idle";
    case overdue_wait::slow_frame:
        return "slow-frame";
    case overdue_wait::store:
        return "store-timeout";
    case overdue_wait::slow_answer:
        return "slow-answer";
    }
    return "unknown";
}

constexpr std::array events{"frame",       "batch",        "junk",   "restarted",  "cut",
                            "overrun",     "too-large",    "idle",   "slow-frame", "store-timeout",
                            "slow-answer", "no-handshake", "defect", "waiting"};

} // namespace

mllp_event_counts mllp_event_counters(observe::metrics& metrics, const std::string& listener) {
    mllp_event_counts counts;
    for (const char* event : events)
        counts.emplace(event,
                       metrics.counter("auditgate_mllp_events_total", "Frames, and what was no whole frame",
                                       {{"listener", listener}, {"event", event}}));
    return counts;
}

std::shared_ptr<mllp_connection> mllp_connection::create(asio::any_io_executor strand,
                                                         std::unique_ptr<byte_stream> stream,
                                                         std::string peer, const mllp_services& services) {
    return std::shared_ptr<mllp_connection>(
        new mllp_connection(std::move(strand), std::move(stream), std::move(peer), services));
}

mllp_connection::mllp_connection(asio::any_io_executor strand, std::unique_ptr<byte_stream> stream,
                                 std::string peer, const mllp_services& services)
    : strand_(strand), stream_(std::move(stream)), services_(services),
      relay_(services.relay), origin_{services.listener.name, std::move(peer)}, buffer_(services.buffers),
      framer_(framer_limits(services.listener.limits)), answers_(services.listener.limits.pipelined_max),
      quiet_since_(steady_clock::now()), reader_wake_(strand, steady_time::max()),
      writer_wake_(strand, steady_time::max()), watch_timer_(strand) {}

asio::awaitable<void> mllp_connection::read(std::shared_ptr<mllp_connection> self) {
    return run(std::move(self), &mllp_connection::read_frames);
}

asio::awaitable<void> mllp_connection::write(std::shared_ptr<mllp_connection> self) {
    return run(std::move(self), &mllp_connection::write_answers);
}

asio::awaitable<void> mllp_connection::watch(std::shared_ptr<mllp_connection> self) {
    return run(std::move(self), &mllp_connection::watch_waits);
}

// A connection that has lost one of its tasks must not go on: it would journal messages that nobody answers.
asio::awaitable<void> mllp_connection::run([[maybe_unused]] std::shared_ptr<mllp_connection> self,
                                           task body) {
    co_await asio::this_coro::throw_if_cancelled(false);
    try {
        co_await (this->*body)();
    } catch (...) {
        close("defect");
        throw;
    }
}

asio::awaitable<void> mllp_connection::read_frames() {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    handshake_since_ = steady_clock::now();
    const boost::system::error_code no_handshake = co_await stream_->handshake();
    handshake_since_.reset();
    if (no_handshake)
        close("no-handshake");
    while (reading_ && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
        if (!may_read() || !has_memory()) {
            (void)co_await reader_wake_.async_wait(as_result);
            continue;
        }
        const io_outcome read = co_await stream_->read_some(asio::buffer(read_buffer_.get(), read_bytes_max));
        if (read.failure)
            break;
        quiet_since_ = steady_clock::now();
        framer_.feed(std::string_view(read_buffer_.get(), read.bytes));
        take_events();
    }
    reading_ = false;
    framer_.close();
    take_events();
    writer_wake_.cancel();
}

asio::awaitable<void> mllp_connection::write_answers() {
    while (!closed_ && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
        if (defect_)
            std::rethrow_exception(defect_);
        if (write_buffer_.empty())
            write_buffer_ = answers_.take_ready();
        if (write_buffer_.empty()) {
            if (is_finished())
                break;
            (void)co_await writer_wake_.async_wait(as_result);
            continue;
        }
        take_events(); // there is room again
        write_since_ = steady_clock::now();
        const io_outcome written = co_await stream_->write(asio::buffer(write_buffer_));
        write_since_.reset();
        write_buffer_.clear();
        quiet_since_ = steady_clock::now();
        if (written.failure)
            break;
    }
    close("");
}

asio::awaitable<void> mllp_connection::watch_waits() {
    while (!closed_ && !is_cancelled(co_await asio::this_coro::cancellation_state)) {
        watches_closely_ = needs_short_wait();
        watch_timer_.expires_after(watch_interval());
        const auto woken = co_await watch_timer_.async_wait(as_result);
        if (closed_ || std::get<0>(woken))
            continue; // closed, or the interval is shorter now
        if (framer_.is_waiting_for_carriage_return() && steady_clock::now() - quiet_since_ >= short_wait)
            framer_.end_wait();
        submit();
        take_events();
        tell_of_waiting_bytes();
        const std::optional<overdue_wait> overdue =
            find_overdue(waits(), services_.listener.limits, steady_clock::now());
        if (overdue)
            close(reason_of(*overdue));
    }
}

// Takes what the framer has found, as long as there is room for it.
void mllp_connection::take_events() {
    while (unsubmitted_.empty() && !store_failed_ && !closed_) {
        if (!next_event_)
            next_event_ = framer_.next();
        if (!next_event_ || !answers_.has_room())
            break;
        hl7v2::mllp_event event = std::move(*next_event_);
        next_event_.reset();
        take(std::move(event));
    }
    buffer_.hold(held_bytes());
    // The time of a frame goes on while it waits for memory: else nobody might ever give any back.
    if (!framer_.is_inside_frame() || !may_read())
        frame_since_.reset();
    else if (!frame_since_)
        frame_since_ = steady_clock::now();
    if (needs_short_wait() && !watches_closely_)
        watch_timer_.cancel();
    reader_wake_.cancel();
}

void mllp_connection::take(hl7v2::mllp_event event) {
    using enum hl7v2::mllp_event_kind;
    switch (event.kind) {
    case junk:
        return take_junk(std::move(event));
    case restarted:
        count("restarted");
        return keep("frame-restarted", std::move(event.bytes));
    case cut:
        count("cut");
        return keep("frame-cut", std::move(event.bytes));
    case overrun:
        keep("frame-endless", std::move(event.bytes));
        return close("overrun");
    case frame:
    case too_large:
        break;
    }
    count(event.kind == frame ? "frame" : "too-large");
    frame_since_.reset(); // what follows is another frame
    if (event.kind == frame && hl7v2::is_batch(event.bytes))
        return take_batch(std::move(event.bytes));
    enqueue(event.kind == frame ? services_.messages.take_frame(std::move(event.bytes), origin_)
                                : services_.messages.take_too_large(std::move(event.bytes), origin_),
            answers_.open(steady_clock::now()), 0);
    submit();
}

void mllp_connection::take_batch(std::string content) {
    count("batch");
    batch_frame batch = services_.messages.take_batch(std::move(content), origin_);
    for (const hl7v2::finding& one : batch.findings)
        services_.log.warning("batch-finding", one.text,
                              {observe::field("listener", services_.listener.name),
                               observe::field("peer", origin_.peer), observe::field("code", one.code)});
    const answer_queue::place place = answers_.open(steady_clock::now());
    if (batch.messages.empty()) {
        answers_.answer(place, batch.answers.join());
        writer_wake_.cancel();
        return;
    }
    batches_.emplace(place, std::move(batch.answers));
    std::size_t part = 0;
    for (store::incoming_message& one : batch.messages)
        enqueue(std::move(one), place, part++);
    submit();
}

void mllp_connection::enqueue(store::incoming_message message, answer_queue::place place, std::size_t part) {
    unsubmitted_message next;
    next.message = std::move(message);
    next.done = [self = shared_from_this(), place, part](result<store::append_outcome> outcome) {
        self->relay_->hand_over({self, place, part, std::move(outcome)});
    };
    unsubmitted_.push_back(std::move(next));
}

// Line ends and NUL between frames say nothing; a message without a frame is what somebody waits for an answer to.
void mllp_connection::take_junk(hl7v2::mllp_event event) {
    count("junk");
    if (event.bytes.find("MSH") == std::string::npos)
        return;
    services_.log.warning(
        "mllp-no-frame",
        "bytes came that are in no frame: a message must stand between VT (0B) and FS CR (1C 0D)",
        {observe::field("listener", services_.listener.name), observe::field("peer", origin_.peer),
         observe::field("bytes", event.size)});
    keep("no-frame", std::move(event.bytes));
}

// Nobody was told that it is safe, so a full journal may leave it out.
void mllp_connection::keep(std::string_view reason, std::string bytes) {
    if (bytes.empty())
        return;
    store::incoming_message message = services_.messages.take_broken(std::move(bytes), origin_, reason);
    (void)services_.journal.try_submit(message, [](const result<store::append_outcome>&) {});
}

// A sender that never ends its frame looks alive to both sides, and its messages go nowhere.
void mllp_connection::tell_of_waiting_bytes() {
    if (!frame_since_) {
        told_of_waiting_bytes_ = false;
        return;
    }
    const auto waited = steady_clock::now() - *frame_since_;
    if (told_of_waiting_bytes_ || waited < services_.listener.limits.frame_timeout / waiting_told_share)
        return;
    told_of_waiting_bytes_ = true;
    count("waiting");
    services_.log.warning(
        "mllp-waiting", "bytes wait for the end of their frame: does the sender end it with FS CR (1C 0D)?",
        {observe::field("listener", services_.listener.name), observe::field("peer", origin_.peer),
         observe::field("bytes", framer_.waiting_bytes()),
         observe::field("seconds", std::chrono::floor<std::chrono::seconds>(waited).count())});
}

void mllp_connection::submit() {
    while (!unsubmitted_.empty() &&
           services_.journal.try_submit(unsubmitted_.front().message, unsubmitted_.front().done))
        unsubmitted_.pop_front();
}

// A defect ends the connection as one of its tasks would: by its writer.
void mllp_connection::take_outcome(answer_queue::place place, std::size_t part,
                                   result<store::append_outcome> outcome) {
    asio::dispatch(strand_, [self = shared_from_this(), place, part, outcome = std::move(outcome)]() mutable {
        try {
            self->committed(place, part, std::move(outcome));
        } catch (...) {
            self->defect_ = std::current_exception();
            self->writer_wake_.cancel();
        }
    });
}

void mllp_connection::committed(answer_queue::place place, std::size_t part,
                                result<store::append_outcome> outcome) {
    if (!outcome) {
        store_failed_ = true; // the answer is withheld; the watch closes the connection at the deadline
        return;
    }
    if (const auto batch = batches_.find(place); batch == batches_.end()) {
        answers_.answer(place, std::move(outcome->answer));
    } else {
        if (!batch->second.add(part, std::move(outcome->answer)))
            return;
        answers_.answer(place, batch->second.join());
        batches_.erase(batch);
    }
    write_at_once();
    if (!write_buffer_.empty() || is_finished())
        writer_wake_.cancel();
}

// Saves the writer from being woken for what the peer takes without a wait; the rest is left to it.
void mllp_connection::write_at_once() {
    if (closed_ || write_since_ || !write_buffer_.empty())
        return;
    write_buffer_ = answers_.take_ready();
    if (write_buffer_.empty())
        return;
    write_buffer_.erase(0, stream_->write_at_once(asio::buffer(write_buffer_)));
    quiet_since_ = steady_clock::now();
    take_events(); // there is room again
}

bool mllp_connection::may_read() const {
    return reading_ && unsubmitted_.empty() && !next_event_ && !store_failed_ && answers_.has_room();
}

// When there is none, the watch soon lets read_frames() ask again.
bool mllp_connection::has_memory() {
    waits_for_memory_ = !buffer_.may_grow();
    if (waits_for_memory_ && !watches_closely_)
        watch_timer_.cancel();
    return !waits_for_memory_;
}

// Of messages that the journal does not have yet.
std::size_t mllp_connection::held_bytes() const {
    const mllp_limits& limits = services_.listener.limits;
    const std::size_t waiting = framer_.waiting_bytes();
    std::size_t bytes = waiting > limits.frame_bytes_max ? framer_limits(limits).kept_bytes_max : waiting;
    if (next_event_)
        bytes += next_event_->bytes.size();
    for (const unsubmitted_message& one : unsubmitted_)
        bytes += one.message.bytes.size();
    return bytes;
}

bool mllp_connection::is_finished() const {
    return !reading_ && answers_.empty() && unsubmitted_.empty() && !next_event_;
}

connection_waits mllp_connection::waits() const {
    // A handshake must not take longer than a frame.
    return {quiet_since_, handshake_since_ ? handshake_since_ : frame_since_, answers_.waiting_since(),
            write_since_};
}

bool mllp_connection::needs_short_wait() const {
    return !unsubmitted_.empty() || waits_for_memory_ || framer_.is_waiting_for_carriage_return();
}

std::chrono::milliseconds mllp_connection::watch_interval() const {
    if (needs_short_wait())
        return short_wait;
    const mllp_limits& limits = services_.listener.limits;
    const auto shortest =
        std::min({limits.idle_timeout, limits.frame_timeout, limits.store_timeout, limits.write_timeout});
    return std::clamp(shortest / 4, std::chrono::milliseconds(1), watch_interval_max);
}

void mllp_connection::count(std::string_view event) {
    services_.events.at(event).add();
}

void mllp_connection::close(std::string_view reason) {
    if (closed_)
        return;
    framer_.close();
    while (auto event = framer_.next()) // whole frames were not acknowledged: they come again
        if (event->kind == hl7v2::mllp_event_kind::cut)
            take(std::move(*event));
    closed_ = true;
    reading_ = false;
    unsubmitted_.clear(); // nobody was told that they are safe; each holds this connection
    next_event_.reset();
    batches_.clear();
    buffer_.hold(0);
    if (!reason.empty()) {
        count(reason);
        services_.log.warning("mllp-closed", "connection closed by the gateway",
                              {observe::field("listener", services_.listener.name),
                               observe::field("peer", origin_.peer), observe::field("reason", reason)});
    }
    stream_->close();
    reader_wake_.cancel();
    writer_wake_.cancel();
    watch_timer_.cancel();
}

} // namespace auditgate::gateway::intake
