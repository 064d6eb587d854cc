// The parts of a dataset's page that are of more than one item: outcomes by time point, harms, flags.
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/feed/layout.hpp"

#include <string>
#include <string_view>

namespace auditgate::mapping::describe {

// Place of an item or of the rows below it, "" when the layout has none of that path.
[[nodiscard]] std::string feed_place(const feed::layout& places, std::string_view path);

[[nodiscard]] std::string outcomes(const compiled_definition& definition, const feed::layout* places);
[[nodiscard]] std::string harms(const compiled_definition& definition, const feed::layout* places);
[[nodiscard]] std::string flags(const compiled_definition& definition);

} // namespace auditgate::mapping::describe
