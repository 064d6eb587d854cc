// MedicationRequest, MedicationStatement, MedicationAdministration and MedicationDispense.
#include "mapping/read/fhir_dosage.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace auditgate::mapping {

using fhir::elements;
using fhir::json::value;

namespace {

void read_order_numbers(const value& identifiers, medication& content) {
    for (const value* identifier : elements(identifiers)) {
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

// One order, statement or dispense, whose dosages are facts of their own.
struct dosed {
    event base;
    medication common;
    drug_product product;
    std::optional<event_time> over_at; // when it was over at the latest, whatever end had been planned
    value supplied_for;                // a Duration; null: not said
};

// timing.repeat.bounds[x], of which an end that is stated itself beats one of the whole.
void read_bounds(fhir_reading& from, const value& repeat, event& fact, medication& content) {
    const value& bounds = repeat["boundsPeriod"];
    if (auto start = from.time(bounds["start"], "timing.repeat.boundsPeriod.start")) {
        fact.when = start;
    }
    end_at(from.time(bounds["end"], "timing.repeat.boundsPeriod.end"), content);
    if (fact.when && repeat["boundsDuration"].is_object()) {
        end_at(end_after(*fact.when, repeat["boundsDuration"], from.zone()), content);
    }
}

// When the dosages of a lower `sequence` are over, which those of a higher one follow (R4 dosage.html): `sequence` and the
// latest end, none when nobody knows.
using step_ends = std::map<std::int64_t, std::optional<event_time>>;

// A later step without a start of its own begins when the one before it is over. Where that has no end they are taken at the
// same time: many number what is for breakfast, lunch and dinner.
void follow_step(std::int64_t step, const step_ends& ends, const value& repeat, event& fact) {
    const auto next = ends.lower_bound(step);
    if (next == ends.begin() || !repeat["boundsPeriod"]["start"].is_null()) {
        return;
    }
    const std::optional<event_time>& end = std::prev(next)->second;
    if (!end) {
        return;
    }
    fact.when = end;
    if (!end->has_time()) {
        fact.when->local += std::chrono::days(1);
        fact.when->instant += std::chrono::days(1);
    }
}

void note_end(std::int64_t step, const medication& content, step_ends& ends) {
    const auto [place, is_first] = ends.try_emplace(step, content.end);
    if (!is_first && place->second && (!content.end || place->second->as_end() < content.end->as_end())) {
        place->second = content.end;
    }
}

std::vector<const value*> by_sequence(const value& dosages) {
    std::vector<const value*> all = elements(dosages);
    std::stable_sort(all.begin(), all.end(), [](const value* left, const value* right) {
        return (*left)["sequence"].as_integer().value_or(0) < (*right)["sequence"].as_integer().value_or(0);
    });
    return all;
}

// Several dosages of one order are parts of it, which must not be taken for one another.
void add_dosages(fhir_reading& from, const dosed& whole, const std::string& element) {
    const value& dosages = from[element.c_str()];
    auto all = by_sequence(dosages);
    if (all.empty()) {
        all.push_back(&dosages); // an order without dosage is a fact all the same
    }
    step_ends ends;
    for (std::size_t i = 0; i < all.size(); ++i) {
        event fact = whole.base;
        medication content = whole.common;
        if (i > 0) {
            const std::string part = "dosage-" + std::to_string(i + 1);
            const event named = from.start_part(part, element + "[" + std::to_string(i) + "]");
            fact.fact_key = named.fact_key;
            fact.path = named.path;
            for (std::string& number : content.order_numbers) {
                number += "#" + part;
            }
        }
        const value& repeat = (*all[i])["timing"]["repeat"];
        const std::int64_t step = (*all[i])["sequence"].as_integer().value_or(0);
        follow_step(step, ends, repeat, fact);
        read_dose(*all[i], whole.product, content);
        read_bounds(from, repeat, fact, content);
        if (!content.end && fact.when && whole.supplied_for.is_object()) {
            end_at(end_after(*fact.when, whole.supplied_for, from.zone()), content);
        }
        note_end(step, content, ends);
        if (whole.over_at && (!content.end || whole.over_at->as_end() < content.end->as_end())) {
            end_at(whole.over_at, content, order_end::latest);
        }
        from.add(std::move(fact), std::move(content));
    }
}

// daysSupply is in days, whatever unit stands there (R4 medicationdispense.html).
value in_days(const value& supply) {
    return supply["value"].is_null()
               ? value()
               : fhir::json::make_object({{"value", supply["value"]}, {"code", value("d")}});
}

bool is_an_order(std::string_view intent) {
    return intent.empty() || intent.ends_with("order"); // not proposal, plan or option
}

// Taken at home: `completed` says that all was supplied (R4 medicationrequest.html), not that all was taken.
bool is_taken_at_home(const fhir_reading& from) {
    const codings categories = read_codings(from["category"]);
    return std::any_of(categories.begin(), categories.end(), [](const coding& each) {
        return each.code == "outpatient" || each.code == "community" || each.code == "discharge";
    });
}

} // namespace

void read_medication_request(fhir_reading& from) {
    if (!is_an_order(from["intent"].text()) || from["doNotPerform"].as_bool().value_or(false)) {
        return;
    }
    dosed order{from.start(), {}, read_product(from), {}, {}};
    order.base.when = from.time(from["authoredOn"], "authoredOn");
    if (!order.base.when) { // not before it may be dispensed
        order.base.when = from.time(from["dispenseRequest"]["validityPeriod"]["start"],
                                    "dispenseRequest.validityPeriod.start");
    }
    medication& content = order.common;
    content.kind = medication_kind::order;
    content.drug = order.product.drug;
    const std::string_view status = from.status();
    if (status == "cancelled" || status == "draft") {
        content.status = medication_status::cancelled;
    }
    read_order_numbers(from["identifier"], content);
    if (status == "active") {
        content.ended = order_end::removed; // it goes on, whatever was said before
    }
    const bool is_supplied = status == "completed" && is_taken_at_home(from);
    if (is_supplied) {
        order.supplied_for = from["dispenseRequest"]["expectedSupplyDuration"];
    } else if (status == "stopped" || status == "completed") {
        order.over_at = from.recorded_time();
    }
    add_dosages(from, order, "dosageInstruction");
}

void read_medication_statement(fhir_reading& from) {
    dosed statement{from.start(), {}, read_product(from), {}, {}};
    event& base = statement.base;
    base.when = from.start_time("effective");
    medication& content = statement.common;
    content.kind = medication_kind::statement;
    content.drug = statement.product.drug;
    const std::string_view status = from.status();
    if (status == "not-taken" || status == "intended") {
        content.status = medication_status::cancelled;
    }
    read_order_numbers(from["identifier"], content);
    if (status == "active") {
        content.ended = order_end::removed; // it goes on, whatever was said before
    }
    if (from["effectivePeriod"].is_object()) {
        end_at(from.time(from["effectivePeriod"]["end"], "effectivePeriod.end"), content);
    } else {
        end_at(base.when, content);
    }
    if (!base.when && from["effectivePeriod"].is_null()) {
        base.when = from.time(from["dateAsserted"], "dateAsserted"); // by then it was taken
    }
    if (status == "stopped" || status == "completed") {
        statement.over_at = from.recorded_time();
    }
    add_dosages(from, statement, "dosage");
}

void read_medication_dispense(fhir_reading& from) {
    if (from.profile().dispenses == fhir_dispense::not_read) {
        return;
    }
    dosed order{from.start(), {}, read_product(from), {}, in_days(from["daysSupply"])};
    order.base.when = from.time(from["whenHandedOver"], "whenHandedOver");
    if (!order.base.when) {
        order.base.when = from.time(from["whenPrepared"], "whenPrepared");
    }
    medication& content = order.common;
    content.kind = medication_kind::order;
    content.drug = order.product.drug;
    constexpr std::array<std::string_view, 4> not_handed_over = {"preparation", "cancelled", "declined",
                                                                 "entered-in-error"};
    if (std::find(not_handed_over.begin(), not_handed_over.end(), from.status()) != not_handed_over.end()) {
        content.status = medication_status::cancelled;
    }
    read_order_numbers(from["identifier"], content);
    add_dosages(from, order, "dosageInstruction");
}

void read_medication_administration(fhir_reading& from) {
    event base = from.start();
    base.when = from.start_time("effective");
    const drug_product product = read_product(from);
    medication content;
    content.kind = medication_kind::administration;
    content.drug = product.drug;
    content.status = from.status() == "not-done" ? medication_status::not_given : medication_status::active;
    read_order_numbers(from["identifier"], content);
    read_dose(from["dosage"], product, content);
    const auto end = from.time(from["effectivePeriod"]["end"], "effectivePeriod.end");
    if (end && base.when && end->instant > base.when->instant) {
        end_at(end, content); // removed
    }
    from.add(std::move(base), std::move(content));
}

} // namespace auditgate::mapping
