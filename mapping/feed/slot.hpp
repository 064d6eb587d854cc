// Slots: the names of the resources of a record, and how they are found and referenced.
#pragma once

#include "fhir/json.hpp"
#include "mapping/feed/layout.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auditgate::mapping::feed {

// Identifier value of the resource of a slot; of the head (slot "") the record id itself.
[[nodiscard]] std::string slot_identifier(std::string_view record_id, std::string_view slot);

// The slot behind an identifier of the record; none when it is of another record.
[[nodiscard]] std::optional<std::string> slot_of_identifier(std::string_view record_id,
                                                            std::string_view identifier);

// What tells a row of a list apart: its key values, `none` for null, joined by dots: infection.12.
[[nodiscard]] std::string row_id(const fhir::json::value& row, const resource_template& of);

// Name of the slot of a template, with the row's id when it has rows.
[[nodiscard]] std::string slot_name(const resource_template& of, std::string_view row);

// The template that a slot belongs to; nullptr when the layout has none of that name. The first is the head (slot "").
[[nodiscard]] const resource_template* template_of(const layout& places, std::string_view slot);

// urn:uuid of a slot: version 8 (RFC 9562 section 5.8) of the SHA-256 of its identifier, so that the same record always
// gives the same Bundle.
[[nodiscard]] std::string slot_urn(std::string_view identifier);

// The conditional URL of a slot: Observation?identifier=urn:auditgate:record|<identifier>.
[[nodiscard]] std::string slot_url(const resource_template& of, std::string_view identifier);

} // namespace auditgate::mapping::feed
