// Who and what a resource speaks of: references, identifiers, the keys of patients, facts and organisations.
#include "mapping/read/fhir_reading.hpp"

#include <algorithm>
#include <unordered_set>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

void add_unless_empty(std::vector<std::string>& keys, std::string key) {
    if (!key.empty() && std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(std::move(key));
    }
}

} // namespace

const fhir::resource_entry* fhir_reading::resolve(const value& reference,
                                                  const fhir::resource_entry& from) const {
    const fhir::resource_set& all = document_.resources();
    if (const std::string_view literal = reference["reference"].text(); !literal.empty()) {
        return all.resolve(literal, from);
    }
    const value& identifier = reference["identifier"];
    return all.find_by_identifier(reference["type"].text(), identifier["system"].text(),
                                  identifier["value"].text());
}

codings fhir_reading::codings_named(const std::vector<const value*>& references, const char* element) const {
    codings result;
    std::unordered_set<const fhir::resource_entry*> named;
    for (const value* reference : references) {
        const fhir::resource_entry* target = resolve(*reference);
        if (target != nullptr && named.insert(target).second) {
            const codings more = read_codings((*target->resource)[element]);
            result.insert(result.end(), more.begin(), more.end());
        }
    }
    return result;
}

std::vector<std::string> fhir_reading::patient_keys(const value& reference) const {
    std::vector<std::string> keys;
    const std::string_view literal = reference["reference"].text();
    if (const fhir::resource_entry* target = resolve(reference)) {
        if (target->type() != "Patient") {
            return keys;
        }
        keys = keys_of_patient(*target);
    } else if (const std::string name = fhir::literal_target(literal); name.starts_with("Patient/")) {
        if (profile().known_by == fhir_identity::id) {
            keys.push_back(patient_key(name));
        }
    } else if (const std::string identifier = fhir::conditional_identifier(literal); !identifier.empty()) {
        const std::size_t bar = identifier.find('|');
        if (bar != std::string::npos &&
            is_one_of(identifier.substr(0, bar), profile().identifiers.nhs_systems)) {
            add_unless_empty(keys, nhs_key(std::string_view(identifier).substr(bar + 1)));
        }
    }
    add_unless_empty(keys, key_of_identifier(reference["identifier"], entry_));
    return keys;
}

std::vector<std::string> fhir_reading::keys_of_patient(const fhir::resource_entry& patient) const {
    std::vector<std::string> keys;
    for (const value* identifier : elements((*patient.resource)["identifier"])) {
        add_unless_empty(keys, key_of_identifier(*identifier, patient));
    }
    if (profile().known_by == fhir_identity::identifier) {
        return keys; // an id may be somebody else's in the next message
    }
    const std::string name = patient.identity();
    if (const std::string known = name.empty() ? patient.uuid_identity() : name; !known.empty()) {
        keys.push_back(patient_key(known));
    }
    return keys;
}

std::string fhir_reading::patient_key(std::string_view target) const {
    return "fhir|" + sender() + "|" + std::string(target);
}

std::string fhir_reading::key_of_identifier(const value& identifier, const fhir::resource_entry& of) const {
    const identifier_types& types = profile().identifiers;
    if (identifier["use"].text() == "old") {
        return {};
    }
    if (is_one_of(identifier["system"].text(), types.nhs_systems)) {
        return nhs_key(identifier["value"].text());
    }
    const auto local = types.local_systems.find(std::string(identifier["system"].text()));
    if (local != types.local_systems.end()) {
        return local_key(local->second, identifier["value"].text());
    }
    for (const coding& type : read_codings(identifier["type"])) {
        if (is_one_of(type.code, types.local_types)) {
            return local_key(organisation(identifier["assigner"], of), identifier["value"].text());
        }
    }
    return {};
}

