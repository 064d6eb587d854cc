#include "mapping/read/table_date.hpp"

#include "mapping/terminology/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace auditgate::mapping {

namespace {

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};

// Parts of a date as they are read.
struct read_parts {
    int year = 0;
    int month = 1, day = 1, hour = 0, minute = 0, second = 0;
    std::optional<int> offset_minutes;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes `width` digits (0: one or two) off the begin of `rest`.
std::optional<int> take_number(std::string_view& rest, std::size_t width) {
    std::size_t count = 0;
    const std::size_t most = width == 0 ? 2 : width;
    while (count < most && count < rest.size() && is_digit(rest[count]))
        ++count;
    if (count == 0 || (width != 0 && count != width))
        return std::nullopt;
    int number = 0;
    std::from_chars(rest.data(), rest.data() + count, number);
    rest.remove_prefix(count);
    return number;
}

std::optional<int> take_month_name(std::string_view& rest) {
    constexpr std::size_t letters = 3;
    const std::string name = lower_cased(rest.substr(0, letters));
    const auto found = std::find(month_names.begin(), month_names.end(), name);
    if (found == month_names.end())
        return std::nullopt;
    rest.remove_prefix(letters);
    return static_cast<int>(found - month_names.begin()) + 1;
}

// Z, +01:00 or +0100, in minutes east.
std::optional<int> take_offset(std::string_view& rest) {
    if (rest.starts_with('Z')) {
        rest.remove_prefix(1);
        return 0;
    }
    if (!rest.starts_with('+') && !rest.starts_with('-'))
        return std::nullopt;
    const int sign = rest.front() == '-' ? -1 : 1;
    rest.remove_prefix(1);
    const auto hours = take_number(rest, 2);
    if (rest.starts_with(':'))
        rest.remove_prefix(1);
    const auto minutes = take_number(rest, 2);
    constexpr int hours_max = 14;
    if (!hours || !minutes || *hours > hours_max || *minutes > 59)
        return std::nullopt;
    return sign * (*hours * 60 + *minutes);
}

std::optional<event_time> to_time(const read_parts& parts, time_precision precision, const civil_time& zone) {
    using namespace std::chrono;
    const year_month_day date{std::chrono::year(parts.year),
                              std::chrono::month(static_cast<unsigned>(parts.month)),
                              std::chrono::day(static_cast<unsigned>(parts.day))};
    constexpr int earliest_year = 1850;
    if (!date.ok() || parts.year < earliest_year || parts.hour > 23 || parts.minute > 59 || parts.second > 59)
        return std::nullopt;
    const local_time<milliseconds> local =
        local_days(date) + hours(parts.hour) + minutes(parts.minute) + seconds(parts.second);
    if (!parts.offset_minutes)
        return zone.from_local(local, precision);
    return zone.from_instant(
        sys_time<milliseconds>(local.time_since_epoch() - minutes(*parts.offset_minutes)), precision);
}

} // namespace

std::optional<date_pattern> date_pattern::parse(std::string_view pattern, std::string& mistake) {
    struct token {
        std::string_view text;
        char field;
        std::size_t width;
    };
    static constexpr std::array<token, 10> tokens{{{"yyyy", 'y', 4},
                                                   {"MMM", 'b', 3},
                                                   {"MM", 'M', 2},
                                                   {"M", 'M', 0},
                                                   {"dd", 'd', 2},
                                                   {"d", 'd', 0},
                                                   {"HH", 'H', 2},
                                                   {"mm", 'm', 2},
                                                   {"ss", 's', 2},
                                                   {"z", 'z', 0}}};
    date_pattern result;
    std::string seen;
    while (!pattern.empty()) {
        const auto found = std::find_if(tokens.begin(), tokens.end(),
                                        [&](const token& one) { return pattern.starts_with(one.text); });
        if (found == tokens.end() &&
            std::string_view("yYDhS").find(pattern.front()) != std::string_view::npos) {
            mistake = "`" + std::string(1, pattern.front()) +
                      "` is no part of a date pattern: write yyyy, MM, dd, HH, mm, ss, MMM or z";
            return std::nullopt;
        }
        piece next;
        if (found == tokens.end()) {
            next.literal = pattern.front();
            pattern.remove_prefix(1);
        } else {
            next.field = found->field;
            next.width = found->width;
            pattern.remove_prefix(found->text.size());
            const char kind = next.field == 'b' ? 'M' : next.field;
            if (seen.find(kind) != std::string::npos) {
                mistake = "`" + std::string(found->text) + "` stands there twice";
                return std::nullopt;
            }
            seen += kind;
        }
        result.pieces_.push_back(next);
    }
    const auto has = [&](char field) { return seen.find(field) != std::string::npos; };
    if (!has('y') || !has('M') || !has('d') || (has('m') && !has('H')) || (has('s') && !has('m')) ||
        (has('z') && !has('m')) || (has('H') && !has('m'))) {
        mistake = "a date needs yyyy, MM and dd, a time HH and mm: dd/MM/yyyy, yyyyMMdd, dd-MMM-yyyy HH:mm";
        return std::nullopt;
    }
    result.precision_ = has('s')   ? time_precision::second
                        : has('m') ? time_precision::minute
                                   : time_precision::day;
    return result;
}

