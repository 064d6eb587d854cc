#include "gateway/cli/records.hpp"

#include "gateway/acceptance/dry_run.hpp"
#include "gateway/acceptance/environment.hpp"
#include "gateway/cli/exit_code.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/progress.hpp"

#include <iostream>

namespace auditgate::gateway::cli {

namespace {

// Keys of no real destination: the ids and pseudonyms of a dry run lead nowhere.
void set_dry_run_destination(acceptance::dry_run_settings& settings) {
    settings.destination.key_id = "dry-run";
    settings.destination.release = mapping::release_schedule::immediate;
    settings.destination.send_without_nhs_number = true;
    settings.keys = {"dry-run-record-key", "dry-run-pseudonym-key"};
}

// How many of the files could not be read.
std::size_t receive_all(acceptance::dry_run& run, const std::vector<std::filesystem::path>& files,
                        std::chrono::local_days as_of) {
    const std::chrono::sys_time<std::chrono::milliseconds> received_at =
        std::chrono::sys_days(as_of.time_since_epoch());
    std::size_t unreadable = 0;
    progress_bar bar("reading", files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto bytes = read_input(files[i]);
        const std::string name = files[i].string();
        if (!bytes) {
            std::cerr << bytes.error().message << "\n";
            ++unreadable;
            continue;
        }
        const auto read = run.receive(name, *bytes, received_at + std::chrono::milliseconds(i));
        if (!read.unreadable_reason().empty()) {
            std::cerr
                << name << ": cannot be read: " << read.unreadable_reason()
                << (read.unreadable_reason() == "no-msh"
                        ? "; tables (CSV) give no records here: `auditgate explain --profile FILE` reads them"
                        : "")
                << "\n";
            ++unreadable;
        }
        bar.show(i + 1);
    }
    return unreadable;
}

} // namespace

int run_records(const records_options& options) {
    const auto as_of = acceptance::parse_day(options.as_of);
    if (!as_of) {
        std::cerr << "--as-of must be a date such as 2026-03-09\n";
        return exit_usage;
    }
    const auto files = list_files(options.files);
    if (!files) {
        std::cerr << files.error().message << "\n";
        return exit_usage;
    }
    mapping::definition_settings settings;
    settings.ome_table = options.ome_table;
    settings.allow_test_numbers = options.allow_test_numbers;
    auto environment = acceptance::load_environment(options.config, options.datasets, settings);
    for (const mapping::yaml::problem& each : environment.problems) {
        std::cerr << mapping::yaml::to_string(each) << "\n";
    }
    if (!environment.loaded) {
        return exit_configuration;
    }
    set_dry_run_destination(*environment.loaded);
    acceptance::dry_run run(std::move(*environment.loaded));
    const std::size_t unreadable = receive_all(run, *files, *as_of);
    for (const acceptance::released_record& each : run.release(*as_of, {})) {
        std::cout << fhir::json::write(each.record, options.pretty ? fhir::json::layout::pretty
                                                                   : fhir::json::layout::compact)
                  << "\n";
    }
    for (const acceptance::withheld_case& each : run.withheld()) {
        std::cerr << "no record of an operation in " << each.dataset << ": " << each.state << ", "
                  << each.reason << "\n";
    }
    return unreadable == 0 ? exit_done : exit_findings;
}

} // namespace auditgate::gateway::cli
