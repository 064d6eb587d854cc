// Assessments: values that were observed at one instant with one instrument, and which of them a time point shows.
#pragma once

#include "mapping/cases/context.hpp"
#include "mapping/cases/score.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::mapping {

struct assessment_reading {
    score value;
    const fact* from = nullptr; // one of them, for a mean of parts
};

struct assessment {
    std::size_t instrument = 0; // place in the block's instruments
    recorded_time instant{};
    std::int64_t day = 0;
    bool has_time = false;
    std::map<std::string, assessment_reading> values; // by name; usable ones only, at least one
};

// All assessments of a block up to (not including) `before`, by instrument and instant. Values that cannot be used flag the
// record when they lie in a window.
[[nodiscard]] std::vector<assessment> find_assessments(case_context& context, const assessment_block& block,
                                                       std::optional<std::chrono::local_days> before);

// The one that a time point shows; `preferred` is the baseline's instrument. nullptr: none in the window.
[[nodiscard]] const assessment* choose_assessment(const case_context& context, const assessment_block& block,
                                                  const std::vector<assessment>& all, const time_point& at,
                                                  std::optional<std::size_t> preferred);

} // namespace auditgate::mapping
