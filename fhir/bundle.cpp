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

const json::value* contained(const json::value& resource, std::string_view id) {
    for (const json::value* each : elements(resource["contained"])) {
        if ((*each)["id"].text() == id) {
            return each;
        }
    }
    return nullptr;
}

} // namespace

std::string_view resource_entry::type() const {
    return resource != nullptr ? (*resource)["resourceType"].text() : std::string_view();
}

std::string_view resource_entry::id() const {
    return resource != nullptr ? (*resource)["id"].text() : std::string_view();
}

std::string literal_target(std::string_view reference) {
    std::string_view rest = reference;
    std::string_view id = last_segment(rest);
    std::string_view type = last_segment(rest);
    if (type == "_history") {
        id = last_segment(rest);
        type = last_segment(rest);
    }
    return is_resource_type(type) && is_id(id) ? std::string(type) + "/" + std::string(id) : std::string();
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
        entries_.push_back({&document, std::string(document["resourceType"].text()), {}, {}, {}});
        return;
    }
    timestamp_ = document["timestamp"].text();
    std::size_t index = 0;
    for (const json::value* each : elements(document["entry"])) {
        const json::value& entry = *each;
        const json::value& request = entry["request"];
        entries_.push_back({entry.find("resource"), "Bundle.entry[" + std::to_string(index++) + "].resource",
                            entry["fullUrl"].text(), request["method"].text(), request["url"].text()});
    }
}

const json::value* resource_set::resolve(std::string_view reference, const resource_entry& from) const {
    if (reference.starts_with('#') && from.resource != nullptr) {
        return contained(*from.resource, reference.substr(1));
    }
    for (const resource_entry& each : entries_) {
        if (!reference.empty() && each.full_url == reference) {
            return each.resource;
        }
    }
    const std::string target = literal_target(reference);
    for (const resource_entry& each : entries_) {
        if (!target.empty() && target == std::string(each.type()) + "/" + std::string(each.id())) {
            return each.resource;
        }
    }
    return nullptr;
}

const resource_entry* resource_set::entry_of(const json::value& resource) const {
    for (const resource_entry& each : entries_) {
        if (each.resource == &resource) {
            return &each;
        }
    }
    return nullptr;
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
