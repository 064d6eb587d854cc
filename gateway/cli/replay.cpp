#include "gateway/cli/replay.hpp"

#include "gateway/acceptance/golden_case.hpp"
#include "gateway/cli/message_list.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/store/names.hpp"
#include "mapping/yaml/document.hpp"

#include <algorithm>
#include <charconv>
#include <iomanip>
#include <iostream>
#include <map>
#include <thread>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;
using store::message_state;

constexpr int step_messages = 500; // looked at in one transaction

exit_code failed(const error& why) {
    std::cerr << "auditgate replay: " << why.message << '\n';
    return exit_code_of(why.code);
}

error wrong(const std::string& text) {
    return {errc::usage, text};
}

result<void> check_sources(const gateway_config& config, const std::vector<std::string>& named) {
    std::vector<std::string_view> names;
    for (const source_config& one : config.sources)
        names.push_back(one.name);
    for (const std::string& one : named)
        if (std::find(names.begin(), names.end(), one) == names.end())
            return wrong("the configuration has no source `" + one + "`" +
                         mapping::yaml::suggestion(one, names));
    return {};
}

result<std::vector<message_state>> states_of(const std::vector<std::string>& named) {
    static const std::vector<std::string_view> known{"applied", "not-relevant", "held", "quarantined"};
    std::vector<message_state> states;
    for (const std::string& one : named) {
        if (std::find(known.begin(), known.end(), one) == known.end())
            return wrong("--state must be applied, not-relevant, held or quarantined" +
                         mapping::yaml::suggestion(one, known));
        states.push_back(*store::message_state_of(one));
    }
    return states;
}

result<store::replay_filter> filter_of(const gateway_config& config, const replay_options& options,
                                       store::utc_time now) {
    store::replay_filter filter;
    const auto since = moment_of(options.since, now);
    if (!since)
        return wrong("--since must be an age such as 7d, 36h or 90m, or a day such as 2026-11-24");
    filter.received_from = *since;
    if (!options.until.empty()) {
        filter.received_before = moment_of(options.until, now);
        if (!filter.received_before)
            return wrong(
                "--until must be an age such as 1d, or a day such as 2026-11-30, which is not in it");
        if (*filter.received_before <= filter.received_from)
            return wrong("--until must be later than --since");
    }
    if (const auto known = check_sources(config, options.sources); !known)
        return known.error();
    filter.sources = options.sources;
    if (filter.sources.empty()) // what has been taken out of the configuration has no profile to be read with
        for (const source_config& one : config.sources)
            filter.sources.push_back(one.name);
    filter.message_types = options.types;
    const auto states = states_of(options.states);
    if (!states)
        return states.error();
    filter.states = *states;
    return filter;
}

using counts = std::map<std::pair<std::string, std::string>, std::int64_t>; // by source and type

class replaying {
public:
    replaying(store::store& in, store::replay_filter which, const replay_pace& pace)
        : store_(in), which_(std::move(which)), pace_(pace) {}

    // All that fits, counted.
    result<counts> count() {
        return walk(true, [](std::int64_t) { return result<void>{}; });
    }

    result<counts> give(std::int64_t total) {
        progress_bar bar("giving to mapping", static_cast<std::uint64_t>(total));
        return walk(false, [&](std::int64_t given) {
            bar.show(static_cast<std::uint64_t>(std::min(given, total)));
            return wait_for_mapping();
        });
    }

private:
    template <class After>
    result<counts> walk(bool only_count, const After& after_step) {
        counts all;
        std::int64_t sum = 0;
        store::message_id from = 0;
        do {
            const auto step = store_.replay_some(which_, from, step_messages, only_count);
            if (!step)
                return step.error();
            for (const auto& [kind, count] : step->fitted) {
                all[kind] += count;
                sum += count;
            }
            from = step->next;
            if (!step->fitted.empty())
                if (const result<void> done = after_step(sum); !done)
                    return done.error();
        } while (from != 0);
        return all;
    }

    result<void> wait_for_mapping() {
        while (true) {
            const auto waiting = store_.work_backlog();
            if (!waiting)
                return waiting.error();
            if (*waiting <= pace_.backlog_max || !pace_.is_running())
                return {};
            pace_.wait();
        }
    }

    store::store& store_;
    const store::replay_filter which_;
    const replay_pace& pace_;
};

std::int64_t sum_of(const counts& all) {
    std::int64_t sum = 0;
    for (const auto& [kind, count] : all)
        sum += count;
    return sum;
}

void print(const counts& all, const replay_options& options) {
    if (options.json) {
        json::value messages = json::value::array();
        for (const auto& [kind, count] : all)
            messages.push_back(json::make_object({{"source", json::value(kind.first)},
                                                  {"type", json::value(kind.second)},
                                                  {"messages", json::value(count)}}));
        std::cout << write(json::make_object({{"replayed", json::value(options.dry_run ? 0 : sum_of(all))},
                                              {"fitted", std::move(messages)}}),
                           json::layout::pretty)
                  << '\n';
        return;
    }
    std::size_t widest = 6;
    for (const auto& [kind, count] : all)
        widest = std::max(widest, kind.first.size());
    for (const auto& [kind, count] : all)
        std::cout << std::left << std::setw(static_cast<int>(widest) + 2) << kind.first << std::setw(12)
                  << (kind.second.empty() ? "-" : kind.second) << std::right << std::setw(10) << count
                  << '\n';
    const std::int64_t sum = sum_of(all);
    std::cout << sum << (sum == 1 ? " message " : " messages ")
              << (options.dry_run ? "would be given to mapping again; nothing was changed\n"
                                  : "given to mapping again. How far it is: auditgate status\n");
}

} // namespace

std::optional<store::utc_time> moment_of(std::string_view text, store::utc_time now) {
    if (const auto day = acceptance::parse_day(std::string(text)))
        return store::utc_time(std::chrono::sys_days(day->time_since_epoch()));
    constexpr std::int64_t count_max = 100'000;
    std::int64_t count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (problem != std::errc() || text.data() + text.size() != end + 1 || count < 0 || count > count_max)
        return std::nullopt;
    switch (*end) {
    case 'd':
        return now - std::chrono::days(count);
    case 'h':
        return now - std::chrono::hours(count);
    case 'm':
        return now - std::chrono::minutes(count);
    default:
        return std::nullopt;
    }
}

exit_code replay_messages(store::store& in, const gateway_config& config, const replay_options& options,
                          store::utc_time now, const replay_pace& pace) {
    auto filter = filter_of(config, options, now);
    if (!filter)
        return failed(filter.error());
    if (!filter->received_before)
        filter->received_before = now; // what comes meanwhile is read as it should be
    replaying work(in, *std::move(filter), pace);
    auto all = work.count();
    if (all && !options.dry_run && !all->empty())
        all = work.give(sum_of(*all));
    if (!all)
        return failed(all.error());
    if (all->empty() && !options.json) {
        std::cerr << "no stored message fits: see `auditgate status` for what there is\n";
        return exit_usage;
    }
    print(*all, options);
    return all->empty() ? exit_usage : exit_done;
}

int run_replay(const replay_options& options) {
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    const replay_pace pace{.is_running = [&] { return is_running(opened.value->config.operations); },
                           .wait = [] { std::this_thread::sleep_for(std::chrono::milliseconds(200)); }};
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return replay_messages(*opened.value->store, opened.value->config, options, now, pace);
}

} // namespace auditgate::gateway::cli
