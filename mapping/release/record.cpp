#include "mapping/release/record.hpp"

#include "mapping/release/coarsen.hpp"
#include "mapping/release/digest.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace auditgate::mapping {
namespace {

using fhir::json::value;

// What describes a record rather than being its content.
constexpr std::array<std::string_view, 3> no_content{"dataset_version", "terminology_version", "ome_table"};
constexpr std::array<std::string_view, 5> head{"dataset", "dataset_version", "terminology_version",
                                               "ome_table", "record_id"};
constexpr std::array<std::string_view, 2> origin{"provider_org", "source_feeds"};

std::string iso_date(std::chrono::local_days date) {
    const std::chrono::year_month_day parts(date);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(parts.year()),
                  static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
    return text.data();
}

value text_or_null(std::string_view text) {
    return text.empty() ? value{} : value(text);
}

// The members of an object that are named, in the order of the names; what is missing is null.
value chosen(const value& from, const std::vector<std::string>& names) {
    value result = value::object();
    for (const std::string& name : names) {
        result.set(name, from[name]);
    }
    return result;
}

// One row of the efficacy section: the blocks of the definition and nothing else.
value efficacy_row(const value& from, const compiled_definition& definition) {
    value row = chosen(from, {"timepoint", "status"});
    for (const auto& [name, content] : from.members()) {
        const auto block = std::ranges::find(definition.blocks, name, &assessment_block::name);
        if (block != definition.blocks.end()) {
            std::vector<std::string> shown{"day"};
            shown.insert(shown.end(), block->shown.begin(), block->shown.end());
            if (block->names_instruments()) {
                shown.emplace_back("instrument");
            }
            row.set(name, chosen(content, shown));
        } else if (name == definition.opioid.name) {
            row.set(name, chosen(content, {"day", "ome_mg_per_day", "computable"}));
        } else if (name == definition.response.name) {
            row.set(name, content);
        }
    }
    return row;
}

value each(const value& from, const auto& make) {
    value result = value::array();
    for (const value& one : from.items()) {
        result.push_back(make(one));
    }
    return result;
}

value item_value(const item& one, const value& from, const compiled_definition& definition) {
    switch (one.how) {
    case derivation::time_points:
        return each(from, [&](const value& row) { return efficacy_row(row, definition); });
    case derivation::adverse_events:
        return each(from, [](const value& event) {
            return chosen(event, {"category", "onset_day", "ctcae_grade", "relatedness"});
        });
    default:
        return from;
    }
}

// What only the release knows, by the name of the item.
value released_value(std::string_view name, const case_result& from, const destination_settings& destination,
                     const destination_keys& keys) {
    if (name == "pseudonym") {
        return value(pseudonym(keys.pseudonym_key, from.patient_key));
    }
    if (name == "pseudonym_key_id") {
        return value(destination.key_id);
    }
    if (name == "pseudonym_basis") {
        return value(from.patient_key.starts_with("nhs|") ? "nhs_number" : "local_id");
    }
    if (name == "legal_basis") {
        return value(to_string(destination.basis));
    }
    return {};
}

} // namespace

std::string_view to_string(record_action action) {
    switch (action) {
    case record_action::create:
        return "create";
    case record_action::amend:
        return "amend";
    case record_action::retract:
        return "retract";
    }
    return {};
}

std::string record_id(std::string_view record_key, std::string_view dataset, std::string_view patient_key,
                      std::chrono::local_days procedure_date) {
    std::string text = "record|";
    text.append(dataset).append("|").append(patient_key).append("|").append(iso_date(procedure_date));
    return hmac_sha256_hex(record_key, text);
}

std::string pseudonym(std::string_view pseudonym_key, std::string_view patient_key) {
    return hmac_sha256_hex(pseudonym_key, patient_key);
}

value record_content(const case_result& from, const compiled_definition& definition,
                     const destination_settings& destination, const destination_keys& keys) {
    value record = value::object();
    record.set("dataset", value(definition.dataset));
    record.set("dataset_version", value(definition.version));
    record.set("terminology_version", text_or_null(definition.codes ? definition.codes->version() : ""));
    if (definition.opioid.table != nullptr) {
        record.set("ome_table", value(definition.opioid.table->id()));
    }
    record.set("record_id",
               value(record_id(keys.record_key, definition.dataset, from.patient_key, from.procedure_date)));
    record.set("provider_org", text_or_null(from.provider_org));
    value feeds = value::array();
    for (const std::string& feed : from.source_feeds) {
        feeds.push_back(value(feed));
    }
    record.set("source_feeds", std::move(feeds));
    for (const item& one : definition.items) {
        const value& section = from.content[one.section];
        if (one.name.empty()) { // the section is the item
            record.set(one.section, item_value(one, section, definition));
            continue;
        }
        if (record.find(one.section) == nullptr) {
            record.set(one.section, value::object());
        }
        record.find(one.section)
            ->set(one.name, one.how == derivation::released
                                ? released_value(one.name, from, destination, keys)
                                : item_value(one, section[one.name], definition));
    }
    return coarsened(std::move(record), definition, destination.coarsen, destination.provider_regions);
}

value finished_record(const value& content, int version, record_action action) {
    value record = value::object();
    for (const auto& [name, member] : content.members()) {
        record.set(name, member);
        if (name == "record_id") {
            record.set("record_version", value(version));
            record.set("record_action", value(to_string(action)));
        }
    }
    return record;
}

value retraction(const value& last_sent, int version) {
    value empty = value::object();
    for (const auto& [name, member] : last_sent.members()) {
        const bool kept =
            std::ranges::find(head, name) != head.end() || std::ranges::find(origin, name) != origin.end();
        empty.set(name, kept ? member : value{});
    }
    return finished_record(empty, version, record_action::retract);
}

std::string comparable_content(const value& content) {
    value compared = content;
    for (const std::string_view name : no_content) {
        compared.erase(name);
    }
    return fhir::json::write_canonical(compared);
}

std::string content_hash(const value& content) {
    return sha256_hex(comparable_content(content));
}

} // namespace auditgate::mapping
