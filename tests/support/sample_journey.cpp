#include "tests/support/sample_journey.hpp"

#include "tests/support/support.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <regex>

namespace auditgate::test {
namespace {

// Replaces every match by what `made_of` makes of it.
template <class Maker>
std::string replace_each(const std::string& text, const std::regex& pattern, Maker made_of) {
    std::string result;
    auto rest = text.begin();
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
        result.append(rest, (*match)[0].first);
        result += made_of(*match);
        rest = (*match)[0].second;
    }
    return result.append(rest, text.end());
}

std::string date_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

} // namespace

std::string nhs_test_number(int index) {
    for (int number = 990'000'000 + index * 10;; ++number) {
        const std::string digits = std::to_string(number);
        int sum = 0;
        for (int place = 0; place < 9; ++place)
            sum += (digits[static_cast<std::size_t>(place)] - '0') * (10 - place);
        const int check = 11 - sum % 11; // NHS data dictionary: 11 is written 0, 10 is never given out
        if (check != 10)
            return digits + std::to_string(check == 11 ? 0 : check);
    }
}

std::vector<std::string> sample_journey(int patient, std::chrono::sys_days day_zero) {
    static const std::regex offset(R"(\{D([+-]\d+)\})");
    static const std::regex nhs_number(R"(\b999\d{7}\b)");
    static const std::regex local_number(R"(\b(H|V|RX|PRM|EPR|RIS|DOC|LAB|ORD|APP|SAMPLE)(\d{4,}))");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "deploy/sample/messages"))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());

    std::vector<std::string> people; // as first seen; the journey has three
    std::vector<std::string> messages;
    for (const std::filesystem::path& file : files) {
        std::string text = read_file(file);
        std::replace(text.begin(), text.end(), '\n', '\r');
        text = replace_each(text, offset, [&](const std::smatch& match) {
            return date_text(day_zero + std::chrono::days(std::stoi(match[1])));
        });
        text = replace_each(text, nhs_number, [&](const std::smatch& match) {
            const auto known = std::find(people.begin(), people.end(), match.str());
            const auto person = known - people.begin();
            if (known == people.end())
                people.push_back(match.str());
            return nhs_test_number(patient * 10 + static_cast<int>(person));
        });
        text = replace_each(text, local_number, [&](const std::smatch& match) {
            return match[1].str() + std::to_string(patient) + "X" + match[2].str();
        });
        messages.push_back(std::move(text));
    }
    return messages;
}

} // namespace auditgate::test
