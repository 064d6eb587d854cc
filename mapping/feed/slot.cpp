#include "mapping/feed/slot.hpp"

#include "mapping/feed/places.hpp"

#include <algorithm>
#include <array>

#include <openssl/sha.h>

namespace auditgate::mapping::feed {

namespace json = fhir::json;

std::string slot_identifier(std::string_view record_id, std::string_view slot) {
    std::string made{record_id};
    if (!slot.empty()) {
        made += '.';
        made += slot;
    }
    return made;
}

std::optional<std::string> slot_of_identifier(std::string_view record_id, std::string_view identifier) {
    if (identifier == record_id) {
        return std::string{};
    }
    if (!identifier.starts_with(record_id) || identifier.size() < record_id.size() + 2 ||
        identifier[record_id.size()] != '.') {
        return std::nullopt;
    }
    return std::string{identifier.substr(record_id.size() + 1)};
}

std::string row_id(const json::value& row, const resource_template& of) {
    std::string made;
    for (const std::string& item : of.key) {
        const json::value& part = at_path(row, item);
        made += made.empty() ? "" : ".";
        made += part.is_null() ? "none" : part.text();
    }
    return made;
}

std::string slot_name(const resource_template& of, std::string_view row) {
    return row.empty() ? of.name : of.name + "." + std::string{row};
}

const resource_template* template_of(const layout& places, std::string_view slot) {
    if (slot.empty()) {
        return &places.resources.front();
    }
    const std::string_view name = slot.substr(0, slot.find('.'));
    const auto found = std::ranges::find(places.resources, name, &resource_template::name);
    const bool has_row = name.size() < slot.size();
    if (found == places.resources.end() || found == places.resources.begin() ||
        has_row == found->rows.empty()) {
        return nullptr;
    }
    return &*found;
}

std::string slot_urn(std::string_view identifier) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(identifier.data()), identifier.size(), digest.data());
    digest[6] = static_cast<unsigned char>((digest[6] & 0x0F) | 0x80); // version 8
    digest[8] = static_cast<unsigned char>((digest[8] & 0x3F) | 0x80); // variant
    constexpr std::string_view hex = "0123456789abcdef";
    std::string made = "urn:uuid:";
    for (std::size_t at = 0; at < 16; ++at) {
        if (at == 4 || at == 6 || at == 8 || at == 10) {
            made += '-';
        }
        made += hex[digest[at] >> 4];
        made += hex[digest[at] & 0x0F];
    }
    return made;
}

std::string slot_url(const resource_template& of, std::string_view identifier) {
    const std::string_view parameter = of.match == match_by::tag ? "_tag" : "identifier";
    return of.type + "?" + std::string{parameter} + "=" + std::string{record_system} + "|" +
           std::string{identifier};
}

} // namespace auditgate::mapping::feed
