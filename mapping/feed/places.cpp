#include "mapping/feed/places.hpp"

#include <algorithm>
#include <limits>

namespace auditgate::mapping::feed {

namespace json = fhir::json;

namespace {

// FHIR code (R4 2.24.0.1): no white space at the ends, single spaces inside.
bool is_code(std::string_view text) {
    const auto white = [](char one) { return one == ' ' || (one >= '\t' && one <= '\r'); };
    if (text.empty() || white(text.front()) || white(text.back())) {
        return false;
    }
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (white(text[at]) && (text[at] != ' ' || white(text[at - 1]))) {
            return false;
        }
    }
    return true;
}

bool one_has_type(const json::value& content, value_type type) {
    switch (type) {
    case value_type::code:
        return content.is_string() && is_code(content.text());
    case value_type::text:
        return content.is_string() && !content.text().empty();
    case value_type::integer: {
        const auto number = content.as_integer();
        return number && *number >= std::numeric_limits<std::int32_t>::min() &&
               *number <= std::numeric_limits<std::int32_t>::max();
    }
    case value_type::decimal:
        return content.is_number();
    case value_type::boolean:
        return content.as_bool().has_value();
    }
    return false;
}

std::string_view system_of(const item_place& item, std::string_view code) {
    const bool digits = std::ranges::all_of(code, [](char one) { return one >= '0' && one <= '9'; });
    return digits && !item.system_of_digits.empty() ? item.system_of_digits : item.system;
}

bool is_system_of(const item_place& item, std::string_view system) {
    return system == item.system || (!item.system_of_digits.empty() && system == item.system_of_digits);
}

json::value coding_of(const item_place& item, const json::value& code) {
    return json::make_object({{"system", json::value(system_of(item, code.text()))}, {"code", code}});
}

json::value concept_of(const item_place& item, const json::value& code) {
    return json::make_object({{"coding", json::make_array({coding_of(item, code)})}});
}

std::string extension_url(const item_place& item) {
    return std::string{extension_prefix} + item.path;
}

json::value& member_list(json::value& of, const std::string& name) {
    if (json::value* found = of.find(name)) {
        return *found;
    }
    of.set(name, json::value::array());
    return *of.find(name);
}

const char* extension_value_name(value_type type) {
    switch (type) {
    case value_type::code:
        return "valueCode";
    case value_type::text:
        return "valueString";
    case value_type::integer:
        return "valueInteger";
    case value_type::decimal:
        return "valueDecimal";
    case value_type::boolean:
        return "valueBoolean";
    }
    return "valueString";
}

bool is_quantity(const item_place& item) {
    return item.type == value_type::decimal || !item.unit.empty();
}

json::value quantity_of(const item_place& item, const json::value& number) {
    json::value made = json::make_object({{"value", number}});
    if (!item.unit.empty()) {
        made.set("unit", json::value(item.unit));
        made.set("system", json::value("http://unitsofmeasure.org"));
        made.set("code", json::value(item.unit));
    }
    return made;
}

json::value component_of(const item_place& item, const json::value& content) {
    json::value codings = json::make_array(
        {json::make_object({{"system", json::value(item_system)}, {"code", json::value(item.path)}})});
    for (const extra_code& extra : item.codes) {
        codings.push_back(
            json::make_object({{"system", json::value(extra.system)}, {"code", json::value(extra.code)}}));
    }
    json::value made = json::make_object({{"code", json::make_object({{"coding", std::move(codings)}})}});
    if (item.type == value_type::code) {
        made.set("valueCodeableConcept", concept_of(item, content));
    } else if (is_quantity(item)) {
        made.set("valueQuantity", quantity_of(item, content));
    } else {
        made.set(extension_value_name(item.type), content);
    }
    return made;
}

void put_one(json::value& resource, const item_place& item, const json::value& content) {
    switch (item.kind) {
    case place_kind::extension:
        member_list(resource, "extension")
            .push_back(json::make_object(
                {{"url", json::value(extension_url(item))}, {extension_value_name(item.type), content}}));
        return;
    case place_kind::component:
        member_list(resource, "component").push_back(component_of(item, content));
        return;
    case place_kind::coding:
        if (resource.find(item.element) == nullptr) {
            resource.set(item.element, json::value::object());
        }
        member_list(*resource.find(item.element), "coding").push_back(coding_of(item, content));
        return;
    case place_kind::concepts:
        member_list(resource, item.element).push_back(concept_of(item, content));
        return;
    case place_kind::element:
        resource.set(item.element, content);
        return;
    case place_kind::identifier:
        member_list(resource, "identifier")
            .push_back(json::make_object({{"system", json::value(item.system)}, {"value", content}}));
        return;
    case place_kind::resource_identifier:
        return; // written with the resource itself
    }
}

const json::value* code_in(const json::value& codings, const item_place& item) {
    for (const json::value& coding : codings.items()) {
        if (is_system_of(item, coding["system"].text())) {
            return coding.find("code");
        }
    }
    return nullptr;
}

const json::value& component_value(const json::value& component, const item_place& item) {
    if (item.type == value_type::code) {
        const json::value* code = code_in(component["valueCodeableConcept"]["coding"], item);
        return code == nullptr ? component["valueCodeableConcept"] : *code;
    }
    return is_quantity(item) ? component["valueQuantity"]["value"]
                             : component[extension_value_name(item.type)];
}

bool is_component_of(const json::value& component, const item_place& item) {
    return std::ranges::any_of(component["code"]["coding"].items(), [&](const json::value& coding) {
        return coding["system"].text() == item_system && coding["code"].text() == item.path;
    });
}

void add(std::vector<json::value>& found, const json::value* content) {
    if (content != nullptr) {
        found.push_back(*content);
    }
}

std::vector<json::value> all_values(const json::value& resource, const item_place& item) {
    std::vector<json::value> found;
    switch (item.kind) {
    case place_kind::extension:
        for (const json::value& one : resource["extension"].items()) {
            if (one["url"].text() == extension_url(item)) {
                found.push_back(one[extension_value_name(item.type)]);
            }
        }
        break;
    case place_kind::component:
        for (const json::value& one : resource["component"].items()) {
            if (is_component_of(one, item)) {
                found.push_back(component_value(one, item));
            }
        }
        break;
    case place_kind::coding:
        for (const json::value& coding : resource[item.element]["coding"].items()) {
            if (is_system_of(item, coding["system"].text())) {
                found.push_back(coding["code"]);
            }
        }
        break;
    case place_kind::concepts:
        for (const json::value& one : resource[item.element].items()) {
            add(found, code_in(one["coding"], item));
        }
        break;
    case place_kind::element:
        add(found, resource.find(item.element));
        break;
    case place_kind::identifier:
    case place_kind::resource_identifier: {
        const std::string_view system = item.kind == place_kind::identifier ? item.system : record_system;
        for (const json::value& one : resource["identifier"].items()) {
            if (one["system"].text() == system) {
                found.push_back(one["value"]);
            }
        }
        break;
    }
    }
    return found;
}

} // namespace

