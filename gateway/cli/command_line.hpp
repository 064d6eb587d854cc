// How commands of the command line are made of CLI11, which only the files that include this header know. A command is an
// options struct and `int run_<command>(const <command>_options&)` in its own files; its options and its help are one
// add_<command>() in commands_mapping.cpp or commands_service.cpp.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>

namespace auditgate::gateway::cli {

// Adds a command whose options the caller binds to `options`; they live until the command has run.
template <class Options>
CLI::App* add_command(CLI::App& app, int& exit, std::string name, std::string description,
                      const std::shared_ptr<Options>& options, int (*run)(const Options&)) {
    CLI::App* command = app.add_subcommand(std::move(name), std::move(description));
    command->callback([options, run, &exit] { exit = run(*options); });
    return command;
}

// Some commands take the folder of the configuration, others the file in it: each says which, as --config. "": it is so.
[[nodiscard]] std::string takes_folder(const std::string& path);
[[nodiscard]] std::string takes_file(const std::string& path);

// --config, as most commands have it.
template <class Options>
void add_config_option(CLI::App& command, const std::shared_ptr<Options>& options) {
    command.add_option("--config", options->config, "the gateway's configuration file")
        ->capture_default_str()
        ->check(takes_file);
}

// A command of several actions, which lists when none is named. `list_options` adds the options of listing.
template <class Options>
void list_by_default(CLI::App& command, int& exit, const std::shared_ptr<Options>& options,
                     int (*run)(const Options&), void (*list_options)(CLI::App&, Options&)) {
    command.require_subcommand(0, 1);
    add_config_option(command, options);
    list_options(command, *options);
    command.callback([&command, options, run, &exit] {
        if (command.get_subcommands().empty())
            exit = run(*options);
    });
}

// Everything that the program takes: all commands, with their options and help.
void add_commands(CLI::App& app, int& exit);

// Each adds one command, whose exit code goes to `exit`.
void add_explain(CLI::App& app, int& exit);
void add_keys(CLI::App& app, int& exit);
void add_gateway(CLI::App& app, int& exit);
void add_check(CLI::App& app, int& exit);
void add_describe(CLI::App& app, int& exit);
void add_send(CLI::App& app, int& exit);
void add_import(CLI::App& app, int& exit);
void add_status(CLI::App& app, int& exit);
void add_quarantine(CLI::App& app, int& exit);
void add_holds(CLI::App& app, int& exit);
void add_opt_out(CLI::App& app, int& exit);
void add_retract(CLI::App& app, int& exit);
void add_test(CLI::App& app, int& exit);
void add_records(CLI::App& app, int& exit);
void add_why(CLI::App& app, int& exit);
void add_registry(CLI::App& app, int& exit);
void add_export(CLI::App& app, int& exit);
void add_reload(CLI::App& app, int& exit);
void add_replay(CLI::App& app, int& exit);
void add_diff(CLI::App& app, int& exit);
void add_report(CLI::App& app, int& exit);

} // namespace auditgate::gateway::cli
