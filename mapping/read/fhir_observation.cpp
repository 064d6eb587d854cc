// Observation with its components, and the answers of a QuestionnaireResponse.
#include "mapping/read/fhir_reading.hpp"

#include <map>
#include <utility>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

constexpr std::string_view capture_system = "urn:auditgate:capture"; // of a linkId that is taken for a code

observed_value number_value(std::string text, std::string_view unit = {}) {
    observed_value result;
    result.kind = value_kind::number;
    result.text = std::move(text);
    result.unit = unit;
    return result;
}

observed_value text_value(std::string text) {
    observed_value result;
    result.kind = value_kind::text;
    result.text = std::move(text);
    return result;
}

observed_value quantity_value(const value& quantity) {
    const std::string_view number = quantity["value"].text();
    return number.empty() ? observed_value{}
                          : number_value(std::string(quantity["comparator"].text()) + std::string(number),
                                         unit_of(quantity));
}

// A concept without any code is a value that nobody can use, unless nothing at all stands there but why it is missing.
observed_value coded_value(codings codes, bool is_said) {
    observed_value result;
    result.kind = is_said || !codes.empty() ? value_kind::coded : value_kind::absent;
    result.codes = std::move(codes);
    return result;
}

// 8 of 10 is "8/10"; 60 mg in 1 d is 60 with the unit mg/d.
observed_value ratio_value(const value& ratio) {
    const std::string top(ratio["numerator"]["value"].text());
    const std::string bottom(ratio["denominator"]["value"].text());
    if (top.empty()) {
        return {};
    }
    const std::string_view unit = unit_of(ratio["numerator"]);
    const std::string_view per = unit_of(ratio["denominator"]);
    if (bottom.empty() || bottom == "1") {
        return number_value(top, std::string(unit) + (per.empty() ? "" : "/" + std::string(per)));
    }
    return text_value(top + "/" + bottom);
}

// Both ends, as HL7 v2 has them in an SN: "7-8".
observed_value range_value(const value& range) {
    const std::string_view low = range["low"]["value"].text();
    const std::string_view high = range["high"]["value"].text();
    if (low.empty() && high.empty()) {
        return {};
    }
    return number_value(std::string(low) + "-" + std::string(high), unit_of(range["low"]));
}

observed_value time_value(fhir_reading& from, const value& content, const char* element) {
    observed_value result;
    result.time = from.time(content, element);
    result.kind = result.time ? value_kind::date : value_kind::absent;
    return result;
}

using value_reader = observed_value (*)(fhir_reading&, const value&, const char*);

constexpr value_reader as_quantity = [](fhir_reading&, const value& of, const char*) {
    return quantity_value(of);
};
constexpr value_reader as_number = [](fhir_reading&, const value& of, const char*) {
    return number_value(std::string(of.text()));
};
constexpr value_reader as_text = [](fhir_reading&, const value& of, const char*) {
    return text_value(std::string(of.text()));
};
constexpr value_reader as_concept = [](fhir_reading&, const value& of, const char*) {
    return coded_value(read_codings(of), !of["text"].is_null() || of["coding"].size() > 0);
};
constexpr value_reader as_coding = [](fhir_reading&, const value& of, const char*) {
    coding read = read_coding(of);
    return read.code.empty() ? coded_value({}, !of["display"].is_null())
                             : coded_value({std::move(read)}, true);
};
// As HL7 v2 has it in an ID: a code without a system.
constexpr value_reader as_truth = [](fhir_reading&, const value& of, const char*) {
    const std::optional<bool> truth = of.as_bool();
    return truth ? coded_value({{"", *truth ? "true" : "false"}}, true) : observed_value{};
};
constexpr value_reader as_ratio = [](fhir_reading&, const value& of, const char*) { return ratio_value(of); };
constexpr value_reader as_range = [](fhir_reading&, const value& of, const char*) { return range_value(of); };
constexpr value_reader as_start = [](fhir_reading& from, const value& of, const char* element) {
    return of["start"].is_null() ? observed_value{} : time_value(from, of["start"], element);
};

// All types of value[x] of an Observation (R4 observation.html) and of an answer (questionnaireresponse.html) that can hold
// something for an audit: not SampledData, Attachment, Reference and URIs.
constexpr std::pair<const char*, value_reader> value_readers[] = {
    {"valueQuantity", as_quantity}, {"valueInteger", as_number},   {"valueDecimal", as_number},
    {"valueString", as_text},       {"valueTime", as_text},        {"valueCodeableConcept", as_concept},
    {"valueCoding", as_coding},     {"valueBoolean", as_truth},    {"valueRatio", as_ratio},
    {"valueRange", as_range},       {"valueDateTime", time_value}, {"valueDate", time_value},
    {"valuePeriod", as_start},
};

