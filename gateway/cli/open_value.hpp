// Which values `explain` and `quarantine show` may print without --show-phi: that a place is for a number, a date or a code
// does not say that one stands in it.
#pragma once

#include <string>
#include <string_view>

namespace auditgate::gateway::cli {

enum class value_form {
    number, // 3.50, >100, 1^-^2
    date,   // 20260305091233+0000, 2026-03-05T09:12:33Z, 05/03/2026 09:12
    code,   // C79.5, final, MedicationAdministration
    unit,   // mg/mL, {score}, 10*9/L
    uri     // http://snomed.info/sct, urn:oid:2.16.840.1.113883.2.1
};

// Whether the text can be nothing but a value of this form. Of numbers of people only what is no usual measure is told
// apart: nine and more digits before the point, and NHS numbers by their check digit, even where they stand as a code.
// True of "".
[[nodiscard]] bool has_form(std::string_view text, value_form form);

// The text when it has the form, else what tells that it is hidden.
[[nodiscard]] std::string open_or_hidden(std::string_view text, value_form form);

} // namespace auditgate::gateway::cli
