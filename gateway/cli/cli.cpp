// The only file that includes CLI11. A command is an options struct and `int run_<command>(const
// <command>_options&)` in its own files; here stand its options and its help, one add_<command>() each.
#include "gateway/cli/cli.hpp"

#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/explain.hpp"
#include "gateway/cli/keys.hpp"
#include "mapping/yaml/document.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::gateway::cli {
namespace {

// Adds a command whose options the caller binds to `options`; they live until the command has run.
template <class Options>
CLI::App* add_command(CLI::App& app, int& exit, std::string name, std::string description,
                      const std::shared_ptr<Options>& options, int (*run)(const Options&)) {
    CLI::App* command = app.add_subcommand(std::move(name), std::move(description));
    command->callback([options, run, &exit] { exit = run(*options); });
    return command;
}

void add_explain(CLI::App& app, int& exit) {
    const auto options = std::make_shared<explain_options>();
    CLI::App* command = add_command(app, exit, "explain", "Show what is in a message; needs no configuration",
                                    options, run_explain);
    command->add_option("FILE", options->file, "HL7 v2 message or FHIR JSON; - reads standard input")
        ->required();
    command->add_flag("--show-phi", options->show_phi, "show values that tell who somebody is, too");
    command->add_flag("--full", options->full, "do not cut long values");
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Values that may tell who somebody is are hidden, so that the output can be shown to others.\n"
        "Exit code 1 when the message has errors.\n"
        "Examples:\n"
        "  auditgate explain message.hl7\n"
        "  auditgate explain --json bundle.json\n"
        "  cat message.hl7 | auditgate explain -");
}

void add_keys(CLI::App& app, int& exit) {
    CLI::App* keys = app.add_subcommand("keys", "Make the keys that seal stored data, or tell about them");
    keys->require_subcommand(1);
    const auto init = std::make_shared<keys_init_options>();
    CLI::App* init_command =
        add_command(*keys, exit, "init", "Make the keys of a new installation, once", init, run_keys_init);
    init_command->add_option("--data", init->data_folder, "the data folder")->capture_default_str();
    init_command->footer(
        "Never overwrites keys, and refuses where there is data already. Back the folder up, apart\n"
        "from the database: without the keys nothing stored can be read again.\n"
        "Example:\n"
        "  auditgate keys init --data /var/lib/auditgate");
    const auto show = std::make_shared<keys_show_options>();
    CLI::App* show_command =
        add_command(*keys, exit, "show", "Tell ids and dates of the keys; no secrets", show, run_keys_show);
    show_command->add_option("--data", show->data_folder, "the data folder")->capture_default_str();
    show_command->add_flag("--json", show->json, "print JSON");
}

// What to say when the first word is no command of ours, "" when it is one (or an option).
std::string unknown_command(const CLI::App& app, int argc, const char* const* argv) {
    const std::string_view word = argc > 1 ? argv[1] : "-";
    if (word.starts_with('-'))
        return {};
    std::vector<std::string_view> names;
    for (const CLI::App* command : app.get_subcommands({}))
        names.push_back(command->get_name());
    if (std::find(names.begin(), names.end(), word) != names.end())
        return {};
    return "there is no command `" + std::string(word) + "`" + mapping::yaml::suggestion(word, names);
}

} // namespace

int run_cli(int argc, const char* const* argv) {
    CLI::App app(
        "auditgate: from a hospital's HL7 and FHIR messages to de-identified clinical audit records.");
    app.set_version_flag("--version", "auditgate " AUDITGATE_VERSION);
    app.require_subcommand(1);
    app.get_formatter()->column_width(36);
    app.footer("Start with:\n"
               "  auditgate explain message.hl7      what is in a message; needs no configuration\n"
               "  auditgate check                    is the configuration right?\n"
               "  auditgate gateway                  run the gateway\n"
               "  auditgate COMMAND --help           options and examples of one command\n"
               "Exit codes: 0 done, 1 findings, 2 usage, 3 configuration, 4 store, 5 network.");
    int exit = exit_done;
    add_explain(app, exit);
    add_keys(app, exit);
    if (const std::string text = unknown_command(app, argc, argv); !text.empty()) {
        std::cerr << text << "\nRun with --help for more information.\n";
        return exit_usage;
    }
    try {
        app.parse(argc, argv);
        return exit;
    } catch (const CLI::Success& shown) {
        return app.exit(shown);
    } catch (const CLI::ParseError& mistake) {
        app.exit(mistake);
        return exit_usage;
    } catch (const std::exception& failure) {
        std::cerr << "auditgate: stopped by a defect: " << failure.what() << '\n';
        return exit_defect;
    }
}

} // namespace auditgate::gateway::cli
