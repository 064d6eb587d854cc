#include "gateway/cli/gateway.hpp"

#include "gateway/cli/status.hpp"
#include "gateway/config/configuration.hpp"
#include "gateway/delivery/deliveries.hpp"
#include "gateway/intake/directory_watch.hpp"
#include "gateway/intake/http_intake.hpp"
#include "gateway/intake/http_operations.hpp"
#include "gateway/intake/mllp_listener.hpp"
#include "gateway/observe/store_gauges.hpp"
#include "gateway/pipeline/pipeline.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

namespace auditgate::gateway::cli {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds stop_grace{10};

// SIGTERM and SIGINT, kept from every thread so that one can wait for them.
class termination_signals {
public:
    termination_signals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGTERM);
        sigaddset(&signals_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        std::signal(SIGPIPE, SIG_IGN); // whoever reads the log may go away
    }
    void wait() const {
        int received = 0;
        sigwait(&signals_, &received);
    }

private:
    sigset_t signals_{};
};

// Control ids of the gateway's own answers: random for each start, then counted.
class control_ids {
public:
    std::string next() { return begin_ + std::to_string(++count_); }

private:
    std::string begin_ = security::to_hex(security::random_bytes(4)) + "-";
    std::atomic<std::uint64_t> count_ = 0;
};

// Threads that run the connections.
class io_service {
public:
    explicit io_service(int threads) : work_(context_.get_executor()) {
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this] { context_.run(); });
    }
    ~io_service() {
        work_.reset();
        for (std::thread& thread : threads_)
            thread.join();
    }
    io_service(const io_service&) = delete;
    io_service& operator=(const io_service&) = delete;

    [[nodiscard]] asio::any_io_executor executor() { return context_.get_executor(); }

private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

// Everything that runs, in the order in which it needs each other; taken down in the reverse order.
class running_gateway {
public:
    running_gateway(installation opened, configuration read)
        : opened_(std::move(opened)), configuration_(std::move(read)),
          log_(observe::create_logger(opened_.config.log_least, observe::system_now)),
          mapping_(*opened_.store, configuration_.mapping, mapping_options(opened_.config),
                   observe::system_now, *log_, metrics_, [this] { deliveries_->notify(); }),
          journal_(*opened_.store), gate_(journal_, mapping_, health_, metrics_, *log_), found_(metrics_),
          messages_(
              opened_.config.sources, observe::system_now, [this] { return control_ids_.next(); },
              readings_of(*configuration_.mapping), &found_),
          extracts_(opened_.config.data_folder, *opened_.keys),
          gauges_(*opened_.store, metrics_, observe::system_now, *log_), io_(opened_.config.io_threads) {}

    ~running_gateway() {
        for (const auto& listener : listeners_)
            listener->begin_stop(); // all ports first: the grace is the same for all
        for (const auto& listener : http_listeners_)
            listener->begin_stop();
        const auto deadline = std::chrono::steady_clock::now() + stop_grace;
        for (const auto& directory : directories_)
            directory->stop();
        for (const auto& listener : listeners_)
            listener->stop(time_until(deadline));
        for (const auto& listener : http_listeners_)
            listener->stop(time_until(deadline));
        journal_.stop(); // nobody waits for an answer any more
        mapping_.stop();
        if (deliveries_)
            deliveries_->stop();
        gauges_.stop();
        if (operations_)
            operations_->stop();
        log_->info("stopped", "the gateway has stopped");
    }
    running_gateway(const running_gateway&) = delete;
    running_gateway& operator=(const running_gateway&) = delete;

