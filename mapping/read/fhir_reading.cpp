#include "mapping/read/fhir_reading.hpp"

#include "fhir/date_time.hpp"

#include <algorithm>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

constexpr std::string_view feed = "fhir";

time_precision precision_of(fhir::date_precision precision) {
    switch (precision) {
    case fhir::date_precision::year:
        return time_precision::year;
    case fhir::date_precision::month:
        return time_precision::month;
    case fhir::date_precision::day:
        return time_precision::day;
    case fhir::date_precision::minute:
        return time_precision::minute;
    case fhir::date_precision::second:
        return time_precision::second;
    }
    return time_precision::second;
}

event_time to_event_time(const fhir::date_time& from, const civil_time& zone) {
    const auto local = std::chrono::local_days(from.date) + from.time_of_day;
    if (from.offset) {
        const std::chrono::sys_time<std::chrono::milliseconds> instant(local.time_since_epoch() -
                                                                       *from.offset);
        return zone.from_instant(instant, precision_of(from.precision));
    }
    return zone.from_local(local, precision_of(from.precision));
}

version_status version_of(std::string_view status) {
    if (status == "entered-in-error") {
        return version_status::deleted;
    }
    return status == "amended" || status == "corrected" ? version_status::corrected : version_status::first;
}

void add_unless_empty(std::vector<std::string>& keys, std::string key) {
    if (!key.empty() && std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(std::move(key));
    }
}

} // namespace

coding read_coding(const value& content) {
    return {std::string(content["system"].text()), std::string(trimmed(content["code"].text()))};
}

codings read_codings(const value& concepts) {
    codings result;
    for (const value* each : elements(concepts)) {
        for (const value* content : elements((*each)["coding"])) {
            if (coding read = read_coding(*content); !read.code.empty()) {
                result.push_back(std::move(read));
            }
        }
    }
    return result;
}

std::optional<amount> read_quantity(const value& quantity) {
    if (quantity["value"].text().empty()) {
        return std::nullopt;
    }
    const std::string_view code = quantity["code"].text();
    return amount{std::string(quantity["value"].text()),
                  std::string(code.empty() ? quantity["unit"].text() : code)};
}

fhir_reading::fhir_reading(reading& message, const fhir::resource_set& document,
                           const fhir::resource_entry& entry)
    : message_(message), document_(document), entry_(entry) {
    base_.message = message.message().reference;
    base_.path = entry.path;
    base_.sender = sender();
    base_.feed = feed;
    base_.fact_key = key_of_fact(name_of(entry));
    base_.version = version_of(status());
    const value& patient = resource()["subject"].is_null() ? resource()["patient"] : resource()["subject"];
    base_.subject = patient_keys(patient);
    base_.visit_number = name_by(resource()["encounter"]);
    read_recorded_time();
}

// meta.lastUpdated, else Bundle.timestamp, else when it was received.
void fhir_reading::read_recorded_time() {
    std::optional<event_time> stated = time(resource()["meta"]["lastUpdated"], "meta.lastUpdated");
    if (!stated) {
        if (const auto timestamp = fhir::parse_date_time(document_.timestamp())) {
            stated = to_event_time(*timestamp, message_.zone());
        }
    }
    base_.recorded = stated ? stated->instant : message_.message().received_at;
}

event fhir_reading::start_part(const std::string& part) {
    event result = base_;
    if (!result.fact_key.empty()) {
        // Repeats are told apart within the resource, so that it gives the same keys alone and beside others.
        const int use = ++parts_[part];
        result.fact_key += "#" + part + (use == 1 ? "" : "|" + std::to_string(use));
    }
    return result;
}

std::string fhir_reading::group_of(const event& whole) const {
    if (!whole.fact_key.empty()) {
        return whole.fact_key;
    }
    // Nothing names the resource: its content and place tell it from those of other messages.
    std::string group = entry_.path + "|";
    for (const char byte : content_hash(whole)) {
        constexpr std::string_view digits = "0123456789abcdef";
        group += digits[static_cast<unsigned char>(byte) >> 4U];
        group += digits[static_cast<unsigned char>(byte) & 0xFU];
    }
    return group;
}

void fhir_reading::add(event fact, event_payload payload) {
    fact.payload = std::move(payload);
    message_.add(std::move(fact));
}

std::optional<event_time> fhir_reading::time(const value& content, std::string_view element) {
    if (content.is_null()) {
        return std::nullopt;
    }
    const auto parsed = fhir::parse_date_time(content.text());
    if (!parsed) {
        find("invalid-time", finding_level::error, element, "this is no date or time of FHIR");
        return std::nullopt;
    }
    return to_event_time(*parsed, message_.zone());
}

std::optional<event_time> fhir_reading::start_time(const std::string& name) {
    for (const char* const type : {"DateTime", "Instant"}) {
        if (const value& content = resource()[name + type]; !content.is_null()) {
            return time(content, name + type);
        }
    }
    return time(resource()[name + "Period"]["start"], name + "Period.start");
}

const fhir::resource_entry* fhir_reading::resolve(const value& reference) const {
    return document_.resolve(reference["reference"].text(), entry_);
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
        keys.push_back(patient_key(name));
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
    if (const fhir::resource_entry* target = document_.resolve(reference["reference"].text(), of)) {
        for (const value* identifier : elements((*target->resource)["identifier"])) {
            if (is_one_of((*identifier)["system"].text(), systems)) {
                return std::string(trimmed((*identifier)["value"].text()));
            }
        }
    }
    return {};
}

std::string fhir_reading::sender() const {
    return profile().sender.empty() ? profile().name : profile().sender;
}

// What a resource is known by in all messages of the sender: Type/id, else Type?system|value of its first identifier,
// else Type/<UUID of its fullUrl>; "" when it is known by nothing.
std::string fhir_reading::name_of(const fhir::resource_entry& entry) const {
    if (std::string name = entry.identity(); !name.empty()) {
        return name;
    }
    const std::string type(entry.type());
    for (const value* identifier : elements((*entry.resource)["identifier"])) {
        if (const std::string_view number = (*identifier)["value"].text(); !number.empty()) {
            return type + "?" + std::string((*identifier)["system"].text()) + "|" + std::string(number);
        }
    }
    return entry.uuid_identity();
}

// The same for the resource that a Reference names.
std::string fhir_reading::name_by(const value& reference) const {
    const fhir::resource_entry* target = resolve(reference);
    return target != nullptr ? name_of(*target) : fhir::literal_target(reference["reference"].text());
}

std::string fhir_reading::key_of_fact(const std::string& name) const {
    return name.empty() ? "" : escaped(sender() + "|" + std::string(feed) + "|" + name);
}

std::string fhir_reading::fact_key(const value& reference) const {
    return key_of_fact(name_by(reference));
}

void fhir_reading::find(std::string code, finding_level level, std::string_view element, std::string text) {
    message_.add(
        read_finding{std::move(code), level, entry_.path + "." + std::string(element), std::move(text)});
}

} // namespace auditgate::mapping
