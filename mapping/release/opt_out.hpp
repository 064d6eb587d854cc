// The national data opt-out as the national service gives it: a file of NHS numbers goes out, and a file of
// those that may be used comes back (check for national data opt-outs, over MESH). Only the numbers that were
// asked about and came back are cleared; who opted out is never said in so many words.
#pragma once

#include "mapping/yaml/document.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace auditgate::mapping {

using nhs_number_set = std::set<std::string, std::less<>>;

// What is known of opt-outs on a day.
struct opt_out_state {
    nhs_number_set requested;                           // asked about in the request that `cleared` answers
    nhs_number_set cleared;                             // of these, the ones that came back
    std::optional<std::chrono::local_days> answered_on; // none: no response yet
    nhs_number_set dissent;                             // refused to the hospital itself; never leave
    bool dissent_unreadable = false;                    // nobody knows who else refused: nothing may leave
};

// A request: each number once, in ascending order, with the comma and line feed that the service demands.
[[nodiscard]] std::string write_opt_out_request(const nhs_number_set& numbers);

// Reads a request, a response or a local dissent list: one ten-digit number a line, a comma behind it or not,
// LF or CRLF, empty lines skipped. Nothing comes back when any line is something else (the service answers a
// request that it refuses with a sentence): half a list would hold records for no reason. Problems tell the
// line, never its text.
[[nodiscard]] std::optional<nhs_number_set> read_nhs_numbers(std::string_view text,
                                                             yaml::problem_sink& problems);

// So many people may all have opted out. When more were asked about and none came back, a fetch that failed
// is far more likely.
inline constexpr std::size_t all_opted_out_max = 3;

// Puts a request and its response together. Numbers that nobody asked about are a problem: then the response
// is another request's. So is an empty response to more than all_opted_out_max numbers.
[[nodiscard]] std::optional<opt_out_state> answered_opt_out(nhs_number_set requested, nhs_number_set cleared,
                                                            std::chrono::local_days answered_on,
                                                            yaml::problem_sink& problems);

} // namespace auditgate::mapping