// value[x] of an Observation or component, or one answer.
observed_value read_value(fhir_reading& from, const value& holder) {
    for (const auto& [name, read] : value_readers) {
        if (const value& content = holder[name]; !content.is_null()) {
            return read(from, content, name);
        }
    }
    return {};
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

// What an answer is known by beside its linkId.
class questionnaire_codes {
public:
    explicit questionnaire_codes(const fhir_reading& from) {
        std::string_view canonical = from["questionnaire"].text();
        if (canonical.starts_with('#')) {
            take(from.resolve(fhir::json::make_object({{"reference", value(canonical)}})));
            return;
        }
        canonical = canonical.substr(0, canonical.find('|')); // a version changes no question
        canonical_ = canonical;
        for (const fhir::resource_entry& each : from.document().resources().entries()) {
            if (each.type() == "Questionnaire" && !canonical.empty() &&
                (*each.resource)["url"].text() == canonical) {
                take(&each);
            }
        }
    }

    // The linkId as a code of auditgate, and as one of its questionnaire, for maps of a site; the codes of the question where
    // the Questionnaire is in the document.
    [[nodiscard]] codings of(const std::string& link_id) const {
        codings result = {{std::string(capture_system), link_id}};
        if (!canonical_.empty()) {
            result.push_back({canonical_, link_id});
        }
        if (const auto found = of_item_.find(link_id); found != of_item_.end()) {
            result.insert(result.end(), found->second.begin(), found->second.end());
        }
        return result;
    }

private:
    void take(const fhir::resource_entry* questionnaire) {
        if (questionnaire != nullptr) {
            take_items((*questionnaire->resource)["item"]);
        }
    }
    void take_items(const value& items) {
        for (const value* item : elements(items)) {
            codings& codes = of_item_[std::string((*item)["linkId"].text())];
            for (const value* code : elements((*item)["code"])) {
                codes.push_back(read_coding(*code));
            }
            take_items((*item)["item"]);
        }
    }

    std::string canonical_;
    std::map<std::string, codings> of_item_;
};

struct answer_context {
    event base;
    std::string group;
    questionnaire_codes codes;
};

void read_items(fhir_reading& from, const answer_context& all, const value& items, const std::string& place) {
    std::size_t item_number = 0;
    for (const value* item : elements(items)) {
        const std::string item_place = place + "item[" + std::to_string(item_number++) + "]";
        std::size_t answer_number = 0;
        const std::string link_id((*item)["linkId"].text());
        for (const value* answer : elements((*item)["answer"])) {
            const std::string answer_place = item_place + ".answer[" + std::to_string(answer_number++) + "]";
            event fact = from.start_part(link_id, answer_place);
            fact.when = all.base.when;
            observation content;
            content.codes = all.codes.of(link_id);
            content.value = read_value(from, *answer);
            content.source = observation_source::questionnaire;
            content.group = all.group;
            from.add(std::move(fact), std::move(content));
            read_items(from, all, (*answer)["item"], answer_place + ".");
        }
        read_items(from, all, (*item)["item"], item_place + ".");
    }
}

// effective[x], else that of the panel or report that has it among its results.
std::optional<event_time> time_of_observation(fhir_reading& from) {
    std::optional<event_time> when = from.time_of("effective");
    constexpr int steps_max = 3; // panels of panels in a report
    const fhir::resource_entry* holder = &from.entry();
    for (int step = 0; !when && step < steps_max; ++step) {
        holder = from.document().holder_of(*holder);
        if (holder == nullptr) {
            break;
        }
        when = from.time_of("effective", *holder);
    }
    return when;
}

// An Observation about somebody beside the patient, such as a relative or a donor (R4 observation.html, focus).
bool is_about_somebody_else(const fhir_reading& from, const std::vector<std::string>& subject) {
    for (const value* focus : elements(from["focus"])) {
        const fhir::resource_entry* target = from.resolve(*focus);
        const std::string name = target != nullptr ? std::string(target->type()) + "/"
                                                   : fhir::literal_target((*focus)["reference"].text());
        const bool is_person = name.starts_with("Patient/") || name.starts_with("RelatedPerson/");
        if (is_person && (name.starts_with("RelatedPerson/") || from.patient_keys(*focus) != subject)) {
            return true;
        }
    }
    return false;
}

} // namespace

void read_observation(fhir_reading& from) {
    event base = from.start();
    base.when = time_of_observation(from);
    if (is_about_somebody_else(from, base.subject)) {
        from.find("other-focus", finding_level::warning, "focus",
                  "the observation is about somebody else than the patient: it is not read");
        return;
    }
    if (from.status() == "cancelled") {
        base.version = version_status::deleted; // there is no value, and what was sent before does not hold
    }
    const auto components = elements(from["component"]);
    observation whole = read_statement(from, from.resource());
    base.payload = whole;
    const std::string group = components.empty() ? "" : from.group_of(base);
    whole.group = group;
    from.add(base, std::move(whole));
    std::size_t number = 0;
    for (const value* component : components) {
        observation content = read_statement(from, *component);
        content.group = group;
        event fact = from.start_part(content.codes.empty() ? "" : content.codes.front().code,
                                     "component[" + std::to_string(number++) + "]");
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
    read_items(from, {base, from.group_of(base), questionnaire_codes(from)}, from["item"], "");
}

} // namespace auditgate::mapping
