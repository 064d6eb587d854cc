#include "mapping/read/civil_time.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace auditgate::mapping {

using std::chrono::milliseconds;

std::optional<civil_time> civil_time::in_zone(std::string_view name) {
    try {
        return civil_time(date::locate_zone(std::string(name)));
    } catch (const std::runtime_error&) { // the library's only way to say that there is no such zone
        return std::nullopt;
    }
}

event_time civil_time::from_local(std::chrono::local_time<milliseconds> local,
                                  time_precision precision) const {
    const date::local_time<milliseconds> wanted(local.time_since_epoch());
    const date::local_info info = zone_->get_info(date::floor<std::chrono::seconds>(wanted));
    // In a gap and in an overlap alike `first` is the offset in force before the change.
    const milliseconds instant = wanted.time_since_epoch() - info.first.offset;
    event_time result;
    result.instant = std::chrono::sys_time<milliseconds>(instant);
    result.precision = precision;
    result.local = local;
    if (info.result == date::local_info::nonexistent) {
        result.local = std::chrono::local_time<milliseconds>(instant + info.second.offset);
    }
    return result;
}

event_time civil_time::from_instant(std::chrono::sys_time<milliseconds> instant,
                                    time_precision precision) const {
    const date::sys_info info = zone_->get_info(
        date::sys_seconds(std::chrono::floor<std::chrono::seconds>(instant.time_since_epoch())));
    event_time result;
    result.instant = instant;
    result.local = std::chrono::local_time<milliseconds>(instant.time_since_epoch() + info.offset);
    result.precision = precision;
    return result;
}

} // namespace auditgate::mapping
