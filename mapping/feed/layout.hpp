// Where each item of an audit record stands in the FHIR feed: the compiled form of config/feed/<dataset>.yaml, whose
// head explains the words. Writing and reading a Bundle follow the same table, so that neither can forget an item.
#pragma once

#include "mapping/yaml/document.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::mapping::feed {

enum class value_type { code, text, integer, decimal, boolean };

enum class place_kind { extension, component, coding, concepts, element, identifier, resource_identifier };

enum class match_by { identifier, tag };

// One kind of resource of a record. `name` is the first part of its slot.
struct resource_template {
    std::string name;
    std::string type; // Observation ...
    std::string rows; // path of the list that has one of these for each row; empty: one for the record
    std::vector<std::string> key; // items of the row that make its slot, in order
    match_by match = match_by::identifier;
    std::string part_of; // an Observation: name of the resource above that it is part of; may be empty
};

struct extra_code {
    std::string system;
    std::string code;
};

struct item_place {
    std::string path;  // efficacy.score.total: as named in extensions and component codes
    std::string rows;  // efficacy; empty when the item is not in a list of rows
    std::string local; // path inside its row, or `path`: score.total
    value_type type = value_type::code;
    bool list = false;
    std::vector<std::size_t> resources; // indexes into layout::resources; read from the first that has it
    place_kind kind = place_kind::extension;
    std::string element;           // of coding, concepts, element
    std::string system;            // of codings and identifiers
    std::string system_of_digits;  // instead of `system` for codes that are digits only; may be empty
    std::string absent;            // value told by leaving it out; empty: null
    std::string unit;              // UCUM; makes the value a Quantity
    std::vector<extra_code> codes; // of a component, beside its own
};

struct layout {
    std::string dataset;
    std::vector<std::string> dataset_versions;
    std::vector<resource_template> resources; // the first is the List, the head of the record
    std::vector<item_place> items;            // in the order of the record
};

inline constexpr std::string_view record_system = "urn:auditgate:record";
inline constexpr std::string_view item_system = "urn:auditgate:item";
inline constexpr std::string_view code_system_prefix = "urn:auditgate:code:";
inline constexpr std::string_view extension_prefix = "urn:auditgate:extension:";

// Reads a layout file. None when it cannot be used; `problems` says why, by line.
[[nodiscard]] std::optional<layout> load_layout(const std::filesystem::path& file,
                                                std::vector<yaml::problem>& problems);

// Every .yaml file of a folder (config/feed), in the order of their names; those with problems are left out.
[[nodiscard]] std::vector<layout> load_layouts(const std::filesystem::path& folder,
                                               std::vector<yaml::problem>& problems);

// The layout of a version of a dataset; nullptr when there is none. Valid as long as `all`.
[[nodiscard]] const layout* find_layout(std::span<const layout> all, std::string_view dataset,
                                        std::string_view dataset_version);

} // namespace auditgate::mapping::feed
