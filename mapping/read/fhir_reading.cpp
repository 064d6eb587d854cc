#include "mapping/read/fhir_reading.hpp"

#include "fhir/date_time.hpp"

#include <algorithm>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

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
    return status == "amended" || status == "corrected" || status == "appended" ? version_status::corrected
                                                                                : version_status::first;
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

std::string_view unit_of(const value& quantity) {
    const std::string_view system = quantity["system"].text();
    const std::string_view code = quantity["code"].text();
    const std::string_view unit = quantity["unit"].text();
    const bool is_ucum = system.empty() || system == "http://unitsofmeasure.org";
    return code.empty() || (!is_ucum && !unit.empty()) ? unit : code;
}

std::optional<amount> read_quantity(const value& quantity) {
    if (quantity["value"].text().empty()) {
        return std::nullopt;
    }
    return amount{std::string(quantity["value"].text()), std::string(unit_of(quantity))};
}

fhir_document::fhir_document(const fhir::resource_set& resources) : resources_(resources) {
    for (const fhir::resource_entry& each : resources.entries()) {
        const bool is_report = each.type() == "DiagnosticReport";
        if (!is_report && each.type() != "Observation") {
            continue;
        }
        for (const value* member : elements((*each.resource)[is_report ? "result" : "hasMember"])) {
            const auto* held = resources.resolve((*member)["reference"].text(), each);
            if (held != nullptr && held != &each) {
                holders_.try_emplace(held->resource, &each);
            }
        }
    }
}

const fhir::resource_entry* fhir_document::holder_of(const fhir::resource_entry& observation) const {
    const auto found = holders_.find(observation.resource);
    return found != holders_.end() ? found->second : nullptr;
}

fhir_reading::fhir_reading(reading& message, const fhir_document& document, const fhir::resource_entry& entry)
    : message_(message), document_(document), entry_(entry) {
    base_.message = message.message().reference;
    base_.path = entry.path;
    base_.sender = sender();
    base_.feed = fhir_feed;
    base_.fact_key = key_of_fact(name_of(entry));
    base_.version = version_of(status());
    const value& patient = resource()["subject"].is_null() ? resource()["patient"] : resource()["subject"];
    base_.subject = patient_keys(patient);
    // The context of a drug may be an EpisodeOfCare, which is no visit.
    const std::string context = name_by(resource()["context"]);
    base_.visit_number = context.starts_with("Encounter") ? context : name_by(resource()["encounter"]);
    read_recorded_time();
}

fhir_reading::fhir_reading(fhir_reading& container, const fhir::resource_entry& contained)
    : fhir_reading(container.message_, container.document_, contained) {
    const event whole = container.start_part(std::string(contained.id()), "contained");
    base_.fact_key = whole.fact_key;
    base_.recorded = whole.recorded;
    base_.version = whole.version == version_status::deleted ? whole.version : base_.version;
    base_.subject = base_.subject.empty() ? whole.subject : base_.subject;
    base_.visit_number = base_.visit_number.empty() ? whole.visit_number : base_.visit_number;
}

// meta.lastUpdated, else when a history says that it was changed, else Bundle.timestamp, else when it was received.
void fhir_reading::read_recorded_time() {
    std::optional<event_time> stated = time(resource()["meta"]["lastUpdated"], "meta.lastUpdated");
    for (const std::string_view text : {entry_.last_modified, document_.resources().timestamp()}) {
        if (const auto other = stated ? std::nullopt : fhir::parse_date_time(text)) {
            stated = to_event_time(*other, message_.zone());
        }
    }
    base_.recorded = stated ? stated->instant : message_.message().received_at;
}

event fhir_reading::start_part(const std::string& part, const std::string& place) {
    event result = base_;
    result.path += "." + place;
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
    gave_nobodys_ = gave_nobodys_ || fact.subject.empty();
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
    return first_time(name, entry_, false);
}

std::optional<event_time> fhir_reading::time_of(const std::string& name) {
    return first_time(name, entry_, true);
}

std::optional<event_time> fhir_reading::time_of(const std::string& name, const fhir::resource_entry& of) {
    return first_time(name, of, true);
}

std::optional<event_time> fhir_reading::first_time(const std::string& name, const fhir::resource_entry& of,
                                                   bool or_end) {
    const value& holder = *of.resource;
    const auto read = [&](const value& content, const std::string& element) -> std::optional<event_time> {
        if (&of == &entry_) {
            return time(content, element);
        }
        // What is wrong with another resource is told when that one is read.
        const auto parsed = fhir::parse_date_time(content.text());
        return parsed ? std::optional(to_event_time(*parsed, message_.zone())) : std::nullopt;
    };
    for (const char* const type : {"DateTime", "Instant"}) {
        if (const value& content = holder[name + type]; !content.is_null()) {
            return read(content, name + type);
        }
    }
    const value& period = holder[name + "Period"];
    for (const char* const bound : {"start", "end"}) {
        const bool is_wanted = or_end || bound == std::string_view("start");
        if (const value& content = period[bound]; is_wanted && !content.is_null()) {
            return read(content, name + "Period." + bound);
        }
    }
    const auto events = elements(holder[name + "Timing"]["event"]);
    return events.empty() ? std::nullopt : read(*events.front(), name + "Timing.event");
}

void fhir_reading::find(std::string code, finding_level level, std::string_view element, std::string text) {
    message_.add(
        read_finding{std::move(code), level, entry_.path + "." + std::string(element), std::move(text)});
}

} // namespace auditgate::mapping
