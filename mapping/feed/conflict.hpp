// What a registry of ours says when it refuses a version, and how the gateway reads it: an OperationOutcome whose one
// issue (code `conflict`) has two extensions, the version that the registry has of the record and the hash of its
// content. Both sides use these, so that they cannot drift apart.
#pragma once

#include "fhir/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auditgate::mapping::feed {

struct current_record {
    int version = 0;
    std::string hash; // content_hash() of what is there; empty after a retract

    bool operator==(const current_record&) const = default;
};

[[nodiscard]] fhir::json::value conflict_outcome(const current_record& current, std::string_view text);

// None when the document is no such OperationOutcome.
[[nodiscard]] std::optional<current_record> read_conflict(const fhir::json::value& outcome);

} // namespace auditgate::mapping::feed
