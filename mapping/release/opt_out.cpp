#include "mapping/release/opt_out.hpp"

#include <algorithm>

namespace auditgate::mapping {
namespace {

constexpr std::size_t nhs_number_length = 10;

bool is_ten_digits(std::string_view text) {
    return text.size() == nhs_number_length &&
           std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; });
}

} // namespace

std::string write_opt_out_request(const nhs_number_set& numbers) {
    std::string result;
    for (const std::string& number : numbers) {
        result += number + ",\n";
    }
    return result;
}

std::optional<nhs_number_set> read_nhs_numbers(std::string_view text, yaml::problem_sink& problems) {
    nhs_number_set result;
    bool all_read = true;
    for (yaml::position where; !text.empty(); ++where.line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ',' || line.back() == ' ')) {
            line.remove_suffix(1);
        }
        if (is_ten_digits(line)) {
            result.emplace(line);
        } else if (!line.empty()) {
            problems.add(
                where,
                "this line is no NHS number of ten digits with a comma behind it; if the service answered "
                "with a sentence, it has refused the request");
            all_read = false;
        }
    }
    return all_read ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<opt_out_state> answered_opt_out(nhs_number_set requested, nhs_number_set cleared,
                                              std::chrono::local_days answered_on,
                                              yaml::problem_sink& problems) {
    if (!std::ranges::includes(requested, cleared)) {
        problems.add_whole_file(
            "the response holds numbers that the request did not ask about: it answers another request");
        return std::nullopt;
    }
    if (cleared.empty() && requested.size() > all_opted_out_max) {
        problems.add_whole_file("the response is empty, though " + std::to_string(requested.size()) +
                                " numbers were asked about: fetch it again");
        return std::nullopt;
    }
    return opt_out_state{std::move(requested), std::move(cleared), answered_on, {}, false};
}

} // namespace auditgate::mapping
