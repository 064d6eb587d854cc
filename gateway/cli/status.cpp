#include "gateway/cli/status.hpp"

#include "fhir/json.hpp"
#include "gateway/intake/journal_gate.hpp"

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

std::string_view name_of(seal_state state) {
    switch (state) {
    case seal_state::pending:
        return "pending";
    case seal_state::receipted:
        return "receipted";
    case seal_state::held:
        return "held";
    case seal_state::discarded:
        return "discarded";
    }
    return "unknown";
}

using states_of_source = std::map<message_state, std::int64_t>;

std::map<std::string, states_of_source> by_source(const std::vector<store::message_count>& counts) {
    std::map<std::string, states_of_source> sources;
    for (const store::message_count& one : counts)
        sources[one.source.empty() ? "unknown-source" : one.source][one.state] += one.count;
    return sources;
}

std::int64_t total(const std::vector<store::message_count>& counts, std::optional<message_state> state = {}) {
    std::int64_t sum = 0;
    for (const store::message_count& one : counts)
        if (!state || one.state == *state)
            sum += one.count;
    return sum;
}

std::int64_t total(const std::vector<store::record_count>& counts, std::optional<seal_state> state = {}) {
    std::int64_t sum = 0;
    for (const store::record_count& one : counts)
        if (!state || one.state == *state)
            sum += one.count;
    return sum;
}

void find_attention(status_report& report, std::int64_t backlog_max) {
    const auto tell = [&](std::int64_t count, std::string_view what) {
        if (count > 0)
            report.attention.push_back(std::to_string(count) + " " + std::string(what));
    };
    tell(total(report.messages, message_state::held), "messages held (auditgate holds)");
    tell(total(report.messages, message_state::quarantined),
         "messages in quarantine (auditgate quarantine list)");
    tell(total(report.records, seal_state::held), "records held (auditgate holds)");
    // Every waiting message has its piece of work; work of clusters comes on top.
    tell(total(report.messages, message_state::waiting) - report.backlog, "waiting messages without work");
    if (report.backlog > backlog_max)
        tell(report.backlog, "pieces of work waiting");
}

json::value to_json(const status_report& report) {
    json::value sources = json::value::object();
    for (const auto& [source, states] : by_source(report.messages)) {
        json::value counts = json::value::object();
        std::int64_t received = 0;
        for (const message_state state : all_states) {
            const auto found = states.find(state);
            const std::int64_t count = found == states.end() ? 0 : found->second;
            received += count;
            counts.set(std::string(intake::name_of(state)), json::value(count));
        }
        counts.set("received", json::value(received));
        sources.set(source, std::move(counts));
    }
    json::value destinations = json::value::object();
    for (const store::record_count& one : report.records) {
        json::value* counts = destinations.find(one.destination);
        if (counts == nullptr)
            counts = &destinations.set(one.destination, json::value::object());
        counts->set(std::string(name_of(one.state)), json::value(one.count));
    }
    json::value attention = json::value::array();
    for (const std::string& one : report.attention)
        attention.push_back(json::value(one));
    json::value all = json::value::object();
    all.set("ok", json::value(report.attention.empty()));
    all.set("sources", std::move(sources));
    all.set("destinations", std::move(destinations));
    all.set("backlog", json::value(report.backlog));
    all.set("attention", std::move(attention));
    return all;
}

std::string padded(std::string text, std::size_t width, bool right) {
    if (text.size() < width)
        text.insert(right ? 0 : text.size(), width - text.size(), ' ');
    return text;
}

} // namespace

result<status_report> collect_status(store::store& from, std::int64_t backlog_max) {
    status_report report;
    auto messages = from.message_counts();
    if (!messages)
        return messages.error();
    auto records = from.record_counts();
    if (!records)
        return records.error();
    const auto backlog = from.work_backlog();
    if (!backlog)
        return backlog.error();
    report.messages = std::move(*messages);
    report.records = std::move(*records);
    report.backlog = *backlog;
    find_attention(report, backlog_max);
    return report;
}

std::string to_text(const status_report& report) {
    constexpr std::size_t name_width = 24;
    constexpr std::size_t count_width = 14;
    std::string out = report.attention.empty() ? "OK" : "WARNING";
    out += " - " + std::to_string(total(report.messages)) + " messages received, " +
           std::to_string(report.backlog) + " pieces of work waiting, " +
           std::to_string(total(report.records)) + " records sealed";
    for (const std::string& one : report.attention)
        out += "; " + one;
    out += "\n\n" + padded("source", name_width, false) + padded("received", count_width, true);
    for (const message_state state : all_states)
        out += padded(std::string(intake::name_of(state)), count_width, true);
    for (const auto& [source, states] : by_source(report.messages)) {
        std::string counts;
        std::int64_t received = 0;
        for (const message_state state : all_states) {
            const auto found = states.find(state);
            const std::int64_t count = found == states.end() ? 0 : found->second;
            received += count;
            counts += padded(std::to_string(count), count_width, true);
        }
        out += "\n" + padded(source, name_width, false) +
               padded(std::to_string(received), count_width, true) + counts;
    }
    if (!report.records.empty())
        out += "\n\n" + padded("destination", name_width, false) + "records";
    for (const store::record_count& one : report.records)
        out += "\n" + padded(one.destination, name_width, false) + std::to_string(one.count) + " " +
               std::string(name_of(one.state));
    return out + "\n";
}

int run_status(const status_options& options) {
    const opened_installation opened = open_installation(options.config);
    if (!opened.value)
        return opened.exit;
    const result<status_report> report = collect_status(*opened.value->store, options.backlog_max);
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
