// Oral morphine equivalents: factors for audit, never for prescribing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace auditgate::mapping {

// Amounts are whole nanograms (a millionth of a milligram), so that sums are exact whatever their order.
// 1 mg = 1'000'000; a day of 25 ug/h at 2.4 is 60 mg = 60'000'000.
using ome_nanograms = std::int64_t;

// What one table says of a drug on a route.
struct ome_factor {
    enum class basis {
        dose,           // mg of oral morphine for each mg given
        rate,           // mg of oral morphine a day for each ug/h that a patch gives
        not_computable, // the table says so in terms (methadone, sublingual fentanyl)
    };
    basis per = basis::not_computable;
    std::int64_t thousandths = 0; // the factor: 2.4 is 2400
    std::map<std::int64_t, std::int64_t>
        special_rates; // strength in ng/h to the day's amount in ug, beating the factor

    bool operator==(const ome_factor&) const = default;
};

// One table (`uk`, `cdc-2022`). A drug or route that it does not hold is not computable.
class ome_table {
public:
    ome_table() = default;
    explicit ome_table(std::string id) : id_(std::move(id)) {}

    [[nodiscard]] const std::string& id() const { return id_; }

    // A dose that was given once: 10 mg are 10'000 micrograms. nullopt: not computable, or more than fits.
    [[nodiscard]] std::optional<ome_nanograms> of_dose(std::string_view drug, std::string_view route,
                                                       std::int64_t dose_micrograms) const;

    // A patch worn for the whole day: 37.5 ug/h are 37'500 nanograms an hour. nullopt: not computable, or more than
    // fits.
    [[nodiscard]] std::optional<ome_nanograms> of_patch(std::string_view drug, std::string_view route,
                                                        std::int64_t nanograms_per_hour) const;

    // Whether drugs come by patches on this route: the table has a rate for one of them.
    [[nodiscard]] bool has_patches(std::string_view route) const;

    // For loaders and tests; false when the pair is already there.
    bool add(std::string drug, std::string route, ome_factor factor);

private:
    [[nodiscard]] const ome_factor* find(std::string_view drug, std::string_view route) const;

    std::string id_;
    std::map<std::pair<std::string, std::string>, ome_factor> factors_;
};

// The published figure: milligrams, rounded once to a multiple of 5, half up. `amount` is not negative.
[[nodiscard]] std::int64_t round_to_5_mg(ome_nanograms amount);

} // namespace auditgate::mapping
