// Exact decimals of a report: numbers of records as integers, statistics as fractions, rounded only when they are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::mapping::report {

// "-0.120" with 3 decimals is -120. None when the text is no plain decimal number, or is finer than `decimals` digits
// after the point (zeros at the end do not count).
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals);

// The denominator is above 0; not reduced.
struct fraction {
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;
};

// The multiple of `step` (above 0) that is nearest; halves go away from zero.
[[nodiscard]] std::int64_t nearest(const fraction& value, std::int64_t step);

// 25 with 1 decimal is "2.5"; -5 with 2 is "-0.05".
[[nodiscard]] std::string decimal_text(std::int64_t value, int decimals);

} // namespace auditgate::mapping::report
