// Observation with its components, and the answers of a QuestionnaireResponse.
#include "mapping/read/fhir_reading.hpp"

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

constexpr std::string_view capture_system = "urn:auditgate:capture"; // of a linkId that is taken for a code

// value[x] of an Observation or component, or one answer.
observed_value read_value(fhir_reading& from, const value& holder) {
    observed_value result;
    if (const value& quantity = holder["valueQuantity"]; !quantity["value"].text().empty()) {
        result.kind = value_kind::number;
        result.text = std::string(quantity["comparator"].text()) + std::string(quantity["value"].text());
        const std::string_view code = quantity["code"].text();
        result.unit = code.empty() ? quantity["unit"].text() : code;
    } else if (!holder["valueInteger"].is_null() || !holder["valueDecimal"].is_null()) {
        result.kind = value_kind::number;
        result.text = holder["valueInteger"].text();
        result.text += holder["valueDecimal"].text();
    } else if (!holder["valueString"].is_null()) {
        result.kind = value_kind::text;
        result.text = holder["valueString"].text();
    } else if (holder["valueCodeableConcept"].is_object()) {
        result.kind = value_kind::coded;
        result.codes = read_codings(holder["valueCodeableConcept"]);
    } else if (holder["valueCoding"].is_object()) {
        result.kind = value_kind::coded;
        result.codes = {read_coding(holder["valueCoding"])};
    } else {
        for (const char* const name : {"valueDateTime", "valueDate"}) {
            if (!holder[name].is_null()) {
                result.time = from.time(holder[name], name);
                result.kind = result.time ? value_kind::date : value_kind::absent;
            }
        }
    }
    return result;
}

observation_source source_of(const fhir_reading& from) {
    for (const coding& category : read_codings(from["category"])) {
        if (category.code == "survey") {
            return observation_source::questionnaire;
        }
        if (category.code == "vital-signs") {
            return observation_source::ward;
        }
    }
    return observation_source::clinic;
}

observation read_statement(fhir_reading& from, const value& holder) {
    observation content;
    content.codes = read_codings(holder["code"]);
    content.value = read_value(from, holder);
    if (const auto ranges = elements(holder["referenceRange"]); !ranges.empty()) {
        content.range_low = (*ranges.front())["low"]["value"].text();
        content.range_high = (*ranges.front())["high"]["value"].text();
    }
    content.source = source_of(from);
    return content;
}

void read_items(fhir_reading& from, const event& base, const std::string& group, const value& items) {
    for (const value* item : elements(items)) {
        const std::string link_id((*item)["linkId"].text());
        for (const value* answer : elements((*item)["answer"])) {
            event fact = from.start_part(link_id);
            fact.when = base.when;
            observation content;
            content.codes = {{std::string(capture_system), link_id}};
            content.value = read_value(from, *answer);
            content.source = observation_source::questionnaire;
            content.group = group;
            from.add(std::move(fact), std::move(content));
            read_items(from, base, group, (*answer)["item"]);
        }
        read_items(from, base, group, (*item)["item"]);
    }
}

} // namespace

void read_observation(fhir_reading& from) {
    event base = from.start();
    base.when = from.start_time("effective");
    if (from.status() == "cancelled") {
        base.version = version_status::deleted; // there is no value, and what was sent before does not hold
    }
    const auto components = elements(from["component"]);
    observation whole = read_statement(from, from.resource());
    base.payload = whole;
    const std::string group = components.empty() ? "" : from.group_of(base);
    whole.group = group;
    from.add(base, std::move(whole));
    for (const value* component : components) {
        observation content = read_statement(from, *component);
        content.group = group;
        event fact = from.start_part(content.codes.empty() ? "" : content.codes.front().code);
        fact.when = base.when;
        fact.version = base.version;
        from.add(std::move(fact), std::move(content));
    }
}

void read_questionnaire_response(fhir_reading& from) {
    if (from.status() == "in-progress") {
        return; // not handed in yet
    }
    event base = from.start();
    base.when = from.time(from["authored"], "authored");
    // The whole says nothing itself; it is there to be taken back, by then without its answers.
    from.add(base, observation{});
    read_items(from, base, from.group_of(base), from["item"]);
}

} // namespace auditgate::mapping
