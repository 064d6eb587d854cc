#include "gateway/cli/registry.hpp"

#include "gateway/cli/exit_code.hpp"
#include "gateway/registry/http_server.hpp"
#include "gateway/registry/registry_config.hpp"
#include "gateway/registry/registry_service.hpp"
#include "gateway/registry/registry_store.hpp"
#include "gateway/store/worker_lock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

namespace auditgate::gateway::cli {

namespace {

constexpr std::chrono::milliseconds stop_grace{10'000};

int tell(const error& failure) {
    std::cerr << failure.message << '\n';
    return exit_code_of(failure.code);
}

int tell(const std::vector<mapping::yaml::problem>& problems) {
    for (const mapping::yaml::problem& one : problems) {
        std::cerr << to_string(one) << '\n';
    }
    return exit_configuration;
}

// Serves until a signal comes. The server's own threads end with it.
int serve(const registry::registry_config& config, registry::registry_service& service,
          observe::logger& log) {
    boost::asio::io_context io;
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    auto server = registry::start_http_server(io.get_executor(), config, service, log);
    if (!server) {
        return tell(server.error());
    }
    log.info("registry-open", "listening",
             {{"address", config.address}, {"port", (*server)->port()}, {"tls", config.tls.has_value()}});
    std::thread stopper;
    signals.async_wait([&](const boost::system::error_code& failed, int) {
        if (!failed) {
            stopper = std::thread([&] {
                log.info("registry-stopping", "finishing what is under way");
                (*server)->stop(stop_grace);
                io.stop();
            });
        }
    });
    std::thread second([&io] { io.run(); });
    io.run();
    second.join();
    if (stopper.joinable()) {
        stopper.join();
    }
    return exit_done;
}

} // namespace

int run_registry(const registry_options& options) {
    auto config = registry::load_registry_config(options.config);
    if (!config.loaded) {
        return tell(config.problems);
    }
    std::vector<mapping::yaml::problem> problems;
    const auto layouts = registry::published_layouts(*config.loaded, problems);
    if (!problems.empty()) {
        return tell(problems);
    }
    const auto log = observe::create_logger(config.loaded->log_least, observe::system_now);
    const auto now = std::chrono::floor<std::chrono::seconds>(observe::system_now());
    auto keys = registry::open_registry_keys(config.loaded->data_folder, now);
    if (!keys) {
        return tell(keys.error());
    }
    // Beside `keys rotate`, for one, it must not run; commands that only read may.
    const auto lock = store::take_worker_lock(registry::registry_database(config.loaded->data_folder));
    if (!lock) {
        return tell(lock.error());
    }
    auto records =
        registry::registry_store::open(registry::registry_database(config.loaded->data_folder), **keys);
    if (!records) {
        return tell(records.error());
    }
    auto service = registry::registry_service::create(
        *config.loaded, layouts, **records, (*keys)->destination_key("registry"), *log, observe::system_now);
    if (!service) {
        return tell(service.error());
    }
    return serve(*config.loaded, **service, *log);
}

} // namespace auditgate::gateway::cli
