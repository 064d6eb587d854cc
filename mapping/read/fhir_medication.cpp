// MedicationRequest, MedicationStatement and MedicationAdministration.
#include "mapping/read/fhir_reading.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

constexpr int minutes_of_day = 24 * 60;
constexpr std::int64_t doses_max = 999; // in one period: more are a mistake

int minutes_of(std::string_view unit) {
    static constexpr std::pair<std::string_view, int> units[] = {
        {"min", 1}, {"h", 60}, {"d", minutes_of_day}, {"wk", 7 * minutes_of_day}};
    for (const auto& [name, minutes] : units) {
        if (name == unit) {
            return minutes;
        }
    }
    return 0;
}

// Codes of http://hl7.org/fhir/ValueSet/timing-abbreviation that name a number of doses a day.
std::optional<dose_frequency> frequency_of_code(const value& timing) {
    static constexpr std::pair<std::string_view, dose_frequency> known[] = {
        {"BID", {2, minutes_of_day}}, {"TID", {3, minutes_of_day}},
        {"QID", {4, minutes_of_day}}, {"QD", {1, minutes_of_day}},
        {"AM", {1, minutes_of_day}},  {"PM", {1, minutes_of_day}},
        {"BED", {1, minutes_of_day}}, {"QOD", {1, 2 * minutes_of_day}},
        {"Q4H", {1, 4 * 60}},         {"Q6H", {1, 6 * 60}},
        {"Q8H", {1, 8 * 60}}};
    for (const coding& code : read_codings(timing["code"])) {
        for (const auto& [name, frequency] : known) {
            if (name == code.code) {
                return frequency;
            }
        }
    }
    return std::nullopt;
}

std::optional<dose_frequency> doses_in(std::int64_t count, std::int64_t minutes) {
    if (count < 1 || count > doses_max) {
        return std::nullopt;
    }
    return dose_frequency{static_cast<int>(count), static_cast<int>(minutes)};
}

std::optional<dose_frequency> read_frequency(const value& timing) {
    const value& repeat = timing["repeat"];
    const auto times =
        static_cast<std::int64_t>(elements(repeat["timeOfDay"]).size() + elements(repeat["when"]).size());
    const int minutes = minutes_of(repeat["periodUnit"].text());
    if (minutes > 0) {
        double period = 1;
        const std::string_view text = repeat["period"].text();
        std::from_chars(text.data(), text.data() + text.size(), period);
        const double length = period * minutes;
        if (length >= 1 && length <= 366.0 * minutes_of_day) {
            // Without a frequency each time of day is a dose; with neither it is one (R4 datatypes.html#Timing).
            const std::int64_t count = repeat["frequency"].is_null()
                                           ? std::max<std::int64_t>(times, 1)
                                           : repeat["frequency"].as_integer().value_or(0);
            return doses_in(count, std::lround(length));
        }
    }
    if (times > 0) {
        return doses_in(times, minutes_of_day);
    }
    return frequency_of_code(timing);
}

// The drug by its codings, and the strength of a product that is described in the document.
void read_drug(const fhir_reading& from, medication& content) {
    content.drug = read_codings(from["medicationCodeableConcept"]);
    const fhir::resource_entry* target = from.resolve(from["medicationReference"]);
    if (target == nullptr) {
        return;
    }
    const value& product = *target->resource;
    const codings codes = read_codings(product["code"]);
    content.drug.insert(content.drug.end(), codes.begin(), codes.end());
    const auto ingredients = elements(product["ingredient"]);
    if (ingredients.size() == 1) {
        content.strength = read_quantity((*ingredients.front())["strength"]["numerator"]);
    }
}

void read_order_numbers(const fhir_reading& from, medication& content) {
    for (const value* identifier : elements(from["identifier"])) {
        if (const std::string_view number = (*identifier)["value"].text(); !number.empty()) {
            content.order_numbers.emplace_back(number);
        }
    }
}

void end_at(std::optional<event_time> end, medication& content, order_end said = order_end::given) {
    if (end) {
        content.end = end;
        content.ended = said;
    }
}

// When a stopped or completed order or statement was over at the latest, whatever end had been planned.
std::optional<event_time> latest_end(const fhir_reading& from) {
    return from.status() == "stopped" || from.status() == "completed" ? std::optional(from.recorded_time())
                                                                      : std::nullopt;
}

