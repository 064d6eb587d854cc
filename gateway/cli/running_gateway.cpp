#include "gateway/cli/running_gateway.hpp"

#include "gateway/cli/status.hpp"
#include "gateway/config/configuration_change.hpp"
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
#include <mutex>
#include <ostream>
#include <thread>
#include <utility>

namespace auditgate::gateway::cli {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds stop_grace{10};

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

// What is in force, and who delivers by it; exchanged together.
class live_parts {
public:
    explicit live_parts(configuration first)
        : configured_(std::make_shared<const configuration>(std::move(first))) {}

    [[nodiscard]] std::shared_ptr<const configuration> configured() const {
        const std::scoped_lock lock(mutex_);
        return configured_;
    }
    // Null before the first exchange.
    [[nodiscard]] std::shared_ptr<delivery::deliveries> deliveries() const {
        const std::scoped_lock lock(mutex_);
        return deliveries_;
    }
    void notify() const {
        if (const auto now = deliveries())
            now->notify();
    }
    // Gives back what was there before. The deliveries refer to the configuration: it must outlive them.
    std::pair<std::shared_ptr<const configuration>, std::shared_ptr<delivery::deliveries>>
    exchange(std::shared_ptr<const configuration> configured,
             std::shared_ptr<delivery::deliveries> deliveries) {
        const std::scoped_lock lock(mutex_);
        return {std::exchange(configured_, std::move(configured)),
                std::exchange(deliveries_, std::move(deliveries))};
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const configuration> configured_; // before the deliveries that use it
    std::shared_ptr<delivery::deliveries> deliveries_;
};

intake::source_readings readings_of(const pipeline::setup& with) {
    intake::source_readings readings;
    for (const auto& [source, profile] : with.profiles)
        readings.emplace(source, profile.wire);
    return readings;
}

intake::intake_rules rules_of(const std::shared_ptr<const configuration>& configured) {
    return {configured->settings.sources, readings_of(*configured->mapping), configured};
}

pipeline::pipeline_options mapping_options(const gateway_config& config) {
    pipeline::pipeline_options options;
    options.threads = config.mapping_threads;
    options.retention.journal = config.retention.journal;
    options.retention.unsettled = config.retention.unsettled;
    return options;
}

} // namespace

// In the order in which they need each other; taken down in the reverse order.
struct running_gateway::parts {
    parts(installation of, configuration read)
        : opened(std::move(of)), log(observe::create_logger(opened.config.log_least, observe::system_now)),
          live(std::move(read)),
          mapping(*opened.store, live.configured()->mapping, mapping_options(opened.config),
                  observe::system_now, *log, metrics, [this] { live.notify(); }),
          journal(*opened.store), gate(journal, mapping, health, metrics, *log), found(metrics),
          messages(
              {}, observe::system_now, [this] { return ids.next(); }, {}, &found),
          extracts(opened.config.data_folder, *opened.keys),
          gauges(*opened.store, metrics, observe::system_now, *log), io(opened.config.io_threads) {
        messages.use(rules_of(live.configured()));
    }

    result<void> start();
    result<void> start_listeners();
    result<void> start_directories();
    void stop();
    result<void> warn_of_left_destinations(const gateway_config& config);
    result<std::shared_ptr<delivery::deliveries>> make_deliveries(const configuration& by);
    reload_report reload();
    result<void> activate(std::shared_ptr<const configuration> next);

