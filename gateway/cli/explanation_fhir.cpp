#include "gateway/cli/explanation_fhir.hpp"

#include "fhir/xml.hpp"
#include "gateway/cli/open_value.hpp"
#include "mapping/read/fhir_element_use.hpp"

#include <algorithm>
#include <array>

namespace auditgate::gateway::cli {

namespace json = fhir::json;

namespace {

// FHIR elements whose values tell nobody's identity when they look as they should. All others are hidden, so that nothing
// is shown by oversight.
struct open_element {
    std::string_view name;
    value_form form;
};
constexpr std::array open_elements{open_element{"active", value_form::code},
                                   open_element{"authoredOn", value_form::date},
                                   open_element{"code", value_form::code},
                                   open_element{"comparator", value_form::number},
                                   open_element{"doNotPerform", value_form::code},
                                   open_element{"effectiveDateTime", value_form::date},
                                   open_element{"gender", value_form::code},
                                   open_element{"intent", value_form::code},
                                   open_element{"lastUpdated", value_form::date},
                                   open_element{"linkId", value_form::code},
                                   open_element{"mode", value_form::code},
                                   open_element{"occurrenceDateTime", value_form::date},
                                   open_element{"onsetDateTime", value_form::date},
                                   open_element{"performedDateTime", value_form::date},
                                   open_element{"profile", value_form::uri},
                                   open_element{"recordedDate", value_form::date},
                                   open_element{"resourceType", value_form::code},
                                   open_element{"status", value_form::code},
                                   open_element{"system", value_form::uri},
                                   open_element{"timestamp", value_form::date},
                                   open_element{"type", value_form::code},
                                   open_element{"unit", value_form::unit},
                                   open_element{"url", value_form::uri},
                                   open_element{"use", value_form::code},
                                   open_element{"valueBoolean", value_form::code},
                                   open_element{"valueDecimal", value_form::number},
                                   open_element{"valueInteger", value_form::number},
                                   open_element{"versionId", value_form::code}};

// Only what is surely the name of an element may stand in a path: anything else could be a value.
std::string printable_name(const std::string& name) {
    const bool is_plain =
        !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
    return is_plain ? name : "?";
}

// The number of an amount. A `value` is that of an identifier or a telephone, too, and careless senders write those as
// numbers.
bool is_amount(std::string_view path) {
    constexpr auto amounts =
        std::to_array<std::string_view>({"low", "high", "numerator", "denominator", "dose", "boundsDuration",
                                         "daysSupply", "quantity", "strength", "expectedSupplyDuration"});
    constexpr std::string_view last = ".value";
    if (!path.ends_with(last))
        return false;
    path.remove_suffix(last.size());
    path = path.substr(path.rfind('.') + 1);
    path = path.substr(0, path.find('['));
    return path.ends_with("Quantity") || std::find(amounts.begin(), amounts.end(), path) != amounts.end();
}

bool is_open(std::string_view path, std::string_view name, const json::value& value) {
    if (value.is_number() && is_amount(path))
        return has_form(value.text(), value_form::number);
    const auto found = std::find_if(open_elements.begin(), open_elements.end(),
                                    [&](const open_element& one) { return one.name == name; });
    return found != open_elements.end() && has_form(value.text(), found->form);
}

void explain_value(explanation& to, const std::string& path, std::string_view name, const json::value& value,
                   bool show_phi) {
    for (const json::member& one : value.members()) {
        const std::string shown = printable_name(one.name);
        explain_value(to, path.empty() ? shown : path + "." + shown, one.name, one.content, show_phi);
    }
    std::size_t index = 0;
    for (const json::value& one : value.items())
        explain_value(to, path + "[" + std::to_string(index++) + "]", name, one, show_phi);
    if (value.is_object() || value.is_array())
        return;
    explained_value shown{path, "", "", !show_phi && !is_open(path, name, value)};
    if (!shown.hidden)
        shown.value = value.as_bool() ? (*value.as_bool() ? "true" : "false") : std::string(value.text());
    to.values.push_back(std::move(shown));
}

std::string_view use_word(mapping::part_use use) {
    switch (use) {
    case mapping::part_use::used:
        return "read";
    case mapping::part_use::not_used:
        return "unused";
    case mapping::part_use::unknown:
        return "unknown";
    case mapping::part_use::unreadable:
        return "unreadable";
    }
    return "unused";
}

} // namespace

explanation explain_fhir(std::string_view bytes, mapping::message_format format,
                         const mapping::read_result& read, const mapping::source_profile& profile,
                         bool show_phi) {
    explanation result;
    const bool is_xml = format == mapping::message_format::fhir_xml;
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    bytes.remove_prefix(bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    const json::parse_result parsed = is_xml ? fhir::parse_xml(bytes) : json::parse(bytes);
    if (!parsed.document) {
        result.title = is_xml ? "cannot be read as FHIR XML" : "cannot be read as JSON";
        return result;
    }
    const std::string_view type = (*parsed.document)["resourceType"].text();
    result.title = type.empty() ? "JSON, but no FHIR resource"
                                : printable_name(std::string(type)) + (is_xml ? ", FHIR XML" : ", FHIR JSON");
    explain_value(result, printable_name(std::string(type)), "", *parsed.document, show_phi);
    for (mapping::element_report& one : mapping::element_reports(*parsed.document, read, profile))
        result.elements.push_back({std::move(one.path), std::string(use_word(one.use)), std::move(one.why)});
    return result;
}

} // namespace auditgate::gateway::cli
