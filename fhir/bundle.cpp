#include "fhir/bundle.hpp"

#include "fhir/date_time.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace auditgate::fhir {

namespace {

bool is_resource_type(std::string_view text) {
    return !text.empty() && text.front() >= 'A' && text.front() <= 'Z' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    });
}

std::string_view last_segment(std::string_view& path) {
    const std::size_t slash = path.rfind('/');
    std::string_view segment = slash == std::string_view::npos ? path : path.substr(slash + 1);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    return segment;
}

bool is_uuid_urn(std::string_view full_url) {
    constexpr std::string_view form = "urn:uuid:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    constexpr std::size_t digits_from = std::string_view("urn:uuid:").size();
    return full_url.size() == form.size() && full_url.starts_with(form.substr(0, digits_from)) &&
           std::equal(full_url.begin() + digits_from, full_url.end(), form.begin() + digits_from,
                      [](char c, char expected) {
                          const bool is_hex_digit =
                              (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                          return expected == 'x' ? is_hex_digit : c == expected;
                      });
}

bool is_absolute(std::string_view reference) {
    return reference.starts_with("urn:") || reference.find("://") != std::string_view::npos;
}

// "https://x.example/fhir/" of "https://x.example/fhir/Patient/1"; "" of what is no RESTful URL.
std::string_view restful_base(std::string_view full_url) {
    const std::string target = is_absolute(full_url) ? literal_target(full_url) : std::string();
    const std::size_t at = target.empty() ? std::string_view::npos : full_url.rfind("/" + target);
    return at == std::string_view::npos ? std::string_view() : full_url.substr(0, at + 1);
}

struct versioned_reference {
    std::string_view resource;
    std::string_view version; // "" of a reference to no version in particular
};

versioned_reference split_version(std::string_view reference) {
    constexpr std::string_view mark = "/_history/";
    const std::size_t at = reference.rfind(mark);
    return at == std::string_view::npos
               ? versioned_reference{reference, {}}
               : versioned_reference{reference.substr(0, at), reference.substr(at + mark.size())};
}

std::optional<std::chrono::milliseconds> updated_at(const resource_entry& entry) {
    const auto time = parse_date_time((*entry.resource)["meta"]["lastUpdated"].text());
    if (!time) {
        return std::nullopt;
    }
    return std::chrono::sys_days(time->date).time_since_epoch() + time->time_of_day -
           time->offset.value_or(std::chrono::minutes(0));
}

// Of versions of one resource.
const resource_entry* choose_version(const std::vector<const resource_entry*>& versions,
                                     std::string_view wanted) {
    const resource_entry* latest = nullptr;
    for (const resource_entry* each : versions) {
        if (!wanted.empty() && (*each->resource)["meta"]["versionId"].text() == wanted) {
            return each;
        }
        if (latest == nullptr || updated_at(*latest) < updated_at(*each)) {
            latest = each;
        }
    }
    return latest;
}

// By type and id alone, resources of different servers may be meant.
bool are_of_one_server(const std::vector<const resource_entry*>& entries) {
    return std::all_of(entries.begin(), entries.end(), [&](const resource_entry* each) {
        return restful_base(each->full_url) == restful_base(entries.front()->full_url);
    });
}

} // namespace

std::string_view resource_entry::type() const {
    return resource != nullptr ? (*resource)["resourceType"].text() : std::string_view();
}

std::string_view resource_entry::id() const {
    return resource != nullptr ? (*resource)["id"].text() : std::string_view();
}

std::string resource_entry::identity() const {
    if (container != nullptr) {
        return {};
    }
    if (!is_created && !id().empty()) {
        return std::string(type()) + "/" + std::string(id());
    }
    std::string at_source = literal_target(full_url);
    return at_source.starts_with(std::string(type()) + "/") ? at_source : std::string();
}

std::string resource_entry::uuid_identity() const {
    return is_uuid_urn(full_url) ? std::string(type()) + "/" + std::string(full_url) : std::string();
}

std::string literal_target(std::string_view reference) {
    std::string_view rest = reference;
    std::string_view id = last_segment(rest);
    std::string_view type = last_segment(rest);
    if (type == "_history") {
        id = last_segment(rest);
        type = last_segment(rest);
    }
    const bool is_search = reference.find('?') != std::string_view::npos;
    return !is_search && is_resource_type(type) && is_id(id) ? std::string(type) + "/" + std::string(id)
                                                             : std::string();
}

std::string conditional_identifier(std::string_view reference) {
    constexpr std::string_view mark = "?identifier=";
    const std::size_t at = reference.find(mark);
    if (at == std::string_view::npos || !is_resource_type(reference.substr(0, at))) {
        return {};
    }
    const std::string_view query = reference.substr(at + mark.size());
    return std::string(query.substr(0, query.find('&')));
}