bool has_type(const json::value& content, const item_place& item) {
    if (content.is_null()) {
        return true;
    }
    if (!item.list) {
        return one_has_type(content, item.type);
    }
    return content.is_array() && std::ranges::all_of(content.items(), [&](const json::value& one) {
               return one_has_type(one, item.type);
           });
}

bool is_left_out(const json::value& content, const item_place& item) {
    return content.is_null() || (item.list && content.size() == 0) ||
           (!item.absent.empty() && content.text() == item.absent);
}

void put_item(json::value& resource, const item_place& item, const json::value& content) {
    if (!item.list) {
        put_one(resource, item, content);
        return;
    }
    for (const json::value& one : content.items()) {
        put_one(resource, item, one);
    }
}

std::optional<json::value> get_item(const json::value& resource, const item_place& item) {
    const std::vector<json::value> found = all_values(resource, item);
    if (!std::ranges::all_of(found, [&](const json::value& one) { return one_has_type(one, item.type); })) {
        return std::nullopt;
    }
    if (item.list) {
        json::value all = json::value::array();
        for (const json::value& one : found) {
            all.push_back(one);
        }
        return all;
    }
    if (found.empty()) {
        return item.absent.empty() ? json::value{} : json::value(item.absent);
    }
    return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

const json::value& at_path(const json::value& from, std::string_view path) {
    const json::value* here = &from;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        here = &(*here)[path.substr(0, dot)];
        path.remove_prefix(dot + 1);
    }
    return (*here)[path];
}

void set_path(json::value& into, std::string_view path, json::value content) {
    json::value* here = &into;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        const std::string name{path.substr(0, dot)};
        if (here->find(name) == nullptr) {
            here->set(name, json::value::object());
        }
        here = here->find(name);
        path.remove_prefix(dot + 1);
    }
    here->set(std::string{path}, std::move(content));
}

} // namespace auditgate::mapping::feed
