// Whether a layout has a place for what a dataset definition says.
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/feed/layout.hpp"

#include <string>
#include <vector>

namespace auditgate::mapping::feed {

// What is wrong with `by` for records of `definition`, an item a text, in words for the person who edits the layout: items
// and values of its rows that have no place and so could not be sent. Places of items that the definition does not have are
// allowed: a layout serves older versions, too.
[[nodiscard]] std::vector<std::string> missing_places(const layout& by,
                                                      const compiled_definition& definition);

} // namespace auditgate::mapping::feed