    installation opened; // as it was at the start: what needs a restart is this
    std::unique_ptr<observe::logger> log;
    observe::metrics metrics;
    observe::health health;
    live_parts live; // its deliveries use what stands above
    pipeline::pipeline mapping;
    store::journal journal;
    intake::journal_gate gate;
    control_ids ids;
    observe::finding_counts found;
    intake::message_intake messages;
    intake::table_extracts extracts;
    observe::store_gauges gauges;
    io_service io;
    std::unique_ptr<intake::operations_server> operations;
    std::vector<std::unique_ptr<intake::mllp_listener>> listeners;
    std::vector<std::unique_ptr<network::http_server>> http_listeners;
    std::vector<std::pair<const listener_config*, std::uint16_t>> told; // in their order, with their ports
    std::vector<std::unique_ptr<intake::directory_watch>> directories;
};

result<void> running_gateway::parts::start() {
    // The operations port opens first: it must not say ready before the listeners are open.
    health.set_not_ready("start", "starting");
    const operations_config& wanted = opened.config.operations;
    auto server =
        intake::start_operations_server(io.executor(), wanted.address, wanted.port, metrics, health, *log);
    if (!server)
        return server.error();
    operations = std::move(*server);
    if (auto warned = warn_of_left_destinations(opened.config); !warned)
        return warned;
    gauges.start();
    auto deliveries = make_deliveries(*live.configured());
    if (!deliveries)
        return deliveries.error();
    live.exchange(live.configured(), *deliveries);
    if (auto started = mapping.start(); !started)
        return started;
    (*deliveries)->start(); // after the configuration was activated
    if (auto started = start_listeners(); !started)
        return started;
    if (auto started = start_directories(); !started)
        return started;
    health.set_ready("start");
    log->info("ready", "the gateway takes messages");
    return {};
}

result<void> running_gateway::parts::start_listeners() {
    for (const listener_config& listener : opened.config.listeners) {
        const auto named = [&](const error& why) {
            return error{errc::configuration, "listener `" + listener.name + "`: " + why.message};
        };
        if (listener.protocol == listener_protocol::http) {
            auto started =
                intake::start_http_intake(io.executor(), listener, messages, gate, health, metrics, *log);
            if (!started)
                return named(started.error());
            told.push_back({&listener, (*started)->port()});
            http_listeners.push_back(std::move(*started));
            continue;
        }
        auto started =
            intake::start_mllp_listener(io.executor(), listener, messages, gate, health, metrics, *log);
        if (!started)
            return named(started.error());
        told.push_back({&listener, (*started)->port()});
        listeners.push_back(std::move(*started));
    }
    return {};
}

result<void> running_gateway::parts::start_directories() {
    const auto rules = [this] {
        const std::shared_ptr<const configuration> now = live.configured();
        return intake::file_rules{now->settings.sources, now->mapping, now};
    };
    for (const directory_config& directory : opened.config.directories) {
        auto started = intake::start_directory_watch(
            directory, {rules, messages, gate, extracts, observe::system_now}, metrics, *log);
        if (!started)
            return started.error();
        directories.push_back(std::move(*started));
    }
    return {};
}

void running_gateway::parts::stop() {
    for (const auto& listener : listeners)
        listener->begin_stop(); // all ports first: the grace is the same for all
    for (const auto& listener : http_listeners)
        listener->begin_stop();
    const auto deadline = std::chrono::steady_clock::now() + stop_grace;
    const auto time_left = [deadline] {
        using std::chrono::milliseconds;
        return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(
                                             deadline - std::chrono::steady_clock::now()));
    };
    for (const auto& directory : directories)
        directory->stop();
    for (const auto& listener : listeners)
        listener->stop(time_left());
    for (const auto& listener : http_listeners)
        listener->stop(time_left());
    journal.stop(); // nobody waits for an answer any more
    mapping.stop();
    if (const auto deliveries = live.deliveries())
        deliveries->stop();
    gauges.stop();
    if (operations)
        operations->stop();
    log->info("stopped", "the gateway has stopped");
}

result<void> running_gateway::parts::warn_of_left_destinations(const gateway_config& config) {
    const auto left = left_destinations(*opened.store, config);
    if (!left)
        return left.error();
    for (const left_destination& one : *left)
        log->warning("destination-left", to_text(one), {{"destination", one.name}});
    return {};
}

result<std::shared_ptr<delivery::deliveries>>
running_gateway::parts::make_deliveries(const configuration& by) {
    auto made = delivery::deliveries::create(by, *opened.store, *log, metrics, observe::system_now);
    if (!made)
        return made.error();
    return std::shared_ptr<delivery::deliveries>(std::move(*made));
}

