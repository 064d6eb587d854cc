// Options and help of the commands that run the services and look after them.
#include "gateway/cli/command_line.hpp"

#include "gateway/cli/export.hpp"
#include "gateway/cli/gateway.hpp"
#include "gateway/cli/holds.hpp"
#include "gateway/cli/import.hpp"
#include "gateway/cli/keys.hpp"
#include "gateway/cli/opt_out.hpp"
#include "gateway/cli/quarantine.hpp"
#include "gateway/cli/registry.hpp"
#include "gateway/cli/retract.hpp"
#include "gateway/cli/send.hpp"
#include "gateway/cli/status.hpp"

#include <memory>
#include <string>

namespace auditgate::gateway::cli {

void add_keys(CLI::App& app, int& exit) {
    CLI::App* keys =
        app.add_subcommand("keys", "Make or rotate the keys that seal stored data, or tell about them");
    keys->require_subcommand(1);
    keys->footer("Examples:\n"
                 "  auditgate keys init --data /var/lib/auditgate\n"
                 "  auditgate keys rotate --data /var/lib/auditgate\n"
                 "  auditgate keys show --data /var/lib/auditgate");
    const auto init = std::make_shared<keys_init_options>();
    CLI::App* init_command =
        add_command(*keys, exit, "init", "Make the keys of a new installation, once", init, run_keys_init);
    init_command->add_option("--data", init->data_folder, "the data folder")->capture_default_str();
    init_command->footer(
        "Never overwrites keys, and refuses where there is data already. Back the folder up, apart\n"
        "from the database: without the keys nothing stored can be read again.\n"
        "Exit codes: 0 done, 4 there are keys or data already, or the folder cannot be written.\n"
        "Example:\n"
        "  auditgate keys init --data /var/lib/auditgate");
    const auto show = std::make_shared<keys_show_options>();
    CLI::App* show_command =
        add_command(*keys, exit, "show", "Tell ids and dates of the keys; no secrets", show, run_keys_show);
    show_command->add_option("--data", show->data_folder, "the data folder")->capture_default_str();
    show_command->add_flag("--json", show->json, "print JSON");
    show_command->footer("Exit codes: 0 done, 4 there are no keys, or they cannot be read.\n"
                         "Example:\n"
                         "  auditgate keys show --data /var/lib/auditgate");
    const auto rotate = std::make_shared<keys_rotate_options>();
    CLI::App* rotate_command =
        add_command(*keys, exit, "rotate", "Replace the master key", rotate, run_keys_rotate);
    CLI::Option* data =
        rotate_command
            ->add_option("--data", rotate->data_folder, "the data folder, of a gateway or a registry")
            ->capture_default_str();
    CLI::Option* destination = rotate_command->add_option(
        "--destination", rotate->destination,
        "change nothing, but tell how this destination's keys are changed, and what follows");
    destination->excludes(data);
    rotate_command
        ->add_option("--config", rotate->config, "with --destination: the gateway's configuration file")
        ->capture_default_str()
        ->check(takes_file)
        ->needs(destination);
    rotate_command->add_flag("--json", rotate->json, "print JSON")->excludes(destination);
    rotate_command->footer(
        "Stop the gateway (or registry) first: beside a running one it is refused. Every key is wrapped\n"
        "by a new master key, and the old one is wiped; what is stored stays as it is, and so do record ids\n"
        "and pseudonyms. A rotation that is cut short leaves the old keys or the new ones, whole: run it\n"
        "again. Back the folder of keys up afterwards, and destroy its older copies (docs/operating.md,\n"
        "section 11).\n"
        "Exit codes: 0 done, 1 told what --destination asks, 3 the configuration is wrong, 4 a program runs "
        "on\n"
        "the folder, or its keys cannot be read.\n"
        "Examples:\n"
        "  auditgate keys rotate --data /var/lib/auditgate\n"
        "  auditgate keys rotate --destination registry --config gateway.yaml");
}

void add_gateway(CLI::App& app, int& exit) {
    const auto options = std::make_shared<gateway_options>();
    CLI::App* command =
        add_command(app, exit, "gateway", "Run the gateway: receive, map, deliver", options, run_gateway);
    add_config_option(*command, options);
    command->footer("Runs until Ctrl-C or SIGTERM, then answers what it has received and stops. Logs to "
                    "standard error.\n"
                    "Make the keys once before the first start: auditgate keys init --data FOLDER\n"
                    "Exit codes: 0 stopped as asked, 3 configuration (auditgate check tells more), 4 keys or "
                    "store.\n"
                    "Examples:\n"
                    "  auditgate gateway\n"
                    "  auditgate gateway --config /etc/auditgate/gateway.yaml");
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
    command->footer(
        "Bytes are sent as they are. An answer belongs to the message whose MSH-10 it names in "
        "MSA-2. Without\n"
        "an answer in time the connection is closed before the message is sent again. Prints each\n"
        "answer that is not positive with what its codes mean, then how many of each there were.\n"
        "Exit codes: 0 all accepted, 1 some refused, 2 no such file, 5 some got no answer.\n"
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
        "Prints how many messages of which source and type ended in which state, and each finding.\n"
        "Exit codes: 0 done; 1 something needs attention; 2 no such file or directory; 3 configuration;\n"
        "4 store; 5 with --wait: no gateway is running, or not in time.\n"
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
    command->footer("The first line is OK or WARNING with what needs attention; then a table of sources and\n"
                    "one of destinations. Works beside a running gateway and without one.\n"
                    "Exit codes as Nagios reads them: 0 OK, 1 WARNING; 3 configuration, 4 store.\n"
                    "Examples:\n"
                    "  auditgate status\n"
                    "  auditgate status --json --config /etc/auditgate/gateway.yaml");
}

namespace {

// Which messages are given to mapping again, for the two commands that do it.
void add_release_options(CLI::App& command, message_release& to) {
    CLI::App* which = command.add_option_group("which messages");
    which->add_option("ID", to.ids, "as listed; several may be given");
    CLI::Option* reason = which->add_option("--reason", to.reason, "all that are listed with this reason");
    which->require_option(1);
    command.add_option("--of-source", to.of_source, "with --reason: only those of this source")
        ->needs(reason);
    command.add_option("--source", to.source,
                       "whose messages they are; left out: of the source that each has, or that its MSH "
                       "fits by now");
    command.add_flag("--dry-run", to.dry_run, "show which, and change nothing");
}

} // namespace

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
    command->footer(
        "Without an action it lists. Each action says with --help what it prints and how it ends.\n"
        "Examples:\n"
        "  auditgate quarantine\n"
        "  auditgate quarantine show 4711\n"
        "  auditgate quarantine replay 4711 4712\n"
        "  auditgate quarantine replay --reason invalid-time --of-source coding");
    const auto add = [&](const char* name, const char* description, action what, const char* footer) {
        CLI::App* one = command->add_subcommand(name, description);
        add_config_option(*one, options);
        one->footer(footer);
        one->callback([options, what, &exit] {
            options->what = what;
            exit = run_quarantine(*options);
        });
        return one;
    };
    list_options(*add("list", "List them, newest first", action::list,
                      "Prints id, time, source, type, state and reason, and for each reason what to do.\n"
                      "Exit codes: 0 done, 3 configuration, 4 store.\n"
                      "Example:\n"
                      "  auditgate quarantine list --limit 20"),
                 *options);
    CLI::App* show =
        add("show", "Explain a message: what is in it, what cannot be read, and why", action::show,
            "Values that may tell who somebody is are hidden. Takes the id of any stored message.\n"
            "Exit codes: 0 done, 2 there is no such message, 3 configuration, 4 store.\n"
            "Example:\n"
            "  auditgate quarantine show 4711");
    show->add_option("ID", options->id, "as listed")->required();
    show->add_flag("--show-phi", options->show_phi, "show values that tell who somebody is, too");
    show->add_flag("--json", options->json, "print JSON");
    CLI::App* replay =
        add("replay", "Give messages to mapping again, after what was wrong has been mended", action::replay,
            "When a source profile has changed: auditgate reload first.\n"
            "Prints how many wait for mapping again; each that was left, with why, on standard error.\n"
            "Exit codes: 0 done, 1 some were left, 2 there was none, 3 configuration, 4 store.\n"
            "Examples:\n"
            "  auditgate quarantine replay 4711 4712 --source pas\n"
            "  auditgate quarantine replay --reason invalid-time --of-source coding --dry-run");
    add_release_options(*replay, options->messages);
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
    command->footer(
        "Without an action it lists. Each action says with --help what it prints and how it ends.\n"
        "Examples:\n"
        "  auditgate holds\n"
        "  auditgate holds release-message --reason unknown-source --dry-run\n"
        "  auditgate holds release-message 4711 --source pas\n"
        "  auditgate holds release-record registry --reason http-403");
    const auto add = [&](const char* name, const char* description, action what, const char* footer) {
        CLI::App* one = command->add_subcommand(name, description);
        add_config_option(*one, options);
        one->footer(footer);
        one->callback([options, what, &exit] {
            options->what = what;
            exit = run_holds(*options);
        });
        return one;
    };
    list_options(
        *add("list", "List them with their reasons", action::list,
             "Prints messages (id, time, source, type, reason) and records (destination, id, reason, what\n"
             "the registry said), and for each reason what to do.\n"
             "Exit codes: 0 done, 3 configuration, 4 store.\n"
             "Example:\n"
             "  auditgate holds list --limit 20"),
        *options);
    CLI::App* message =
        add("release-message", "Give held messages to mapping again, after the cause has been mended",
            action::release_message,
            "When the configuration has changed: auditgate reload first.\n"
            "Prints how many wait for mapping again; each that was left, with why, on standard error.\n"
            "Exit codes: 0 done, 1 some were left, 2 there was none, 3 configuration, 4 store.\n"
            "Examples:\n"
            "  auditgate holds release-message --reason no-usable-identifier --of-source ris --dry-run\n"
            "  auditgate holds release-message 4711 4712 --source pas");
    add_release_options(*message, options->messages);
    CLI::App* record =
        add("release-record", "Try to deliver a record again, or all that are held for one reason",
            action::release_record,
            "The release gate is asked before each attempt: what may not leave stays.\n"
            "Exit codes: 0 done, 2 there was none, 3 configuration, 4 store.\n"
            "Examples:\n"
            "  auditgate holds release-record registry 5f0c...\n"
            "  auditgate holds release-record registry --reason http-403");
    record->add_option("DESTINATION", options->destination, "as listed")->required();
    CLI::App* which = record->add_option_group("what is released");
    which->add_option("RECORD", options->record, "as listed");
    CLI::Option* reason =
        which->add_option("--reason", options->reason, "all that are held for this reason, as listed");
    which->require_option(1);
    record->add_flag("--dry-run", options->dry_run, "with --reason: show which, and change nothing")
        ->needs(reason);
}

void add_opt_out(CLI::App& app, int& exit) {
    CLI::App* command = app.add_subcommand("opt-out", "The national data opt-out: whom to ask about");
    command->require_subcommand(1);
    command->footer("docs/operating.md, section 4, tells how the service is asked.\n"
                    "Example:\n"
                    "  auditgate opt-out request");
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
        "whose numbers have not changed is left as it is. Prints each file with how many numbers it holds.\n"
        "Exit codes: 0 done, 2 no such destination or no `request`, 3 configuration, 4 store.\n"
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
        "Exit codes: 0 it will be taken back; 1 it is not closed, on its way, or not there; 2 usage;\n"
        "3 configuration; 4 store.\n"
        "Examples:\n"
        "  auditgate retract registry 5f0c...\n"
        "  auditgate retract registry --date 2026-03-09 < number.txt");
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
        "Logs to standard error. Check the file before: auditgate check registry.yaml\n"
        "Exit codes: 0 stopped as asked, 3 configuration, 4 keys or store.\n"
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
    command
        ->add_option_function<std::string>(
            "--format",
            [options](const std::string& name) {
                options->format = name == "ndjson" ? export_format::ndjson : export_format::csv;
            },
            "csv (default) or ndjson")
        ->check([](const std::string& name) {
            return name == "csv" || name == "ndjson"
                       ? std::string()
                       : "there is no format `" + name + "`: it is csv or ndjson";
        });
    command->add_option("--dataset", options->dataset, "needed when the registry publishes several");
    command->add_option("--output", options->output, "file to write; standard output when left out");
    command->footer(
        "Works beside a running registry. The records are pseudonymised personal data.\n"
        "Exit codes: 0 done, 1 records were left out (standard error tells which), 2 usage,\n"
        "3 configuration, 4 store.\n"
        "Examples:\n"
        "  auditgate export --format csv --output records.csv\n"
        "  auditgate export --config /etc/auditgate/registry.yaml --format ndjson > records.ndjson");
}

} // namespace auditgate::gateway::cli