    result<void> start() {
        // The operations port opens first: it must not say ready before the listeners are open.
        health_.set_not_ready("start", "starting");
        const operations_config& operations = opened_.config.operations;
        auto server = intake::start_operations_server(io_.executor(), operations.address, operations.port,
                                                      metrics_, health_, *log_);
        if (!server)
            return server.error();
        operations_ = std::move(*server);
        if (auto warned = warn_of_left_destinations(); !warned)
            return warned.error();
        gauges_.start();
        auto deliveries = delivery::deliveries::create(configuration_, *opened_.store, *log_, metrics_,
                                                       observe::system_now);
        if (!deliveries)
            return deliveries.error();
        deliveries_ = std::move(*deliveries);
        if (auto mapping = mapping_.start(); !mapping)
            return mapping.error();
        deliveries_->start(); // after the configuration was activated
        for (const listener_config& listener : opened_.config.listeners) {
            if (listener.protocol == listener_protocol::http) {
                auto opened = intake::start_http_intake(io_.executor(), listener, messages_, gate_, health_,
                                                        metrics_, *log_);
                if (!opened)
                    return error{errc::configuration,
                                 "listener `" + listener.name + "`: " + opened.error().message};
                told_.push_back({&listener, (*opened)->port()});
                http_listeners_.push_back(std::move(*opened));
                continue;
            }
            auto started = intake::start_mllp_listener(io_.executor(), listener, messages_, gate_, health_,
                                                       metrics_, *log_);
            if (!started)
                return error{errc::configuration,
                             "listener `" + listener.name + "`: " + started.error().message};
            told_.push_back({&listener, (*started)->port()});
            listeners_.push_back(std::move(*started));
        }
        for (const directory_config& directory : opened_.config.directories) {
            const intake::file_services with{opened_.config.sources,  messages_, gate_,
                                             *configuration_.mapping, extracts_, observe::system_now};
            auto started = intake::start_directory_watch(directory, with, metrics_, *log_);
            if (!started)
                return started.error();
            directories_.push_back(std::move(*started));
        }
        health_.set_ready("start");
        log_->info("ready", "the gateway takes messages");
        return {};
    }

    void tell(std::ostream& out) const {
        out << "auditgate gateway is running; stop it with Ctrl-C or SIGTERM\n";
        for (const auto& [listener, port] : told_) {
            const bool is_http = listener->protocol == listener_protocol::http;
            out << "  " << listener->name << ": " << (is_http ? "HL7 v2 over HTTP (POST /hl7v2)" : "MLLP")
                << (listener->tls ? " with TLS" : "") << " on " << listener->address << ':' << port << '\n';
        }
        for (const directory_config& directory : opened_.config.directories)
            out << "  " << directory.name << ": files in " << directory.path.string() << '\n';
        out << "  operations: http://" << opened_.config.operations.address << ':' << operations_->port()
            << "/metrics, /health/live, /health/ready\n"
            << "  data: " << opened_.config.data_folder.string() << '\n'
            << std::flush;
    }

private:
    static std::chrono::milliseconds time_until(std::chrono::steady_clock::time_point deadline) {
        using std::chrono::milliseconds;
        return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(
                                             deadline - std::chrono::steady_clock::now()));
    }

    result<void> warn_of_left_destinations() {
        const auto left = left_destinations(*opened_.store, opened_.config);
        if (!left)
            return left.error();
        for (const left_destination& one : *left)
            log_->warning("destination-left", to_text(one), {{"destination", one.name}});
        return {};
    }

    static intake::source_readings readings_of(const pipeline::setup& with) {
        intake::source_readings readings;
        for (const auto& [source, profile] : with.profiles)
            readings.emplace(source, profile.wire);
        return readings;
    }

    static pipeline::pipeline_options mapping_options(const gateway_config& config) {
        pipeline::pipeline_options options;
        options.threads = config.mapping_threads;
        options.retention.journal = config.retention.journal;
        options.retention.unsettled = config.retention.unsettled;
        return options;
    }

    installation opened_;
    configuration configuration_;
    std::unique_ptr<observe::logger> log_;
    observe::metrics metrics_;
    observe::health health_;
    std::unique_ptr<delivery::deliveries> deliveries_; // from start() on
    pipeline::pipeline mapping_;
    store::journal journal_;
    intake::journal_gate gate_;
    control_ids control_ids_;
    observe::finding_counts found_;
    intake::message_intake messages_;
    intake::table_extracts extracts_;
    observe::store_gauges gauges_;
    io_service io_;
    std::unique_ptr<intake::operations_server> operations_;
    std::vector<std::unique_ptr<intake::mllp_listener>> listeners_;
    std::vector<std::unique_ptr<network::http_server>> http_listeners_;
    std::vector<std::pair<const listener_config*, std::uint16_t>> told_; // in their order, with their ports
    std::vector<std::unique_ptr<intake::directory_watch>> directories_;
};

} // namespace

int run_gateway(const gateway_options& options) {
    const termination_signals signals; // before the first thread
    opened_installation opened = open_installation(options.config, store::sqlite_role::gateway);
    if (!opened.value)
        return opened.exit;
    auto configured = load_whole_configuration(*opened.value);
    if (!configured)
        return exit_configuration;
    running_gateway gateway(std::move(*opened.value), std::move(*configured));
    if (const result<void> started = gateway.start(); !started) {
        std::cerr << started.error().message << '\n';
        return exit_code_of(started.error().code);
    }
    gateway.tell(std::cout);
    signals.wait();
    return exit_done;
}

} // namespace auditgate::gateway::cli
