#include "gateway/cli/report.hpp"

#include "gateway/acceptance/golden_case.hpp"
#include "gateway/config/configuration.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/security/durable_file.hpp"
#include "mapping/cases/cases.hpp"
#include "mapping/definition/load.hpp"
#include "mapping/report/for_export.hpp"
#include "mapping/report/render.hpp"
#include "mapping/report/tally.hpp"
#include "mapping/terminology/load.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>

namespace auditgate::gateway::cli {

namespace {

namespace json = fhir::json;
using mapping::compiled_definition;
using mapping::report::audit_report;
using mapping::report::tally;

int fail(const error& failure) {
    std::cerr << "auditgate report: " << failure.message << '\n';
    return exit_code_of(failure.code);
}

std::string date_text(std::chrono::local_days day) {
    const std::chrono::year_month_day date(day);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

// A report that is counted, and what makes it less than whole.
struct counted {
    audit_report report;
    bool complete = true;
};

// ---- the gateway's own store ---------------------------------------------------------------------------------------

result<const compiled_definition*> choose(const pipeline::setup& with, const std::string& dataset) {
    std::string names;
    for (const auto& one : with.definitions) {
        if (one->dataset == dataset || (dataset.empty() && with.definitions.size() == 1))
            return one.get();
        names += ' ' + one->dataset;
    }
    return error{errc::usage, "say which dataset with --dataset:" + names};
}

result<void> count_cluster(const store::cluster_snapshot& snapshot, const compiled_definition& definition,
                           std::chrono::local_days as_of, std::chrono::local_days today, tally& to) {
    std::vector<mapping::event> events;
    for (const store::message_events& of_message : snapshot.events) {
        auto decoded = mapping::events_from_bytes(of_message.events);
        if (!decoded)
            return error{errc::store_corrupt, "the events of message " + std::to_string(of_message.message) +
                                                  " cannot be decoded"};
        std::move(decoded->begin(), decoded->end(), std::back_inserter(events));
    }
    for (const mapping::case_result& one : mapping::cases(events, definition, as_of).cases) {
        // What is left of it is no longer whole: retention lets go of its facts one by one.
        if (std::max(as_of, today) >= one.procedure_date + std::chrono::days(definition.closing_day()))
            to.add_without_record("closed: not counted");
        else if (one.state == mapping::case_state::held)
            to.add_without_record("held: " + one.reason);
        else if (one.state == mapping::case_state::excluded)
            to.add_without_record("excluded: " + one.reason);
        else if (!to.add(one.content))
            return error{errc::store_corrupt, "a case is not as its definition says: please report it"};
    }
    return {};
}

result<counted> count_store(store::store& from, const pipeline::setup& with, const report_options& options,
                            std::chrono::local_days as_of, std::chrono::local_days today) {
    const auto definition = choose(with, options.dataset);
    if (!definition)
        return definition.error();
    tally cases(**definition);
    const auto seen = from.each_cluster([&](const store::cluster_snapshot& snapshot) {
        return count_cluster(snapshot, **definition, as_of, today, cases);
    });
    if (!seen)
        return seen.error();
    counted done{cases.finish(), true};
    done.report.source =
        "All open cases in the store of this gateway, computed anew; closed ones are erased and not counted.";
    const auto backlog = from.work_backlog();
    if (backlog && *backlog > 0)
        std::cerr << "auditgate report: " << *backlog
                  << " messages or changes are still being worked on; the report is without them\n";
    return done;
}

// ---- a registry's records ------------------------------------------------------------------------------------------

// The definition that the records name, or the one asked for.
mapping::definition_load load_definition_of(const std::string& dataset, const std::filesystem::path& folder) {
    mapping::definition_load result;
    const auto codes = mapping::load_terminology(folder / "terminology");
    if (!codes.loaded) {
        result.problems = codes.problems;
        return result;
    }
    return mapping::load_definition(folder / "datasets" / (dataset + ".yaml"), codes.loaded, {});
}

bool is_file_name(const std::string& word) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return !word.empty() && word.find_first_not_of(allowed) == std::string::npos;
}

// Counts records one line at a time.
class record_counter {
public:
    explicit record_counter(const report_options& options)
        : options_(options), name_(options.records == "-" ? "standard input" : options.records.string()),
          dataset_(options.dataset) {}

    // exit_done, or why it cannot go on (told already).
    exit_code take(const std::string& line, std::size_t number) {
        const json::parse_result read = json::parse(line);
        if (!read.document || (*read.document)["dataset"].text().empty()) {
            not_counted(number, "is no record");
            return exit_done;
        }
        const json::value& record = *read.document;
        if (dataset_.empty())
            dataset_ = record["dataset"].text();
        if (const exit_code failed = load(); failed != exit_done)
            return failed;
        if (record["dataset"].text() != dataset_)
            not_counted(number, "is of another dataset");
        else if (record["record_action"].text() == "retract")
            return exit_done;
        else if (!cases_->add(record))
            not_counted(number, "is not as version " + definition_->version + " of the dataset says");
        else
            tables_.emplace(record["ome_table"].text());
        return exit_done;
    }

