#include "fhir/json.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

namespace auditgate::fhir::json {

namespace {

const value null_value;

// The significant digits of a number and its power of ten: 0.d1d2d3... x 10^exponent, so that equal numbers
// have equal forms whatever their text.
struct decimal_form {
    bool negative = false;
    std::string digits;
    std::int64_t exponent = 0;

    bool operator==(const decimal_form&) const = default;
};

decimal_form to_decimal_form(std::string_view text) {
    decimal_form form;
    if (!text.empty() && text.front() == '-') {
        form.negative = true;
        text.remove_prefix(1);
    }
    const std::size_t exponent_at = text.find_first_of("eE");
    if (exponent_at != std::string_view::npos) {
        std::string_view exponent = text.substr(exponent_at + 1);
        if (!exponent.empty() && exponent.front() == '+') {
            exponent.remove_prefix(1);
        }
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), form.exponent);
        text = text.substr(0, exponent_at);
    }
    const std::size_t point_at = std::min(text.find('.'), text.size());
    form.exponent += static_cast<std::int64_t>(point_at);
    for (const char c : text) {
        if (c == '.') {
            continue;
        }
        if (form.digits.empty() && c == '0') {
            --form.exponent;
            continue;
        }
        form.digits.push_back(c);
    }
    while (!form.digits.empty() && form.digits.back() == '0') {
        form.digits.pop_back();
    }
    return form.digits.empty() ? decimal_form{} : form;
}

bool same_members(const value& left, const value& right) {
    return std::all_of(left.members().begin(), left.members().end(), [&right](const member& mine) {
        const value* theirs = right.find(mine.name);
        return theirs != nullptr && same_json(mine.content, *theirs);
    });
}

std::string unescaped_pointer_token(std::string_view token) {
    std::string name;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size()) {
            ++i;
            name.push_back(token[i] == '1' ? '/' : '~');
        } else {
            name.push_back(token[i]);
        }
    }
    return name;
}

const value* element_by_text(const value& array, std::string_view token) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool is_index = error == std::errc() && end == token.data() + token.size();
    return is_index && index < array.size() ? &array.items()[index] : nullptr;
}

} // namespace

value value::object() {
    value result;
    result.content_ = members_type{};
    return result;
}

std::string_view value::text() const {
    if (const auto* string = std::get_if<std::string>(&content_)) {
        return *string;
    }
    if (const auto* digits = std::get_if<number>(&content_)) {
        return digits->text;
    }
    return {};
}

std::optional<bool> value::as_bool() const {
    const auto* content = std::get_if<bool>(&content_);
    return content != nullptr ? std::optional(*content) : std::nullopt;
}

std::optional<std::int64_t> value::as_integer() const {
    if (!is_number()) {
        return std::nullopt;
    }
    const std::string_view digits = text();
    std::int64_t result = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    return whole ? std::optional(result) : std::nullopt;
}

std::span<const value> value::items() const {
    const auto* items = std::get_if<items_type>(&content_);
    return items != nullptr ? std::span<const value>(*items) : std::span<const value>();
}

std::span<value> value::items() {
    auto* items = std::get_if<items_type>(&content_);
    return items != nullptr ? std::span<value>(*items) : std::span<value>();
}

std::span<const member> value::members() const {
    const auto* members = std::get_if<members_type>(&content_);
    return members != nullptr ? std::span<const member>(*members) : std::span<const member>();
}

std::size_t value::size() const {
    return is_array() ? items().size() : members().size();
}

const value* value::find(std::string_view name) const {
    for (const member& candidate : members()) {
        if (candidate.name == name) {
            return &candidate.content;
        }
    }
    return nullptr;
}

value* value::find(std::string_view name) {
    return const_cast<value*>(std::as_const(*this).find(name));
}

const value& value::operator[](std::string_view name) const {
    const value* found = find(name);
    return found != nullptr ? *found : null_value;
}

const value& value::operator[](std::size_t index) const {
    return index < items().size() ? items()[index] : null_value;
}

const value* value::at(std::string_view pointer) const {
    const value* current = this;
    while (!pointer.empty() && current != nullptr) {
        if (pointer.front() != '/') {
            return nullptr;
        }
        pointer.remove_prefix(1);
        const std::size_t length = std::min(pointer.find('/'), pointer.size());
        const std::string token = unescaped_pointer_token(pointer.substr(0, length));
        current = current->is_array() ? element_by_text(*current, token) : current->find(token);
        pointer.remove_prefix(length);
    }
    return current;
}

value& value::set(std::string name, value content) {
    if (value* existing = find(name)) {
        *existing = std::move(content);
        return *existing;
    }
    return append(std::move(name), std::move(content));
}

value& value::append(std::string name, value content) {
    if (is_null()) {
        content_ = members_type{};
    }
    assert(is_object());
    auto& members = std::get<members_type>(content_);
    members.push_back({std::move(name), std::move(content)});
    return members.back().content;
}

bool value::erase(std::string_view name) {
    auto* members = std::get_if<members_type>(&content_);
    return members != nullptr &&
           std::erase_if(*members, [name](const member& m) { return m.name == name; }) > 0;
}

value& value::push_back(value content) {
    if (is_null()) {
        content_ = items_type{};
    }
    assert(is_array());
    auto& items = std::get<items_type>(content_);
    items.push_back(std::move(content));
    return items.back();
}

bool value::operator==(const value& other) const {
    return content_ == other.content_;
}

value make_object(std::initializer_list<member> members) {
    value result = value::object();
    for (const member& each : members) {
        result.set(each.name, each.content);
    }
    return result;
}

value make_array(std::initializer_list<value> items) {
    value result = value::array();
    for (const value& each : items) {
        result.push_back(each);
    }
    return result;
}

bool same_json(const value& left, const value& right) {
    if (left.kind() != right.kind() || left.size() != right.size()) {
        return false;
    }
    switch (left.kind()) {
    case kind::number:
        return to_decimal_form(left.text()) == to_decimal_form(right.text());
    case kind::array:
        return std::equal(left.items().begin(), left.items().end(), right.items().begin(), same_json);
    case kind::object:
        return same_members(left, right);
    default:
        return left == right;
    }
}

} // namespace auditgate::fhir::json
