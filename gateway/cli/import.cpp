#include "gateway/cli/import.hpp"

#include "gateway/cli/import_handover.hpp"
#include "gateway/cli/import_outcome.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/intake/directory_file.hpp"

#include <iostream>
#include <thread>

namespace auditgate::gateway::cli {
namespace {

using steady_clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_again{200};

class importing {
public:
    importing(const import_options& options, const gateway_config& config, const directory_config& directory)
        : options_(options), config_(config), directory_(directory) {}

    int run() {
        const auto listed = list_files(options_.files);
        if (!listed)
            return failed(listed.error());
        hand_all(*listed);
        const bool running = is_running(config_.operations);
        if (!options_.json || !running)
            tell_handed(running);
        if (!options_.wait) {
            if (options_.json)
                std::cout << write(to_json({}, files_), fhir::json::layout::pretty) << '\n';
            return worst_;
        }
        return running ? wait() : static_cast<int>(exit_network);
    }

private:
    static int failed(const error& why) {
        std::cerr << why.message << '\n';
        return exit_code_of(why.code);
    }

    void hand_all(const std::vector<std::filesystem::path>& listed) {
        progress_bar bar("handing over", listed.size());
        std::uint64_t done = 0;
        for (const std::filesystem::path& file : listed) {
            const auto digest = intake::file_digest(file);
            const result<void> handed = digest ? hand_over(file, directory_) : result<void>(digest.error());
            if (handed)
                files_.push_back({file, *digest, std::nullopt});
            else
                worst_ = std::max<int>(worst_, failed({handed.error().code, text_of(file, handed.error())}));
            bar.show(++done);
        }
    }

    static std::string text_of(const std::filesystem::path& file, const error& why) {
        const std::string name = file.string();
        return why.message.find(name) == std::string::npos ? name + ": " + why.message : why.message;
    }

    void tell_handed(bool running) const {
        std::ostream& out = options_.json ? std::cerr : std::cout;
        out << files_.size() << (files_.size() == 1 ? " file" : " files") << " handed to directory `"
            << directory_.name << "`: "
            << (running ? "the gateway is running and takes what is handed over at once\n"
                        : "the gateway is not running (nobody answers on its operations port); it takes them "
                          "when it is started\n");
    }

    int wait() {
        const auto deadline = steady_clock::now() + std::chrono::seconds(options_.timeout_s);
        {
            progress_bar bar("taking", files_.size());
            for (std::size_t taken = 0; (taken = read_reports(files_, directory_)) < files_.size();) {
                bar.show(taken);
                if (!go_on(deadline))
                    return late("files");
            }
        }
        const opened_installation opened = open_installation(options_.config);
        if (!opened.value)
            return opened.exit;
        store::store& store = *opened.value->store;
        {
            std::size_t all = 0;
            for (const handed_file& one : files_)
                all += static_cast<std::size_t>(one.report->messages);
            progress_bar bar("mapping", all);
            for (;;) {
                const auto waiting = messages_waiting(store, files_);
                if (!waiting)
                    return failed(waiting.error());
                bar.show(all - std::min(all, *waiting));
                if (*waiting == 0)
                    break;
                if (!go_on(deadline))
                    return late("messages");
            }
        }
        const auto outcome = sum_up(store, config_, files_);
        if (!outcome)
            return failed(outcome.error());
        if (options_.json)
            std::cout << write(to_json(*outcome, files_), fhir::json::layout::pretty) << '\n';
        else
            std::cout << to_text(*outcome);
        return std::max<int>(worst_, outcome->needs_attention() ? exit_findings : exit_done);
    }

    static bool go_on(steady_clock::time_point deadline) {
        std::this_thread::sleep_for(look_again);
        return steady_clock::now() < deadline;
    }

    static int late(const char* what) {
        std::cerr << "not all " << what
                  << " are through in time; the gateway goes on with them: `auditgate status` shows how far "
                     "it is\n";
        return exit_network;
    }

    const import_options& options_;
    const gateway_config& config_;
    const directory_config& directory_;
    std::vector<handed_file> files_;
    int worst_ = exit_done;
};

} // namespace

int run_import(const import_options& options) {
    const gateway_config_load load = load_gateway_config(options.config);
    if (!load.loaded) {
        print_problems(load.problems);
        return exit_configuration;
    }
    const auto directory = choose_directory(*load.loaded, options.directory, options.source);
    if (!directory) {
        std::cerr << directory.error().message << '\n';
        return exit_code_of(directory.error().code);
    }
    return importing(options, *load.loaded, **directory).run();
}

} // namespace auditgate::gateway::cli