reload_report running_gateway::parts::reload() {
    reload_report report;
    report.begun_at = observe::system_now();
    report.revision = live.configured()->mapping->revision;
    gateway_config_load read = load_gateway_config(opened.config.file);
    report.problems = std::move(read.problems);
    if (!read.loaded)
        return report;
    configuration_load whole = load_configuration(*read.loaded, *opened.keys);
    report.problems = std::move(whole.problems);
    if (!whole.loaded)
        return report;
    const auto refuse = [&](std::string why) {
        report.problems.push_back({opened.config.file.string(), 0, 0, std::move(why)});
        return report;
    };
    if (std::string why = orphaned_directory(opened.config, *read.loaded); !why.empty())
        return refuse(std::move(why));
    const auto next = std::make_shared<const configuration>(std::move(*whole.loaded));
    if (const auto done = activate(next); !done)
        return refuse(done.error().message);
    report.result = reload_result::activated;
    report.is_recomputing = report.revision != next->mapping->revision;
    report.revision = next->mapping->revision;
    report.needs_restart = needs_restart(opened.config, next->settings);
    return report;
}

// What may fail comes first, and the store last of that; then nothing can.
result<void> running_gateway::parts::activate(std::shared_ptr<const configuration> next) {
    auto deliveries = make_deliveries(*next);
    if (!deliveries)
        return deliveries.error();
    if (auto activated = mapping.reconfigure(next->mapping); !activated)
        return activated;
    messages.use(rules_of(next));
    const auto before = live.exchange(next, *deliveries);
    before.second->stop();
    (*deliveries)->start();
    if (const auto warned = warn_of_left_destinations(next->settings); !warned)
        log->warning("destination-left", warned.error().message);
    return {};
}

running_gateway::running_gateway(installation opened, configuration read)
    : parts_(std::make_unique<parts>(std::move(opened), std::move(read))) {}

running_gateway::~running_gateway() {
    parts_->stop();
}

result<void> running_gateway::start() {
    return parts_->start();
}

reload_report running_gateway::reload() {
    const reload_report report = parts_->reload();
    observe::logger& log = *parts_->log;
    const bool is_activated = report.result == reload_result::activated;
    parts_->metrics
        .counter("auditgate_configuration_reloads_total", "Configurations read while the gateway ran",
                 {{"result", is_activated ? "activated" : "refused"}})
        .add();
    for (const mapping::yaml::problem& one : report.problems)
        log.error("configuration-refused", one.text,
                  {{"file", one.file}, {"line", one.line}, {"column", one.column}});
    for (const std::string& key : report.needs_restart)
        log.warning("configuration-needs-restart", "the change counts from the next start on",
                    {{"key", key}});
    if (is_activated)
        log.info("configuration-activated",
                 report.is_recomputing ? "every case is computed again" : "no case is computed otherwise",
                 {{"revision", report.revision}});
    return report;
}

void running_gateway::tell(std::ostream& out) const {
    const gateway_config& config = parts_->opened.config;
    out << "auditgate gateway is running; stop it with Ctrl-C or SIGTERM\n";
    for (const auto& [listener, port] : parts_->told) {
        const bool is_http = listener->protocol == listener_protocol::http;
        out << "  " << listener->name << ": " << (is_http ? "HL7 v2 over HTTP (POST /hl7v2)" : "MLLP")
            << (listener->tls ? " with TLS" : "") << " on " << listener->address << ':' << port << '\n';
    }
    for (const directory_config& directory : config.directories)
        out << "  " << directory.name << ": files in " << directory.path.string() << '\n';
    out << "  operations: http://" << config.operations.address << ':' << parts_->operations->port()
        << "/metrics, /health/live, /health/ready\n"
        << "  data: " << config.data_folder.string() << '\n'
        << "  after a change of the configuration: auditgate reload\n"
        << std::flush;
}

const std::filesystem::path& running_gateway::data_folder() const {
    return parts_->opened.config.data_folder;
}

} // namespace auditgate::gateway::cli
