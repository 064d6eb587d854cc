// The only file that includes CLI11. A command is an options struct and `int run_<command>(const
// <command>_options&)` in its own files; here stand its options and its help, one add_<command>() each.
#include "gateway/cli/cli.hpp"

#include "gateway/cli/check.hpp"
#include "gateway/cli/describe.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/explain.hpp"
#include "gateway/cli/export.hpp"
#include "gateway/cli/gateway.hpp"
#include "gateway/cli/holds.hpp"
#include "gateway/cli/import.hpp"
#include "gateway/cli/keys.hpp"
#include "gateway/cli/opt_out.hpp"
#include "gateway/cli/quarantine.hpp"
#include "gateway/cli/records.hpp"
#include "gateway/cli/registry.hpp"
#include "gateway/cli/report.hpp"
#include "gateway/cli/retract.hpp"
#include "gateway/cli/send.hpp"
#include "gateway/cli/status.hpp"
#include "gateway/cli/test.hpp"
#include "gateway/cli/why.hpp"
#include "gateway/observe/defect.hpp"
#include "mapping/yaml/document.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
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

// Some commands take the folder of the configuration, others the file in it: each says which, as --config.
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

void add_explain(CLI::App& app, int& exit) {
    const auto options = std::make_shared<explain_options>();
    CLI::App* command = add_command(app, exit, "explain", "Show what is in a message; needs no configuration",
                                    options, run_explain);
    command
        ->add_option("FILE", options->file,
                     "HL7 v2 message, FHIR JSON or XML, NDJSON, or a table; - reads standard input")
        ->required();
    command
        ->add_option("--config", options->config,
                     "folder with terminology/ and sources/: which code systems are known; `config` where "
                     "there is one")
        ->check(takes_folder);
    command
        ->add_option("--profile", options->profile,
                     "how the sender is read: the name of its file in sources/, or the file itself; a table "
                     "(CSV) needs it")
        ->capture_default_str();
    command->add_flag("--show-phi", options->show_phi, "show values that tell who somebody is, too");
    command->add_flag("--full", options->full, "do not cut long values");
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Values that may tell who somebody is are hidden, so that the output can be shown to others.\n"
        "Below the values stand the facts for audit datasets, what became of each segment, resource and\n"
        "element (read, known and unused, unknown, unreadable), and why it gave nothing.\n"
        "Exit code 1 when the message has errors.\n"
        "Examples:\n"
        "  auditgate explain message.hl7\n"
        "  auditgate explain --config /etc/auditgate --profile pas message.hl7\n"
        "  auditgate explain --json bundle.json\n"
        "  auditgate explain --profile config/sources/coding-extract.yaml coding_20260316.csv\n"
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

// --config, as most commands have it.
template <class Options>
void add_config_option(CLI::App& command, const std::shared_ptr<Options>& options) {
    command.add_option("--config", options->config, "the gateway's configuration file")
        ->capture_default_str()
        ->check(takes_file);
}

void add_gateway(CLI::App& app, int& exit) {
    const auto options = std::make_shared<gateway_options>();
    CLI::App* command =
        add_command(app, exit, "gateway", "Run the gateway: receive, map, deliver", options, run_gateway);
    add_config_option(*command, options);
    command->footer("Runs until Ctrl-C or SIGTERM, then answers what it has received and stops.\n"
                    "Make the keys once before the first start: auditgate keys init --data FOLDER\n"
                    "Examples:\n"
                    "  auditgate gateway\n"
                    "  auditgate gateway --config /etc/auditgate/gateway.yaml");
}

void add_check(CLI::App& app, int& exit) {
    const auto options = std::make_shared<check_options>();
    CLI::App* command = add_command(app, exit, "check", "Check the configuration and every file it refers to",
                                    options, run_check);
    command->add_option("FILE,--config", options->config, "the gateway's configuration file")
        ->capture_default_str()
        ->check(takes_file);
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Tells every mistake with file, line, column and what would be right; nothing is changed.\n"
        "Exit code 3 when there are mistakes.\n"
        "Examples:\n"
        "  auditgate check\n"
        "  auditgate check /etc/auditgate/gateway.yaml --json");
}

