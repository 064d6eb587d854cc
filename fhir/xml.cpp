#include "fhir/xml.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

namespace auditgate::fhir {

namespace {

constexpr std::string_view fhir_namespace = "http://hl7.org/fhir";

// Elements with an upper cardinality of `*` (R4), as parent.element; the parent is the resource type or the name of the
// element above, and `*` stands for any. Sorted.
constexpr std::array<std::string_view, 62> repeating = {
    "*.coding",
    "*.contained",
    "*.extension",
    "*.modifierExtension",
    "AdverseEvent.category",
    "AdverseEvent.suspectEntity",
    "Appointment.participant",
    "Appointment.serviceType",
    "Bundle.entry",
    "Condition.bodySite",
    "Condition.category",
    "Condition.identifier",
    "Consent.category",
    "Consent.identifier",
    "Consent.policy",
    "Encounter.identifier",
    "Medication.identifier",
    "Medication.ingredient",
    "MedicationAdministration.identifier",
    "MedicationRequest.dosageInstruction",
    "MedicationRequest.identifier",
    "MedicationStatement.dosage",
    "MedicationStatement.identifier",
    "MessageHeader.focus",
    "Observation.category",
    "Observation.component",
    "Observation.identifier",
    "Observation.note",
    "Observation.performer",
    "Observation.referenceRange",
    "Organization.identifier",
    "Patient.address",
    "Patient.identifier",
    "Patient.link",
    "Patient.name",
    "Patient.telecom",
    "Procedure.bodySite",
    "Procedure.complication",
    "Procedure.complicationDetail",
    "Procedure.identifier",
    "Procedure.note",
    "Procedure.performer",
    "QuestionnaireResponse.item",
    "ServiceRequest.bodySite",
    "ServiceRequest.identifier",
    "address.line",
    "answer.item",
    "component.referenceRange",
    "dosage.doseAndRate",
    "dosageInstruction.doseAndRate",
    "item.answer",
    "item.item",
    "meta.profile",
    "meta.security",
    "meta.tag",
    "name.given",
    "name.prefix",
    "name.suffix",
    "repeat.dayOfWeek",
    "repeat.timeOfDay",
    "repeat.when",
    "suspectEntity.causality",
};

bool repeats(std::string_view parent, std::string_view element) {
    const std::string exact = std::string(parent) + "." + std::string(element);
    const std::string any = "*." + std::string(element);
    return std::binary_search(repeating.begin(), repeating.end(), std::string_view(exact)) ||
           std::binary_search(repeating.begin(), repeating.end(), std::string_view(any));
}

bool is_number(std::string_view parent, std::string_view element) {
    static constexpr std::array<std::string_view, 9> names = {"valueInteger", "valueDecimal", "frequency",
                                                              "frequencyMax", "period",       "periodMax",
                                                              "count",        "rank",         "sequence"};
    static constexpr std::array<std::string_view, 10> quantities = {
        "valueQuantity", "doseQuantity", "rateQuantity", "dose",     "low",
        "high",          "numerator",    "denominator",  "strength", "boundsDuration"};
    const bool in_quantity =
        element == "value" && std::find(quantities.begin(), quantities.end(), parent) != quantities.end();
    return in_quantity || std::find(names.begin(), names.end(), element) != names.end();
}

bool is_boolean(std::string_view element) {
    return element.ends_with("Boolean") || element == "active" || element == "doNotPerform" ||
           element == "userSelected";
}

json::value primitive(std::string_view parent, std::string_view element, std::string_view text) {
    if (is_boolean(element) && (text == "true" || text == "false")) {
        return json::value(text == "true");
    }
    // What JSON would not take for a number stays text.
    if (is_number(parent, element) && json::parse(text).document && json::parse(text).document->is_number()) {
        return json::value(json::number{std::string(text)});
    }
    return json::value(text);
}

constexpr std::size_t few_members_max = 16; // up to here a scan for a name is cheaper than a hash map

// The members of one object while they are found; elements of one name become a list.
class member_list {
public:
    void add(std::string_view parent, std::string_view name, json::value content) {
        json::value* const existing = find(name);
        if (existing == nullptr) {
            members_.push_back({std::string(name), repeats(parent, name)
                                                       ? json::make_array({std::move(content)})
                                                       : std::move(content)});
        } else if (existing->is_array()) {
            existing->push_back(std::move(content));
        } else {
            *existing = json::make_array({*existing, std::move(content)});
        }
    }

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
        result.add("", "resourceType", json::value(node.name()));
        add_children(node, node.name(), depth, result);
        return result.take();
    }

private:
    static bool holds_resource(std::string_view name) { return name == "contained" || name == "resource"; }

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

    void add_children(const pugi::xml_node& node, std::string_view parent, std::size_t depth,
                      member_list& result) {
        for (const char* const attribute : {"id", "url"}) { // the attributes of FHIR XML beside `value`
            if (const pugi::xml_attribute found = node.attribute(attribute)) {
                result.add("", attribute, json::value(found.value()));
            }
        }
        for (const pugi::xml_node& child : node.children()) {
            const std::string_view name = child.name();
            if (child.type() == pugi::node_element && name != "div" && within_limits(child, depth)) {
                result.add(parent, name, content(child, parent, depth + 1));
            }
        }
    }

    json::value content(const pugi::xml_node& node, std::string_view parent, std::size_t depth) {
        const std::string_view name = node.name();
        if (holds_resource(name)) {
            const pugi::xml_node inner = node.first_child();
            return inner ? resource(inner, depth) : json::value::object();
        }
        // The extensions of a primitive (`_name` in the JSON form) are left out: nobody reads them.
        if (const pugi::xml_attribute text = node.attribute("value")) {
            return primitive(parent, name, text.value());
        }
        member_list result;
        add_children(node, name, depth, result);
        return result.take();
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
