// The parts of a definition file, each read by its own function; problems go to the reader's sink.
#pragma once

#include "mapping/definition/code_reader.hpp"

#include <string_view>

namespace auditgate::mapping {

// [first, last]
[[nodiscard]] day_window read_window(yaml::map_reader& from, std::string_view key);

void read_record(yaml::map_reader& definition, code_reader& codes, compiled_definition& to);
void read_time_points(yaml::map_reader& definition, compiled_definition& to);
void read_efficacy(yaml::map_reader& definition, code_reader& codes, std::string_view ome_table,
                   const terminology& terms, compiled_definition& to);

} // namespace auditgate::mapping
