#include "gateway/cli/explanation.hpp"

#include "fhir/ndjson.hpp"
#include "gateway/cli/explanation_fhir.hpp"
#include "gateway/cli/open_value.hpp"
#include "hl7v2/check.hpp"
#include "hl7v2/dictionary.hpp"
#include "hl7v2/message.hpp"
#include "mapping/read/read.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace auditgate::gateway::cli {
namespace {

namespace json = fhir::json;

constexpr std::string_view hidden_text = "(hidden: may tell who somebody is; --show-phi shows it)";

template <class Finding>
void add_findings(std::vector<explained_finding>& to, const std::vector<Finding>& from) {
    for (const Finding& one : from)
        to.push_back({std::string(to_string(one.level)), one.code, one.path, one.text});
}

// The codes and systems of a coded value; its texts are hidden. None when no code stands where the code should.
std::optional<std::string> open_codes(const hl7v2::repetition_view& coded) {
    if (!has_form(coded.component(1).whole_text(), value_form::code))
        return std::nullopt;
    std::string shown;
    std::size_t number = 0;
    for (const hl7v2::component_view component : coded.components()) {
        ++number;
        const std::string text = component.whole_text();
        const bool is_text = number == 2 || number == 5 || number == 9; // text, alternate and original text
        const bool is_system = number == 3 || number == 6;
        if (number > 1)
            shown += '^';
        if (is_text)
            shown += text.empty() ? "" : "(hidden)";
        else
            shown += open_or_hidden(text, is_system ? value_form::uri : value_form::code);
    }
    return shown;
}

// Observed values are free text to the dictionary, but what looks like a number, date or code tells nobody's name.
std::optional<std::string> open_result(const hl7v2::repetition_view& result, std::string_view value_type) {
    constexpr auto coded_types = std::to_array<std::string_view>({"CE", "CWE", "CNE"});
    constexpr auto forms =
        std::to_array<std::pair<std::string_view, value_form>>({{"NM", value_form::number},
                                                                {"SN", value_form::number},
                                                                {"TM", value_form::number},
                                                                {"ID", value_form::code},
                                                                {"IS", value_form::code},
                                                                {"DT", value_form::date},
                                                                {"TS", value_form::date},
                                                                {"DTM", value_form::date}});
    if (std::find(coded_types.begin(), coded_types.end(), value_type) != coded_types.end())
        return open_codes(result);
    const auto form =
        std::find_if(forms.begin(), forms.end(), [&](const auto& one) { return one.first == value_type; });
    std::string text = result.whole_text();
    if (form == forms.end() || !has_form(text, form->second))
        return std::nullopt;
    return text;
}

void explain_field(explanation& to, const std::string& segment_path, const hl7v2::segment_view& in,
                   std::size_t number, const hl7v2::field_view& field, bool show_phi) {
    const std::string_view segment = in.name();
    const bool open = show_phi || hl7v2::disclosure_of(segment, number) == hl7v2::disclosure::plain;
    const bool is_result = segment == "OBX" && number == 5;
    const bool several = field.repetition_count() > 1;
    std::size_t repetition_number = 0;
    for (const hl7v2::repetition_view repetition : field.repetitions()) {
        ++repetition_number;
        if (repetition.state() == hl7v2::presence::empty)
            continue;
        explained_value value;
        value.path = segment_path + "-" + std::to_string(number);
        if (several)
            value.path += "[" + std::to_string(repetition_number) + "]";
        value.name = hl7v2::field_title(segment, number);
        std::optional<std::string> shown;
        if (repetition.is_null())
            shown = "\"\" (delete what is there)";
        else if (open)
            shown = repetition.whole_text();
        else if (is_result)
            shown = open_result(repetition, in.field(2).text());
        value.hidden = !shown.has_value();
        value.value = std::move(shown).value_or("");
        to.values.push_back(std::move(value));
    }
}

bool is_header(std::string_view segment) {
    return segment == "MSH" || segment == "FHS" || segment == "BHS";
}

explained_value explain_segment(const hl7v2::segment_view& segment, bool show_phi) {
    if (!hl7v2::is_known_segment(segment.name())) // the rest of a text with a CR in it, for example
        return {segment.path(), "no known segment", show_phi ? std::string(segment.name()) : "", !show_phi};
    const std::string_view title = hl7v2::segment_title(segment.name());
    return {segment.path(), title.empty() ? "not in the standard" : std::string(title), "", false};
}

explanation explain_hl7v2(std::string_view bytes, bool show_phi, const hl7v2::parse_options& options) {
    explanation result;
    const hl7v2::parse_result parsed = hl7v2::message::parse(bytes, options);
    add_findings(result.findings, parsed.findings);
    if (!parsed.value) {
        result.title = "cannot be read as HL7 v2";
        return result;
    }
    const hl7v2::message& message = *parsed.value;
    result.title = message.message_type() + "^" + message.trigger_event() + ", HL7 v" + message.version() +
                   ", " + std::to_string(message.segment_count()) + " segments, " +
                   message.declared_charset().name();
    add_findings(result.findings, hl7v2::check_content(message));
    for (const hl7v2::segment_view segment : message) {
        const std::string path = segment.path();
        result.values.push_back(explain_segment(segment, show_phi));
        std::size_t number = is_header(segment.name()) ? 1 : 0;
        for (const hl7v2::field_view field : segment.fields()) {
            ++number;
            if (number == 2 && is_header(segment.name())) // the encoding characters are never split
                result.values.push_back({path + "-2", std::string(hl7v2::field_title(segment.name(), number)),
                                         std::string(field.raw()), false});
            else
                explain_field(result, path, segment, number, field, show_phi);
        }
    }
    return result;
}

struct kind_of_fact {
    std::string_view operator()(const mapping::patient_details&) const { return "patient"; }
    std::string_view operator()(const mapping::procedure&) const { return "procedure"; }
    std::string_view operator()(const mapping::booking&) const { return "booking"; }
    std::string_view operator()(const mapping::observation&) const { return "observation"; }
    std::string_view operator()(const mapping::medication&) const { return "medication"; }
    std::string_view operator()(const mapping::condition&) const { return "condition"; }
    std::string_view operator()(const mapping::adverse_event&) const { return "adverse event"; }
    std::string_view operator()(const mapping::consent&) const { return "consent"; }
    std::string_view operator()(const mapping::identity_change&) const { return "identity change"; }
    std::string_view operator()(const mapping::visit&) const { return "visit"; }
    std::string_view operator()(const mapping::emptied_set&) const { return "emptied set"; }
};

struct codes_of_fact {
    template <class Payload>
    mapping::codings operator()(const Payload& payload) const {
        if constexpr (requires { payload.codes; })
            return payload.codes;
        else if constexpr (requires { payload.drug; })
            return payload.drug;
        else if constexpr (requires { payload.category; })
            return payload.category;
        else if constexpr (requires { payload.policy; })
            return payload.policy;
        else
            return {};
    }
};

// The first characters of UTF-8 text, control characters made visible.
std::string one_line(std::string_view text, std::size_t width_max) {
    std::string line;
    std::size_t width = 0;
    for (const char c : text) {
        const bool begins_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        if (begins_character && width_max != 0 && width++ == width_max)
            return line + "...";
        line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return line;
}

} // namespace

void add_reading(explanation& to, const mapping::read_result& read, bool show_phi) {
    const auto shown = [&](const std::string& text, value_form form) {
        return show_phi ? text : open_or_hidden(text, form);
    };
    for (const mapping::event& one : read.events) {
        const bool is_withdrawal = !one.document.empty() && one.as<mapping::emptied_set>() != nullptr;
        explained_fact fact{
            one.path,
            is_withdrawal ? "document taken back" : std::string(std::visit(kind_of_fact{}, one.payload)), ""};
        for (const mapping::coding& code : std::visit(codes_of_fact{}, one.payload))
            fact.codes += (fact.codes.empty() ? "" : " ") + shown(code.system, value_form::uri) + "|" +
                          shown(code.code, value_form::code);
        to.facts.push_back(std::move(fact));
    }
    for (const mapping::read_finding& one : read.findings) {
        const auto told = [&](const explained_finding& earlier) {
            return earlier.code == one.code && earlier.path == one.path;
        };
        if (std::any_of(to.findings.begin(), to.findings.end(), told))
            continue;
        constexpr std::array<std::string_view, 3> levels{"fatal", "error", "warning"};
        to.findings.push_back(
            {std::string(levels.at(static_cast<std::size_t>(one.level))), one.code, one.path, one.text});
    }
}

namespace {

explanation explain_document(std::string_view bytes, bool show_phi, const reading_rules& rules) {
    mapping::message_to_read message;
    message.bytes = bytes;
    message.format = mapping::format_of(bytes);
    const mapping::read_result read = mapping::read_message(message, rules.profile);
    explanation result;
    if (message.format == mapping::message_format::hl7v2)
        result = explain_hl7v2(bytes, show_phi, rules.profile.wire);
    else if (message.format == mapping::message_format::table)
        result.title = "a row of a table; its source profile (--profile) tells what it means";
    else
        result = explain_fhir(bytes, message.format, read, rules.profile, show_phi);
    result.parts = explain_parts(read, rules.codes);
    add_reading(result, read, show_phi);
    return result;
}

// What stands in front of the paths of one line.
template <class Rows>
void take_with(const std::string& place, Rows& from, Rows& to) {
    for (auto& one : from) {
        one.path = one.path.empty() ? place : place + "." + one.path;
        to.push_back(std::move(one));
    }
}

} // namespace

explanation explain_message(std::string_view bytes, bool show_phi, const reading_rules& rules) {
    if (mapping::format_of(bytes) != mapping::message_format::fhir_json || !fhir::is_ndjson(bytes))
        return explain_document(bytes, show_phi, rules);
    explanation result;
    const std::vector<fhir::ndjson_line> lines = fhir::split_ndjson(bytes);
    result.title = "NDJSON, " + std::to_string(lines.size()) + " lines";
    for (const fhir::ndjson_line& line : lines) {
        explanation one = explain_document(line.content, show_phi, rules);
        const std::string place = "line(" + std::to_string(line.number) + ")";
        take_with(place, one.values, result.values);
        take_with(place, one.findings, result.findings);
        take_with(place, one.facts, result.facts);
        take_with(place, one.parts, result.parts);
        take_with(place, one.elements, result.elements);
    }
    return result;
}

namespace {

std::string_view in_words(std::string_view use) {
    return use == "unused" ? std::string_view("known and unused") : use;
}

std::string table_of_elements(const std::vector<explained_element>& elements) {
    if (elements.empty())
        return {};
    std::string out;
    std::map<std::string_view, std::size_t> counts;
    for (const explained_element& one : elements) {
        ++counts[one.use];
        if (one.use != "read")
            out += "  " + one.path + "  " + std::string(in_words(one.use)) + ": " + one.why + "\n";
    }
    std::string shares;
    for (const std::string_view use : {"read", "unused", "unknown", "unreadable"})
        shares +=
            (shares.empty() ? "" : ", ") + std::to_string(counts[use]) + " " + std::string(in_words(use));
    return "\nResources and elements: " + shares + "\n" + out;
}

} // namespace

std::string to_table(const explanation& of, std::size_t value_width_max) {
    std::size_t path_width = 0;
    std::size_t name_width = 0;
    for (const explained_value& one : of.values) {
        path_width = std::max(path_width, one.path.size());
        name_width = std::max(name_width, one.name.size());
    }
    std::string out = of.title + "\n\n";
    for (const explained_value& one : of.values) {
        const bool segment_line = one.value.empty() && !one.hidden;
        std::string line = segment_line ? one.path : "  " + one.path;
        line.resize(std::max(line.size(), path_width + 4), ' ');
        line += one.name;
        if (!segment_line) {
            line.resize(std::max(line.size(), path_width + name_width + 6), ' ');
            line += one.hidden ? std::string(hidden_text) : one_line(one.value, value_width_max);
        }
        out += line + "\n";
    }
    out += of.facts.empty() ? "\nNothing in it is for an audit dataset.\n" : "\nFor audit datasets\n";
    for (const explained_fact& one : of.facts)
        out += "  " + one.path + "  " + one.kind + (one.codes.empty() ? "" : "  " + one.codes) + "\n";
    out += to_table(of.parts);
    out += table_of_elements(of.elements);
    out += of.findings.empty() ? "\nNothing odd found.\n" : "\nFindings\n";
    for (const explained_finding& one : of.findings) {
        out += "  " + one.level + "  " + one.code + (one.path.empty() ? "" : " at " + one.path) + ": " +
               one.text;
        out += "\n";
    }
    return out;
}

json::value to_json(const explanation& of) {
    json::value values = json::value::array();
    for (const explained_value& one : of.values) {
        json::value row =
            json::make_object({{"path", json::value(one.path)}, {"name", json::value(one.name)}});
        if (one.hidden)
            row.set("hidden", json::value(true));
        else
            row.set("value", json::value(one.value));
        values.push_back(std::move(row));
    }
    json::value findings = json::value::array();
    for (const explained_finding& one : of.findings)
        findings.push_back(json::make_object({{"level", json::value(one.level)},
                                              {"code", json::value(one.code)},
                                              {"path", json::value(one.path)},
                                              {"text", json::value(one.text)}}));
    json::value result = json::make_object({{"title", json::value(of.title)}});
    result.set("values", std::move(values));
    result.set("findings", std::move(findings));
    json::value facts = json::value::array();
    for (const explained_fact& one : of.facts)
        facts.push_back(json::make_object({{"path", json::value(one.path)},
                                           {"kind", json::value(one.kind)},
                                           {"codes", json::value(one.codes)}}));
    result.set("facts", std::move(facts));
    result.set("parts", to_json(of.parts));
    if (of.elements.empty())
        return result;
    json::value elements = json::value::array();
    for (const explained_element& one : of.elements) {
        json::value row = json::make_object({{"path", json::value(one.path)}, {"use", json::value(one.use)}});
        if (!one.why.empty())
            row.set("why", json::value(one.why));
        elements.push_back(std::move(row));
    }
    result.set("elements", std::move(elements));
    return result;
}

} // namespace auditgate::gateway::cli
