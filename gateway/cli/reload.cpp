#include "gateway/cli/reload.hpp"

#include "gateway/cli/reload_files.hpp"
#include "gateway/config/configuration.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

namespace auditgate::gateway::cli {
namespace {

using steady_clock = std::chrono::steady_clock;

// A running gateway looks for requests several times a second, unless it is at the one before.
constexpr std::chrono::seconds taken_within{5};

exit_code failed(const std::string& why, exit_code as) {
    std::cerr << "auditgate reload: " << why << '\n';
    return as;
}

void print(const reload_report& report) {
    std::cout << "the gateway runs with the configuration as it is on the disk\n"
              << (report.is_recomputing
                      ? "every case is computed again, new messages first; how far it is: auditgate status\n"
                      : "no case is computed otherwise than before\n");
    for (const std::string& key : report.needs_restart)
        std::cout << "`" << key << "` has changed: that counts from the next start on\n";
}

exit_code tell(const reload_report& report, bool as_json) {
    if (as_json)
        std::cout << to_json(report) << '\n';
    if (report.result == reload_result::refused) {
        if (!as_json) {
            print_problems(report.problems);
            std::cerr
                << "the gateway has refused the configuration as a whole, and goes on with the one before\n";
        }
        return exit_configuration;
    }
    if (!as_json)
        print(report);
    return report.needs_restart.empty() ? exit_done : exit_findings;
}

} // namespace

int run_reload(const reload_options& options) {
    // Here first, where whoever has changed something sits: a gateway of another user may not be able to read it.
    const configuration_load checked = check_configuration(options.config);
    if (!checked.loaded) {
        print_problems(checked.problems);
        tell_of_config_option(options.config);
        return failed("nothing was asked of the gateway, which goes on as it is", exit_configuration);
    }
    const std::filesystem::path& data = checked.loaded->settings.data_folder;
    const auto asked_at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    if (const auto asked = ask_for_reload(data); !asked)
        return failed(asked.error().message, exit_store);
    const auto begun = steady_clock::now();
    const auto deadline = begun + std::chrono::seconds(options.timeout_s);
    for (;;) {
        if (const auto report = last_reload(data); report && report->begun_at >= asked_at)
            return tell(*report, options.json);
        const auto now = steady_clock::now();
        if (is_reload_asked_for(data) && now > std::min(begun + taken_within, deadline)) {
            forget_reload_request(data);
            return failed("no gateway works on " + data.string() +
                              "; it takes the configuration when it is started",
                          exit_network);
        }
        if (now > deadline)
            return failed("the gateway has not answered in time; its log and " +
                              (data / "reload.json").string() + " tell what became of it",
                          exit_network);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

} // namespace auditgate::gateway::cli
