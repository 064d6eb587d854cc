#include "mapping/cases/score.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace auditgate::mapping {

namespace {

constexpr std::int64_t thousand = 1000;
constexpr std::string_view unparsed = "unparsed-value";
constexpr std::string_view out_of_range = "out-of-range";

score refused(std::string_view why) {
    score result;
    result.flag = why;
    return result;
}

// What the value says as text: a number, or what a coded answer stands for.
std::string value_text(const event& one, const compiled_definition& definition) {
    const observed_value& value = one.as<observation>()->value;
    if (value.kind != value_kind::coded)
        return value.text;
    for (const coding& answer : value.codes) {
        const concept_code code = definition.codes->normalise(answer);
        if (definition.answers != nullptr) {
            if (auto number = definition.answers->word_for(code, one.sender))
                return *number;
        }
    }
    return value.codes.empty() ? std::string() : value.codes.front().code;
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

// A reference range that is none of the scales on which the value may stand.
bool is_other_scale(const observation& seen, const assessment_value& form) {
    if (form.scales.empty())
        return false;
    const auto low = parse_thousandths(without_blanks(seen.range_low));
    const auto high = parse_thousandths(without_blanks(seen.range_high));
    return (low && *low != form.min * thousand) ||
           (high &&
            std::ranges::none_of(form.scales, [&](std::int64_t end) { return *high == end * thousand; }));
}

std::int64_t round_half_up(std::int64_t value, std::int64_t step) {
    const std::int64_t shifted = value + step / 2;
    std::int64_t steps = shifted / step;
    if (shifted < 0 && shifted % step != 0)
        --steps;
    return steps * step;
}

score read_digits(std::string_view text, const assessment_value& form) {
    score result;
    if (text.size() != static_cast<std::size_t>(form.digits))
        return refused(unparsed);
    for (const char letter : text) {
        const int digit = letter - '0';
        if (digit < form.min || digit > form.max)
            return refused(unparsed);
        result.thousandths = result.thousandths * 10 + digit;
    }
    result.is_usable = true;
    return result;
}

// "8/10", where 10 is the greatest that there is, and "=8" are 8.
std::string_view plain_number(std::string_view text, const assessment_value& form) {
    const std::string of_greatest = '/' + std::to_string(form.max);
    if (text.ends_with(of_greatest))
        text.remove_suffix(of_greatest.size());
    if (text.starts_with('='))
        text.remove_prefix(1);
    return without_blanks(text);
}

} // namespace

std::optional<std::int64_t> parse_thousandths(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    constexpr std::size_t digits_max = 12;
    constexpr int places = 3;
    std::int64_t value = 0;
    std::size_t digits = 0;
    int decimals = -1; // before the point
    bool round_up = false;
    for (const char letter : text) {
        if (letter == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (letter < '0' || letter > '9' || ++digits > digits_max)
            return std::nullopt;
        if (decimals < places) {
            value = value * 10 + (letter - '0');
            decimals += decimals < 0 ? 0 : 1;
        } else if (decimals == places) {
            round_up = letter >= '5';
            ++decimals;
        }
    }
    if (digits == 0)
        return std::nullopt;
    for (int place = std::max(decimals, 0); place < places; ++place)
        value *= 10;
    value += round_up ? 1 : 0;
    return negative ? -value : value;
}

std::string thousandths_text(std::int64_t thousandths) {
    const std::int64_t size = thousandths < 0 ? -thousandths : thousandths;
    std::string text = (thousandths < 0 ? "-" : "") + std::to_string(size / thousand);
    std::string decimals = std::to_string(size % thousand + thousand).substr(1);
    while (!decimals.empty() && decimals.back() == '0')
        decimals.pop_back();
    return decimals.empty() ? text : text + '.' + decimals;
}

score read_score(const event& one, const assessment_value& form, const compiled_definition& definition) {
    const auto* seen = one.as<observation>();
    if (seen == nullptr || seen->value.kind == value_kind::absent || seen->value.kind == value_kind::emptied)
        return {};
    const std::string text = value_text(one, definition);
    const std::string_view said = without_blanks(text);
    if (form.form == number_form::digits)
        return read_digits(said, form);
    if (is_other_scale(*seen, form))
        return refused(out_of_range);

    const auto number = parse_thousandths(plain_number(said, form));
    if (!number)
        return refused(unparsed);
    if (*number < form.min * thousand) // before rounding, which would make 0 of it
        return refused(out_of_range);
    score result;
    result.thousandths = *number;
    if (form.scale_to_10) {
        const bool millimetres = definition.codes->in_base_unit("1", seen->value.unit, "length") == 1;
        const bool of_hundred = *number > 10 * thousand && *number <= 100 * thousand;
        if (millimetres || of_hundred)
            result.thousandths = round_half_up(*number / 10, thousand);
        else
            result.thousandths = round_half_up(*number, thousand);
        if (millimetres && *number > 100 * thousand)
            return refused(out_of_range);
    }
    if (form.form == number_form::integer && result.thousandths % thousand != 0)
        return refused(unparsed);
    if (form.form == number_form::one_decimal)
        result.thousandths = round_half_up(result.thousandths, thousand / 10);
    if (result.thousandths > form.max * thousand)
        return refused(out_of_range);
    result.is_usable = true;
    return result;
}

} // namespace auditgate::mapping
