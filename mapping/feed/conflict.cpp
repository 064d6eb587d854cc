#include "mapping/feed/conflict.hpp"

#include "mapping/feed/layout.hpp"

#include <limits>

namespace auditgate::mapping::feed {

namespace json = fhir::json;

namespace {

std::string version_url() {
    return std::string{extension_prefix} + "current-version";
}

std::string hash_url() {
    return std::string{extension_prefix} + "current-hash";
}

const json::value* extension(const json::value& issue, std::string_view url) {
    for (const json::value& one : issue["extension"].items()) {
        if (one["url"].text() == url) {
            return &one;
        }
    }
    return nullptr;
}

} // namespace

json::value conflict_outcome(const current_record& current, std::string_view text) {
    json::value extensions = json::make_array({json::make_object(
        {{"url", json::value(version_url())}, {"valueInteger", json::value(current.version)}})});
    if (!current.hash.empty()) {
        extensions.push_back(json::make_object(
            {{"url", json::value(hash_url())}, {"valueString", json::value(current.hash)}}));
    }
    json::value issue = json::make_object({{"extension", std::move(extensions)},
                                           {"severity", json::value("error")},
                                           {"code", json::value("conflict")},
                                           {"details", json::make_object({{"text", json::value(text)}})}});
    return json::make_object(
        {{"resourceType", json::value("OperationOutcome")}, {"issue", json::make_array({std::move(issue)})}});
}

std::optional<current_record> read_conflict(const json::value& outcome) {
    if (outcome["resourceType"].text() != "OperationOutcome") {
        return std::nullopt;
    }
    for (const json::value& issue : outcome["issue"].items()) {
        const json::value* version = extension(issue, version_url());
        const auto number = version == nullptr ? std::nullopt : (*version)["valueInteger"].as_integer();
        if (!number || *number < 1 || *number > std::numeric_limits<std::int32_t>::max()) {
            continue;
        }
        const json::value* hash = extension(issue, hash_url());
        return current_record{static_cast<int>(*number),
                              hash == nullptr ? std::string{} : std::string{(*hash)["valueString"].text()}};
    }
    return std::nullopt;
}

} // namespace auditgate::mapping::feed
