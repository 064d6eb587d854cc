// How each derivation of the closed list finds its value, in words.
#pragma once

#include "mapping/definition/definition.hpp"

#include <string>
#include <utility>
#include <vector>

namespace auditgate::mapping::describe {

// One or two sentences with the parameters of the item in them.
[[nodiscard]] std::string rule_of(const item& one, const compiled_definition& definition);

// The words that can stand there, in the order of the file; empty when the value is of another kind.
[[nodiscard]] std::vector<std::string> words_of(const item& one, const compiled_definition& definition);

// Of items with a map: each word with what is sent for it, in the order of the file.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> words_as_sent(const item& one);

// The setting by which a destination may see less of the item; "": there is none.
[[nodiscard]] std::string coarsening_of(const item& one, const compiled_definition& definition);

} // namespace auditgate::mapping::describe
