// The parts of a definition file, each read by its own function; problems go to the reader's sink.
#pragma once

#include "mapping/definition/code_reader.hpp"

#include <span>
#include <string_view>

namespace auditgate::mapping {

// [first, last]
[[nodiscard]] day_window read_window(yaml::map_reader& from, std::string_view key);

// The item that a path names; told at its place when there is none.
[[nodiscard]] const item* find_item(const yaml::node& path, std::span<const item> among,
                                    yaml::problem_sink& problems);
// Tells those words that the item can never be.
void check_words_of(const item& about, std::span<const yaml::node> words, yaml::problem_sink& problems);

void read_record(yaml::map_reader& definition, code_reader& codes, compiled_definition& to);
void read_time_points(yaml::map_reader& definition, compiled_definition& to);
void read_efficacy(yaml::map_reader& definition, code_reader& codes, std::string_view ome_table,
                   const terminology& terms, compiled_definition& to);
// After the record and the efficacy rows, of which it speaks.
void read_coarsening(yaml::map_reader& definition, compiled_definition& to);
// Needs the record, the time points and the efficacy rows: what it names must be there.
void read_report(yaml::map_reader& report, compiled_definition& to);

} // namespace auditgate::mapping
