// RXO, RXE (ordered) and RXA (given), with the ORC, RXR and RXC that belong to them.
#include "mapping/read/hl7v2_timing.hpp"

#include <utility>

namespace auditgate::mapping {

using hl7v2::segment_view;

namespace {

// HL70119: DC and its answers end an order; so do RU and RQ, and RP when the message holds the order that replaces it (RO),
// for some systems write RP for a change. HL70038: SC and SN only say where the order stands.
bool is_stopped(hl7v2_reading& from, const segment_view& orc) {
    const std::string control = upper_cased(orc.field(1).text());
    if (control == "RP") {
        return from.has_replacing_order();
    }
    if (control == "SC" || control == "SN") {
        const std::string status = upper_cased(orc.field(5).text());
        return status == "DC" || status == "CM" || status == "RP";
    }
    return is_one_of(control, {"DC", "OD", "DR", "RU", "RQ"});
}

// A stop is at ORC-15, else when it was asked for (ORC-9), else when that was sent, unless the order was over by then.
void read_order_control(hl7v2_reading& from, medication& content) {
    const segment_view& orc = from.order();
    if (is_cancelled(orc)) {
        content.status = medication_status::cancelled;
    } else if (is_stopped(from, orc)) {
        for (const std::size_t field : {15U, 9U}) {
            if (auto end = from.time(orc.field(field), orc, field)) {
                content.end = end;
                content.ended = order_end::given;
                return;
            }
        }
        if (!content.end || from.sent_at().as_end() < content.end->as_end()) {
            content.end = from.sent_at();
            content.ended = order_end::latest;
        }
    }
}

void add_order_numbers(const segment_view& orc, medication& content) {
    for (const std::size_t field : {2U, 3U}) {
        if (std::string number = orc.field(field).text(); !number.empty()) {
            content.order_numbers.push_back(std::move(number));
        }
    }
}

// The drugs of a mixture that has no code itself (v2.5.1 section 4.14.6): one RXC each.
std::vector<medication> components_of(const hl7v2_reading& from, const segment_view& rxe,
                                      const medication& whole) {
    std::vector<medication> found;
    static const std::vector<std::string> ends = {"RXC", "ORC", "PID", "RXO", "RXE", "RXD", "RXG", "RXA"};
    for (segment_view rxc = from.following(rxe, "RXC", ends); !rxc.is_absent();
         rxc = from.following(rxc, "RXC", ends)) {
        medication content = whole;
        content.drug = read_codings(rxc.field(2));
        content.dose = read_amount(rxc.field(3), rxc.field(4));
        content.strength = read_amount(rxc.field(5), rxc.field(6));
        if (!content.drug.empty()) {
            found.push_back(std::move(content));
        }
    }
    return found;
}

// Parts of an order, of which the first timing is the whole: they must not be taken for one another, nor for the same order
// from another feed.
void add_part(hl7v2_reading& from, const event& whole, medication content, const std::string& name) {
    event fact = whole;
    if (!fact.fact_key.empty()) {
        fact.fact_key += "#" + name;
    }
    for (std::string& number : content.order_numbers) {
        number += "#" + name;
    }
    from.add(std::move(fact), std::move(content));
}

// A mixture that is stopped or cancelled need not name its components again: they are stopped with it (event::fact_key).
void leave_components_as_they_are(medication& mixture) {
    mixture.dose.reset();
    mixture.strength.reset();
    mixture.route.clear();
    mixture.frequency.reset();
    mixture.as_needed = false;
}

// What RXE and RXO share: the order as its ORC and each of its timings say it.
void add_order(hl7v2_reading& from, const segment_view& ordered, medication common,
               std::size_t quantity_timing) {
    common.kind = medication_kind::order;
    add_order_numbers(from.order(), common);
    event base = from.start(ordered);
    base.fact_key = from.numbered(from.fact_key("RXE", order_number(from.order())));
    const std::vector<stated_timing> timings = read_timings(from, ordered, quantity_timing);
    const std::optional<amount> dose = common.dose;
    const bool is_over = is_cancelled(from.order()) || is_stopped(from, from.order());
    if (is_one_of(upper_cased(from.order().field(1).text()), {"HD", "OH", "HR", "RL", "OE", "OR"})) {
        from.note(
            from.order(), 1,
            "a hold, or its end, does not tell which doses were left out: the order counts as it stands");
    }
    for (std::size_t i = 0; i < timings.size() && !from.is_refused(); ++i) {
        const stated_timing& timing = timings[i];
        event fact = base;
        fact.when = timing.start;
        medication content = common;
        // Several timings may each have an amount of their own.
        content.dose = (timings.size() > 1 || !dose) && timing.quantity ? timing.quantity : dose;
        content.frequency = timing.frequency;
        content.as_needed = timing.as_needed;
        content.ended = timing.ended;
        content.end = timing.end;
        read_order_control(from, content);
        const std::string dosage = i == 0 ? "" : "dosage-" + std::to_string(i + 1);
        std::size_t number = 0;
        if (content.drug.empty()) {
            for (medication& component : components_of(from, ordered, content)) {
                add_part(from, fact, std::move(component),
                         "component-" + std::to_string(++number) + (i == 0 ? "" : "-" + dosage));
            }
        }
        if (content.drug.empty() && number == 0 && is_over) {
            leave_components_as_they_are(content);
        }
        if (i == 0) {
            from.add(std::move(fact), std::move(content));
        } else {
            add_part(from, fact, std::move(content), dosage);
        }
    }
}

} // namespace

bool is_cancelled(const segment_view& orc) {
    const std::string control = upper_cased(orc.field(1).text());
    const bool has_status = control == "SC" || control == "SN";
    return control == "CA" || control == "OC" || control == "CR" ||
           (has_status && upper_cased(orc.field(5).text()) == "CA");
}

std::string order_number(const segment_view& orc) {
    const std::string placer = orc.field(2).text();
    return placer.empty() ? orc.field(3).text() : placer;
}

void read_rxo(hl7v2_reading& from, const segment_view& rxo) {
    from.enter_prescription(rxo);
    static const std::vector<std::string> ends = {"ORC", "PID", "RXO", "RXE"};
    if (from.is_answer()) {
        from.note(rxo, 1, "the message only answers an order");
        return;
    }
    if (!from.following(rxo, "RXE", ends).is_absent()) {
        from.note(rxo, 1, "the RXE behind it says the order as the pharmacy has it");
        return;
    }
    medication content;
    content.drug = read_codings(rxo.field(1));
    content.dose = read_amount(rxo.field(2), rxo.field(4));
    content.strength = read_amount(rxo.field(18), rxo.field(19));
    content.route = read_codings(from.prescribed_route().field(1));
    add_order(from, rxo, std::move(content), 0);
}

void read_rxe(hl7v2_reading& from, const segment_view& rxe) {
    if (from.is_answer()) {
        from.note(rxe, 2, "the message only answers an order");
        return;
    }
    medication content;
    content.drug = read_codings(rxe.field(2));
    content.dose = read_amount(rxe.field(3), rxe.field(5));
    content.strength = read_amount(rxe.field(25), rxe.field(26));
    const segment_view route = from.following(rxe, "RXR", {"ORC", "PID", "RXO", "RXE", "RXD", "RXG", "RXA"});
    content.route = read_codings((route.is_absent() ? from.prescribed_route() : route).field(1));
    add_order(from, rxe, std::move(content), 1);
}

void read_rxa(hl7v2_reading& from, const segment_view& rxa) {
    medication content;
    content.kind = medication_kind::administration;
    content.drug = read_codings(rxa.field(5));
    content.dose = read_amount(rxa.field(6), rxa.field(7));
    content.strength = read_amount(rxa.field(13), rxa.field(14));
    content.route = read_codings(from.administration_route(rxa).field(1));
    const std::string completion = upper_cased(rxa.field(20).text()); // HL70322
    if (completion == "RE" || completion == "NA") {
        content.status = medication_status::not_given;
    }
    event fact = from.start(rxa);
    fact.when = from.time(rxa.field(3), rxa, 3);
    if (!rxa.field(3).has_value()) {
        from.find("no-date", finding_level::warning, rxa, 3,
                  "a dose without a time belongs to no day and is not counted");
    }
    const auto end = from.time(rxa.field(4), rxa, 4);
    if (end && fact.when && end->instant > fact.when->instant) {
        content.end = end;
        content.ended = order_end::given;
    }
    const std::string action = upper_cased(rxa.field(21).text()); // HL70206
    if (action == "D") {
        fact.version = version_status::deleted;
    } else if (action == "U") {
        fact.version = version_status::corrected;
    }
    add_order_numbers(from.order(), content);
    // One order is given many times: the number and the time of giving tell which one this is. The time as understood: what
    // is written 202603040900 in one message may be 20260304090000 in the next.
    const std::string number = order_number(from.order());
    if (!number.empty()) {
        const std::string given_at =
            fact.when ? std::to_string(fact.when->instant.time_since_epoch().count()) : "";
        fact.fact_key = from.numbered(from.fact_key("RXA", number + "|" + given_at));
    }
    from.add(std::move(fact), std::move(content));
}

} // namespace auditgate::mapping
