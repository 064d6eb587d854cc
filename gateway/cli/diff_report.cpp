#include "gateway/cli/diff_report.hpp"

#include "gateway/cli/message_list.hpp"
#include "gateway/store/names.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace auditgate::gateway::cli {

namespace {

namespace json = fhir::json;

// safety.events[2].category -> safety.events.category
std::string without_places(std::string_view item) {
    std::string name;
    bool is_place = false;
    for (const char c : item) {
        is_place = is_place || c == '[';
        if (!is_place)
            name += c;
        is_place = is_place && c != ']';
    }
    return name;
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

// "  name ........ 12", the numbers below each other.
std::string lines_of(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
    std::size_t widest = 0;
    for (const auto& [name, count] : counts)
        widest = std::max(widest, name.size());
    std::string text;
    for (const auto& [name, count] : counts) {
        const std::string number = std::to_string(count);
        constexpr std::size_t number_width = 9;
        text += "  " + name + std::string(widest - name.size(), ' ') +
                std::string(number_width - std::min(number_width - 1, number.size()), ' ') + number + '\n';
    }
    return text;
}

// The most frequent first.
std::vector<std::pair<std::string, std::int64_t>>
by_frequency(std::vector<std::pair<std::string, std::int64_t>> counts) {
    std::stable_sort(counts.begin(), counts.end(),
                     [](const auto& left, const auto& right) { return left.second > right.second; });
    return counts;
}

std::string text_of(const pipeline::message_reading& reading) {
    std::string text(store::name_of(reading.state));
    return reading.reason.empty() ? text : text + " (" + reading.reason + ')';
}

struct incomplete {
    std::string_view name; // in JSON
    std::int64_t pipeline::shadow_counts::*count;
    std::string_view text;
};

// What was not compared, or less than whole.
constexpr auto incompletes = std::to_array<incomplete>({
    {"erased_messages", &pipeline::shadow_counts::erased_messages,
     "messages whose bytes were erased by retention: what they said before counts"},
    {"damaged_messages", &pipeline::shadow_counts::damaged_messages,
     "messages that cannot be opened: what they said before counts"},
    {"orphaned_messages", &pipeline::shadow_counts::orphaned_messages,
     "messages of sources that are no longer configured: what they said before counts"},
    {"damaged_records", &pipeline::shadow_counts::damaged_records, "records that cannot be opened"},
    {"closed_records", &pipeline::shadow_counts::closed_records,
     "records of closed cases: they stay as they are"},
    {"clusters_not_joined", &pipeline::shadow_counts::clusters_not_joined,
     "patients who would become one with too many others: are the identifiers read rightly?"},
    {"clusters_due", &pipeline::shadow_counts::clusters_due,
     "patients with something due today: part of what differs comes of the day"},
});

std::string text_of(const listed_change& listed) {
    const record_change& change = listed.change;
    std::string text =
        change.name.record_id + "  " + change.name.destination + "  " + std::string(name_of(change.kind));
    if (!change.reason.empty())
        text += " (" + change.reason + ')';
    text += listed.needs_replay ? ", by replay\n" : "\n";
    for (const acceptance::item_difference& one : change.items)
        text += "    " + one.item + ": " + one.expected + " -> " + one.got + '\n';
    if (change.gate_facts)
        text += "    what the release gate goes by (consent, NHS number) is another\n";
    return text;
}

std::string summary_of(const diff_report& report) {
    std::string text = counted(report.records, "record", "records") + " of " +
                       counted(report.counts.clusters, "patient", "patients") + " compared, " +
                       counted(report.counts.messages, "message", "messages") + " looked at: ";
    if (report.changed_records() == 0)
        text += "no record would change";
    for (const auto& [kind, count] : report.by_kind)
        text += (kind == report.by_kind.begin()->first ? "" : ", ") + std::to_string(count) + ' ' +
                std::string(name_of(kind));
    return text + '\n';
}

json::value count_list(const std::map<std::string, std::int64_t>& counts, const char* name) {
    json::value list = json::value::array();
    for (const auto& [key, count] : counts)
        list.push_back(json::make_object({{name, json::value(key)}, {"records", json::value(count)}}));
    return list;
}

json::value to_json(const listed_change& listed) {
    const record_change& change = listed.change;
    json::value items = json::value::array();
    for (const acceptance::item_difference& one : change.items)
        items.push_back(json::make_object({{"item", json::value(one.item)},
                                           {"before", json::value(one.expected)},
                                           {"after", json::value(one.got)}}));
    return json::make_object({{"record_id", json::value(change.name.record_id)},
                              {"destination", json::value(change.name.destination)},
                              {"dataset", json::value(change.dataset)},
                              {"change", json::value(name_of(change.kind))},
                              {"reason", json::value(change.reason)},
                              {"needs_replay", json::value(listed.needs_replay)},
                              {"gate_facts", json::value(change.gate_facts)},
                              {"items", std::move(items)}});
}

} // namespace

std::int64_t diff_report::changed_records() const {
    std::int64_t sum = 0;
    for (const auto& [kind, count] : by_kind)
        sum += count;
    return sum;
}

bool diff_report::would_change() const {
    return changed_records() > 0 || !counts.read_otherwise.empty() || counts.clusters_not_joined > 0;
}

void diff_collector::take(const pipeline::shadow_part& part) {
    std::set<store::record_name> names;
    for (const pipeline::record_states* states : {&part.before, &part.read_again})
        for (const auto& [name, state] : *states)
            if (state.content || state.state == mapping::case_state::held)
                names.insert(name);
    report_.records += static_cast<std::int64_t>(names.size());
    const std::vector<record_change> by_reload = changes_between(part.before, part.computed);
    for (record_change& change : changes_between(part.before, part.read_again)) {
        count(change);
        const bool needs_replay = std::find(by_reload.begin(), by_reload.end(), change) == by_reload.end();
        if (needs_replay) {
            ++report_.need_replay;
            const auto since = part.says_otherwise_since;
            report_.replay_since = std::min(since.value_or(store::utc_time::max()),
                                            report_.replay_since.value_or(store::utc_time::max()));
        }
        if (report_.changes.size() < listed_max_)
            report_.changes.push_back({std::move(change), needs_replay});
        else
            ++report_.not_listed;
    }
}

void diff_collector::count(const record_change& change) {
    ++report_.by_kind[change.kind];
    if (!change.reason.empty())
        ++report_.by_reason[{change.kind, change.reason}];
    std::set<std::string> items;
    for (const acceptance::item_difference& one : change.items)
        items.insert(without_places(one.item));
    for (const std::string& item : items)
        ++report_.by_item[item];
    report_.gate_facts += change.gate_facts ? 1 : 0;
}

diff_report diff_collector::finish(pipeline::shadow_counts counts) {
    report_.counts = std::move(counts);
    return std::move(report_);
}

std::string to_text(const diff_report& report) {
    std::string text;
    for (const listed_change& one : report.changes)
        text += text_of(one);
    if (report.not_listed > 0)
        text += "and " + counted(report.not_listed, "more record", "more records") + " (--limit)\n";
    text += (text.empty() ? "" : "\n") + summary_of(report);

    std::vector<std::pair<std::string, std::int64_t>> items(report.by_item.begin(), report.by_item.end());
    if (report.gate_facts > 0)
        items.emplace_back("what the release gate goes by", report.gate_facts);
    if (!items.empty())
        text += "changed by item:\n" + lines_of(by_frequency(std::move(items)));
    std::vector<std::pair<std::string, std::int64_t>> reasons;
    for (const auto& [of, count] : report.by_reason)
        reasons.emplace_back(std::string(name_of(of.first)) + ": " + of.second, count);
    if (!reasons.empty())
        text += "by reason:\n" + lines_of(by_frequency(std::move(reasons)));
    std::vector<std::pair<std::string, std::int64_t>> readings;
    for (const auto& [of, count] : report.counts.read_otherwise)
        readings.emplace_back(text_of(of.first) + " -> " + text_of(of.second), count);
    if (!readings.empty())
        text += "messages of the time that would be read otherwise:\n" + lines_of(by_frequency(readings));

    std::string less;
    for (const incomplete& one : incompletes)
        if (const std::int64_t count = report.counts.*one.count; count > 0)
            less += "  " + std::to_string(count) + ' ' + std::string(one.text) + '\n';
    if (!less.empty())
        text += "not compared, or not as a whole:\n" + less;
    if (report.need_replay > 0 && report.replay_since)
        text += counted(report.need_replay, "record changes", "records change") +
                " only when messages are read again: after auditgate reload, auditgate replay --since " +
                day_text(std::chrono::floor<std::chrono::days>(*report.replay_since)) + '\n';
    return text;
}

json::value to_json(const diff_report& report) {
    json::value changes = json::value::array();
    for (const listed_change& one : report.changes)
        changes.push_back(to_json(one));
    json::value kinds = json::value::object();
    for (const auto& [kind, count] : report.by_kind)
        kinds.set(std::string(name_of(kind)), json::value(count));
    json::value reasons = json::value::array();
    for (const auto& [of, count] : report.by_reason)
        reasons.push_back(json::make_object({{"change", json::value(name_of(of.first))},
                                             {"reason", json::value(of.second)},
                                             {"records", json::value(count)}}));
    json::value readings = json::value::array();
    for (const auto& [of, count] : report.counts.read_otherwise)
        readings.push_back(json::make_object({{"before", json::value(text_of(of.first))},
                                              {"after", json::value(text_of(of.second))},
                                              {"messages", json::value(count)}}));
    json::value less = json::value::object();
    for (const incomplete& one : incompletes)
        less.set(std::string(one.name), json::value(report.counts.*one.count));
    return json::make_object(
        {{"records_that_would_change", json::value(report.changed_records())},
         {"compared", json::make_object({{"records", json::value(report.records)},
                                         {"patients", json::value(report.counts.clusters)},
                                         {"messages", json::value(report.counts.messages)}})},
         {"changes", std::move(changes)},
         {"not_listed", json::value(report.not_listed)},
         {"by_change", std::move(kinds)},
         {"by_item", count_list(report.by_item, "item")},
         {"by_reason", std::move(reasons)},
         {"gate_facts", json::value(report.gate_facts)},
         {"need_replay", json::value(report.need_replay)},
         {"replay_since",
          report.need_replay > 0 && report.replay_since
              ? json::value(day_text(std::chrono::floor<std::chrono::days>(*report.replay_since)))
              : json::value()},
         {"messages_read_otherwise", std::move(readings)},
         {"not_compared", std::move(less)}});
}

} // namespace auditgate::gateway::cli
