#include "gateway/acceptance/dry_run.hpp"

#include "fhir/ndjson.hpp"
#include "gateway/acceptance/clusters.hpp"
#include "mapping/cases/retention.hpp"
#include "mapping/read/civil_time.hpp"
#include "mapping/read/table_scan.hpp"
#include "mapping/release/gate.hpp"
#include "mapping/release/opt_out.hpp"
#include "mapping/release/record.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace auditgate::gateway::acceptance {

using mapping::case_result;
using mapping::case_state;

namespace {

// Every number was asked about; all but the ones named came back, today or too long ago.
mapping::opt_out_state answered(const std::vector<case_result>& cases, const opt_out_setting& setting,
                                std::chrono::local_days as_of, std::chrono::days age_max) {
    mapping::opt_out_state result;
    for (const case_result& each : cases) {
        if (each.nhs_number.empty()) {
            continue;
        }
        result.requested.insert(each.nhs_number);
        if (!std::binary_search(setting.not_cleared.begin(), setting.not_cleared.end(), each.nhs_number)) {
            result.cleared.insert(each.nhs_number);
        }
    }
    result.answered_on = setting.stale ? as_of - age_max - std::chrono::days(1) : as_of;
    return result;
}

} // namespace

mapping::read_result dry_run::receive(const std::string& reference, std::string_view bytes,
                                      std::chrono::sys_time<std::chrono::milliseconds> received_at) {
    received_file file = read(reference, bytes, received_at);
    receive(file);
    return std::move(file.read);
}

received_file dry_run::read(const std::string& reference, std::string_view bytes,
                            std::chrono::sys_time<std::chrono::milliseconds> received_at) const {
    mapping::message_to_read message{bytes, mapping::format_of(bytes), reference, received_at};
    received_file result;
    result.received_on =
        std::chrono::local_days{std::chrono::floor<std::chrono::days>(received_at).time_since_epoch()};
    const std::string name = std::filesystem::path(reference).filename().string();
    const auto table = settings_.tables.find(name);
    if (table == settings_.tables.end()) {
        result.read = message.format == mapping::message_format::fhir_json && fhir::is_ndjson(bytes)
                          ? read_lines(reference, bytes, received_at)
                          : mapping::read_message(message, settings_.profile);
        return result;
    }
    message.format = mapping::message_format::table;
    const mapping::source_profile& profile = table->second;
    result.read = mapping::read_message(message, profile);
    const auto zone = mapping::civil_time::in_zone(profile.time_zone);
    if (profile.table != nullptr && profile.table->snapshot == mapping::table_snapshot::by_file && zone) {
        mapping::table_scan scan(profile, *zone, name);
        scan.feed(bytes);
        scan.finish();
        while (scan.next()) {
        }
        result.table = name;
        result.extract = scan.summary();
    }
    return result;
}

// Each line is a message of its own; what one has to tell is told with its number.
mapping::read_result dry_run::read_lines(const std::string& reference, std::string_view bytes,
                                         std::chrono::sys_time<std::chrono::milliseconds> received_at) const {
    mapping::read_result all;
    all.message_type = "NDJSON";
    for (const fhir::ndjson_line& line : fhir::split_ndjson(bytes)) {
        const std::string number = std::to_string(line.number);
        mapping::read_result one = read(reference + ":" + number, line.content, received_at).read;
        std::move(one.events.begin(), one.events.end(), std::back_inserter(all.events));
        for (mapping::read_finding& found : one.findings) {
            found.path = "line(" + number + ")" + (found.path.empty() ? "" : "." + found.path);
            all.findings.push_back(std::move(found));
        }
    }
    return all;
}

void dry_run::receive(const received_file& file) {
    take(file.read.events, file.received_on);
    if (file.table.empty()) {
        return;
    }
    const mapping::source_profile& profile = settings_.tables.at(file.table);
    for (const mapping::table_omission& gone : ledgers_[profile.name].take(file.extract).omissions) {
        const std::string bytes = mapping::write_omission(gone.key, *profile.table, gone.recorded);
        const mapping::message_to_read message{bytes, mapping::message_format::table, file.table, {}};
        take(mapping::read_message(message, profile).events, file.received_on);
    }
}

void dry_run::take(const std::vector<mapping::event>& events, std::chrono::local_days received_on) {
    events_.insert(events_.end(), events.begin(), events.end());
    received_on_.resize(events_.size(), received_on);
}

std::vector<mapping::event> dry_run::events_at(const std::vector<std::size_t>& places) const {
    std::vector<mapping::event> events;
    for (const std::size_t place : places) {
        events.push_back(events_[place]);
    }
    return events;
}

