// Reading one observed value as a score (dataset.md section 4): what is no plain number, or outside its range, is not used
// and flagged.
#pragma once

#include "mapping/definition/definition.hpp"
#include "mapping/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::mapping {

struct score {
    std::int64_t thousandths = 0; // of form digits: the digits as a number
    bool is_usable = false;
    std::string flag; // unparsed-value, out-of-range; "": the value is usable, or there is none

    [[nodiscard]] bool usable() const { return is_usable; }
};

[[nodiscard]] score read_score(const event& one, const assessment_value& form,
                               const compiled_definition& definition);

// Decimal text in thousandths, rounded half away from zero; nullopt: no plain decimal number. "7", "-0.05", "6.40".
[[nodiscard]] std::optional<std::int64_t> parse_thousandths(std::string_view text);

// A number of thousandths as JSON number text without needless zeros: 6400 is 6.4.
[[nodiscard]] std::string thousandths_text(std::int64_t thousandths);

} // namespace auditgate::mapping
