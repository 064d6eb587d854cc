// What was ordered and given of opioids, in the terms of the opioid table (dataset.md section 4, opioid; section 7).
#pragma once

#include "mapping/cases/context.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace auditgate::mapping {

using local_instant = std::chrono::local_time<std::chrono::milliseconds>;

// More oral morphine in one day is a slip of the pen, whatever drug it is made of: such an amount is not counted.
inline constexpr std::int64_t ome_mg_a_day_max = 100'000;

struct opioid_record {
    const fact* from = nullptr;
    const medication* is = nullptr;
    std::string drug, route;
    bool is_patch = false;            // on the skin: it holds for a time
    std::optional<std::int64_t> size; // ug of one dose or tablet, ng/h of one patch
    std::int64_t pieces = 1000;       // thousandths: how many of that size at once
    // Of the dose given; of a whole day for patches, orders and statements. None though the table has the drug: `flag`
    // says why (unit-unknown, out-of-range), or nobody knows how often it is taken.
    std::optional<ome_nanograms> daily;
    std::string flag;
    local_instant start{};
    std::optional<local_instant> end; // up to, not including; patches that were given have one

    [[nodiscard]] bool was_given() const { return is->status != medication_status::not_given; }
    [[nodiscard]] bool holds_at(local_instant at) const { return start <= at && (!end || at < *end); }
    [[nodiscard]] bool holds_within(local_instant from_time, local_instant to_time) const {
        return start < to_time && (!end || *end > from_time);
    }
    [[nodiscard]] bool over_by(local_instant at) const { return end && *end <= at; }
};

struct opioid_records {
    std::vector<opioid_record> given;  // administrations, those recorded as not given among them
    std::vector<opioid_record> orders; // and statements; none that was cancelled
};

// Of all days, each once though several feeds tell of it.
[[nodiscard]] opioid_records read_opioids(const case_context& context);

// The table's drug that a medication is; nothing: no opioid.
[[nodiscard]] std::optional<std::string> opioid_drug(const fact& one, const opioid_rules& rules);

} // namespace auditgate::mapping
