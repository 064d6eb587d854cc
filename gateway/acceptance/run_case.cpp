#include "gateway/acceptance/run_case.hpp"

#include "gateway/acceptance/environment.hpp"
#include "gateway/acceptance/record_differences.hpp"
#include "mapping/release/coarsen.hpp"

#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <sstream>
#include <stdexcept>

namespace auditgate::gateway::acceptance {

using fhir::json::value;

namespace {

constexpr std::size_t all_orders_messages_max = 5;
constexpr std::size_t random_orders = 200;
constexpr std::size_t failures_shown_max = 3; // of other orders: they mostly fail alike

std::string read_bytes(const std::filesystem::path& file) {
    std::ifstream from(file, std::ios::binary);
    if (!from) {
        throw std::runtime_error("cannot read " + file.string());
    }
    return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
}

std::vector<value> read_expected(const std::filesystem::path& file) {
    std::istringstream lines(read_bytes(file));
    std::vector<value> records;
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        fhir::json::parse_result parsed = fhir::json::parse(line);
        if (!parsed.document) {
            throw std::runtime_error("not JSON: a line of " + file.string());
        }
        records.push_back(std::move(*parsed.document));
    }
    return records;
}

std::string step_file(std::size_t step) {
    const std::string number = std::to_string(step + 1);
    return (number.size() < 2 ? "0" + number : number) + ".ndjson";
}

class case_run {
public:
    case_run(const golden_case& about, std::filesystem::path sources, dry_run_settings settings)
        : case_(about), sources_(std::move(sources)), settings_(std::move(settings)) {}

    // `seen`: nullptr when nobody wants to know.
    void run_steps(case_outcome& outcome, observed_case* seen);
    void run_orders(case_outcome& outcome, std::uint64_t seed);

private:
    using utc_time = std::chrono::sys_time<std::chrono::milliseconds>;

    const std::string& bytes_of(const std::string& name) {
        auto [found, is_new] = bytes_.try_emplace(name);
        if (is_new) {
            found->second = read_bytes(case_.folder / "messages" / name);
        }
        return found->second;
    }

    // Received at noon of the as-of date, one after the other.
    mapping::read_result receive(dry_run& run, const std::string& name, std::chrono::local_days as_of,
                                 std::size_t place) {
        return run.receive(name, bytes_of(name), received_at(as_of, place));
    }
    static utc_time received_at(std::chrono::local_days as_of, std::size_t place) {
        return std::chrono::sys_days(as_of.time_since_epoch()) + std::chrono::hours(12) +
               std::chrono::milliseconds(place);
    }

    [[nodiscard]] bool opt_out_changes() const {
        return std::any_of(case_.steps.begin(), case_.steps.end(), [this](const golden_step& each) {
            return each.opt_out != case_.steps.front().opt_out;
        });
    }

    // What a file gives, read once: other orders change when it arrives, not what it says.
    const received_file& file_of(const std::string& name) {
        auto [found, is_new] = files_.try_emplace(name);
        if (is_new) {
            const dry_run reader(settings_);
            found->second = reader.read(name, bytes_of(name), received_at(case_.steps.back().as_of, 0));
        }
        return found->second;
    }

    // What is different when the messages come in this order; empty: nothing.
    std::string compare_order(const std::vector<std::string>& order);

    void note(const mapping::read_result& read, const std::string& name, utc_time at, observed_case& seen);

    const golden_case& case_;
    const std::filesystem::path sources_;
    dry_run_settings settings_;
    std::map<std::string, std::string> bytes_;
    std::map<std::string, received_file> files_;
    std::map<std::string, value> live_at_end_;
};

void case_run::note(const mapping::read_result& read, const std::string& name, utc_time at,
                    observed_case& seen) {
    seen.events.insert(seen.events.end(), read.events.begin(), read.events.end());
    const auto table = case_.tables.find(name);
    const bool is_table = table != case_.tables.end();
    const std::string profile = is_table ? table->second : "default";
    seen.messages.push_back({sources_ / (profile + ".yaml"), name, bytes_of(name), is_table, at});
}

void case_run::run_steps(case_outcome& outcome, observed_case* seen) {
    dry_run run(settings_);
    if (seen != nullptr) {
        run.watch([seen](std::size_t dataset, const mapping::case_result& one) {
            seen->cases.emplace_back(dataset, one);
        });
    }
    std::size_t received = 0;
    for (std::size_t step = 0; step < case_.steps.size(); ++step) {
        const golden_step& now = case_.steps[step];
        for (const std::string& name : now.receive) {
            const auto read = receive(run, name, now.as_of, received);
            if (seen != nullptr) {
                note(read, name, received_at(now.as_of, received), *seen);
            }
            ++received;
        }
        if (now.retain) {
            run.retain(now.as_of);
        }
        const auto sent = run.release(now.as_of, now.opt_out);
        const auto expected = read_expected(case_.folder / "expected" / step_file(step));
        if (std::string text = differences_text(expected, sent, run.withheld()); !text.empty()) {
            outcome.failures.push_back({"step " + std::to_string(step + 1), std::move(text)});
        }
    }
    live_at_end_ = run.live();
}

std::string case_run::compare_order(const std::vector<std::string>& order) {
    dry_run run(settings_);
    const golden_step& last = case_.steps.back();
    for (const std::string& name : order) {
        run.receive(file_of(name));
    }
    const auto sent = run.release(last.as_of, last.opt_out);
    const auto live = run.live();
    std::string text;
    for (const auto& [id, content] : live_at_end_) {
        const auto found = live.find(id);
        if (found == live.end()) {
            text += "  record " + short_id(id) + " is missing\n";
            continue;
        }
        for (const item_difference& each : item_differences(content, found->second)) {
            text += "  record " + short_id(id) + " " + each.item + ": in order " + each.expected + ", now " +
                    each.got + "\n";
        }
    }
    for (const auto& [id, content] : live) {
        if (!live_at_end_.contains(id)) {
            text += "  record " + short_id(id) + " is there and should not be\n";
        }
    }
    if (!text.empty()) {
        text += "  messages:";
        for (const std::string& name : order) {
            text += " " + name;
        }
        text += "\n";
    }
    return text;
}

// Each message once more at a random place.
std::vector<std::string> doubled(std::vector<std::string> order, std::mt19937_64& random) {
    const std::vector<std::string> once = order;
    for (const std::string& name : once) {
        std::uniform_int_distribution<std::size_t> anywhere(0, order.size());
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(anywhere(random)), name);
    }
    return order;
}

