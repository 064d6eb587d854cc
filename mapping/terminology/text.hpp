// Small readings of text cells that the terminology files share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// Without blanks and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// ASCII letters in lower case; other bytes as they are.
[[nodiscard]] std::string lower_cased(std::string_view text);

// The words between blanks.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

// A decimal such as `37.5` (up to 12 digits, no exponent, no sign) times numerator / denominator, rounded
// half up to a whole number. nullopt: not such a decimal, or too large.
[[nodiscard]] std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t numerator,
                                                         std::int64_t denominator = 1);

// A whole number without sign; nullopt: it is none, or too large.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);

} // namespace auditgate::mapping
