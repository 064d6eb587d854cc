// Options and help of the commands about what messages mean: configuration, dry runs, records, reports.
#include "gateway/cli/command_line.hpp"

#include "gateway/cli/check.hpp"
#include "gateway/cli/describe.hpp"
#include "gateway/cli/diff.hpp"
#include "gateway/cli/explain.hpp"
#include "gateway/cli/records.hpp"
#include "gateway/cli/reload.hpp"
#include "gateway/cli/replay.hpp"
#include "gateway/cli/report.hpp"
#include "gateway/cli/test.hpp"
#include "gateway/cli/why.hpp"

#include <memory>

namespace auditgate::gateway::cli {

void add_check(CLI::App& app, int& exit) {
    const auto options = std::make_shared<check_options>();
    CLI::App* command = add_command(app, exit, "check", "Check the configuration and every file it refers to",
                                    options, run_check);
    command
        ->add_option("FILE,--config", options->config,
                     "the configuration file of a gateway, or of a registry")
        ->capture_default_str()
        ->check(takes_file);
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Prints every mistake with file, line, column and what would be right, or one line that all is\n"
        "right. Nothing is changed.\n"
        "Exit codes: 0 right, 3 there are mistakes.\n"
        "Examples:\n"
        "  auditgate check\n"
        "  auditgate check /etc/auditgate/gateway.yaml --json\n"
        "  auditgate check /etc/auditgate/registry.yaml");
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
        "Exit codes: 0 done, 3 a definition has mistakes or is not there.\n"
        "Examples:\n"
        "  auditgate describe > what-is-audited.md\n"
        "  auditgate describe --config /etc/auditgate --dataset my-audit");
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
        "Exit codes: 0 done, 1 the message has errors, 2 there is no such file, 3 the profile has mistakes.\n"
        "Examples:\n"
        "  auditgate explain message.hl7\n"
        "  auditgate explain --config /etc/auditgate --profile pas message.hl7\n"
        "  auditgate explain --json bundle.json\n"
        "  auditgate explain --profile config/sources/coding-extract.yaml coding_20260316.csv\n"
        "  cat message.hl7 | auditgate explain -");
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
    command->add_flag(
        "--coverage", options->coverage,
        "tell which parts of the datasets and source profiles no case exercises, with file and line");
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Each case runs as written, then with its messages in other orders and doubled: the "
        "records must not\n"
        "change. Prints each case that fails, with the items that differ and where they come "
        "from, and a sum.\n"
        "--coverage leaves each rule of a source profile out in turn and reads all messages "
        "again, which takes\n"
        "a while; docs/dataset-files.md explains it.\n"
        "Exit codes: 0 all pass, 1 a case fails or its configuration has mistakes, 2 a folder is no case.\n"
        "Examples:\n"
        "  auditgate test tests/acceptance/*/\n"
        "  auditgate test --coverage my-cases/*/\n"
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
    command->footer("Prints the records as JSON, one a line; on standard error why an operation gave none.\n"
                    "Ids and pseudonyms are made with keys of the dry run and lead nowhere.\n"
                    "Exit codes: 0 done, 1 a file could not be read, 2 usage, 3 configuration.\n"
                    "Examples:\n"
                    "  auditgate records --as-of 2026-03-09 adt.hl7 procedure.json\n"
                    "  auditgate records --as-of 2026-03-09 --allow-test-numbers --pretty messages/");
}

void add_why(CLI::App& app, int& exit) {
    const auto options = std::make_shared<why_options>();
    CLI::App* command = add_command(app, exit, "why", "Why a record says what it says: value, rule, messages",
                                    options, run_why);
    add_config_option(*command, options);
    command->add_option("RECORD", options->record_id,
                        "record id as sent, 64 hexadecimal digits; left out with --nhs-number");
    command->add_option("ITEM", options->item,
                        "such as procedure.access or efficacy.M1; left out: all items");
    CLI::Option* number =
        command->add_option("--nhs-number", options->nhs_number,
                            "instead of RECORD: of the patient whose NHS number stands on standard input");
    number->needs(
        command->add_option("--procedure-on", options->patient.procedure_date, "day of the procedure"));
    command
        ->add_option("--destination", options->patient.destination,
                     "with --nhs-number: whose record; needed when there are several")
        ->needs(number);
    command
        ->add_option("--dataset", options->patient.dataset,
                     "with --nhs-number: needed when the destination gets several")
        ->needs(number);
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Computes the case again from the stored events. Messages are named by their number:\n"
        "`auditgate quarantine show NUMBER` and `auditgate status` know it, too.\n"
        "A patient's number is read from standard input, so that it stands neither in the list of\n"
        "processes nor in the shell's history.\n"
        "Exit codes: 0 done, 1 there is no such record or item, 2 usage, 3 configuration, 4 store.\n"
        "Examples:\n"
        "  auditgate why 5f0c... efficacy.M1\n"
        "  auditgate why --nhs-number - --procedure-on 2026-03-09 efficacy.M1 < number.txt\n"
        "  auditgate why 5f0c... --json");
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
                     "with --records: folder with the datasets/ and terminology/ that they are of")
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
        "Exit codes: 0 done; 1 there is no case, or records were left out (standard error tells which);\n"
        "2 usage, 3 configuration, 4 store, or a file that cannot be written.\n"
        "Examples:\n"
        "  auditgate report\n"
        "  auditgate report --html report.html\n"
        "  auditgate report --for-export --csv > report.csv\n"
        "  auditgate export --format ndjson | auditgate report --records - --html report.html");
}