void case_run::run_orders(case_outcome& outcome, std::uint64_t seed) {
    std::vector<std::string> messages;
    for (const golden_step& step : case_.steps) {
        messages.insert(messages.end(), step.receive.begin(), step.receive.end());
    }
    if (!case_.permute || (case_.steps.size() > 1 && opt_out_changes())) {
        return;
    }
    std::mt19937_64 random(seed);
    std::sort(messages.begin(), messages.end());
    const bool all_orders = messages.size() <= all_orders_messages_max;
    std::size_t failed = 0;
    do {
        if (!all_orders) {
            std::shuffle(messages.begin(), messages.end(), random);
        }
        ++outcome.orders;
        if (std::string text = compare_order(doubled(messages, random)); !text.empty()) {
            outcome.failures.push_back({"order " + std::to_string(outcome.orders), std::move(text)});
            ++failed;
        }
    } while (failed < failures_shown_max &&
             (all_orders ? std::next_permutation(messages.begin(), messages.end())
                         : outcome.orders < random_orders));
}

std::string problems_text(const std::vector<mapping::yaml::problem>& problems) {
    std::string text;
    for (const mapping::yaml::problem& each : problems) {
        text += "  " + mapping::yaml::to_string(each) + "\n";
    }
    return text;
}

void load_tables(const golden_case& about, const case_environment& environment, dry_run_settings& into,
                 std::vector<mapping::yaml::problem>& problems) {
    for (const auto& [file, name] : about.tables) {
        const auto load = mapping::load_source_profile(
            environment.config_folder / "sources" / (name + ".yaml"), into.profile);
        problems.insert(problems.end(), load.problems.begin(), load.problems.end());
        if (load.profile) {
            into.tables.emplace(file, *load.profile);
        }
    }
}

} // namespace

case_outcome run_case(const std::filesystem::path& folder, const case_environment& environment) {
    case_outcome outcome;
    const golden_case_load loaded = load_golden_case(folder);
    if (!loaded.loaded) {
        outcome.name = folder.string();
        outcome.failures.push_back({"case.yaml", problems_text(loaded.problems)});
        return outcome;
    }
    const golden_case& about = *loaded.loaded;
    outcome.name = about.name();
    outcome.title = about.title;
    environment_load settings = load_environment(environment.config_folder, about.datasets, about.definition);
    if (!settings.loaded) {
        outcome.failures.push_back({"configuration", problems_text(settings.problems)});
        return outcome;
    }
    mapping::yaml::problem_sink problems((folder / "case.yaml").string(), settings.problems);
    mapping::check_coarsening(about.destination, settings.loaded->definitions, problems);
    if (!settings.problems.empty()) {
        outcome.failures.push_back({"case.yaml", problems_text(settings.problems)});
        return outcome;
    }
    settings.loaded->profile.time_zone = about.definition.time_zone;
    load_tables(about, environment, *settings.loaded, settings.problems);
    if (!settings.problems.empty()) {
        outcome.failures.push_back({"configuration", problems_text(settings.problems)});
        return outcome;
    }
    settings.loaded->destination = about.destination;
    settings.loaded->keys = about.keys;
    try {
        case_run run(about, environment.config_folder / "sources", *settings.loaded);
        observed_case seen;
        run.run_steps(outcome, environment.exercised == nullptr ? nullptr : &seen);
        if (environment.exercised != nullptr) {
            seen.settings = *settings.loaded;
            environment.exercised->add(std::move(seen));
        }
        run.run_orders(outcome, environment.seed);
    } catch (const std::exception& failure) {
        outcome.failures.push_back({"case", "  " + std::string(failure.what()) + "\n"});
    }
    return outcome;
}

} // namespace auditgate::gateway::acceptance
