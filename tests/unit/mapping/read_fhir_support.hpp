// Reading one FHIR document, for tests of the readers of FHIR.
#pragma once

#include "mapping/read/read.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::mapping::test {

// As received on 2026-01-01 from the sender S.
inline read_result read(const std::string& document) {
    source_profile profile;
    profile.sender = "S";
    return read_message(
        {document, format_of(document), "m1", std::chrono::sys_days(std::chrono::January / 1 / 2026)},
        profile);
}

template <class payload>
std::vector<event> of_kind(const read_result& result) {
    std::vector<event> found;
    std::copy_if(result.events.begin(), result.events.end(), std::back_inserter(found),
                 [](const event& each) { return each.as<payload>() != nullptr; });
    return found;
}

// The one event of this kind that a document gives.
template <class payload>
event only(const std::string& document) {
    const auto found = of_kind<payload>(read(document));
    EXPECT_EQ(found.size(), 1U) << document;
    return found.empty() ? event{"", "", "", "", {}, "", {}, {}, {}, {}, "", "", "", payload{}}
                         : found.front();
}

// A resource with a patient, an id and these members.
inline std::string resource(const std::string& type, const std::string& members) {
    return R"({"resourceType":")" + type + R"(","id":"r1","meta":{"lastUpdated":"2026-03-06T09:00:00Z"},)" +
           R"("subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"900 000 7429"}},)" +
           members + "}";
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