    // The definition, once; needed for a report of nothing, too.
    exit_code load() {
        if (definition_)
            return exit_done;
        if (!is_file_name(dataset_)) {
            std::cerr << "auditgate report: say with --dataset which dataset the records are of\n";
            return exit_usage;
        }
        mapping::definition_load loaded = load_definition_of(dataset_, options_.definitions);
        if (!loaded.loaded) {
            print_problems(loaded.problems);
            tell_of_definitions("the definition of dataset `" + dataset_ + "` was looked for");
            return exit_configuration;
        }
        definition_ = std::move(loaded.loaded);
        cases_.emplace(*definition_);
        return exit_done;
    }

    [[nodiscard]] counted finish() const {
        counted done{cases_->finish(), not_counted_ == 0};
        done.report.source = "Records of a registry.";
        if (done.report.cases.value == 0 && not_counted_ > 0)
            tell_of_definitions("no record fits version " + definition_->version + " of dataset `" +
                                dataset_ + "`, which was read");
        if (tables_.size() > 1)
            done.report.notes.insert(done.report.notes.begin(),
                                     "The senders convert doses with different tables (`ome_table` of their "
                                     "records): doses and responses are not of one kind.");
        return done;
    }

private:
    void tell_of_definitions(const std::string& what) const {
        std::cerr
            << "auditgate report: " << what << " in " << options_.definitions.string()
            << ": name with --definitions the folder whose datasets/ and terminology/ the records are of\n";
    }

    void not_counted(std::size_t number, const std::string& why) {
        ++not_counted_;
        std::cerr << name_ << ':' << number << ": " << why << "; it is not counted\n";
    }

    const report_options& options_;
    std::string name_;
    std::string dataset_;
    std::shared_ptr<const compiled_definition> definition_;
    std::optional<tally> cases_;
    std::set<std::string> tables_;
    std::size_t not_counted_ = 0;
};

// exit_done with `to` filled, or why not (told already).
exit_code count_records(std::istream& from, const report_options& options, std::optional<counted>& to) {
    record_counter counter(options);
    std::string line;
    std::size_t number = 0;
    while (std::getline(from, line)) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos)
            continue;
        if (const exit_code failed = counter.take(line, number); failed != exit_done)
            return failed;
    }
    if (from.bad()) {
        std::cerr << "auditgate report: the records cannot be read to their end\n";
        return exit_store;
    }
    if (const exit_code failed = counter.load(); failed != exit_done)
        return failed;
    to = counter.finish();
    return exit_done;
}

// ---- output --------------------------------------------------------------------------------------------------------

int write_out(const counted& done, const report_options& options) {
    const audit_report& report = done.report;
    if (!options.html.empty()) {
        if (const auto written = security::replace_file(options.html, to_html(report)); !written)
            return fail(written.error());
        (options.form == report_form::text ? std::cout : std::cerr)
            << "written: " << options.html.string() << '\n';
    }
    if (options.form == report_form::csv)
        std::cout << to_csv(report);
    else if (options.form == report_form::json)
        std::cout << json::write(to_json(report), json::layout::pretty) << '\n';
    else if (options.html.empty())
        std::cout << to_text(report);
    std::cout.flush();
    if (!std::cout) {
        std::cerr << "auditgate report: the output could not be written\n";
        return exit_store;
    }
    return done.complete ? exit_done : exit_findings;
}

// `exact` is of those who hold the data; what comes from a registry is suppressed unless asked otherwise.
int finish(counted done, const report_options& options, std::chrono::local_days as_of) {
    if (done.report.cases.value == 0) {
        std::cerr << "auditgate report: there is no case of " << done.report.dataset << " yet"
                  << (options.records.empty() ? "; `auditgate status` tells what has been received" : "")
                  << '\n';
        done.complete = false;
    }
    done.report.as_of = date_text(as_of);
    const bool suppressed = options.for_export || (!options.records.empty() && !options.exact);
    if (suppressed)
        done.report = mapping::report::for_export(std::move(done.report));
    return write_out(done, options);
}

int report_records(const report_options& options, std::chrono::local_days as_of) {
    std::optional<counted> done;
    exit_code exit = exit_done;
    if (options.records == "-") {
        exit = count_records(std::cin, options, done);
    } else {
        std::ifstream file(options.records, std::ios::binary);
        if (!file) {
            std::cerr << "auditgate report: " << options.records.string() << " cannot be read\n";
            return exit_usage;
        }
        exit = count_records(file, options, done);
    }
    return exit == exit_done ? finish(std::move(*done), options, as_of) : exit;
}

} // namespace

int run_report(const report_options& options) {
    std::optional<std::chrono::local_days> as_of;
    if (!options.as_of.empty()) {
        as_of = acceptance::parse_day(options.as_of);
        if (!as_of) {
            std::cerr << "--as-of must be a date such as 2026-03-31\n";
            return exit_usage;
        }
    }
    const auto now = observe::system_now();
    if (!options.records.empty())
        return report_records(options, as_of.value_or(std::chrono::local_days(
                                           std::chrono::floor<std::chrono::days>(now).time_since_epoch())));
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    const auto configured = load_whole_configuration(*opened.value);
    if (!configured)
        return exit_configuration;
    const pipeline::setup& with = *configured->mapping;
    const std::chrono::local_days today = with.local_date(now);
    const std::chrono::local_days counted_on = as_of.value_or(today);
    auto done = count_store(*opened.value->store, with, options, counted_on, today);
    return done ? finish(std::move(*done), options, counted_on) : fail(done.error());
}

} // namespace auditgate::gateway::cli
