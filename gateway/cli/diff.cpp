#include "gateway/cli/diff.hpp"

#include "gateway/cli/check.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/replay.hpp"
#include "gateway/observe/log.hpp"

#include <iostream>
#include <optional>

namespace auditgate::gateway::cli {

namespace {

namespace json = fhir::json;

exit_code failed(const error& why) {
    std::cerr << "auditgate diff: " << why.message << '\n';
    return exit_code_of(why.code);
}

result<store::utc_time> beginning(const diff_options& options, store::utc_time now) {
    if (options.all)
        return store::utc_time{};
    const auto since = moment_of(options.since, now);
    if (!since || *since > now)
        return error{errc::usage,
                     "--since must be an age such as 7d, 36h or 90m, or a day such as 2026-11-24"};
    return *since;
}

// What makes the comparison say something else than what the configuration alone would do.
result<void> tell_of_what_else_differs(store::store& from, const pipeline::setup& changed) {
    const auto active = from.active_configuration();
    if (!active)
        return active.error();
    if (*active == changed.revision)
        std::cerr
            << "auditgate diff: this configuration is in force already: what differs comes of time, of work "
               "that waits, or of messages that were not read again\n";
    const auto backlog = from.work_backlog();
    if (!backlog)
        return backlog.error();
    if (*backlog > 0)
        std::cerr << "auditgate diff: " << *backlog
                  << " messages or changes are still being worked on: what is stored is without them\n";
    return {};
}

} // namespace

result<diff_report> compare_configuration(store::store& from, const configuration& changed,
                                          const diff_options& options, store::utc_time now) {
    const auto since = beginning(options, now);
    if (!since)
        return since.error();
    pipeline::shadow_options which;
    for (const source_config& one : changed.settings.sources)
        which.sources.insert(one.name);
    which.received_from = *since;
    which.received_before = now;
    which.today = changed.mapping->local_date(now);
    diff_collector collector(options.limit);
    std::optional<progress_bar> bar;
    const pipeline::shadow_watch watch{
        .part = [&](const pipeline::shadow_part& part) { collector.take(part); },
        .progress =
            [&](std::uint64_t done, std::uint64_t total) {
                if (!bar)
                    bar.emplace("comparing", total);
                bar->show(done);
            }};
    auto counts = pipeline::shadow_run(from, *changed.mapping, which, watch);
    if (!counts)
        return counts.error();
    return collector.finish(std::move(*counts));
}

int run_diff(const diff_options& options) {
    const store::utc_time now = observe::system_now();
    if (const auto since = beginning(options, now); !since)
        return failed(since.error());
    const configuration_load checked = check_configuration(options.config);
    if (!checked.problems.empty()) {
        if (options.json)
            std::cout << write(to_json(checked.problems), json::layout::pretty) << '\n';
        else
            print_problems(checked.problems);
        tell_of_config_option(options.config);
        return exit_configuration;
    }
    const opened_installation opened = open_installation(options.config, store::sqlite_role::reader);
    if (!opened.value)
        return opened.exit;
    const auto changed = load_whole_configuration(*opened.value);
    if (!changed)
        return exit_configuration;
    store::store& from = *opened.value->store;
    if (const auto told = tell_of_what_else_differs(from, *changed->mapping); !told)
        return failed(told.error());
    const auto report = compare_configuration(from, *changed, options, now);
    if (!report)
        return failed(report.error());
    if (options.json)
        std::cout << write(to_json(*report), json::layout::pretty) << '\n';
    else
        std::cout << to_text(*report);
    return report->would_change() ? exit_findings : exit_done;
}

} // namespace auditgate::gateway::cli
