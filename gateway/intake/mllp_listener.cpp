#include "gateway/intake/mllp_listener.hpp"

#include "gateway/intake/byte_stream.hpp"
#include "gateway/intake/mllp_connection.hpp"
#include "gateway/network/acceptor.hpp"
#include "gateway/network/task_group.hpp"

#include <boost/asio/strand.hpp>

#include <atomic>
#include <optional>

namespace auditgate::gateway::intake {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds accept_stop_grace{50};

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
    asio_mllp_listener(asio::any_io_executor on, tcp::acceptor acceptor,
                       std::shared_ptr<network::tls_server> tls, const listener_config& listener,
                       const message_intake& messages, journal_gate& journal, observe::health& health,
                       observe::metrics& metrics, observe::logger& log)
        : on_(std::move(on)), port_(acceptor.local_endpoint().port()), listener_(listener),
          tls_(std::move(tls)), streams_(tls_ ? tls_streams(tls_) : plain_streams()),
          events_(mllp_event_counters(metrics, listener.name)),
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
        if (tls_) {
            expiry_shown_ =
                metrics.gauge("auditgate_certificate_expires_timestamp_seconds",
                              "When the certificate of a listener ends", {{"listener", listener.name}});
            expiry_shown_->set(static_cast<double>(tls_->expires_at().time_since_epoch().count()));
        }
        health_.set_ready("listener:" + listener_.name);
        const asio::any_io_executor strand = acceptor.get_executor();
        network::connection_taker taker = [this](const asio::any_io_executor& home, tcp::socket socket) {
            take(home, std::move(socket));
        };
        accept_task_.spawn("mllp-accept", strand,
                           network::accept_connections(on_, std::move(acceptor), std::move(taker)));
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    [[nodiscard]] std::size_t connections() const override { return open_; }

    void begin_stop() override {
        health_.set_not_ready("listener:" + listener_.name, "stopping");
        accept_task_.stop(accept_stop_grace);
        connection_tasks_.begin_stop();
    }
    void stop(std::chrono::milliseconds grace) override {
        begin_stop();
        connection_tasks_.stop(grace);
    }

private:
    void take(const asio::any_io_executor& strand, tcp::socket socket) {
        if (open_ >= static_cast<std::size_t>(listener_.limits.connections_max))
            refused_.add();
        else
            begin(strand, std::move(socket));
        if (tls_)
            expiry_shown_->set(static_cast<double>(tls_->expires_at().time_since_epoch().count()));
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
    std::shared_ptr<network::tls_server> tls_;
    stream_factory streams_;
    mllp_event_counts events_;
    mllp_services services_;
    observe::health& health_;
    observe::gauge open_shown_;
    observe::counter refused_;
    std::optional<observe::gauge> expiry_shown_; // with TLS
    std::atomic<std::size_t> open_ = 0;
    network::task_group connection_tasks_;
    network::task_group accept_task_;
};

} // namespace

result<std::unique_ptr<mllp_listener>> start_mllp_listener(asio::any_io_executor on,
                                                           const listener_config& listener,
                                                           const message_intake& messages,
                                                           journal_gate& journal, observe::health& health,
                                                           observe::metrics& metrics, observe::logger& log) {
    std::shared_ptr<network::tls_server> tls;
    if (listener.tls) {
        auto opened = network::tls_server::open(*listener.tls, listener.name, log);
        if (!opened)
            return opened.error();
        tls = std::move(*opened);
    }
    auto acceptor = network::open_acceptor(asio::make_strand(on), listener.address, listener.port);
    if (!acceptor)
        return acceptor.error();
    return std::make_unique<asio_mllp_listener>(std::move(on), std::move(*acceptor), std::move(tls), listener,
                                                messages, journal, health, metrics, log);
}

} // namespace auditgate::gateway::intake
