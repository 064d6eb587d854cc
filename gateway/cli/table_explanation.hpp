// What the rows of a table give, for people who write its source profile.
#pragma once

#include "gateway/cli/explanation.hpp"
#include "mapping/read/source_profile.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace auditgate::gateway::cli {

inline constexpr std::size_t explained_rows_max = 10;       // whose cells and facts are shown
inline constexpr std::size_t explained_findings_max = 1000; // of all rows

// A whole table, or a row of one as the journal keeps it. Cells are hidden but for what looks like a code, a number or a
// date where one belongs (open_value.hpp); all cells of a row whose number is not that of the columns. `file_name`: what
// the profile's `file_name` is compared with; "" (standard input, a row of the journal): nothing is.
[[nodiscard]] explanation explain_table(std::string_view bytes, const std::string& file_name,
                                        const mapping::source_profile& profile, bool show_phi);

} // namespace auditgate::gateway::cli