std::size_t dry_run::retain(std::chrono::local_days as_of) {
    std::vector<mapping::event> kept;
    std::vector<std::chrono::local_days> kept_received_on;
    for (const std::vector<std::size_t>& cluster : clusters_of(events_)) {
        std::vector<mapping::event> events = events_at(cluster);
        std::vector<std::chrono::local_days> received_on;
        for (const std::size_t place : cluster) {
            received_on.push_back(received_on_[place]);
        }
        for (const auto& definition : settings_.definitions) {
            for (const case_result& one : mapping::cases(events, *definition, as_of).cases) {
                (void)closes(*definition, one, as_of);
            }
        }
        const auto needed = mapping::needed_events(events, received_on, settings_.definitions, as_of);
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (!needed.kept[i]) {
                continue;
            }
            kept.push_back(std::move(events[i]));
            kept_received_on.push_back(received_on[i]);
        }
    }
    const std::size_t gone = events_.size() - kept.size();
    events_ = std::move(kept);
    received_on_ = std::move(kept_received_on);
    return gone;
}

std::map<std::string, dry_run::wanted_record> dry_run::wanted(std::chrono::local_days as_of,
                                                              const opt_out_setting& opt_out) {
    std::map<std::string, wanted_record> result;
    for (std::size_t dataset = 0; dataset < settings_.definitions.size(); ++dataset) {
        add_wanted(dataset, as_of, opt_out, result);
    }
    return result;
}

void dry_run::add_wanted(std::size_t dataset, std::chrono::local_days as_of, const opt_out_setting& opt_out,
                         std::map<std::string, wanted_record>& to) {
    const mapping::compiled_definition& definition = *settings_.definitions[dataset];
    std::vector<case_result> all;
    for (const std::vector<std::size_t>& cluster : clusters_of(events_)) {
        mapping::cases_result computed = mapping::cases(events_at(cluster), definition, as_of);
        std::move(computed.cases.begin(), computed.cases.end(), std::back_inserter(all));
    }
    const mapping::opt_out_state opt_outs =
        answered(all, opt_out, as_of, settings_.destination.opt_out_max_age);
    for (case_result& each : all) {
        if (watcher_) {
            watcher_(dataset, each);
        }
        if (closes(definition, each, as_of)) {
            withheld_.push_back({definition.dataset, each.procedure_date, "closed", "case-closed"});
            continue;
        }
        if (each.state != case_state::record) {
            withheld_.push_back({definition.dataset, each.procedure_date,
                                 each.state == case_state::held ? "held" : "excluded", each.reason});
            continue;
        }
        const auto facts = mapping::gate_facts_of(each);
        mapping::gate_verdict verdict = mapping::ask_gate(facts, settings_.destination, opt_outs, as_of);
        if (verdict.state != mapping::gate_state::open) {
            withheld_.push_back({definition.dataset, each.procedure_date,
                                 verdict.state == mapping::gate_state::hold ? "hold" : "closed",
                                 verdict.reason});
        }
        to.insert_or_assign(
            id_of(definition, each),
            wanted_record{mapping::record_content(each, definition, settings_.destination, settings_.keys),
                          std::move(verdict), std::move(each.trace), each.procedure_date});
    }
}

bool dry_run::closes(const mapping::compiled_definition& definition, const case_result& one,
                     std::chrono::local_days as_of) {
    if (as_of < one.procedure_date + std::chrono::days(definition.closing_day())) {
        return false;
    }
    closed_.insert(id_of(definition, one));
    return true;
}

std::string dry_run::id_of(const mapping::compiled_definition& definition, const case_result& one) const {
    return mapping::record_id(settings_.keys.record_key, definition.dataset, one.patient_key,
                              one.procedure_date);
}

std::vector<released_record> dry_run::release(std::chrono::local_days as_of, const opt_out_setting& opt_out) {
    withheld_.clear();
    std::map<std::string, wanted_record> now = wanted(as_of, opt_out);
    std::set<std::string> ids;
    for (const auto& [id, ignored] : now) {
        ids.insert(id);
    }
    for (const auto& [id, ignored] : sent_) {
        ids.insert(id);
    }
    for (const std::string& id : closed_) {
        ids.erase(id);
    }
    std::vector<released_record> result;
    for (const std::string& id : ids) {
        const auto found = now.find(id);
        const bool is_wanted = found != now.end();
        sent_record& sent = sent_[id];
        const auto content = is_wanted ? std::optional(found->second.content) : std::nullopt;
        const mapping::next_release next = mapping::decide_release(
            sent.history, content, is_wanted ? found->second.verdict : mapping::gate_verdict{});
        if (next.what != mapping::next_release::kind::send) {
            continue;
        }
        sent.history.last_version = next.version;
        sent.history.live = next.action != mapping::record_action::retract;
        sent.history.may_be_there = sent.history.live;
        if (sent.history.live) {
            sent.history.last_content = content;
            sent.last_sent = *content;
            result.push_back({id, mapping::finished_record(*content, next.version, next.action),
                              std::move(found->second.trace), found->second.procedure_date});
        } else {
            sent.history.last_content.reset();
            result.push_back({id, mapping::retraction(sent.last_sent, next.version), {}});
        }
    }
    return result;
}

std::map<std::string, fhir::json::value> dry_run::live() const {
    std::map<std::string, fhir::json::value> result;
    for (const auto& [id, sent] : sent_) {
        if (sent.history.live) {
            result.emplace(id, sent.last_sent);
        }
    }
    return result;
}

} // namespace auditgate::gateway::acceptance
