#include "mapping/read/fhir_dosage.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

constexpr int minutes_of_hour = 60;
constexpr int minutes_of_day = 24 * minutes_of_hour;
constexpr int minutes_of_week = 7 * minutes_of_day;
constexpr std::int64_t doses_max = 999; // in one period: more are a mistake

// Of a UCUM code for time (R4 valueset-units-of-time.html) that has the same length always.
int minutes_of(std::string_view unit) {
    static constexpr std::pair<std::string_view, int> units[] = {
        {"min", 1}, {"h", minutes_of_hour}, {"d", minutes_of_day}, {"wk", minutes_of_week}};
    for (const auto& [name, minutes] : units) {
        if (name == unit) {
            return minutes;
        }
    }
    return 0;
}

// Codes of http://hl7.org/fhir/ValueSet/timing-abbreviation that name a number of doses in a time.
std::optional<dose_frequency> frequency_of_code(const value& timing) {
    static constexpr std::pair<std::string_view, dose_frequency> known[] = {
        {"BID", {2, minutes_of_day}},      {"TID", {3, minutes_of_day}},
        {"QID", {4, minutes_of_day}},      {"QD", {1, minutes_of_day}},
        {"AM", {1, minutes_of_day}},       {"PM", {1, minutes_of_day}},
        {"BED", {1, minutes_of_day}},      {"QOD", {1, 2 * minutes_of_day}},
        {"Q1H", {1, minutes_of_hour}},     {"Q2H", {1, 2 * minutes_of_hour}},
        {"Q3H", {1, 3 * minutes_of_hour}}, {"Q4H", {1, 4 * minutes_of_hour}},
        {"Q6H", {1, 6 * minutes_of_hour}}, {"Q8H", {1, 8 * minutes_of_hour}},
        {"WK", {1, minutes_of_week}}};
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

// A decimal as digits and the number of them behind the point.
struct decimal {
    std::int64_t digits = 0;
    int places = 0;
};

constexpr int places_max = 6;

std::optional<decimal> parse_decimal(std::string_view text) {
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string digits(text.substr(0, point));
    digits += text.substr(std::min(point + 1, text.size()));
    decimal result;
    result.places = static_cast<int>(text.size() - point) - (point < text.size() ? 1 : 0);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result.digits);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    return whole && result.digits > 0 && result.places <= places_max ? std::optional(result) : std::nullopt;
}

std::string to_text(decimal number) {
    while (number.places > 0 && number.digits % 10 == 0) {
        number.digits /= 10;
        --number.places;
    }
    std::string text = std::to_string(number.digits);
    if (number.places == 0)
        return text;
    const auto places = static_cast<std::size_t>(number.places);
    if (text.size() <= places)
        text = std::string(places + 1 - text.size(), '0') + text;
    const std::size_t whole = text.size() - places;
    return text.substr(0, whole) + '.' +
           text.substr(whole); // insert() here makes g++ 12 warn, wrongly (PR105329)
}

// left * right / divisor, exactly.
std::optional<std::string> scaled(const decimal& left, const decimal& right, const decimal& divisor) {
    decimal result;
    result.places = left.places + right.places - divisor.places;
    if (__builtin_mul_overflow(left.digits, right.digits, &result.digits)) {
        return std::nullopt;
    }
    while (result.places < 0 || result.digits % divisor.digits != 0) {
        if (result.places >= places_max || __builtin_mul_overflow(result.digits, 10, &result.digits)) {
            return std::nullopt;
        }
        ++result.places;
    }
    result.digits /= divisor.digits;
    return to_text(result);
}

// The codes of one ingredient: its own, or those of the Substance or Medication that it names in this document.
codings codings_of_ingredient(const fhir_reading& from, const value& ingredient,
                              const fhir::resource_entry& product) {
    codings result = read_codings(ingredient["itemCodeableConcept"]);
    if (const fhir::resource_entry* item = from.resolve(ingredient["itemReference"], product)) {
        const codings further = read_codings((*item->resource)["code"]);
        result.insert(result.end(), further.begin(), further.end());
    }
    return result;
}

bool is_volume(std::string_view unit) {
    return is_one_of(upper_cased(unit), {"UL", "ML", "CL", "DL", "L", "MILLILITRE", "MILLILITRES",
                                         "MILLILITER", "MILLILITERS", "LITRE", "LITRES", "LITER", "LITERS"});
}

void take_strength(const value& ratio, drug_product& product) {
    product.strength = read_quantity(ratio["numerator"]);
    product.per = read_quantity(ratio["denominator"]);
    if (product.strength && product.per && minutes_of(product.per->unit) > 0) {
        // What it gives off in a time: a patch.
        product.strength->unit += "/" + product.per->unit;
        product.strength = product.per->number == "1" ? product.strength : std::nullopt;
        product.per.reset();
    }
}