resource_set::resource_set(const json::value& document) {
    if (document["resourceType"].text() != "Bundle") {
        entries_.push_back({&document, std::string(document["resourceType"].text())});
        index(entries_.front());
        return;
    }
    timestamp_ = document["timestamp"].text();
    // The entries of a history say what happened to resources that have their ids by now.
    const bool is_history = document["type"].text() == "history";
    for (const json::value* each : elements(document["entry"])) {
        const json::value& entry = *each;
        const json::value& request = entry["request"];
        entries_.push_back({entry.find("resource"),
                            "Bundle.entry[" + std::to_string(entries_.size()) + "].resource",
                            entry["fullUrl"].text(), request["method"].text(), request["url"].text(),
                            entry["response"]["lastModified"].text(), !entry["modifierExtension"].is_null()});
        entries_.back().is_created = entries_.back().method == "POST" && !is_history;
    }
    for (const resource_entry& each : entries_) {
        index(each);
    }
}

void resource_set::index(const resource_entry& entry) {
    if (entry.resource == nullptr) {
        return;
    }
    if (!entry.full_url.empty()) {
        by_full_url_[std::string(split_version(entry.full_url).resource)].push_back(&entry);
    }
    const std::string type(entry.type());
    if (!entry.id().empty()) {
        by_type_and_id_[type + "/" + std::string(entry.id())].push_back(&entry);
    }
    for (const json::value* each : elements((*entry.resource)["identifier"])) {
        candidates& same = by_identifier_[type + "?" + std::string((*each)["system"].text()) + "|" +
                                          std::string((*each)["value"].text())];
        if (same.empty() || same.back() != &entry) {
            same.push_back(&entry);
        }
    }
    std::size_t place = 0;
    for (const json::value* each : elements((*entry.resource)["contained"])) {
        resource_entry& held = contained_.emplace_back();
        held.resource = each;
        held.path = entry.path + ".contained[" + std::to_string(place++) + "]";
        held.container = &entry;
        by_contained_id_.try_emplace(entry.path + "#" + std::string(held.id()), &held);
    }
}

const resource_entry* resource_set::resolve(std::string_view reference, const resource_entry& from) const {
    const resource_entry& holder = from.container != nullptr ? *from.container : from;
    if (reference == "#") {
        return from.container;
    }
    if (reference.starts_with('#')) {
        const auto found = by_contained_id_.find(holder.path + std::string(reference));
        return found != by_contained_id_.end() ? found->second : nullptr;
    }
    if (const std::string identifier = conditional_identifier(reference); !identifier.empty()) {
        const std::size_t bar = std::min(identifier.find('|'), identifier.size());
        return find_by_identifier(reference.substr(0, reference.find('?')), identifier.substr(0, bar),
                                  std::string_view(identifier).substr(std::min(bar + 1, identifier.size())));
    }
    const auto [resource, version] = split_version(reference);
    return choose_version(find_literal(resource, holder), version);
}

resource_set::candidates resource_set::find_literal(std::string_view reference,
                                                    const resource_entry& from) const {
    const auto find = [](const index_of_entries& names, const std::string& name) {
        const auto found = names.find(name);
        return found != names.end() ? found->second : candidates();
    };
    const std::string base(is_absolute(reference) ? std::string_view() : restful_base(from.full_url));
    if (candidates named = find(by_full_url_, base + std::string(reference)); !named.empty()) {
        return named;
    }
    candidates same_id = find(by_type_and_id_, literal_target(reference));
    if (is_absolute(reference) || !base.empty()) {
        std::erase_if(same_id,
                      [](const resource_entry* each) { return !restful_base(each->full_url).empty(); });
    }
    return are_of_one_server(same_id) ? same_id : candidates();
}

const resource_entry* resource_set::find_by_identifier(std::string_view type, std::string_view system,
                                                       std::string_view number) const {
    if (type.empty() || number.empty()) {
        return nullptr;
    }
    const auto found =
        by_identifier_.find(std::string(type) + "?" + std::string(system) + "|" + std::string(number));
    if (found == by_identifier_.end()) {
        return nullptr;
    }
    const candidates& all = found->second;
    const bool are_versions = std::all_of(all.begin(), all.end(), [&](const resource_entry* each) {
        return each->identity() == all.front()->identity();
    });
    return all.size() == 1 || (are_versions && !all.front()->identity().empty()) ? choose_version(all, {})
                                                                                 : nullptr;
}

std::vector<const json::value*> elements(const json::value& content) {
    std::vector<const json::value*> result;
    for (const json::value& each : content.items()) {
        result.push_back(&each);
    }
    if (!content.is_array() && !content.is_null()) {
        result.push_back(&content);
    }
    return result;
}

} // namespace auditgate::fhir
