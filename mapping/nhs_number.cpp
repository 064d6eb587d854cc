#include "mapping/nhs_number.hpp"

#include <algorithm>

namespace auditgate::mapping {

std::string usable_nhs_number(std::string_view key, bool allow_test_numbers) {
    std::string digits;
    for (const char letter : key.substr(std::min(nhs_prefix.size(), key.size()))) {
        if (letter == ' ')
            continue;
        if (letter < '0' || letter > '9')
            return {};
        digits += letter;
    }
    constexpr std::size_t number_size = 10;
    if (digits.size() != number_size || digits.find_first_not_of(digits.front()) == std::string::npos ||
        (digits.front() == '9' && !allow_test_numbers))
        return {};
    int sum = 0;
    for (std::size_t i = 0; i + 1 < number_size; ++i)
        sum += (digits[i] - '0') * static_cast<int>(number_size - i);
    const int check = (11 - sum % 11) % 11;
    return check == digits.back() - '0' ? digits : std::string();
}

} // namespace auditgate::mapping
