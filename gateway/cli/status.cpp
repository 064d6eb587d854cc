#include "gateway/cli/status.hpp"

#include "fhir/json.hpp"
#include "gateway/cli/message_list.hpp"
#include "gateway/cli/reload_files.hpp"
#include "gateway/intake/directory_contents.hpp"
#include "gateway/intake/directory_filing.hpp"
#include "gateway/store/names.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <map>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;
using store::message_state;
using store::seal_state;

constexpr std::array<message_state, 7> all_states{
    message_state::waiting,     message_state::applied,   message_state::not_relevant, message_state::held,
    message_state::quarantined, message_state::duplicate, message_state::refused};

std::string shown_name(const std::string& source) {
    return source.empty() ? "unknown-source" : source;
}

// The messages of one source, of all days together.
struct source_total {
    std::int64_t received = 0;
    std::array<std::int64_t, all_states.size()> by_state{}; // in the order of all_states
};

std::int64_t in_state(const store::message_count& count, message_state state) {
    const auto found = count.states.find(state);
    return found == count.states.end() ? 0 : found->second;
}

std::map<std::string, source_total> by_source(const std::vector<store::message_count>& counts) {
    std::map<std::string, source_total> sources;
    for (const store::message_count& one : counts) {
        source_total& sum = sources[shown_name(one.source)];
        sum.received += one.received;
        for (std::size_t i = 0; i < all_states.size(); ++i)
            sum.by_state[i] += in_state(one, all_states[i]);
    }
    return sources;
}

std::int64_t received(const std::vector<store::message_count>& counts) {
    std::int64_t sum = 0;
    for (const store::message_count& one : counts)
        sum += one.received;
    return sum;
}

std::int64_t total(const std::vector<store::message_count>& counts, message_state state) {
    std::int64_t sum = 0;
    for (const store::message_count& one : counts)
        sum += in_state(one, state);
    return sum;
}

std::string not_adding_up(const store::message_count& count) {
    std::int64_t known = 0;
    for (const auto& [state, messages] : count.states)
        known += messages;
    return "the counts do not add up: " + shown_name(count.source) + " on " + day_text(count.day) + ": " +
           std::to_string(count.received) + " messages received, " + std::to_string(known) +
           " in some state (keep the data folder as it is, and ask for help)";
}

std::int64_t total(const std::vector<store::record_count>& counts, std::optional<seal_state> state = {}) {
    std::int64_t sum = 0;
    for (const store::record_count& one : counts)
        if (!state || one.state == *state)
            sum += one.count;
    return sum;
}

// 90 min, 3 h, 5 d: whole units, for people.
std::string age_text(std::chrono::milliseconds age) {
    using namespace std::chrono_literals;
    if (age < 2h)
        return std::to_string(age / 1min) + " min";
    if (age < 48h)
        return std::to_string(age / 1h) + " h";
    return std::to_string(age / 24h) + " d";
}

void find_overdue(status_report& report, store::utc_time now) {
    for (const store::destination_count& one : report.destinations)
        if (one.pending_since && now - *one.pending_since > pending_age_max)
            report.attention.push_back(std::to_string(one.pending) + " records pending for destination " +
                                       one.destination + ", the oldest for " +
                                       age_text(now - *one.pending_since) + " (the log tells why)");
}

void find_silence(status_report& report, store::utc_time now) {
    const auto& last = report.erasures.last_run;
    if (last && now - *last > erasing_silence_max)
        report.attention.push_back(
            "nothing has been erased for " +
            age_text(std::chrono::duration_cast<std::chrono::milliseconds>(now - *last)) +
            " (the log tells why: retention-failed, retention-paused)");
}

std::string files_text(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " file" : " files");
}

void find_files(status_report& report, const gateway_config& config, store::utc_time now) {
    for (const directory_config& one : config.directories) {
        const auto contents = intake::contents_of(one);
        if (!contents) {
            report.attention.push_back(contents.error().message);
            continue;
        }
        if (contents->failed > 0)
            report.attention.push_back(files_text(contents->failed) + " in " +
                                       (one.path / intake::failed_folder).string() +
                                       " (the .report.json beside each tells why)");
        if (const auto age = contents->waiting_age(now); age > intake::waiting_age_max)
            report.attention.push_back(files_text(contents->waiting) + " waiting in " + one.path.string() +
                                       ", the oldest for " + age_text(age) +
                                       " (is the gateway running? Its log tells why: file-waits)");
    }
}

