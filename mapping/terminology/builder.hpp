// Puts a terminology together, row by row; every row is checked against what came before it.
#pragma once

#include "mapping/terminology/terminology.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auditgate::mapping {

// Cells are taken as they stand in a file. Each add function answers what is wrong with the row, in words for
// the person who edits the file, or nothing when the row is in. Code systems come first: other rows may only
// name known ones.
class terminology_builder {
public:
    using refusal = std::optional<std::string>;

    void set_version(std::string version) { result_.version_ = std::move(version); }

    // One name (`SCT`) of a system; the URI is a name of itself. `dot_after`: digits or empty.
    refusal add_code_system(std::string_view uri, std::string_view name, std::string_view dot_after);

    // `code`: see parse_code_patterns().
    refusal add_to_value_set(std::string_view set, std::string_view system, std::string_view code);

    // Makes a set that may stay empty: one whose codes all wait for a coder can be named nevertheless.
    void declare_value_set(std::string_view set);

    struct mapping_row {
        std::string_view map;
        std::string_view source_system; // empty: any
        std::string_view source_code;   // see parse_code_patterns()
        std::string_view target_system; // empty: the target is a word of our own
        std::string_view target_code;
        std::string_view sender; // empty: any
    };
    refusal add_mapping(const mapping_row& row);

    // Sites come in anatomical order.
    refusal add_site(std::string_view id, std::string_view region);

    refusal add_unit(std::string_view name, std::string_view dimension, std::string_view numerator,
                     std::string_view denominator);

    struct ome_row {
        std::string_view table;
        std::string_view drug;
        std::string_view route;
        std::string_view per;     // mg | ug/h | not-computable
        std::string_view factor;  // decimal, empty for not-computable
        std::string_view special; // `12=30 62=150`: ug/h to mg a day, beating the factor
    };
    refusal add_ome_factor(const ome_row& row);

    // `strengths`: ug/h with blanks between, or empty for all others of the drug.
    refusal add_wear_time(std::string_view drug, std::string_view strengths, std::string_view hours);

    // What rows say of each other that does not fit: a drug of an opioid table that no code leads to, a code
    // mapped to a site that is none. Empty: all fits.
    [[nodiscard]] std::vector<std::string> contradictions() const;

    // The terminology; the builder is empty afterwards.
    [[nodiscard]] std::shared_ptr<const terminology> build();

private:
    [[nodiscard]] std::optional<code_system> known_system(std::string_view name) const;
    [[nodiscard]] std::string unknown_system(std::string_view name) const;
    [[nodiscard]] bool is_target_of(std::string_view map, std::string_view word) const;

    terminology result_;
    std::set<std::string> ome_drugs_;
    std::set<std::string> ome_routes_;
};

} // namespace auditgate::mapping
