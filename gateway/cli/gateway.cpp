#include "gateway/cli/gateway.hpp"

#include "gateway/cli/running_gateway.hpp"

#include <csignal>
#include <ctime>
#include <iostream>

namespace auditgate::gateway::cli {
namespace {

enum class wish { stop, reload };

// SIGTERM, SIGINT and SIGHUP, kept from every thread so that one can wait for them, and requests of `auditgate reload`.
class wishes {
public:
    wishes() {
        sigemptyset(&signals_);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP})
            sigaddset(&signals_, signal);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        std::signal(SIGPIPE, SIG_IGN); // whoever reads the log may go away
    }

    [[nodiscard]] wish next(const std::filesystem::path& data_folder) const {
        constexpr timespec look_again{0, 250'000'000};
        for (;;) {
            switch (sigtimedwait(&signals_, nullptr, &look_again)) {
            case SIGTERM:
            case SIGINT:
                return wish::stop;
            case SIGHUP:
                return wish::reload;
            default: // the time is over, or a debugger came in between
                if (is_reload_asked_for(data_folder))
                    return wish::reload;
            }
        }
    }

private:
    sigset_t signals_{};
};

void reload(running_gateway& gateway) {
    forget_reload_request(
        gateway.data_folder()); // before the first file is read: whoever asks later is answered anew
    const reload_report report = gateway.reload();
    if (const auto written = write_reload_report(gateway.data_folder(), report); !written)
        std::cerr << written.error().message << '\n'; // the log has told what became of it
}

} // namespace

int run_gateway(const gateway_options& options) {
    const wishes wished; // before the first thread
    opened_installation opened = open_installation(options.config, store::sqlite_role::gateway);
    if (!opened.value)
        return opened.exit;
    // Before the configuration is read: a request that comes from now on is answered.
    forget_reload_request(opened.value->config.data_folder);
    forget_last_reload(opened.value->config.data_folder);
    auto configured = load_whole_configuration(*opened.value);
    if (!configured)
        return exit_configuration;
    running_gateway gateway(std::move(*opened.value), std::move(*configured));
    if (const result<void> started = gateway.start(); !started) {
        std::cerr << started.error().message << '\n';
        return exit_code_of(started.error().code);
    }
    gateway.tell(std::cout);
    while (wished.next(gateway.data_folder()) == wish::reload)
        reload(gateway);
    return exit_done;
}

} // namespace auditgate::gateway::cli
