#include "mapping/feed/structure_definitions.hpp"

#include <algorithm>

namespace auditgate::mapping::feed {

namespace json = fhir::json;

namespace {

constexpr std::string_view core = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::string_view profile_prefix = "urn:auditgate:profile:";

std::string id_of(std::string_view text) {
    std::string id{text};
    std::ranges::replace(id, '_', '-'); // FHIR ids have no underscore
    return id;
}

// StructureDefinition.name: letters, digits and underscores, beginning with a capital (invariant sdf-0).
std::string name_of(std::string_view text) {
    std::string name = "Audit_";
    for (const char one : text) {
        const bool plain =
            (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9');
        name += plain ? one : '_';
    }
    return name;
}

json::value element(std::string id, json::value more) {
    json::value made =
        json::make_object({{"id", json::value(id)}, {"path", json::value(id.substr(0, id.find(':')))}});
    for (const json::member& one : more.members()) {
        made.set(one.name, one.content);
    }
    return made;
}

json::value definition(std::string id, std::string url, std::string_view title, std::string_view type,
                       json::value elements) {
    return json::make_object({{"resourceType", json::value("StructureDefinition")},
                              {"id", json::value(id)},
                              {"url", json::value(std::move(url))},
                              {"name", json::value(name_of(id))},
                              {"title", json::value(title)},
                              {"status", json::value("active")},
                              {"fhirVersion", json::value("4.0.1")},
                              {"kind", json::value(type == "Extension" ? "complex-type" : "resource")},
                              {"abstract", json::value(false)},
                              {"type", json::value(type)},
                              {"baseDefinition", json::value(std::string{core} + std::string{type})},
                              {"derivation", json::value("constraint")},
                              {"differential", json::make_object({{"element", std::move(elements)}})}});
}

std::string_view value_type_name(value_type type) {
    switch (type) {
    case value_type::code:
        return "code";
    case value_type::text:
        return "string";
    case value_type::integer:
        return "integer";
    case value_type::decimal:
        return "decimal";
    case value_type::boolean:
        return "boolean";
    }
    return "string";
}

structure_definition extension_definition(const layout& places, const item_place& item) {
    const std::string url = std::string{extension_prefix} + item.path;
    const std::string id = "auditgate-extension-" + id_of(item.path);
    json::value type = json::make_object({{"code", json::value(value_type_name(item.type))}});
    json::value elements = json::make_array(
        {element("Extension",
                 json::make_object({{"short", json::value("Item " + item.path + " of the record")}})),
         element("Extension.extension", json::make_object({{"max", json::value("0")}})),
         element("Extension.url", json::make_object({{"fixedUri", json::value(url)}})),
         element("Extension.value[x]", json::make_object({{"min", json::value(1)},
                                                          {"type", json::make_array({std::move(type)})}}))});
    json::value made =
        definition(id, url, "Item " + item.path + " of an audit record", "Extension", std::move(elements));
    json::value contexts = json::value::array();
    std::vector<std::string> types;
    for (const std::size_t index : item.resources) {
        const std::string& on = places.resources[index].type;
        if (std::ranges::find(types, on) == types.end()) {
            types.push_back(on);
            contexts.push_back(
                json::make_object({{"type", json::value("element")}, {"expression", json::value(on)}}));
        }
    }
    made.set("context", std::move(contexts));
    return {id, std::move(made)};
}

// The extensions of a resource, as slices of its `extension` by URL (the slicing that R4 gives every resource).
void add_extensions(const layout& places, std::size_t index, json::value& elements) {
    const std::string& type = places.resources[index].type;
    for (const item_place& item : places.items) {
        const bool here = std::ranges::find(item.resources, index) != item.resources.end();
        if (!here || item.kind != place_kind::extension) {
            continue;
        }
        const std::string slice = id_of(item.path);
        json::value profile = json::make_array({json::value(std::string{extension_prefix} + item.path)});
        json::value use = json::make_array(
            {json::make_object({{"code", json::value("Extension")}, {"profile", std::move(profile)}})});
        elements.push_back(element(type + ".extension:" + slice,
                                   json::make_object({{"sliceName", json::value(slice)},
                                                      {"min", json::value(0)},
                                                      {"max", json::value(item.list ? "*" : "1")},
                                                      {"type", std::move(use)}})));
    }
}

structure_definition profile_definition(const layout& places, std::size_t index) {
    const resource_template& of = places.resources[index];
    const std::string id = id_of(places.dataset + "-" + of.name);
    json::value elements = json::make_array({element(
        of.type, json::make_object(
                     {{"short", json::value("The " + of.name + " of a record of " + places.dataset)}}))});
    add_extensions(places, index, elements);
    elements.push_back(element(of.type + ".identifier", json::make_object({{"min", json::value(1)}})));
    if (of.type == "Observation") {
        json::value coding = json::make_array(
            {json::make_object({{"system", json::value(item_system)}, {"code", json::value(of.name)}})});
        elements.push_back(element(
            "Observation.code", json::make_object({{"patternCodeableConcept",
                                                    json::make_object({{"coding", std::move(coding)}})}})));
        elements.push_back(
            element("Observation.effective[x]", json::make_object({{"max", json::value("0")}})));
    }
    return {id, definition(id, profile_url(places, of), of.name + " of " + places.dataset, of.type,
                           std::move(elements))};
}

} // namespace

std::string profile_url(const layout& places, const resource_template& of) {
    return std::string{profile_prefix} + places.dataset + ":" + of.name;
}

std::vector<structure_definition> structure_definitions(const layout& places) {
    std::vector<structure_definition> all;
    for (std::size_t index = 0; index < places.resources.size(); ++index) {
        all.push_back(profile_definition(places, index));
    }
    for (const item_place& item : places.items) {
        if (item.kind == place_kind::extension) {
            all.push_back(extension_definition(places, item));
        }
    }
    return all;
}

} // namespace auditgate::mapping::feed