void add_describe(CLI::App& app, int& exit) {
    const auto options = std::make_shared<describe_options>();
    CLI::App* command =
        add_command(app, exit, "describe", "Print what is audited, item by item, as a page of Markdown",
                    options, run_describe);
    command->add_option("--config", options->config, "folder with datasets/, terminology/ and feed/")
        ->capture_default_str()
        ->check(takes_folder);
    command
        ->add_option("--dataset", options->datasets,
                     "its file in datasets/, without .yaml; may be given several times; left out: all")
        ->allow_extra_args(false);
    command->add_option("--ome-table", options->ome_table, "opioid table: uk or cdc-2022")
        ->capture_default_str();
    command->footer(
        "Each item with its meaning, how it is found, codes, window, words, what stands when it is not\n"
        "known, how it is de-identified and its place in the feed, from the files that run.\n"
        "Examples:\n"
        "  auditgate describe > what-is-audited.md\n"
        "  auditgate describe --config /etc/auditgate --dataset my-audit");
}

void add_send(CLI::App& app, int& exit) {
    const auto options = std::make_shared<send_options>();
    CLI::App* command = add_command(app, exit, "send", "Send HL7 v2 messages over MLLP and show the answers",
                                    options, run_send);
    constexpr int connections_max = 1000;
    constexpr int attempts_max = 100;
    constexpr int timeout_max = 3600;
    command->add_option("FILE", options->files, "files, batches, folders; - reads standard input")
        ->required();
    command->add_option("--to", options->to, "HOST:PORT of the receiver")->capture_default_str();
    command
        ->add_option("--connections", options->connections,
                     "connections at the same time; order is kept by one")
        ->check(CLI::Range(1, connections_max))
        ->capture_default_str();
    command->add_option("--timeout", options->timeout_s, "seconds to wait for an answer")
        ->check(CLI::Range(1, timeout_max))
        ->capture_default_str();
    command->add_option("--attempts", options->attempts, "how often to send a message that gets no answer")
        ->check(CLI::Range(1, attempts_max))
        ->capture_default_str();
    command->add_flag("--json", options->json, "print one JSON line for each message");
    command->footer("Bytes are sent as they are. An answer belongs to the message whose MSH-10 it names in "
                    "MSA-2. Without\n"
                    "an answer in time the connection is closed before the message is sent again.\n"
                    "Exit code 1 when messages were refused, 5 when some got no answer.\n"
                    "Examples:\n"
                    "  auditgate send message.hl7\n"
                    "  auditgate send --to gateway.example:2575 --connections 8 messages/");
}

void add_import(CLI::App& app, int& exit) {
    const auto options = std::make_shared<import_options>();
    CLI::App* command = add_command(
        app, exit, "import", "Hand files to the gateway: HL7 v2, FHIR, tables; see what became of them",
        options, run_import);
    command->add_option("FILE", options->files, "files and folders")->required();
    add_config_option(*command, options);
    command->add_option(
        "--source", options->source,
        "whose files they are: the directory of the configuration that takes files for this source");
    command->add_option("--directory", options->directory, "the directory of the configuration, by its name");
    command->add_flag("--wait", options->wait, "wait until every message is mapped, and sum up");
    constexpr int timeout_max = 86'400;
    command->add_option("--timeout", options->timeout_s, "seconds that --wait waits at most")
        ->check(CLI::Range(1, timeout_max))
        ->capture_default_str();
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Copies each file, whole or not at all, to where the running gateway takes it (`directories` in\n"
        "gateway.yaml); when none is running, it is taken at the next start. What was handed over stays as "
        "it\n"
        "is. Handing over the same file again does no harm: what is known counts as duplicate.\n"
        "Exit codes: 0 done; 1 something needs attention; 5 with --wait: no gateway is running, or not in "
        "time.\n"
        "Examples:\n"
        "  auditgate import --source coding coding_20260316.csv --wait\n"
        "  auditgate import --directory backlog --wait --json messages/");
}