void add_reload(CLI::App& app, int& exit) {
    const auto options = std::make_shared<reload_options>();
    CLI::App* command = add_command(
        app, exit, "reload", "Have the running gateway take the changed configuration, all of it or nothing",
        options, run_reload);
    add_config_option(*command, options);
    constexpr int timeout_max = 3600;
    command->add_option("--timeout", options->timeout_s, "seconds to wait for its answer")
        ->check(CLI::Range(1, timeout_max))
        ->capture_default_str();
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Checks first, as `auditgate check` does. The gateway then reads everything again: sources and "
        "their\n"
        "profiles, datasets, terminology and code maps, feeds, opioid table, time zone, destinations. When "
        "one\n"
        "file is wrong it refuses the whole and goes on as it was. Connections stay open and messages are\n"
        "answered meanwhile. Every case is computed again: those that are due first, then those that have\n"
        "records; new messages need not wait. Listeners, directories, operations, retention, threads, log "
        "and\n"
        "the data folder change with a restart only: it is told when they have. SIGHUP does the same.\n"
        "Messages are not read again: auditgate replay.\n"
        "Exit codes: 0 in force, 1 in force but for what needs a restart, 3 refused, 4 the data folder "
        "cannot\n"
        "be written, 5 no gateway is running, or not in time.\n"
        "Examples:\n"
        "  auditgate reload --config /etc/auditgate/gateway.yaml");
}

void add_diff(CLI::App& app, int& exit) {
    const auto options = std::make_shared<diff_options>();
    CLI::App* command = add_command(
        app, exit, "diff", "Which records a changed configuration would change, before it is in force",
        options, run_diff);
    command->add_option("--config", options->config, "the changed configuration file")
        ->capture_default_str()
        ->check(takes_file);
    CLI::Option* all = command->add_flag("--all", options->all, "compare every patient");
    command
        ->add_option(
            "--since", options->since,
            "patients of whom something came in the last 7d, 36h or 90m, or from a day on; whole days count")
        ->capture_default_str()
        ->excludes(all);
    command->add_option("--limit", options->limit, "records that are listed at most; all are counted")
        ->capture_default_str();
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Checks the file first, as `auditgate check` does. Then reads the stored messages of these patients\n"
        "again and computes their cases with the changed files, beside the running gateway, in the data\n"
        "folder that the file names; nothing is written. Prints each record that would be new, changed "
        "(with\n"
        "the value of each item before and after), taken back, or held, counts them by item and reason, and\n"
        "says what could not be compared. What the release gate or the registry would say to it, it cannot "
        "tell.\n"
        "Then: auditgate reload; where it says `by replay`, auditgate replay, too.\n"
        "Exit codes: 0 nothing would change, 1 something would, 2 usage, 3 configuration, 4 store.\n"
        "Examples:\n"
        "  auditgate diff --config gateway.yaml\n"
        "  auditgate diff --config new/gateway.yaml --since 30d --json");
}

void add_replay(CLI::App& app, int& exit) {
    const auto options = std::make_shared<replay_options>();
    CLI::App* command =
        add_command(app, exit, "replay", "Read stored messages again, after a source profile has changed",
                    options, run_replay);
    command
        ->add_option("--since", options->since,
                     "received in the last 7d, 36h or 90m, or from a day on, such as 2026-11-24 (UTC)")
        ->required();
    command->add_option("--until", options->until, "and before that; left out: until now");
    command->add_option("--source", options->sources, "of this source; may be given several times");
    command->add_option("--type", options->types,
                        "of this type, such as ORU^R01; may be given several times");
    command
        ->add_option("--state", options->states,
                     "that are applied, not-relevant, held or quarantined; may be given several times")
        ->capture_default_str();
    command->add_flag("--dry-run", options->dry_run, "count them, and change nothing");
    add_config_option(*command, options);
    command->add_flag("--json", options->json, "print JSON");
    command->footer(
        "Codes and their maps need no replay: cases are computed again when the configuration changes. What\n"
        "a reader makes of a message does: identifiers, segments, columns, the time zone. What a message "
        "said\n"
        "before stays in force until it has been read again, then all of it is replaced at once. Records go\n"
        "out only where something has changed. The messages are given little by little, so that new ones\n"
        "need not wait; broken off, it is begun again without harm. Bytes that retention has erased cannot\n"
        "be read again: what they said stays.\n"
        "Prints how many of which source and type. Single ones: quarantine replay, holds release-message.\n"
        "Exit codes: 0 done, 2 wrong use or nothing fits, 3 configuration, 4 store.\n"
        "Examples:\n"
        "  auditgate replay --since 7d --source pas --dry-run\n"
        "  auditgate replay --since 2026-11-24 --until 2026-11-26 --type ORU^R01 --state held");
}

} // namespace auditgate::gateway::cli
