#include "gateway/cli/cli.hpp"

#include "gateway/cli/command_line.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/observe/defect.hpp"
#include "mapping/yaml/document.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace auditgate::gateway::cli {
namespace {

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

struct value_name {
    std::string_view option;
    std::string_view value;
};

// What --help calls the values of options that are texts.
constexpr auto value_names = std::to_array<value_name>({
    {"--as-of", "DATE"},    {"--config", "PATH"},       {"--data", "FOLDER"},      {"--dataset", "NAME"},
    {"--date", "DATE"},     {"--definitions", "PATH"},  {"--destination", "NAME"}, {"--directory", "NAME"},
    {"--format", "FORMAT"}, {"--html", "FILE"},         {"--of-source", "NAME"},   {"--ome-table", "NAME"},
    {"--nhs-number", "-"},  {"--procedure-on", "DATE"}, {"--output", "FILE"},      {"--profile", "NAME"},
    {"--reason", "REASON"}, {"--records", "FILE"},      {"--since", "AGE"},        {"--source", "NAME"},
    {"--state", "STATE"},   {"--to", "HOST:PORT"},      {"--type", "TYPE"},        {"--until", "AGE"},
});

// TEXT tells nobody what to type. A positional is named already.
void name_values(CLI::App& app) {
    for (CLI::Option* option : app.get_options()) {
        if (option->get_type_name() != "TEXT")
            continue;
        const std::string name = option->get_name();
        const auto known = std::find_if(value_names.begin(), value_names.end(),
                                        [&](const value_name& one) { return one.option == name; });
        if (known != value_names.end())
            option->type_name(std::string(known->value));
        else if (!name.starts_with('-'))
            option->type_name("");
    }
    for (CLI::App* below : app.get_subcommands([](CLI::App*) { return true; }))
        name_values(*below);
}

} // namespace

std::string takes_folder(const std::string& path) {
    std::error_code none;
    return std::filesystem::is_regular_file(path, none)
               ? "--config of this command is the folder that holds terminology/, not a file"
               : "";
}

std::string takes_file(const std::string& path) {
    std::error_code none;
    return std::filesystem::is_directory(path, none)
               ? "--config of this command is the file, such as gateway.yaml, not its folder"
               : "";
}

void add_commands(CLI::App& app, int& exit) {
    app.description(
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
    add_gateway(app, exit);
    add_check(app, exit);
    add_diff(app, exit);
    add_reload(app, exit);
    add_describe(app, exit);
    add_explain(app, exit);
    add_send(app, exit);
    add_import(app, exit);
    add_status(app, exit);
    add_holds(app, exit);
    add_quarantine(app, exit);
    add_replay(app, exit);
    add_keys(app, exit);
    add_opt_out(app, exit);
    add_retract(app, exit);
    add_registry(app, exit);
    add_export(app, exit);
    add_report(app, exit);
    add_test(app, exit);
    add_records(app, exit);
    add_why(app, exit);
    name_values(app);
}

int run_cli(int argc, const char* const* argv) {
    CLI::App app;
    int exit = exit_done;
    add_commands(app, exit);
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
    } catch (...) {
        std::cerr << "auditgate: stopped by a defect: " << observe::type_name(std::current_exception())
                  << '\n';
        return exit_defect;
    }
}

} // namespace auditgate::gateway::cli
