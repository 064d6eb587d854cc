// Where two JSON documents differ.
#pragma once

#include "fhir/json.hpp"

#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {

struct difference {
    std::string path;     // efficacy[3].status
    std::string expected; // as JSON; "nothing" when it should not be there
    std::string actual;   // as JSON; "nothing" when it is not there
};

// Numbers compare as numbers, the order of members does not matter, the order of lists does.
[[nodiscard]] std::vector<difference> differences(const fhir::json::value& expected,
                                                  const fhir::json::value& actual);

} // namespace auditgate::gateway::acceptance