// What flows in a time. By the hour it is a rate, which a patch has as its strength; else a dose and how often.
void read_rate(const value& rates, medication& content) {
    if (auto rate = read_quantity(rates["rateQuantity"])) {
        content.strength = std::move(rate);
        return;
    }
    const value& ratio = rates["rateRatio"];
    auto each = read_quantity(ratio["numerator"]);
    const auto length = ratio["denominator"]["value"].as_integer().value_or(0);
    const int unit = minutes_of(unit_of(ratio["denominator"]));
    if (!each || unit == 0 || length < 1 || length > doses_max) {
        return;
    }
    if (unit == minutes_of_hour && length == 1) {
        each->unit += "/h";
        content.strength = std::move(each);
    } else if (!content.dose) {
        content.dose = std::move(each);
        content.frequency = dose_frequency{1, static_cast<int>(length) * unit};
    }
}

} // namespace

std::optional<dose_frequency> read_frequency(const value& timing) {
    const value& repeat = timing["repeat"];
    const auto times =
        static_cast<std::int64_t>(elements(repeat["timeOfDay"]).size() + elements(repeat["when"]).size());
    const auto days = static_cast<std::int64_t>(elements(repeat["dayOfWeek"]).size());
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
            const bool on_some_days = days > 0 && std::lround(length) == minutes_of_day;
            return on_some_days ? doses_in(count * days, minutes_of_week)
                                : doses_in(count, std::lround(length));
        }
    }
    if (times > 0) {
        return days > 0 ? doses_in(times * days, minutes_of_week) : doses_in(times, minutes_of_day);
    }
    return frequency_of_code(timing);
}

std::optional<event_time> end_after(const event_time& start, const value& length, const civil_time& zone) {
    constexpr std::int64_t length_max = 10'000;
    const std::int64_t count = length["value"].as_integer().value_or(0);
    const std::string_view unit = unit_of(length);
    if (count < 1 || count > length_max || !start.has_date()) {
        return std::nullopt;
    }
    auto end = start.local;
    if (unit == "mo") {
        const std::chrono::year_month_day first(start.date());
        std::chrono::year_month_day last = first + std::chrono::months(count);
        last = last.ok() ? last : last.year() / last.month() / std::chrono::last;
        end = std::chrono::local_days(last) + (start.local - start.date());
    } else if (const int minutes = minutes_of(unit); minutes > 0) {
        end += std::chrono::minutes(count * minutes);
    } else {
        return std::nullopt;
    }
    if (start.has_time()) {
        return zone.from_local(end, start.precision);
    }
    const auto last_day = std::chrono::floor<std::chrono::days>(end - std::chrono::minutes(1));
    return zone.from_local(std::max(last_day, start.date()), time_precision::day);
}

drug_product read_product(const fhir_reading& from) {
    drug_product result;
    result.drug = read_codings(from["medicationCodeableConcept"]);
    const fhir::resource_entry* target = from.resolve(from["medicationReference"]);
    if (target == nullptr) {
        return result;
    }
    codings codes = read_codings((*target->resource)["code"]);
    std::vector<const value*> active;
    for (const value* each : elements((*target->resource)["ingredient"])) {
        if ((*each)["isActive"].as_bool().value_or(true)) {
            active.push_back(each);
            const codings further = codings_of_ingredient(from, *each, *target);
            codes.insert(codes.end(), further.begin(), further.end());
        }
    }
    result.drug.insert(result.drug.end(), codes.begin(), codes.end());
    if (active.size() == 1) {
        take_strength((*active.front())["strength"], result);
    }
    return result;
}

std::optional<amount> dose_in_mass(const amount& dose, const drug_product& product) {
    if (!product.strength || !product.per || upper_cased(product.per->unit) != upper_cased(dose.unit)) {
        return std::nullopt;
    }
    const auto volume = parse_decimal(dose.number);
    const auto strength = parse_decimal(product.strength->number);
    const auto per = parse_decimal(product.per->number);
    if (!volume || !strength || !per) {
        return std::nullopt;
    }
    auto mass = scaled(*volume, *strength, *per);
    return mass ? std::optional(amount{std::move(*mass), product.strength->unit}) : std::nullopt;
}

void read_dose(const value& dosage, const drug_product& product, medication& content) {
    // So much in a volume is no strength of a piece.
    content.strength = product.per && is_volume(product.per->unit) ? std::nullopt : product.strength;
    content.route = read_codings(dosage["route"]);
    content.frequency = read_frequency(dosage["timing"]);
    content.as_needed =
        dosage["asNeededBoolean"].as_bool().value_or(false) || dosage["asNeededCodeableConcept"].is_object();
    // Of an administration dose and rate stand in the dosage itself.
    const auto rates = elements(dosage["doseAndRate"]);
    const value& first = rates.empty() ? dosage : *rates.front();
    content.dose = read_quantity(rates.empty() ? dosage["dose"] : first["doseQuantity"]);
    if (!content.dose && first["doseRange"].is_object()) {
        content.dose = read_quantity(first["doseRange"]["low"]).value_or(amount{});
    }
    if (content.dose) {
        if (auto mass = dose_in_mass(*content.dose, product)) {
            content.dose = std::move(mass);
        }
    }
    read_rate(first, content);
    const bool in_words = !dosage["text"].is_null() || !dosage["patientInstruction"].is_null();
    const bool has_rate = first["rateQuantity"].is_object() || first["rateRatio"].is_object();
    if (in_words && !content.dose && !has_rate && !content.frequency && !content.as_needed &&
        content.route.empty()) {
        content.dose = amount{};
    }
}

} // namespace auditgate::mapping
