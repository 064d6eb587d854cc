// Puts a terminology together, row by row; every row is checked against what came before it.
#pragma once

#include "mapping/terminology/terminology.hpp"
#include "mapping/yaml/document.hpp"

#include <map>
#include <memory>
#include <optional>
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

    // Where the rows that are added from now on stand.
    void set_place(std::string file, yaml::position where);

    // What rows say of each other that does not fit: a drug or route of an opioid table that no code leads to, a code
    // that leads to a word of no opioid table that is nearly one of them, or to a site that is none. Each with the place
    // of its row. A drug or route that no table names is allowed: it is not computable.
    [[nodiscard]] std::vector<yaml::problem> contradictions() const;

    // The terminology; the builder is empty afterwards.
    [[nodiscard]] std::shared_ptr<const terminology> build();

private:
    [[nodiscard]] std::optional<code_system> known_system(std::string_view name) const;
    [[nodiscard]] std::string unknown_system(std::string_view name) const;
    // Words with the place of the first row that has them.
    using places = std::map<std::string, yaml::problem, std::less<>>;

    [[nodiscard]] const places& targets_of(std::string_view map) const;
    static void add_unmapped(std::string_view kind, std::string_view map, const places& words,
                             const places& targets, std::vector<yaml::problem>& to);
    static void add_misspelt(std::string_view map, const places& targets, const places& words,
                             std::vector<yaml::problem>& to);

    terminology result_;
    yaml::problem place_; // of the row that is being added, without a text
    places ome_drugs_;
    places ome_routes_;
    std::map<std::string, places, std::less<>> targets_; // of each concept map
};

} // namespace auditgate::mapping
