#include "mapping/terminology/code_pattern.hpp"

#include "mapping/terminology/text.hpp"

#include <cctype>
#include <limits>

namespace auditgate::mapping {
namespace {

constexpr std::size_t category_length = 3;

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

// C15: a letter and two digits.
bool is_category(std::string_view text) {
    return text.size() == category_length && std::isupper(static_cast<unsigned char>(text[0])) != 0 &&
           is_digit(text[1]) && is_digit(text[2]);
}

std::optional<std::vector<code_pattern>> parse_range(std::string_view system, std::string_view text) {
    const std::string_view first = text.substr(0, category_length);
    const std::string_view last = text.substr(category_length + 1);
    if (!is_category(first) || !is_category(last) || first[0] != last[0] || last < first) {
        return std::nullopt;
    }
    const auto number = [](std::string_view category) {
        return (category[1] - '0') * 10 + (category[2] - '0');
    };
    std::vector<code_pattern> result;
    for (int i = number(first); i <= number(last); ++i) {
        std::string category{first[0]};
        category += static_cast<char>('0' + i / 10);
        category += static_cast<char>('0' + i % 10);
        result.push_back({std::string(system), std::move(category), true, true});
    }
    return result;
}

} // namespace

std::string written_form(std::string_view code, std::size_t dot_after) {
    code = trimmed(code);
    if (dot_after == 0) {
        return std::string(code);
    }
    std::string result;
    for (const char letter : code) {
        if (letter != '.') {
            result += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        }
    }
    while (!result.empty() && (result.back() == '+' || result.back() == '*')) {
        result.pop_back();
    }
    if (result.size() == dot_after + 1 && result.back() == 'X') {
        result.pop_back();
    }
    if (result.size() > dot_after) {
        result.insert(dot_after, 1, '.');
    }
    return result;
}

bool code_pattern::matches(const concept_code& code) const {
    if (!system.empty() && system != code.system) {
        return false;
    }
    return prefix ? std::string_view(code.code).starts_with(text) : code.code == text;
}

std::size_t code_pattern::specificity() const {
    if (!prefix) {
        return std::numeric_limits<std::size_t>::max();
    }
    return 2 * text.size() + (of_range ? 0 : 1);
}

std::optional<std::vector<code_pattern>> parse_code_patterns(std::string_view system, std::string_view text,
                                                             std::size_t dot_after) {
    text = trimmed(text);
    if (text.empty()) {
        return std::nullopt;
    }
    if (dot_after == category_length && text.size() == 2 * category_length + 1 &&
        text[category_length] == '-') {
        return parse_range(system, text);
    }
    const bool prefix = text.back() == '*';
    if (prefix) {
        text.remove_suffix(1);
    }
    if (text.find('*') != std::string_view::npos) {
        return std::nullopt;
    }
    return std::vector<code_pattern>{{std::string(system), written_form(text, dot_after), prefix, false}};
}

} // namespace auditgate::mapping