// Records that wait for somebody to act. Those of patients who have not consented, or who cannot be checked, may rest.
std::int64_t held_for_somebody(const std::vector<store::destination_count>& destinations) {
    std::int64_t sum = 0;
    for (const store::destination_count& one : destinations)
        for (const auto& [reason, records] : one.held)
            if (reason != "no-consent" && reason != "opt-out-not-checkable")
                sum += records;
    return sum;
}

void find_attention(status_report& report, std::int64_t backlog_max) {
    const auto tell = [&](std::int64_t count, std::string_view what) {
        if (count > 0)
            report.attention.push_back(std::to_string(count) + " " + std::string(what));
    };
    for (const store::message_count& one : report.messages)
        if (!one.adds_up())
            report.attention.push_back(not_adding_up(one));
    tell(total(report.messages, message_state::held), "messages held (auditgate holds)");
    tell(total(report.messages, message_state::quarantined),
         "messages in quarantine (auditgate quarantine list)");
    tell(held_for_somebody(report.destinations), "records held (auditgate holds)");
    // Every waiting message has its piece of work; work of clusters comes on top.
    tell(total(report.messages, message_state::waiting) - report.backlog, "waiting messages without work");
    if (report.backlog > backlog_max)
        tell(report.backlog, "pieces of work waiting");
}

json::value to_json(const store::erasure_state& erasures) {
    json::value erased = json::value::object();
    for (const auto& [what, count] : erasures.erased)
        erased.set(what, json::value(count));
    json::value all = json::value::object();
    all.set("erased", std::move(erased));
    all.set("keys_to_erase", json::value(erasures.keys_to_erase));
    all.set("oldest_message",
            erasures.oldest_message ? json::value(day_text(*erasures.oldest_message)) : json::value());
    all.set("last_run", erasures.last_run ? json::value(utc_text(*erasures.last_run)) : json::value());
    return all;
}

std::string to_text(const store::erasure_state& erasures) {
    std::string out = "\n\nerased";
    for (const auto& [what, count] : erasures.erased)
        out += "  " + std::to_string(count) + " " + what;
    if (erasures.erased.empty())
        out += "  nothing so far";
    if (erasures.oldest_message)
        out += "\noldest message kept  " + day_text(*erasures.oldest_message);
    if (erasures.last_run)
        out += "\nlast erased  " + utc_text(*erasures.last_run);
    return out;
}

json::value to_json(const status_report& report) {
    json::value sources = json::value::object();
    for (const auto& [source, sum] : by_source(report.messages)) {
        json::value counts = json::value::object();
        for (std::size_t i = 0; i < all_states.size(); ++i)
            counts.set(std::string(name_of(all_states[i])), json::value(sum.by_state[i]));
        counts.set("received", json::value(sum.received));
        sources.set(source, std::move(counts));
    }
    json::value destinations = json::value::object();
    const auto counts_of = [&](const std::string& destination) -> json::value& {
        json::value* counts = destinations.find(destination);
        return counts == nullptr ? destinations.set(destination, json::value::object()) : *counts;
    };
    for (const store::record_count& one : report.records)
        counts_of(one.destination).set(std::string(name_of(one.state)), json::value(one.count));
    for (const store::destination_count& one : report.destinations)
        if (one.pending_since)
            counts_of(one.destination).set("pending_since", json::value(utc_text(*one.pending_since)));
    json::value attention = json::value::array();
    for (const std::string& one : report.attention)
        attention.push_back(json::value(one));
    json::value all = json::value::object();
    all.set("ok", json::value(report.attention.empty()));
    all.set("sources", std::move(sources));
    all.set("destinations", std::move(destinations));
    all.set("backlog", json::value(report.backlog));
    all.set("retention", to_json(report.erasures));
    all.set("attention", std::move(attention));
    return all;
}

