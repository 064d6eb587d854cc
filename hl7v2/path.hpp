// Paths to values, one syntax for settings, findings and people. All numbers begin at 1.
//
//   path      = step { "/" step } "-" field
//   step      = name [ "(" index ")" ]
//   field     = number [ "[" index "]" ] [ "." component [ "." subcomponent ] ]
//   index     = number | "*"
//
//   PID-3              field 3 of the first PID           PID-3[2].4.1   repetition 2, component 4,
//   subcomponent 1 OBX(2)-5           of the second OBX in the message   PID-3[*].1     of every repetition
//   OBX(*)-5           of every OBX                       PV1-7[*]       every repetition, whole
//   OBR(2)/OBX(*)-5    of every OBX behind the second OBR and before the next OBR (a group)
//
// Without index the first one is meant. A path without component means the whole field (or repetition): its
// text() is that of the first component's first subcomponent.
#pragma once

#include "hl7v2/message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2 {

// A parsed path; parse once, use often. Numbers are at least 1; every_one stands for `*`.
struct path {
    static constexpr std::size_t every_one = 0;

    struct step {
        std::string segment;
        std::size_t occurrence = 1;
        bool operator==(const step&) const = default;
    };

    std::vector<step> steps; // at least one
    std::size_t field = 1;
    std::optional<std::size_t> repetition;
    std::optional<std::size_t> component;
    std::optional<std::size_t> subcomponent; // only with a component

    bool operator==(const path&) const = default;
};

struct path_result {
    std::optional<path> value;
    std::size_t error_offset = 0; // in the text given, when there is no value
    std::string_view error;       // what was expected there
};

[[nodiscard]] path_result parse_path(std::string_view text);
[[nodiscard]] std::string to_string(const path& written); // the shortest form that parses to the same

// A value with the path of just this place, wildcards replaced by numbers.
struct located_value {
    path where;
    element_view value;
};

// The first value that the path names; absent when there is none.
[[nodiscard]] element_view get(const message& from, const path& which);

// Every value that the path names, in the order of the message; places that are not there are left out.
[[nodiscard]] std::vector<located_value> get_all(const message& from, const path& which);

// As get(), from text; absent also when the text is no path.
[[nodiscard]] element_view get(const message& from, std::string_view which);

} // namespace auditgate::hl7v2