std::optional<event_time> date_pattern::read(std::string_view text, const civil_time& zone) const {
    read_parts parts;
    for (const piece& one : pieces_) {
        std::optional<int> number;
        switch (one.field) {
        case 0:
            if (!text.starts_with(one.literal))
                return std::nullopt;
            text.remove_prefix(1);
            continue;
        case 'b':
            number = take_month_name(text);
            break;
        case 'z':
            number = take_offset(text);
            break;
        default:
            number = take_number(text, one.width);
        }
        if (!number)
            return std::nullopt;
        switch (one.field) {
        case 'y':
            parts.year = *number;
            break;
        case 'b':
        case 'M':
            parts.month = *number;
            break;
        case 'd':
            parts.day = *number;
            break;
        case 'H':
            parts.hour = *number;
            break;
        case 'm':
            parts.minute = *number;
            break;
        case 's':
            parts.second = *number;
            break;
        default:
            parts.offset_minutes = *number;
        }
    }
    return text.empty() ? to_time(parts, precision_, zone) : std::nullopt;
}

std::optional<std::size_t> date_pattern::width() const {
    std::size_t sum = 0;
    for (const piece& one : pieces_) {
        if (one.field != 0 && one.width == 0)
            return std::nullopt;
        sum += one.field == 0 ? 1 : one.width;
    }
    return sum;
}

const std::vector<date_pattern>& default_date_patterns() {
    static const std::vector<date_pattern> patterns = [] {
        std::vector<date_pattern> made;
        std::string mistake;
        for (const char* one : {"yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm:ss",
                                "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ssz"})
            made.push_back(date_pattern::parse(one, mistake).value());
        return made;
    }();
    return patterns;
}

std::optional<event_time> read_date(std::string_view text, const std::vector<date_pattern>& patterns,
                                    const civil_time& zone) {
    for (const date_pattern& one : patterns) {
        if (const auto read = one.read(text, zone))
            return read;
    }
    return std::nullopt;
}

std::optional<file_name_pattern> file_name_pattern::parse(std::string_view pattern, std::string& mistake) {
    file_name_pattern result;
    result.text_ = pattern;
    while (!pattern.empty()) {
        piece next;
        if (pattern.front() == '{') {
            const std::size_t end = pattern.find('}');
            const std::string_view place = pattern.substr(1, end == std::string_view::npos ? end : end - 1);
            const std::size_t colon = place.find(':');
            next.name = place.substr(0, colon);
            const bool known = next.name == "recorded" || next.name == "from" || next.name == "to";
            if (end == std::string_view::npos || colon == std::string_view::npos || !known) {
                mistake = "a place in a file's name is {recorded:yyyyMMdd}, {from:yyyyMMdd} or {to:yyyyMMdd}";
                return std::nullopt;
            }
            if (result.tells(next.name)) {
                mistake = "`" + next.name + "` stands there twice";
                return std::nullopt;
            }
            next.date = date_pattern::parse(place.substr(colon + 1), mistake);
            if (!next.date)
                return std::nullopt;
            if (!next.date->width()) {
                mistake = "in a file's name write MM and dd, of two digits each";
                return std::nullopt;
            }
            pattern.remove_prefix(end + 1);
        } else {
            const std::size_t end = pattern.front() == '*' ? 1 : pattern.find_first_of("{*");
            next.literal = pattern.substr(0, end);
            pattern.remove_prefix(next.literal.size());
        }
        result.pieces_.push_back(std::move(next));
    }
    return result;
}

bool file_name_pattern::tells(std::string_view name) const {
    return std::any_of(pieces_.begin(), pieces_.end(), [&](const piece& one) { return one.name == name; });
}

bool file_name_pattern::match(std::string_view rest, std::size_t at, const civil_time& zone,
                              file_name_facts& facts) const {
    if (at == pieces_.size())
        return rest.empty();
    const piece& next = pieces_[at];
    if (next.literal == "*") {
        for (std::size_t skip = 0; skip <= rest.size(); ++skip)
            if (match(rest.substr(skip), at + 1, zone, facts))
                return true;
        return false;
    }
    if (next.name.empty())
        return rest.starts_with(next.literal) && match(rest.substr(next.literal.size()), at + 1, zone, facts);
    const std::size_t width = next.date->width().value();
    const auto time = next.date->read(rest.substr(0, width), zone);
    if (!time || !match(rest.substr(width), at + 1, zone, facts))
        return false;
    (next.name == "recorded" ? facts.recorded : next.name == "from" ? facts.from : facts.to) = time;
    return true;
}

std::optional<file_name_facts> file_name_pattern::read(std::string_view name, const civil_time& zone) const {
    file_name_facts facts;
    return match(name, 0, zone, facts) ? std::optional(facts) : std::nullopt;
}

} // namespace auditgate::mapping