std::string padded(std::string text, std::size_t width, bool right) {
    if (text.size() < width)
        text.insert(right ? 0 : text.size(), width - text.size(), ' ');
    return text;
}

} // namespace

std::string to_text(const left_destination& left) {
    return std::to_string(left.records) + " records may still be at destination " + left.name +
           ", which the configuration no longer names: nobody corrects or retracts them there";
}

result<std::vector<left_destination>> left_destinations(store::store& from, const gateway_config& config) {
    const auto counts = from.destination_counts();
    if (!counts)
        return counts.error();
    std::vector<left_destination> all;
    for (const store::destination_count& one : *counts) {
        const bool named =
            std::any_of(config.destinations.begin(), config.destinations.end(),
                        [&](const destination_config& known) { return known.name == one.destination; });
        if (named)
            continue;
        const auto records = from.records_there(one.destination);
        if (!records)
            return records.error();
        if (*records > 0)
            all.push_back({one.destination, *records});
    }
    return all;
}

result<status_report> collect_status(store::store& from, const gateway_config& config,
                                     std::int64_t backlog_max, store::utc_time now) {
    status_report report;
    auto messages = from.message_counts();
    if (!messages)
        return messages.error();
    auto records = from.record_counts();
    if (!records)
        return records.error();
    auto destinations = from.destination_counts();
    if (!destinations)
        return destinations.error();
    auto left = left_destinations(from, config);
    if (!left)
        return left.error();
    const auto backlog = from.work_backlog();
    if (!backlog)
        return backlog.error();
    auto erasures = from.erasures();
    if (!erasures)
        return erasures.error();
    report.erasures = std::move(*erasures);
    report.messages = std::move(*messages);
    report.records = std::move(*records);
    report.destinations = std::move(*destinations);
    report.left = std::move(*left);
    report.backlog = *backlog;
    find_attention(report, backlog_max);
    find_overdue(report, now);
    find_silence(report, now);
    find_files(report, config, now);
    for (const left_destination& one : report.left)
        report.attention.push_back(to_text(one));
    if (const auto reload = last_reload(config.data_folder);
        reload && reload->result == reload_result::refused)
        report.attention.push_back("the gateway refused a changed configuration at " +
                                   utc_text(reload->begun_at) +
                                   " and goes on with the one before: auditgate reload tells why");
    return report;
}

std::string to_text(const status_report& report) {
    constexpr std::size_t name_width = 24;
    constexpr std::size_t count_width = 14;
    std::string out = report.attention.empty() ? "OK" : "WARNING";
    out += " - " + std::to_string(received(report.messages)) + " messages received, " +
           std::to_string(report.backlog) + " pieces of work waiting, " +
           std::to_string(total(report.records)) + " records sealed";
    for (const std::string& one : report.attention)
        out += "; " + one;
    out += "\n\n" + padded("source", name_width, false) + padded("received", count_width, true);
    for (const message_state state : all_states)
        out += padded(std::string(name_of(state)), count_width, true);
    for (const auto& [source, sum] : by_source(report.messages)) {
        out += "\n" + padded(source, name_width, false) +
               padded(std::to_string(sum.received), count_width, true);
        for (const std::int64_t count : sum.by_state)
            out += padded(std::to_string(count), count_width, true);
    }
    if (!report.records.empty())
        out += "\n\n" + padded("destination", name_width, false) + "records";
    for (const store::record_count& one : report.records)
        out += "\n" + padded(one.destination, name_width, false) + std::to_string(one.count) + " " +
               std::string(name_of(one.state));
    return out + to_text(report.erasures) + "\n";
}

int run_status(const status_options& options) {
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    const result<status_report> report = collect_status(*opened.value->store, opened.value->config,
                                                        options.backlog_max, observe::system_now());
    if (!report) {
        std::cerr << report.error().message << '\n';
        return exit_code_of(report.error().code);
    }
    if (options.json)
        std::cout << write(to_json(*report), json::layout::pretty) << '\n';
    else
        std::cout << to_text(*report);
    return report->attention.empty() ? exit_done : exit_findings;
}

} // namespace auditgate::gateway::cli
