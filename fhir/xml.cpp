#include "fhir/xml.hpp"

#include "fhir/elements.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auditgate::fhir {

namespace {

constexpr std::string_view fhir_namespace = "http://hl7.org/fhir";

json::value primitive(element_kind kind, std::string_view text) {
    if (kind == element_kind::boolean && (text == "true" || text == "false")) {
        return json::value(text == "true");
    }
    // What JSON would not take for a number stays text.
    if (kind == element_kind::number) {
        if (const auto parsed = json::parse(text).document; parsed && parsed->is_number()) {
            return json::value(json::number{std::string(text)});
        }
    }
    return json::value(text);
}

constexpr std::size_t few_members_max = 16; // up to here a scan for a name is cheaper than a hash map

// The members of one object while they are found; elements of one name become a list.
class member_list {
public:
    void add(std::string_view name, bool repeats, json::value content) {
        json::value* const existing = find(name);
        if (existing == nullptr) {
            members_.push_back(
                {std::string(name), repeats ? json::make_array({std::move(content)}) : std::move(content)});
        } else if (existing->is_array()) {
            existing->push_back(std::move(content));
        } else {
            *existing = json::make_array({*existing, std::move(content)});
        }
    }

    [[nodiscard]] bool has(std::string_view name) { return find(name) != nullptr; }

    [[nodiscard]] json::value take() {
        json::value result = json::value::object();
        for (json::member& each : members_) {
            result.append(std::move(each.name), std::move(each.content));
        }
        return result;
    }

private:
    json::value* find(std::string_view name) {
        if (members_.size() <= few_members_max) {
            const auto found = std::find_if(members_.begin(), members_.end(),
                                            [name](const json::member& each) { return each.name == name; });
            return found != members_.end() ? &found->content : nullptr;
        }
        for (std::size_t i = places_.size(); i < members_.size(); ++i) {
            places_.emplace(members_[i].name, i);
        }
        const auto found = places_.find(std::string(name));
        return found != places_.end() ? &members_[found->second].content : nullptr;
    }

    std::vector<json::member> members_;
    std::unordered_map<std::string, std::size_t> places_; // of the first members, up to where was looked last
};

// Turns the elements below one node into members, depth first, within the limits.
class converter {
public:
    explicit converter(const json::parse_limits& limits) : limits_(limits) {}

    [[nodiscard]] const std::optional<finding>& failure() const { return failure_; }

    json::value resource(const pugi::xml_node& node, std::size_t depth) {
        member_list result;
        result.add("resourceType", false, json::value(node.name()));
        add_children(node, node.name(), depth, result);
        return result.take();
    }

private:
    void fail(std::string code, const pugi::xml_node& node, std::string text) {
        if (!failure_) {
            failure_ = finding{std::move(code), severity::fatal, "",
                               static_cast<std::size_t>(node.offset_debug()), std::move(text)};
        }
    }

    bool within_limits(const pugi::xml_node& node, std::size_t depth) {
        if (depth >= limits_.depth_max) {
            fail("too-deep", node, "elements lie deeper inside each other than is allowed");
        } else if (++values_ > limits_.values_max) {
            fail("too-many-values", node, "the document has more elements than are allowed");
        }
        return !failure_;
    }

    // `type`: whose elements they are; "" when R4 has no such type.
    void add_children(const pugi::xml_node& node, std::string_view type, std::size_t depth,
                      member_list& result) {
        for (const char* const attribute : {"id", "url"}) { // the attributes of FHIR XML beside `value`
            if (const pugi::xml_attribute found = node.attribute(attribute)) {
                result.add(attribute, false, json::value(found.value()));
            }
        }
        for (const pugi::xml_node& child : node.children()) {
            const std::string_view name = child.name();
            if (child.type() == pugi::node_element && name != "div" && within_limits(child, depth)) {
                add_child(child, find_element(type, name), depth + 1, result);
            }
        }
    }

    void add_child(const pugi::xml_node& node, const std::optional<element_definition>& definition,
                   std::size_t depth, member_list& result) {
        const std::string name = node.name();
        const bool repeats = definition && definition->repeats;
        if (definition && !repeats && result.has(name)) {
            fail("duplicate-element", node, "an element that may stand there once only stands there twice");
            return;
        }
        const element_kind kind = definition ? definition->kind : element_kind::complex;
        if (kind == element_kind::resource) {
            const pugi::xml_node inner = node.first_child();
            result.add(name, repeats, inner ? resource(inner, depth) : json::value::object());
            return;
        }
        const pugi::xml_attribute text = node.attribute("value");
        if (text) {
            result.add(name, repeats,
                       primitive(definition ? definition->kind : element_kind::text, text.value()));
        }
        if (kind == element_kind::complex && !text) {
            member_list members;
            add_children(node, definition ? definition->type : "", depth, members);
            result.add(name, repeats, members.take());
        } else if (!repeats &&
                   node.first_child()) { // the extensions of a primitive: `_name` as in the JSON form
            member_list members;
            add_children(node, "Element", depth, members);
            result.add("_" + name, false, members.take());
        }
    }

    const json::parse_limits& limits_;
    std::size_t values_ = 0;
    std::optional<finding> failure_;
};

json::parse_result refused(std::string code, std::size_t offset, std::string text) {
    return {std::nullopt, {{std::move(code), severity::fatal, "", offset, std::move(text)}}};
}

} // namespace

json::parse_result parse_xml(std::string_view document, const json::parse_limits& limits) {
    if (document.size() > limits.document_bytes_max) {
        return refused("too-large", 0, "the document has more bytes than are allowed");
    }
    pugi::xml_document tree;
    const pugi::xml_parse_result outcome =
        tree.load_buffer(document.data(), document.size(), pugi::parse_default | pugi::parse_doctype);
    if (!outcome) {
        return refused("invalid-xml", static_cast<std::size_t>(outcome.offset), outcome.description());
    }
    for (const pugi::xml_node& each : tree.children()) {
        if (each.type() == pugi::node_doctype) {
            return refused("doctype", static_cast<std::size_t>(each.offset_debug()),
                           "a document type declaration is not allowed");
        }
    }
    const pugi::xml_node root = tree.document_element();
    if (root.attribute("xmlns").value() != fhir_namespace) {
        return refused("not-fhir", 0, "the root element is not in the namespace of FHIR");
    }
    converter to_tree(limits);
    json::value result = to_tree.resource(root, 1);
    if (to_tree.failure()) {
        return {std::nullopt, {*to_tree.failure()}};
    }
    return {std::move(result), {}};
}

} // namespace auditgate::fhir
