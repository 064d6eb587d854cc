#include "mapping/terminology/ome_table.hpp"

#include <algorithm>

namespace auditgate::mapping {
namespace {

constexpr ome_nanograms nanograms_in_microgram = 1'000;
constexpr ome_nanograms nanograms_in_5_mg = 5'000'000;

std::optional<ome_nanograms> product(std::int64_t amount, std::int64_t factor) {
    ome_nanograms result = 0;
    return __builtin_mul_overflow(amount, factor, &result) ? std::nullopt : std::optional(result);
}

} // namespace

const ome_factor* ome_table::find(std::string_view drug, std::string_view route) const {
    const auto found = factors_.find({std::string(drug), std::string(route)});
    return found == factors_.end() ? nullptr : &found->second;
}

std::optional<ome_nanograms> ome_table::of_dose(std::string_view drug, std::string_view route,
                                                std::int64_t dose_micrograms) const {
    const ome_factor* factor = find(drug, route);
    if (factor == nullptr || factor->per != ome_factor::basis::dose) {
        return std::nullopt;
    }
    return product(dose_micrograms, factor->thousandths); // ug * 1/1000 is ng
}

std::optional<ome_nanograms> ome_table::of_patch(std::string_view drug, std::string_view route,
                                                 std::int64_t nanograms_per_hour) const {
    const ome_factor* factor = find(drug, route);
    if (factor == nullptr || factor->per != ome_factor::basis::rate) {
        return std::nullopt;
    }
    if (const auto special = factor->special_rates.find(nanograms_per_hour);
        special != factor->special_rates.end()) {
        return special->second * nanograms_in_microgram;
    }
    // ng/h * 1/1000 is ug/h; mg a day for each of them is 10^6 ng
    return product(nanograms_per_hour, factor->thousandths);
}

bool ome_table::has_patches(std::string_view route) const {
    return std::ranges::any_of(factors_, [&](const auto& one) {
        return one.first.second == route && one.second.per == ome_factor::basis::rate;
    });
}

bool ome_table::add(std::string drug, std::string route, ome_factor factor) {
    return factors_.emplace(std::pair{std::move(drug), std::move(route)}, std::move(factor)).second;
}

std::int64_t round_to_5_mg(ome_nanograms amount) {
    return (amount + nanograms_in_5_mg / 2) / nanograms_in_5_mg * 5;
}

} // namespace auditgate::mapping
