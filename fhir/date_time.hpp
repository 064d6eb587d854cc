// FHIR date, dateTime and instant (R4 2.24.0.1): as much of a point in time as was written, with its offset.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace auditgate::fhir {

enum class date_precision { year, month, day, minute, second };

// Parts that were not written are the first of their range. A leap second (23:59:60) is kept as second 59.
struct date_time {
    std::chrono::year_month_day date{};
    std::chrono::milliseconds time_of_day{0};
    date_precision precision = date_precision::day;
    std::optional<std::chrono::minutes>
        offset; // east of UTC; none for dates and for times written without one

    bool operator==(const date_time&) const = default;
};

// "2026", "2026-03", "2026-03-05", "2026-03-05T10:15:00.123+00:00". R4 demands seconds and an offset with every time;
// both may be missing here, for senders leave them out. None: anything else, days and times that do not exist, offsets
// beyond 14 hours. Digits of a second past the third are dropped.
[[nodiscard]] std::optional<date_time> parse_date_time(std::string_view text);

} // namespace auditgate::fhir
