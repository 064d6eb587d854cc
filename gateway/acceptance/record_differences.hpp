// What is wrong with the records of a step, in words for those who audit: item by item, never whole documents.
#pragma once

#include "fhir/json.hpp"
#include "gateway/acceptance/dry_run.hpp"

#include <span>
#include <string>
#include <vector>

namespace auditgate::gateway::acceptance {

struct item_difference {
    std::string
        item; // as `auditgate why` names it: procedure.access, efficacy.M1.pain.worst, safety.events[2].category
    std::string expected; // the value; lists separated by commas; "nothing" when it is null or not there
    std::string got;

    bool operator==(const item_difference&) const = default;
};

// Items that differ. Numbers compare by their value; rows are paired by their time point.
[[nodiscard]] std::vector<item_difference> item_differences(const fhir::json::value& expected,
                                                            const fhir::json::value& actual);

// Lines of text on all that differs between the records expected and those that went out, with the rule and the messages behind
// each value; "": nothing. Records are paired by id; what is left over by likeness, for an id tells patient, dataset and date.
[[nodiscard]] std::string differences_text(const std::vector<fhir::json::value>& expected,
                                           const std::vector<released_record>& actual,
                                           const std::vector<withheld_case>& withheld);

// The first digits of a record's id.
[[nodiscard]] std::string short_id(std::string_view id);

} // namespace auditgate::gateway::acceptance