// One Dosage of an order or statement; an end that it states itself beats one of the whole.
void read_dosage(fhir_reading& from, const value& dosage, event& fact, medication& content) {
    const value& timing = dosage["timing"];
    const value& bounds = timing["repeat"]["boundsPeriod"];
    content.route = read_codings(dosage["route"]);
    content.frequency = read_frequency(timing);
    content.as_needed =
        dosage["asNeededBoolean"].as_bool().value_or(false) || dosage["asNeededCodeableConcept"].is_object();
    const auto rates = elements(dosage["doseAndRate"]);
    if (!rates.empty()) {
        content.dose = read_quantity((*rates.front())["doseQuantity"]);
        if (auto rate = read_quantity((*rates.front())["rateQuantity"])) {
            content.strength = std::move(rate);
        }
    }
    if (auto start = from.time(bounds["start"], "timing.repeat.boundsPeriod.start")) {
        fact.when = start;
    }
    end_at(from.time(bounds["end"], "timing.repeat.boundsPeriod.end"), content);
}

// Several dosages of one order are parts of it, which must not be taken for one another.
void add_dosages(fhir_reading& from, const event& base, const medication& common, const value& dosages) {
    const std::optional<event_time> over_at = latest_end(from);
    auto all = elements(dosages);
    if (all.empty()) {
        all.push_back(&dosages); // an order without dosage is a fact all the same
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        event fact = base;
        medication content = common;
        if (i > 0) {
            const std::string part = "dosage-" + std::to_string(i + 1);
            fact.fact_key = from.start_part(part).fact_key;
            for (std::string& number : content.order_numbers) {
                number += "#" + part;
            }
        }
        read_dosage(from, *all[i], fact, content);
        if (over_at && (!content.end || over_at->as_end() < content.end->as_end())) {
            end_at(over_at, content, order_end::latest);
        }
        from.add(std::move(fact), std::move(content));
    }
}

bool is_an_order(std::string_view intent) {
    return intent.empty() || intent.ends_with("order"); // not proposal, plan or option
}

} // namespace

void read_medication_request(fhir_reading& from) {
    if (!is_an_order(from["intent"].text()) || from["doNotPerform"].as_bool().value_or(false)) {
        return;
    }
    event base = from.start();
    base.when = from.time(from["authoredOn"], "authoredOn");
    medication content;
    content.kind = medication_kind::order;
    const std::string_view status = from.status();
    if (status == "cancelled" || status == "draft") {
        content.status = medication_status::cancelled;
    }
    read_drug(from, content);
    read_order_numbers(from, content);
    if (status == "active") {
        content.ended = order_end::removed; // it goes on, whatever was said before
    }
    add_dosages(from, base, content, from["dosageInstruction"]);
}

void read_medication_statement(fhir_reading& from) {
    event base = from.start();
    base.when = from.start_time("effective");
    medication content;
    content.kind = medication_kind::statement;
    const std::string_view status = from.status();
    if (status == "not-taken" || status == "intended") {
        content.status = medication_status::cancelled;
    }
    read_drug(from, content);
    read_order_numbers(from, content);
    if (status == "active") {
        content.ended = order_end::removed; // it goes on, whatever was said before
    }
    end_at(from["effectivePeriod"].is_object()
               ? from.time(from["effectivePeriod"]["end"], "effectivePeriod.end")
               : base.when,
           content);
    add_dosages(from, base, content, from["dosage"]);
}

void read_medication_administration(fhir_reading& from) {
    event base = from.start();
    base.when = from.start_time("effective");
    medication content;
    content.kind = medication_kind::administration;
    content.status = from.status() == "not-done" ? medication_status::not_given : medication_status::active;
    read_drug(from, content);
    read_order_numbers(from, content);
    const value& dosage = from["dosage"];
    content.dose = read_quantity(dosage["dose"]);
    content.route = read_codings(dosage["route"]);
    if (auto rate = read_quantity(dosage["rateQuantity"])) {
        content.strength = std::move(rate);
    }
    const auto end = from.time(from["effectivePeriod"]["end"], "effectivePeriod.end");
    if (end && base.when && end->instant > base.when->instant) {
        end_at(end, content); // removed
    }
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
