#include "gateway/intake/mllp_listener.hpp"

#include "gateway/intake/acceptor.hpp"
#include "gateway/intake/byte_stream.hpp"
#include "gateway/intake/coroutine.hpp"
#include "gateway/intake/mllp_connection.hpp"
#include "gateway/intake/task_group.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds accept_pause{50};

// Counts a connection as open for as long as it lives.
class open_connection {
public:
    open_connection(std::atomic<std::size_t>& count, const observe::gauge& shown)
        : count_(count), shown_(shown) {
        shown_.set(static_cast<double>(++count_));
    }
    ~open_connection() { shown_.set(static_cast<double>(--count_)); }
    open_connection(const open_connection&) = delete;
    open_connection& operator=(const open_connection&) = delete;

private:
    std::atomic<std::size_t>& count_;
    observe::gauge shown_;
};

class asio_mllp_listener final : public mllp_listener {
public:
    asio_mllp_listener(asio::any_io_executor on, tcp::acceptor acceptor, stream_factory streams,
                       const listener_config& listener, const message_intake& messages, journal_gate& journal,
                       observe::health& health, observe::metrics& metrics, observe::logger& log)
        : on_(std::move(on)), port_(acceptor.local_endpoint().port()), listener_(listener),
          streams_(std::move(streams)), events_(mllp_event_counters(metrics, listener.name)),
          services_{listener_,
                    messages,
                    journal,
                    events_,
                    std::make_shared<buffer_budget>(listener.limits.buffered_bytes_max),
                    std::make_shared<answer_relay>(on_),
                    log},
          health_(health), open_shown_(metrics.gauge("auditgate_connections", "Open connections",
                                                     {{"listener", listener.name}})),
          refused_(metrics.counter("auditgate_connections_refused_total",
                                   "Connections over the listener's limit", {{"listener", listener.name}})),
          connection_tasks_(log), accept_task_(log) {
        health_.set_ready("listener:" + listener_.name);
        const asio::any_io_executor strand = acceptor.get_executor();
        accept_task_.spawn("mllp-accept", strand, accept(std::move(acceptor)));
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    [[nodiscard]] std::size_t connections() const override { return open_; }

    void begin_stop() override {
        health_.set_not_ready("listener:" + listener_.name, "stopping");
        accept_task_.stop(accept_pause);
        connection_tasks_.begin_stop();
    }
    void stop(std::chrono::milliseconds grace) override {
        begin_stop();
        connection_tasks_.stop(grace);
    }

private:
    asio::awaitable<void> accept(tcp::acceptor acceptor) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        asio::steady_timer pause(acceptor.get_executor());
        while (!is_cancelled(co_await asio::this_coro::cancellation_state)) {
            const asio::any_io_executor strand = asio::make_strand(on_);
            auto [failure, socket] = co_await acceptor.async_accept(strand, as_result);
            if (failure) { // out of descriptors, or cancelled: do not spin
                pause.expires_after(accept_pause);
                (void)co_await pause.async_wait(as_result);
            } else if (open_ >= static_cast<std::size_t>(listener_.limits.connections_max)) {
                refused_.add();
            } else {
                begin(strand, std::move(socket));
            }
        }
    }

    void begin(const asio::any_io_executor& strand, tcp::socket socket) {
        boost::system::error_code gone;
        const tcp::endpoint peer = socket.remote_endpoint(gone);
        socket.set_option(tcp::no_delay(true), gone);
        if (gone)
            return;
        auto connection = mllp_connection::create(
            strand, streams_(std::move(socket)),
            peer.address().to_string() + ":" + std::to_string(peer.port()), services_);
        connection_tasks_.spawn("mllp-watch", strand, connection->watch(connection));
        // Counted from here on: the next one may be accepted before a task of this one runs.
        auto counted = std::make_shared<const open_connection>(open_, open_shown_);
        connection_tasks_.spawn("mllp-write", strand, write(connection, std::move(counted)));
        connection_tasks_.spawn("mllp-read", strand, connection->read(connection));
    }

    static asio::awaitable<void> write(std::shared_ptr<mllp_connection> connection,
                                       [[maybe_unused]] std::shared_ptr<const open_connection> counted) {
        co_await connection->write(connection);
    }

    asio::any_io_executor on_;
    std::uint16_t port_;
    listener_config listener_;
    stream_factory streams_;
    mllp_event_counts events_;
    mllp_services services_;
    observe::health& health_;
    observe::gauge open_shown_;
    observe::counter refused_;
    std::atomic<std::size_t> open_ = 0;
    task_group connection_tasks_;
    task_group accept_task_;
};

} // namespace

result<std::unique_ptr<mllp_listener>> start_mllp_listener(asio::any_io_executor on,
                                                           const listener_config& listener,
                                                           const message_intake& messages,
                                                           journal_gate& journal, observe::health& health,
                                                           observe::metrics& metrics, observe::logger& log) {
    result<stream_factory> streams =
        listener.tls ? tls_streams(*listener.tls) : result<stream_factory>(plain_streams());
    if (!streams)
        return streams.error();
    result<tcp::acceptor> acceptor = open_acceptor(asio::make_strand(on), listener.address, listener.port);
    if (!acceptor)
        return acceptor.error();
    return std::make_unique<asio_mllp_listener>(std::move(on), std::move(*acceptor), std::move(*streams),
                                                listener, messages, journal, health, metrics, log);
}

} // namespace auditgate::gateway::intake
