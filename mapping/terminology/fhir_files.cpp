#include "fhir/json.hpp"
#include "mapping/terminology/files.hpp"

#include <algorithm>
#include <string>

namespace auditgate::mapping {
namespace {

using fhir::json::value;

constexpr std::string_view sender_extension = "urn:auditgate:sender";

// The place of a byte, for a parser that tells offsets.
yaml::position position_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1; // 0 when there is none
    return {static_cast<int>(std::ranges::count(before, '\n')) + 1,
            static_cast<int>(offset - line_start) + 1};
}

// JSON values do not know their line; a problem names the element instead.
class resource_problems {
public:
    explicit resource_problems(yaml::problem_sink& problems) : problems_(problems) {}

    void add(const std::string& element, const terminology_builder::refusal& refusal) {
        if (refusal) {
            problems_.add_whole_file(element + ": " + *refusal);
        }
    }

private:
    yaml::problem_sink& problems_;
};

std::string indexed(std::string_view name, std::size_t index) {
    return std::string(name) + "[" + std::to_string(index) + "]";
}

// A filter as the pattern that means the same: everything below a code is everything that begins with it.
std::optional<std::string> pattern_of(const value& filter) {
    const bool below = filter["op"].text() == "is-a" && filter["property"].text() == "concept";
    if (!below || filter["value"].text().empty()) {
        return std::nullopt;
    }
    return std::string(filter["value"].text()) + "*";
}

void read_value_set(const value& resource, terminology_builder& builder, resource_problems& problems) {
    const std::string_view id = resource["id"].text();
    const value& compose = resource["compose"];
    if (compose["exclude"].size() != 0) {
        problems.add("compose.exclude", "exclusions are not supported: name the codes that are in the set");
    }
    const value& includes = compose["include"];
    for (std::size_t i = 0; i < includes.size(); ++i) {
        const value& include = includes[i];
        const std::string path = "compose." + indexed("include", i);
        const std::string_view system = include["system"].text();
        if (include["valueSet"].size() != 0) {
            problems.add(path + ".valueSet",
                         "value sets inside value sets are not supported: write the codes out");
            continue;
        }
        for (std::size_t k = 0; k < include["concept"].size(); ++k) {
            problems.add(path + "." + indexed("concept", k),
                         builder.add_to_value_set(id, system, include["concept"][k]["code"].text()));
        }
        for (std::size_t k = 0; k < include["filter"].size(); ++k) {
            const std::optional<std::string> pattern = pattern_of(include["filter"][k]);
            problems.add(path + "." + indexed("filter", k),
                         pattern ? builder.add_to_value_set(id, system, *pattern)
                                 : "the only filter supported is property concept, op is-a, with a value");
        }
        if (include["concept"].size() == 0 && include["filter"].size() == 0) {
            problems.add(path, builder.add_to_value_set(id, system, "*"));
        }
    }
}

std::string_view sender_of(const value& resource) {
    for (const value& extension : resource["extension"].items()) {
        if (extension["url"].text() == sender_extension) {
            return extension["valueString"].text();
        }
    }
    return {};
}

void read_concept_map(const value& resource, terminology_builder& builder, resource_problems& problems) {
    const value& groups = resource["group"];
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const value& group = groups[g];
        const std::string path = indexed("group", g);
        if (!group["unmapped"].is_null()) {
            problems.add(path + ".unmapped",
                         "not supported: a code that the map does not name is not mapped");
        }
        for (std::size_t e = 0; e < group["element"].size(); ++e) {
            const value& element = group["element"][e];
            for (const value& target : element["target"].items()) {
                if (target["equivalence"].text() == "unmatched" ||
                    target["equivalence"].text() == "disjoint") {
                    continue;
                }
                problems.add(path + "." + indexed("element", e),
                             builder.add_mapping({.map = resource["id"].text(),
                                                  .source_system = group["source"].text(),
                                                  .source_code = element["code"].text(),
                                                  .target_system = group["target"].text(),
                                                  .target_code = target["code"].text(),
                                                  .sender = sender_of(resource)}));
            }
        }
    }
}

} // namespace

void read_fhir_resource(std::string_view text, terminology_builder& builder, yaml::problem_sink& problems) {
    const fhir::json::parse_result parsed = fhir::json::parse(text);
    for (const fhir::finding& finding : parsed.findings) {
        problems.add(position_of(text, finding.offset), finding.text);
    }
    if (!parsed.document) {
        return;
    }
    resource_problems refusals(problems);
    builder.set_place(problems.file(), {0, 0}); // of a JSON value the line is not known
    const value& resource = *parsed.document;
    const std::string_view type = resource["resourceType"].text();
    if (type == "CodeSystem") {
        refusals.add("url", builder.add_code_system(resource["url"].text(), resource["name"].text(), {}));
    } else if (type == "ValueSet" && !resource["id"].text().empty()) {
        read_value_set(resource, builder, refusals);
    } else if (type == "ConceptMap" && !resource["id"].text().empty()) {
        read_concept_map(resource, builder, refusals);
    } else {
        problems.add_whole_file("a FHIR file must be one CodeSystem, ValueSet or ConceptMap with an id");
    }
}

} // namespace auditgate::mapping
