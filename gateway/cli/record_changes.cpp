#include "gateway/cli/record_changes.hpp"

#include "mapping/release/record.hpp"

#include <optional>
#include <set>

namespace auditgate::gateway::cli {

namespace {

namespace json = fhir::json;
using mapping::case_state;
using pipeline::record_state;

// Only what is content, to be compared item by item.
json::value content_of(const std::string& text) {
    const json::parse_result whole = json::parse(text);
    if (!whole.document)
        return {};
    json::parse_result content = json::parse(mapping::comparable_content(*whole.document));
    return content.document ? std::move(*content.document) : json::value();
}

std::vector<acceptance::item_difference> differences(const std::string& before, const std::string& after) {
    if (before == after)
        return {};
    return acceptance::item_differences(content_of(before), content_of(after));
}

std::optional<record_change> change_of(const record_state& before, const record_state& after) {
    record_change change;
    change.dataset = after.dataset.empty() ? before.dataset : after.dataset;
    const bool was_held = before.state == case_state::held;
    if (after.state == case_state::held) {
        if (was_held && before.reason == after.reason)
            return std::nullopt;
        change.kind = change_kind::held;
        change.reason = after.reason;
        return change;
    }
    if (!before.content && !after.content) {
        change.kind = change_kind::no_longer_held;
        return was_held ? std::optional(change) : std::nullopt;
    }
    if (!before.content) {
        change.kind = change_kind::created;
        return change;
    }
    if (!after.content) {
        change.kind = change_kind::taken_back;
        change.reason = after.reason;
        return change;
    }
    change.items = differences(*before.content, *after.content);
    change.gate_facts = before.gate_facts != after.gate_facts;
    if (!change.items.empty() || change.gate_facts)
        change.kind = change_kind::amended;
    else if (was_held)
        change.kind = change_kind::no_longer_held;
    else
        return std::nullopt;
    return change;
}

// Of a record that is not there: nothing is sent of it.
const record_state& state_in(const pipeline::record_states& states, const store::record_name& name) {
    static const record_state absent{"", case_state::excluded, "no-longer-a-case", std::nullopt, ""};
    const auto found = states.find(name);
    return found == states.end() ? absent : found->second;
}

} // namespace

std::string_view name_of(change_kind kind) {
    switch (kind) {
    case change_kind::created:
        return "new";
    case change_kind::amended:
        return "changed";
    case change_kind::taken_back:
        return "taken-back";
    case change_kind::held:
        return "held";
    case change_kind::no_longer_held:
        return "no-longer-held";
    }
    return "";
}

std::vector<record_change> changes_between(const pipeline::record_states& before,
                                           const pipeline::record_states& after) {
    std::set<store::record_name> names;
    for (const pipeline::record_states* states : {&before, &after})
        for (const auto& [name, state] : *states)
            names.insert(name);
    std::vector<record_change> changes;
    for (const store::record_name& name : names) {
        auto change = change_of(state_in(before, name), state_in(after, name));
        if (!change)
            continue;
        change->name = name;
        changes.push_back(std::move(*change));
    }
    return changes;
}

} // namespace auditgate::gateway::cli
