#include "gateway/cli/open_value.hpp"

#include "mapping/nhs_number.hpp"

#include <algorithm>

namespace auditgate::gateway::cli {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool only_digits_and(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_digit(c) || others.find(c) != std::string_view::npos; });
}

bool only_word_characters_and(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_digit(c) || is_letter(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_nhs_number(std::string_view text) {
    return text.size() == 10 && !mapping::usable_nhs_number("nhs|" + std::string(text), true).empty();
}

// Telephone and NHS numbers are longer than what is measured.
bool has_long_whole_part(std::string_view text) {
    constexpr std::size_t digits_max = 8; // a date is a number, too
    std::size_t digits = 0;
    bool is_fraction = false;
    for (const char c : text) {
        is_fraction = c == '.' || (is_fraction && is_digit(c));
        digits = is_digit(c) && !is_fraction ? digits + 1 : 0;
        if (digits > digits_max)
            return true;
    }
    return false;
}

bool is_number(std::string_view text) {
    constexpr std::size_t size_max = 20;
    return text.size() <= size_max && only_digits_and(text, "+-.,<>=^:/%eE") && !has_long_whole_part(text);
}

// 2026, 202603, 20260305, 202603050912, 20260305091233: of this century or the last, so that few other numbers pass.
bool is_compact_date(std::string_view text) {
    const bool has_size =
        text.size() == 4 || text.size() == 6 || text.size() == 8 || text.size() == 12 || text.size() == 14;
    return has_size && only_digits_and(text, "") && (text.starts_with("19") || text.starts_with("20"));
}

// 2026-03, 2026-03-05, 05/03/2026, 5.3.26
bool is_separated_date(std::string_view text) {
    std::size_t groups = 0;
    for (;;) {
        const std::size_t end = text.find_first_of("-/.");
        const std::string_view group = text.substr(0, end);
        ++groups;
        const std::size_t digits_max =
            groups == 2 ? 2 : 4; // the month or the day of it: not so in telephone numbers
        if (group.empty() || group.size() > digits_max || !only_digits_and(group, "") || groups > 3)
            return false;
        if (end == std::string_view::npos)
            return groups > 1;
        text.remove_prefix(end + 1);
    }
}

bool is_date(std::string_view text) {
    constexpr std::size_t size_max = 40;
    if (text.size() > size_max)
        return false;
    const std::size_t time_at = text.find_first_of("T ");
    if (time_at != std::string_view::npos) {
        const std::string_view day = text.substr(0, time_at);
        const std::string_view time = text.substr(time_at + 1);
        return (is_separated_date(day) || is_compact_date(day)) && time.find(':') != std::string_view::npos &&
               only_digits_and(time, ":.+-Z");
    }
    if (is_separated_date(text))
        return true;
    const std::size_t rest_at = text.find_first_of(".+-"); // fraction and time zone of HL7 v2
    return is_compact_date(text.substr(0, rest_at)) &&
           (rest_at == std::string_view::npos || only_digits_and(text.substr(rest_at), ".+-"));
}

bool is_code(std::string_view text) {
    constexpr std::size_t size_max = 32; // resource types are the longest
    return text.size() <= size_max && only_word_characters_and(text, ".-_") && !is_nhs_number(text);
}

bool is_unit(std::string_view text) {
    constexpr std::size_t size_max = 20;
    return text.size() <= size_max && only_word_characters_and(text, ".-_/%*^'[]{}()+") &&
           !has_long_whole_part(text);
}

bool is_uri(std::string_view text) {
    constexpr std::size_t size_max = 200;
    if (text.find(':') == std::string_view::npos) // a reference such as Patient/17 names somebody
        return is_code(text);
    return text.size() <= size_max && only_word_characters_and(text, ".-_:/#&+|~"); // no query
}

} // namespace

bool has_form(std::string_view text, value_form form) {
    if (text.empty())
        return true;
    switch (form) {
    case value_form::number:
        return is_number(text);
    case value_form::date:
        return is_date(text);
    case value_form::code:
        return is_code(text);
    case value_form::unit:
        return is_unit(text);
    case value_form::uri:
        return is_uri(text);
    }
    return false;
}

std::string open_or_hidden(std::string_view text, value_form form) {
    return has_form(text, form) ? std::string(text) : "(hidden)";
}

} // namespace auditgate::gateway::cli
