// One item of the record in one resource: how it is written, and how the same place is read. Used by both directions of
// the feed.
#pragma once

#include "fhir/json.hpp"
#include "mapping/feed/layout.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auditgate::mapping::feed {

// True when a value of the record has the item's type (a list: every value of it). Null is of every type.
[[nodiscard]] bool has_type(const fhir::json::value& content, const item_place& item);

// True when there is nothing to write: null, an empty list, or the value that `absent` stands for.
[[nodiscard]] bool is_left_out(const fhir::json::value& content, const item_place& item);

// Writes a value that has the item's type and is not left out into its place.
void put_item(fhir::json::value& resource, const item_place& item, const fhir::json::value& content);

// Reads the item's place. None when what stands there is not of its type, or there are several values of an item that
// has one. Nothing there: null, the empty list, or `absent`.
[[nodiscard]] std::optional<fhir::json::value> get_item(const fhir::json::value& resource,
                                                        const item_place& item);

// The value of the record at a path such as score.total; null when something on the way is null or not there.
[[nodiscard]] const fhir::json::value& at_path(const fhir::json::value& from, std::string_view path);
// Sets it, with the objects on the way.
void set_path(fhir::json::value& into, std::string_view path, fhir::json::value content);

} // namespace auditgate::mapping::feed
