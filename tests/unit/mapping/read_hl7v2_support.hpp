// What the tests of the HL7 v2 readers share: a message of a few segments, and the events of one kind that it gave.
#pragma once

#include "mapping/read/read.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace auditgate::mapping::test {

inline constexpr const char* pid =
    "PID|1||H1^^^RXX^MR~900 001 0640^^^NHS^NH||A^B||19580712|F|||||||||||||||||||||";

// A message of these segments; MSH-9 and MSH-12 as given.
inline read_result read(const std::string& type, const std::string& version,
                        const std::vector<std::string>& segments, const source_profile& profile = {}) {
    std::string bytes = "MSH|^~\\&|PAS|RXX|AUDITGATE|AUDIT|202603060900||" + type + "|M1|P|" + version + "\r";
    for (const std::string& segment : segments) {
        bytes += segment + "\r";
    }
    return read_message({bytes, message_format::hl7v2, "m1", {}}, profile);
}

template <class payload>
std::vector<event> of_kind(const read_result& result) {
    std::vector<event> found;
    std::copy_if(result.events.begin(), result.events.end(), std::back_inserter(found),
                 [](const event& each) { return each.as<payload>() != nullptr; });
    return found;
}

// Why segments gave nothing, of all of them in order.
inline std::vector<part_note> notes_of(const read_result& result) {
    std::vector<part_note> all;
    for (const part_report& part : result.parts) {
        all.insert(all.end(), part.notes.begin(), part.notes.end());
    }
    return all;
}

inline std::string day_of(const std::optional<event_time>& when) {
    if (!when) {
        return "none";
    }
    const std::chrono::year_month_day date(when->date());
    return std::to_string(static_cast<int>(date.year())) + "-" +
           std::to_string(static_cast<unsigned>(date.month())) + "-" +
           std::to_string(static_cast<unsigned>(date.day()));
}

} // namespace auditgate::mapping::test