std::string fhir_reading::organisation(const value& reference, const fhir::resource_entry& of) const {
    const std::vector<std::string>& systems = profile().identifiers.organisation_systems;
    if (is_one_of(reference["identifier"]["system"].text(), systems)) {
        return std::string(trimmed(reference["identifier"]["value"].text()));
    }
    constexpr int steps_max =
        4; // role, organisation, and what it is a part of: references may run in a circle
    if (const fhir::resource_entry* target = resolve(reference, of)) {
        return organisation_of(*target, steps_max);
    }
    const std::string identifier = fhir::conditional_identifier(reference["reference"].text());
    const std::size_t bar = identifier.find('|');
    return bar != std::string::npos && is_one_of(identifier.substr(0, bar), systems)
               ? identifier.substr(bar + 1)
               : std::string();
}

std::string fhir_reading::organisation_of(const fhir::resource_entry& target, int steps_left) const {
    for (const value* identifier : elements((*target.resource)["identifier"])) {
        if (is_one_of((*identifier)["system"].text(), profile().identifiers.organisation_systems)) {
            return std::string(trimmed((*identifier)["value"].text()));
        }
    }
    const value& further = (*target.resource)[target.type() == "Organization" ? "partOf" : "organization"];
    if (steps_left == 0 || further.is_null()) {
        return {};
    }
    const fhir::resource_entry* next = resolve(further, target);
    return next != nullptr ? organisation_of(*next, steps_left - 1) : organisation(further, target);
}

std::string fhir_reading::performing_organisation() const {
    std::string lowest;
    for (const value* performer : elements(resource()["performer"])) {
        // Procedure.performer names an actor; DiagnosticReport.performer is the reference itself.
        const bool is_actor = (*performer)["actor"].is_object();
        std::string code = organisation(is_actor ? (*performer)["actor"] : *performer);
        if (code.empty()) {
            code = organisation((*performer)["onBehalfOf"]);
        }
        if (!code.empty() && (lowest.empty() || code < lowest)) {
            lowest = std::move(code);
        }
    }
    const fhir::resource_entry* encounter = lowest.empty() ? resolve(resource()["encounter"]) : nullptr;
    return encounter != nullptr ? organisation((*encounter->resource)["serviceProvider"], *encounter)
                                : lowest;
}

std::string fhir_reading::sender() const {
    return profile().sender.empty() ? profile().name : profile().sender;
}

namespace {

// Type?system|value of the first identifier; "" when there is none.
std::string name_by_identifier(std::string_view type, const value& identifiers) {
    for (const value* identifier : elements(identifiers)) {
        if (const std::string_view number = (*identifier)["value"].text(); !number.empty()) {
            return std::string(type) + "?" + std::string((*identifier)["system"].text()) + "|" +
                   std::string(number);
        }
    }
    return {};
}

} // namespace

// What a resource is known by in all messages of the sender: Type/id, else Type?system|value of its first identifier,
// else Type/<UUID of its fullUrl>; "" when it is known by nothing.
std::string fhir_reading::name_of(const fhir::resource_entry& entry) const {
    std::string by_id = profile().known_by == fhir_identity::id ? entry.identity() : std::string();
    if (!by_id.empty()) {
        return by_id;
    }
    std::string by_identifier = name_by_identifier(entry.type(), (*entry.resource)["identifier"]);
    return by_identifier.empty() ? entry.uuid_identity() : by_identifier;
}

// The same for the resource that a Reference names.
std::string fhir_reading::name_by(const value& reference) const {
    if (const fhir::resource_entry* target = resolve(reference)) {
        return name_of(*target);
    }
    const std::string_view literal = reference["reference"].text();
    if (const std::string target = fhir::literal_target(literal); !target.empty()) {
        return profile().known_by == fhir_identity::id ? target : std::string();
    }
    if (const std::string identifier = fhir::conditional_identifier(literal); !identifier.empty()) {
        return std::string(literal.substr(0, literal.find('?'))) + "?" + identifier;
    }
    const std::string_view type = reference["type"].text();
    return type.empty() ? std::string() : name_by_identifier(type, reference["identifier"]);
}

std::string fhir_reading::key_of_fact(const std::string& name) const {
    return name.empty() ? "" : escaped(sender() + "|" + std::string(fhir_feed) + "|" + name);
}

std::string fhir_reading::fact_key(const value& reference) const {
    return key_of_fact(name_by(reference));
}

} // namespace auditgate::mapping
