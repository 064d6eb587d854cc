// JSON as FHIR needs it: a value tree that keeps numbers as they were written and members in their order. It
// also serves the project's own JSON (records, events, registry answers). RapidJSON does the work inside
// json.cpp.
#pragma once

#include "fhir/finding.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace auditgate::fhir::json {

enum class kind { null, boolean, number, string, array, object };

struct member;

// A number by its text, for FHIR decimals are exact (R4 2.24.0.1: "1.0500" is not "1.05").
struct number {
    std::string text;

    bool operator==(const number&) const = default;
};

// One JSON value. It owns everything below it; copies are deep. Reading never fails: what is not there or of
// another kind is null, empty or none, so that chains such as patient["name"][0]["family"].text() need no
// checks.
class value {
public:
    value() = default; // null
    explicit value(bool content);
    explicit value(number content);
    explicit value(std::string content);
    explicit value(std::string_view content);
    explicit value(const char* content);
    explicit value(std::int64_t content);
    explicit value(int content);

    [[nodiscard]] static value array();
    [[nodiscard]] static value object();

    [[nodiscard]] json::kind kind() const { return static_cast<json::kind>(content_.index()); }
    [[nodiscard]] bool is_null() const { return kind() == kind::null; }
    [[nodiscard]] bool is_string() const { return kind() == kind::string; }
    [[nodiscard]] bool is_number() const { return kind() == kind::number; }
    [[nodiscard]] bool is_array() const { return kind() == kind::array; }
    [[nodiscard]] bool is_object() const { return kind() == kind::object; }

    // The content of a string or the digits of a number, else empty. The view lives as long as this value
    // unchanged.
    [[nodiscard]] std::string_view text() const;
    [[nodiscard]] std::optional<bool> as_bool() const;
    // A number without fraction or exponent that fits; none otherwise.
    [[nodiscard]] std::optional<std::int64_t> as_integer() const;

    // Elements of an array, or none.
    [[nodiscard]] std::span<const value> items() const;
    [[nodiscard]] std::span<value> items();
    // Members of an object in their order, or none.
    [[nodiscard]] std::span<const member> members() const;
    // Number of elements or members; 0 for anything else.
    [[nodiscard]] std::size_t size() const;

    [[nodiscard]] const value* find(std::string_view name) const; // nullptr: no such member
    [[nodiscard]] value* find(std::string_view name);
    // The member or element, or a null value.
    [[nodiscard]] const value& operator[](std::string_view name) const;
    [[nodiscard]] const value& operator[](const char* name) const { return (*this)[std::string_view(name)]; }
    [[nodiscard]] const value& operator[](std::size_t index) const;
    [[nodiscard]] const value& operator[](int index) const {
        return (*this)[static_cast<std::size_t>(index)];
    }
    // By JSON pointer (RFC 6901): "" is this value, "/entry/3/resource"; nullptr when there is none.
    [[nodiscard]] const value* at(std::string_view pointer) const;

    // Adds a member at the end, or replaces the one of that name where it stands. Turns a null into an
    // object; calling it on any other kind is a programming error.
    value& set(std::string name, value content);
    // set() for a name that the object surely has not got: it does not look for it.
    value& append(std::string name, value content);
    // Removes a member; false when there is none.
    bool erase(std::string_view name);
    // Adds an element. Turns a null into an array; calling it on any other kind is a programming error.
    value& push_back(value content);

    // Same kinds, texts and order of members. "1.0" and "1.00" differ here; see same_json() for the other
    // question.
    bool operator==(const value& other) const;

private:
    using items_type = std::vector<value>;
    using members_type = std::vector<member>;
    explicit value(items_type items);

    friend class tree_builder;
    std::variant<std::monostate, bool, number, std::string, items_type, members_type> content_;
};

struct member {
    std::string name;
    value content;

    bool operator==(const member&) const = default;
};

// Defined here, because they need a complete member.
inline value::value(bool content) : content_(content) {}
inline value::value(number content) : content_(std::move(content)) {}
inline value::value(std::string content) : content_(std::move(content)) {}
inline value::value(std::string_view content) : content_(std::string(content)) {}
inline value::value(const char* content) : content_(std::string(content)) {}
inline value::value(std::int64_t content) : content_(number{std::to_string(content)}) {}
inline value::value(int content) : content_(number{std::to_string(content)}) {}
inline value::value(items_type items) : content_(std::move(items)) {}
inline value value::array() {
    return value(items_type{});
}

// An object or array in one expression: make_object({{"status", value("ok")}, {"count", value(3)}}).
[[nodiscard]] value make_object(std::initializer_list<member> members);
[[nodiscard]] value make_array(std::initializer_list<value> items);

// Equal as JSON: members in any order, numbers by their value ("1.0" is "1", "1e1" is "10").
[[nodiscard]] bool same_json(const value& left, const value& right);

struct parse_limits {
    std::size_t document_bytes_max = 64UL << 20;
    std::size_t depth_max = 64;         // arrays and objects inside each other
    std::size_t values_max = 2'000'000; // of any kind, in the whole document
};

struct parse_result {
    std::optional<value> document; // none exactly when there is a finding
    std::vector<finding> findings; // at most one: reading stops at the first
};

// Reads one document (RFC 8259) in UTF-8 without byte order mark. Refused, with a positioned finding:
// anything that is not JSON (`invalid-json`), bytes that are not UTF-8, lone surrogates (`invalid-encoding`),
// U+0000 (`null-character`), two members of one name (`duplicate-key`), a number beyond a double, which no element of FHIR
// holds (`number-too-big`), and what is over a limit (`too-large`, `too-deep`, `too-many-values`). Never recurses.
[[nodiscard]] parse_result parse(std::string_view document, const parse_limits& limits = {});

enum class layout { compact, pretty };

// Writes numbers byte for byte as they are, members in their order; pretty: two spaces a level.
[[nodiscard]] std::string write(const value& document, layout form = layout::compact);
// One text for one content, for hashes: compact, members sorted by the bytes of their names.
[[nodiscard]] std::string write_canonical(const value& document);

} // namespace auditgate::fhir::json
