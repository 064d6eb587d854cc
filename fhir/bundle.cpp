#include "fhir/bundle.hpp"

#include <algorithm>

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
                            entry["fullUrl"].text(), request["method"].text(), request["url"].text()});
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
        by_reference_.try_emplace(std::string(entry.full_url), &entry);
    }
    if (!entry.id().empty()) {
        by_reference_.try_emplace(std::string(entry.type()) + "/" + std::string(entry.id()), &entry);
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
    const auto find = [](const auto& names, const std::string& name) {
        const auto found = names.find(name);
        return found != names.end() ? found->second : nullptr;
    };
    if (reference.starts_with('#')) {
        const resource_entry& holder = from.container != nullptr ? *from.container : from;
        return find(by_contained_id_, holder.path + std::string(reference));
    }
    if (const resource_entry* named = find(by_reference_, std::string(reference))) {
        return named;
    }
    return find(by_reference_, literal_target(reference));
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
