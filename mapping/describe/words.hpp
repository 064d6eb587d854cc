// Small pieces of text for the page of a dataset.
#pragma once

#include "mapping/definition/definition.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping::describe {

[[nodiscard]] std::string code(std::string_view text);

// `a`, `b`, `c`
[[nodiscard]] std::string code_list(const std::vector<std::string>& words);

// "day -30 to day 0", "day 0"
[[nodiscard]] std::string days(const day_window& window);

// "ICD-10 C50.*, C61.*; SNOMED-CT 94602001"; of value sets their name with the codes that count now. "none": an empty set.
[[nodiscard]] std::string codes(const code_set& set, const terminology& terms);

// "- **Found**: ...", one line; "" when there is nothing to tell.
[[nodiscard]] std::string point(std::string_view name, const std::string& text);

} // namespace auditgate::mapping::describe
