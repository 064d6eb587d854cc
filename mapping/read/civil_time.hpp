// Civil time of one place: times as senders write them to event_time and back, daylight saving included.
#pragma once

#include "mapping/event.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace date {
class time_zone;
}

namespace auditgate::mapping {

// A time zone of the IANA database (tzdata of the system). A value, cheap to copy; safe to use from any thread.
class civil_time {
public:
    // None when the database has no zone of this name ("Europe/London").
    [[nodiscard]] static std::optional<civil_time> in_zone(std::string_view name);

    // A time written without an offset. An hour that comes twice (clocks go back) is the first one; one that does not
    // exist (clocks go forward) counts from before the change: 01:30 is 02:30 summer time.
    [[nodiscard]] event_time from_local(std::chrono::local_time<std::chrono::milliseconds> local,
                                        time_precision precision) const;

    // A time written with an offset: the calendar day is the one of this zone.
    [[nodiscard]] event_time from_instant(std::chrono::sys_time<std::chrono::milliseconds> instant,
                                          time_precision precision) const;

private:
    explicit civil_time(const date::time_zone* zone) : zone_(zone) {}

    const date::time_zone* zone_; // of the library's database, which lives as long as the process
};

} // namespace auditgate::mapping
