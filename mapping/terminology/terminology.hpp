// The codes of a deployment, compiled from the files of config/terminology: names of code systems, value
// sets, concept maps, sites of the body in anatomical order, opioid factors, wear times, units. Immutable
// once built, so it may be shared between threads. What a file calls a thing (a value set, a map, a drug) is
// a word of that file: no procedure, site or drug is named in C++.
#pragma once

#include "mapping/event.hpp"
#include "mapping/terminology/code_pattern.hpp"
#include "mapping/terminology/concept_code.hpp"
#include "mapping/terminology/ome_table.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping {

// A code system and how its codes are written.
struct code_system {
    // Canonical: http://snomed.info/sct.
    std::string uri;
    // Codes go out with a dot after so many characters (3 for ICD-10 and OPCS-4); 0: as sent.
    std::size_t dot_after = 0;

    bool operator==(const code_system&) const = default;
};

// Maps with a meaning of their own; every other map means what the dataset definition uses it for.
inline constexpr std::string_view local_codes_map =
    "local-codes";                                       // a site's codes to those the definition knows
inline constexpr std::string_view sites_map = "sites";   // codes to sites of the body
inline constexpr std::string_view drugs_map = "drugs";   // codes to the drugs of the opioid tables
inline constexpr std::string_view routes_map = "routes"; // codes to the routes of the opioid tables

// A set with a meaning of its own: codes that tell a site, which a destination that sees regions only must
// not get.
inline constexpr std::string_view site_codes_set = "site-codes";

// A named set of codes, in the order of its file.
class value_set {
public:
    // Whether a normalised code is in the set.
    [[nodiscard]] bool contains(const concept_code& code) const { return position(code).has_value(); }

    [[nodiscard]] bool empty() const { return patterns_.empty(); }
    [[nodiscard]] const std::vector<code_pattern>& patterns() const { return patterns_; }

    // Place of the first row that holds the code, from 0: for sets in which the order is a preference.
    // nullopt: not in it.
    [[nodiscard]] std::optional<std::size_t> position(const concept_code& code) const;

    [[nodiscard]] const std::string& id() const { return id_; }

private:
    friend class terminology_builder;
    std::string id_;
    std::vector<code_pattern> patterns_;
};

// A named map from codes to codes. One code may give several.
class concept_map {
public:
    // Targets of a normalised code for messages of `sender` (MSH-3|MSH-4, or the sender configured for FHIR;
    // may be empty). Of the rows that match, those limited to this sender beat the general ones, and then
    // those with the most specific source pattern win; all of them in file order, without repeats. Empty:
    // nothing is said about the code.
    [[nodiscard]] std::vector<concept_code> translate(const concept_code& code,
                                                      std::string_view sender = {}) const;

    // The first of translate(): its code alone, for maps to words of our own. nullopt: nothing is said about
    // the code.
    [[nodiscard]] std::optional<std::string> word_for(const concept_code& code,
                                                      std::string_view sender = {}) const;

    [[nodiscard]] const std::string& id() const { return id_; }

private:
    friend class terminology_builder;
    struct row {
        code_pattern source;
        std::string sender; // empty = any
        concept_code target;

        bool operator==(const row&) const = default;
    };
    std::string id_;
    std::vector<row> rows_;
};

// One site of the body that procedures act on.
struct body_site {
    std::string id;     // the word in records
    std::string region; // what a destination sees that may not see sites
};

// How to bring an amount to the base unit of its dimension: amount * numerator / denominator.
struct unit {
    // As the file names it: mass (base ug), rate (base ng/h), daily-mass (base ug a day), length (base mm), count.
    std::string dimension;
    std::int64_t numerator = 1;
    std::int64_t denominator = 1;

    bool operator==(const unit&) const = default;
};

// How long a patch is worn when nobody records its removal.
struct wear_time {
    std::string drug;
    std::vector<std::int64_t> nanograms_per_hour; // strengths it holds for; empty = all others of the drug
    int hours = 0;
};

class terminology {
public:
    // In records as `terminology_version`.
    [[nodiscard]] const std::string& version() const { return version_; }

    // Canonical URI of a system as sent (name or URI, any case); a system that no file knows comes back as
    // sent.
    [[nodiscard]] std::string canonical_system(std::string_view as_sent) const;

    // By name as sent or URI, any case; nullptr: no file has it.
    [[nodiscard]] const code_system* find_code_system(std::string_view as_sent) const;

    // Canonical system and written_form() of the code.
    [[nodiscard]] concept_code normalise(const coding& as_sent) const;

    // The normalised code itself first, then all that the map `local-codes` leads to for this sender, step by
    // step (a site's code may lead to a code that is mapped in turn), each once.
    [[nodiscard]] std::vector<concept_code> expand(const coding& as_sent, std::string_view sender) const;

    // The longest name of a system (ICD-10, not I10), in capitals, for people; the URI when it has no other name.
    [[nodiscard]] std::string name_of_system(std::string_view uri) const;

    // nullptr: no file has it. Pointers hold as long as the terminology does.
    [[nodiscard]] const value_set* find_value_set(std::string_view id) const;
    [[nodiscard]] const concept_map* find_concept_map(std::string_view id) const;
    [[nodiscard]] const ome_table* find_ome_table(std::string_view id) const;

    // Names for messages ("did you mean") and documentation, sorted.
    [[nodiscard]] std::vector<std::string> code_system_names() const;
    [[nodiscard]] std::vector<std::string> value_set_ids() const;
    [[nodiscard]] std::vector<std::string> concept_map_ids() const;
    [[nodiscard]] std::vector<std::string> ome_table_ids() const;

    // All sites in anatomical order.
    [[nodiscard]] std::span<const body_site> sites() const { return sites_; }

    // Place in sites() of a site by its id (in any case).
    [[nodiscard]] std::optional<std::size_t> site_index(std::string_view id) const;

    // Places in sites() of the sites that a normalised code names: by the map `sites` (one code may name several, such
    // as both sides), else by the id itself as the code.
    [[nodiscard]] std::vector<std::size_t> sites_of(const concept_code& code,
                                                    std::string_view sender = {}) const;

    // A unit by name as sent (`mg`, `mcg`, `microgram/hour`); nullptr: unknown.
    [[nodiscard]] const unit* find_unit(std::string_view as_sent) const;

    // An amount given as decimal text ("37.5", "ug/h") in the base unit of `dimension`, rounded half up to a
    // whole one. nullopt: no plain number, an unknown unit, or one of another dimension.
    [[nodiscard]] std::optional<std::int64_t>
    in_base_unit(std::string_view amount, std::string_view unit_as_sent, std::string_view dimension) const;

    // Hours that a patch of this drug and strength is worn; nullopt: not said. Without a strength the drug's
    // general row.
    [[nodiscard]] std::optional<int> wear_hours(std::string_view drug,
                                                std::optional<std::int64_t> nanograms_per_hour) const;

private:
    friend class terminology_builder;
    std::string version_;
    std::map<std::string, code_system, std::less<>> systems_; // by lower-cased name as sent, and by URI
    std::map<std::string, value_set, std::less<>> value_sets_;
    std::map<std::string, concept_map, std::less<>> concept_maps_;
    std::map<std::string, ome_table, std::less<>> ome_tables_;
    std::vector<body_site> sites_;
    std::map<std::string, unit, std::less<>> units_; // by lower-cased name
    std::vector<wear_time> wear_times_;
};

} // namespace auditgate::mapping
