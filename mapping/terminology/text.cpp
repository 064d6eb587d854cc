#include "mapping/terminology/text.hpp"

#include <algorithm>
#include <charconv>

namespace auditgate::mapping {
namespace {

constexpr std::size_t digits_max = 12;

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t';
}

} // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string lower_cased(std::string_view text) {
    std::string result(text);
    for (char& letter : result) {
        if (letter >= 'A' && letter <= 'Z') {
            letter = static_cast<char>(letter - 'A' + 'a');
        }
    }
    return result;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> result;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
        result.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return result;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> scaled_decimal(std::string_view text, std::int64_t numerator,
                                           std::int64_t denominator) {
    text = trimmed(text);
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string digits(text.substr(0, point));
    if (point < text.size()) {
        const std::string_view fraction = text.substr(point + 1);
        digits += fraction;
        for (std::size_t i = 0; i < fraction.size(); ++i) {
            if (__builtin_mul_overflow(denominator, std::int64_t{10}, &denominator)) {
                return std::nullopt;
            }
        }
    }
    const std::optional<std::int64_t> mantissa = whole_number(digits);
    std::int64_t product = 0;
    if (!mantissa || digits.size() > digits_max || __builtin_mul_overflow(*mantissa, numerator, &product) ||
        __builtin_add_overflow(product, denominator / 2, &product)) {
        return std::nullopt;
    }
    return product / denominator;
}

} // namespace auditgate::mapping
