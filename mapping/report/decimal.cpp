#include "mapping/report/decimal.hpp"

#include <algorithm>

namespace auditgate::mapping::report {

std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals) {
    constexpr std::size_t digits_max = 15;
    constexpr std::int64_t ten = 10;
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string_view whole = text.substr(0, point);
    std::string_view part = text.substr(std::min(point + 1, text.size()));
    if (whole.empty() || (point < text.size() && part.empty()))
        return std::nullopt;
    const auto is_digit = [](char one) { return one >= '0' && one <= '9'; };
    if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(part, is_digit))
        return std::nullopt;
    part = part.substr(0, part.find_last_not_of('0') + 1);
    if (part.size() > static_cast<std::size_t>(decimals) ||
        whole.size() + static_cast<std::size_t>(decimals) > digits_max)
        return std::nullopt;
    std::int64_t value = 0;
    for (const char digit : whole)
        value = value * ten + (digit - '0');
    for (std::size_t place = 0; place < static_cast<std::size_t>(decimals); ++place)
        value = value * ten + (place < part.size() ? part[place] - '0' : 0);
    return negative ? -value : value;
}

std::int64_t nearest(const fraction& value, std::int64_t step) {
    const std::int64_t unit = value.denominator * step;
    const std::int64_t size = value.numerator < 0 ? -value.numerator : value.numerator;
    const std::int64_t steps = (2 * size + unit) / (2 * unit);
    return (value.numerator < 0 ? -steps : steps) * step;
}

std::string decimal_text(std::int64_t value, int decimals) {
    std::string digits = std::to_string(value < 0 ? -value : value);
    const auto places = static_cast<std::size_t>(decimals);
    if (digits.size() <= places)
        digits.insert(0, places + 1 - digits.size(), '0');
    if (places > 0)
        digits.insert(digits.size() - places, 1, '.');
    return value < 0 ? '-' + digits : digits;
}

} // namespace auditgate::mapping::report
