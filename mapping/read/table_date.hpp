// Dates as exports write them, and what the name of an export file says.
#pragma once

#include "mapping/read/civil_time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// A pattern such as dd/MM/yyyy HH:mm. A value.
//   yyyy  year, four digits          HH  hour 00-23        z  Z, +hh:mm or +hhmm
//   MM    month; M one or two digits mm  minute
//   dd    day; d one or two digits   ss  second            MMM  Jan..Dec, any case
// All other characters stand for themselves.
class date_pattern {
public:
    // None, and why in `mistake`, when it is no pattern of a date.
    [[nodiscard]] static std::optional<date_pattern> parse(std::string_view pattern, std::string& mistake);

    // The date or time, to the precision that the pattern has; none when the text is not of this form or no date of the
    // calendar.
    [[nodiscard]] std::optional<event_time> read(std::string_view text, const civil_time& zone) const;

    // How many characters a text of this form has; none: it varies.
    [[nodiscard]] std::optional<std::size_t> width() const;

private:
    struct piece {
        char field = 0;        // y M d H m s z, b (name of a month); 0: a literal
        std::size_t width = 0; // digits; 0: one or two
        char literal = 0;
    };
    std::vector<piece> pieces_;
    time_precision precision_ = time_precision::day;
};

// yyyy-MM-dd, alone or with THH:mm, THH:mm:ss (T or a blank), THH:mm:ssz: what is read where a profile names no format.
[[nodiscard]] const std::vector<date_pattern>& default_date_patterns();

[[nodiscard]] std::optional<event_time>
read_date(std::string_view text, const std::vector<date_pattern>& patterns, const civil_time& zone);

// What the name of a file says of it.
struct file_name_facts {
    std::optional<event_time> recorded;
    std::optional<event_time> from, to; // both days are included
};

// A name with places for dates: coding_{recorded:yyyyMMdd}.csv, opcs-{from:yyyyMMdd}-{to:yyyyMMdd}*.csv. `*` stands for any
// text. A value.
class file_name_pattern {
public:
    // None, and why in `mistake`, when the pattern cannot be used.
    [[nodiscard]] static std::optional<file_name_pattern> parse(std::string_view pattern,
                                                                std::string& mistake);

    // None when the name is not of this form.
    [[nodiscard]] std::optional<file_name_facts> read(std::string_view name, const civil_time& zone) const;

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool tells_recorded() const { return tells("recorded"); }
    [[nodiscard]] bool tells_period() const { return tells("from") && tells("to"); }

private:
    struct piece {
        std::string literal; // when `name` is empty; "*": any text
        std::string name;    // recorded, from, to
        std::optional<date_pattern> date;
    };
    [[nodiscard]] bool tells(std::string_view name) const;
    [[nodiscard]] bool match(std::string_view rest, std::size_t at, const civil_time& zone,
                             file_name_facts& facts) const;

    std::string text_;
    std::vector<piece> pieces_;
};

} // namespace auditgate::mapping