void add_status(CLI::App& app, int& exit) {
    const auto options = std::make_shared<status_options>();
    CLI::App* command = add_command(
        app, exit, "status", "Count messages and records by state; fit for monitoring", options, run_status);
    add_config_option(*command, options);
    command->add_option("--backlog-max", options->backlog_max, "more work waiting than this needs attention")
        ->capture_default_str();
    command->add_flag("--json", options->json, "print JSON");
    command->footer("The first line is OK or WARNING with what needs attention.\n"
                    "Exit codes as Nagios reads them: 0 OK, 1 WARNING; 3 configuration, 4 store.\n"
                    "Examples:\n"
                    "  auditgate status\n"
                    "  auditgate status --json --config /etc/auditgate/gateway.yaml");
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

void add_quarantine(CLI::App& app, int& exit) {
    using action = quarantine_options::action;
    const auto options = std::make_shared<quarantine_options>();
    CLI::App* command = app.add_subcommand(
        "quarantine", "Messages that could not be read or were refused; their bytes are kept");
    const auto list_options = [](CLI::App& list, quarantine_options& to) {
        list.add_option("--limit", to.limit, "how many at most")->capture_default_str();
        list.add_flag("--json", to.json, "print JSON");
    };
    list_by_default<quarantine_options>(*command, exit, options, run_quarantine, list_options);
    command->footer("Without an action it lists.\n"
                    "Examples:\n"
                    "  auditgate quarantine list\n"
                    "  auditgate quarantine show 4711\n"
                    "  auditgate quarantine replay 4711 --source pas");
    const auto add = [&](const char* name, const char* description, action what) {
        CLI::App* one = command->add_subcommand(name, description);
        add_config_option(*one, options);
        one->callback([options, what, &exit] {
            options->what = what;
            exit = run_quarantine(*options);
        });
        return one;
    };
    list_options(*add("list", "List them, newest first", action::list), *options);
    CLI::App* show = add("show", "Explain one", action::show);
    show->add_option("ID", options->id, "as listed")->required();
    show->add_flag("--show-phi", options->show_phi, "show values that tell who somebody is, too");
    show->add_flag("--json", options->json, "print JSON");
    CLI::App* replay = add("replay", "Give one to mapping again", action::replay);
    replay->add_option("ID", options->id, "as listed")->required();
    replay->add_option("--source", options->source, "the source whose message it is");
}

void add_holds(CLI::App& app, int& exit) {
    using action = holds_options::action;
    const auto options = std::make_shared<holds_options>();
    CLI::App* command = app.add_subcommand("holds", "Messages and records that wait until somebody acts");
    const auto list_options = [](CLI::App& list, holds_options& to) {
        list.add_option("--limit", to.limit, "how many of each kind at most")->capture_default_str();
        list.add_flag("--json", to.json, "print JSON");
    };
    list_by_default<holds_options>(*command, exit, options, run_holds, list_options);
    command->footer("Without an action it lists.\n"
                    "Examples:\n"
                    "  auditgate holds list\n"
                    "  auditgate holds release-message 4711 --source pas\n"
                    "  auditgate holds release-record registry 5f0c...\n"
                    "  auditgate holds release-record registry --reason http-403");
    const auto add = [&](const char* name, const char* description, action what) {
        CLI::App* one = command->add_subcommand(name, description);
        add_config_option(*one, options);
        one->callback([options, what, &exit] {
            options->what = what;
            exit = run_holds(*options);
        });
        return one;
    };
    list_options(*add("list", "List them with their reasons", action::list), *options);
    CLI::App* message = add("release-message", "Give a message to mapping again", action::release_message);
    message->add_option("ID", options->message, "as listed")->required();
    message->add_option("--source", options->source, "the source whose message it is");
    CLI::App* record =
        add("release-record", "Try to deliver a record again, or all that are held for one reason",
            action::release_record);
    record->add_option("DESTINATION", options->destination, "as listed")->required();
    CLI::App* which = record->add_option_group("what is released");
    which->add_option("RECORD", options->record, "as listed");
    which->add_option("--reason", options->reason, "all that are held for this reason, as listed");
    which->require_option(1);
}

void add_opt_out(CLI::App& app, int& exit) {
    CLI::App* command = app.add_subcommand("opt-out", "The national data opt-out: whom to ask about");
    command->require_subcommand(1);
    const auto options = std::make_shared<opt_out_request_options>();
    CLI::App* request =
        add_command(*command, exit, "request",
                    "Write the file of NHS numbers that the national service must be asked about", options,
                    run_opt_out_request);
    add_config_option(*request, options);
    request->add_option("--destination", options->destination,
                        "only the request file of this destination; left out: of all");
    request->footer(
        "Writes `request` of the destination's opt_out_files: the numbers of all records that should be\n"
        "there. Works beside a running gateway; run it before each transfer to the service. A file\n"
        "whose numbers have not changed is left as it is.\n"
        "Examples:\n"
        "  auditgate opt-out request\n"
        "  auditgate opt-out request --destination registry --config /etc/auditgate/gateway.yaml");
}

void add_retract(CLI::App& app, int& exit) {
    const auto options = std::make_shared<retract_options>();
    CLI::App* command = add_command(
        app, exit, "retract", "Take back the record of a case that is closed, for a patient who objects",
        options, run_retract);
    add_config_option(*command, options);
    command->add_option("DESTINATION", options->destination, "its name in gateway.yaml")->required();
    command->add_option(
        "RECORD", options->record,
        "record id as sent, 64 hexadecimal digits; left out: of the patient whose NHS number\n"
        "stands on standard input, with --date");
    command->add_option("--date", options->procedure_date, "day of the procedure, as 2026-03-09");
    command->add_option("--dataset", options->dataset, "needed when the destination gets several");
    command->footer(
        "The record of an open case is taken back by consent, the national opt-out or the dissent list.\n"
        "Examples:\n"
        "  auditgate retract registry 5f0c...\n"
        "  auditgate retract registry --date 2026-03-09 < number.txt");
}

void add_test(CLI::App& app, int& exit) {
    const auto options = std::make_shared<test_options>();
    CLI::App* command = add_command(app, exit, "test", "Run golden cases: messages in, expected records out",
                                    options, run_test);
    command
        ->add_option("DIR", options->folders,
                     "folder with case.yaml, messages/ and expected/; several may be given")
        ->required();
    command->add_option("--config", options->config, "folder with datasets/, terminology/ and sources/")
        ->capture_default_str()
        ->check(takes_folder);
    command->add_option("--seed", options->seed,
                        "of the orders of messages that are tried; another one each time");
    command->add_flag("--json", options->json, "print JSON");
    command->footer("Each case runs as written, then with its messages in other orders and doubled: the "
                    "records must not\n"
                    "change. Exit code 1 when a case fails.\n"
                    "Examples:\n"
                    "  auditgate test tests/acceptance/*/\n"
                    "  auditgate test --seed 4711 tests/acceptance/E15-replay");
}

void add_records(CLI::App& app, int& exit) {
    const auto options = std::make_shared<records_options>();
    CLI::App* command = add_command(
        app, exit, "records", "Show which records messages would give; sends nothing", options, run_records);
    command
        ->add_option("FILE", options->files, "HL7 v2 or FHIR, one message each; a folder: all files below it")
        ->required();
    command
        ->add_option("--as-of", options->as_of, "the date on which the records are computed, as 2026-03-09")
        ->required();
    command->add_option("--config", options->config, "folder with datasets/, terminology/ and sources/")
        ->capture_default_str()
        ->check(takes_folder);
    command
        ->add_option("--dataset", options->datasets,
                     "its file in datasets/, without .yaml; may be given several times; left out: the\n"
                     "first that gateway.yaml lists")
        ->allow_extra_args(false);
    command->add_option("--ome-table", options->ome_table, "opioid table: uk or cdc-2022")
        ->capture_default_str();
    command->add_flag("--allow-test-numbers", options->allow_test_numbers,
                      "take NHS numbers that begin with 9");
    command->add_flag("--pretty", options->pretty, "print each record over several lines");
    command->footer("Ids and pseudonyms are made with keys of the dry run and lead nowhere.\n"
                    "Examples:\n"
                    "  auditgate records --as-of 2026-03-09 adt.hl7 procedure.json\n"
                    "  auditgate records --as-of 2026-03-09 --allow-test-numbers --pretty messages/");
}

void add_why(CLI::App& app, int& exit) {
    const auto options = std::make_shared<why_options>();
    CLI::App* command = add_command(app, exit, "why", "Why a record says what it says: value, rule, messages",
                                    options, run_why);
    add_config_option(*command, options);
    command->add_option("RECORD", options->record_id, "record id as sent, 64 hexadecimal digits")->required();
    command->add_option("ITEM", options->item,
                        "such as procedure.access or efficacy.M1; left out: all items");
    command->add_flag("--json", options->json, "print JSON");
    command->footer("Computes the case again from the stored events. Messages are named by their number:\n"
                    "`auditgate quarantine show NUMBER` and `auditgate status` know it, too.\n"
                    "Examples:\n"
                    "  auditgate why 5f0c... efficacy.M1\n"
                    "  auditgate why 5f0c... --json");
}

void add_registry(CLI::App& app, int& exit) {
    const auto options = std::make_shared<registry_options>();
    CLI::App* command =
        add_command(app, exit, "registry", "Run a registry: receives the feed of gateways and keeps it",
                    options, run_registry);
    command->add_option("--config", options->config, "configuration of the registry")
        ->capture_default_str()
        ->check(takes_file);
    command->footer(
        "Runs until it is interrupted. Keys are made in the data folder at the first start: back them up,\n"
        "apart from the database. Senders POST to /fhir; readers fetch /records.ndjson and /records.csv.\n"
        "Example:\n"
        "  auditgate registry --config /etc/auditgate/registry.yaml");
}

void add_export(CLI::App& app, int& exit) {
    const auto options = std::make_shared<export_options>();
    CLI::App* command = add_command(
        app, exit, "export", "Write the current records of a registry as CSV or NDJSON", options, run_export);
    command->add_option("--config", options->config, "configuration of the registry")
        ->capture_default_str()
        ->check(takes_file);
    const std::map<std::string, export_format> formats{{"csv", export_format::csv},
                                                       {"ndjson", export_format::ndjson}};
    command->add_option("--format", options->format, "csv (default) or ndjson")
        ->transform(CLI::CheckedTransformer(formats));
    command->add_option("--dataset", options->dataset, "needed when the registry publishes several");
    command->add_option("--output", options->output, "file to write; standard output when left out");
    command->footer("Works beside a running registry. The records are pseudonymised personal data.\n"
                    "Example:\n"
                    "  auditgate export --format csv --output records.csv");
}

void add_report(CLI::App& app, int& exit) {
    const auto options = std::make_shared<report_options>();
    CLI::App* command = add_command(app, exit, "report",
                                    "Count the cases of an audit: completeness, outcomes, harm, data quality",
                                    options, run_report);
    add_config_option(*command, options);
    CLI::Option* records =
        command->add_option("--records", options->records,
                            "count these records (NDJSON of `auditgate export`) instead of the gateway's "
                            "store; - reads standard input");
    command
        ->add_option("--definitions", options->definitions,
                     "with --records: folder with datasets/ and terminology/")
        ->capture_default_str();
    command->add_option("--dataset", options->dataset, "needed when there are several");
    command->add_option("--as-of", options->as_of, "date of the report, as 2026-03-31; today when left out");
    CLI::Option* csv = command->add_flag_callback(
        "--csv", [options] { options->form = report_form::csv; }, "print CSV, one number a line");
    command
        ->add_flag_callback(
            "--json", [options] { options->form = report_form::json; }, "print JSON")
        ->excludes(csv);
    command->add_option("--html", options->html, "write a page with tables and plots to this file");
    CLI::Option* for_export =
        command->add_flag("--for-export", options->for_export,
                          "suppress small numbers, for a report that leaves; the default with --records");
    command->add_flag("--exact", options->exact, "with --records: do not suppress")
        ->needs(records)
        ->excludes(for_export);
    command->footer(
        "The numbers of the gateway's store are exact unless --for-export is given: for permitted staff "
        "only.\n"
        "Works beside a running gateway. docs/report.md explains the numbers and the suppression.\n"
        "Exit code 1 when there is no case, or when records were left out (standard error tells which).\n"
        "Examples:\n"
        "  auditgate report\n"
        "  auditgate report --html report.html\n"
        "  auditgate report --for-export --csv > report.csv\n"
        "  auditgate export --format ndjson | auditgate report --records - --html report.html");
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
    add_gateway(app, exit);
    add_check(app, exit);
    add_describe(app, exit);
    add_explain(app, exit);
    add_send(app, exit);
    add_import(app, exit);
    add_status(app, exit);
    add_holds(app, exit);
    add_quarantine(app, exit);
    add_keys(app, exit);
    add_opt_out(app, exit);
    add_retract(app, exit);
    add_registry(app, exit);
    add_export(app, exit);
    add_report(app, exit);
    add_test(app, exit);
    add_records(app, exit);
    add_why(app, exit);
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
