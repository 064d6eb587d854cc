// RXE (ordered) and RXA (given), with the ORC, TQ1 and RXR that belong to them.
#include "mapping/read/hl7v2_reading.hpp"

#include <charconv>
#include <utility>

namespace auditgate::mapping {

using hl7v2::segment_view;

namespace {

constexpr int minutes_of_day = 24 * 60;

// Repeat patterns (HL70335 and what British prescribers write) that are so many doses a day.
constexpr std::pair<std::string_view, int> doses_a_day[] = {
    {"OD", 1},  {"QD", 1}, {"OM", 1},  {"ON", 1},  {"MANE", 1}, {"NOCTE", 1}, {"QAM", 1}, {"QPM", 1},
    {"QHS", 1}, {"BD", 2}, {"BID", 2}, {"TDS", 3}, {"TID", 3},  {"QDS", 4},   {"QID", 4}};

// Q12H, Q2D, Q1W, Q30M.
std::optional<dose_frequency> interval(std::string_view pattern) {
    if (pattern.size() < 3 || pattern.front() != 'Q') {
        return std::nullopt;
    }
    int number = 0;
    const char* const end = pattern.data() + pattern.size() - 1;
    const auto [rest, error] = std::from_chars(pattern.data() + 1, end, number);
    if (error != std::errc() || rest != end || number < 1 || number > 999) {
        return std::nullopt;
    }
    switch (*end) {
    case 'M':
        return dose_frequency{1, number};
    case 'H':
        return dose_frequency{1, number * 60};
    case 'D':
        return dose_frequency{1, number * minutes_of_day};
    case 'W':
        return dose_frequency{1, number * 7 * minutes_of_day};
    default:
        return std::nullopt;
    }
}

void read_pattern(std::string_view as_sent, medication& content) {
    std::string pattern = upper_cased(without_blanks(as_sent));
    if (pattern.starts_with("PRN")) {
        content.as_needed = true;
        pattern.erase(0, 3);
    }
    for (const auto& [name, count] : doses_a_day) {
        if (name == pattern) {
            content.frequency = dose_frequency{count, minutes_of_day};
            return;
        }
    }
    content.frequency = interval(pattern);
}

// An end of `""` takes back the one that was said before.
void read_end(hl7v2_reading& from, const hl7v2::element_view& as_sent, const segment_view& at,
              std::size_t field, medication& content) {
    content.end = from.time(as_sent, at, field);
    if (as_sent.is_null()) {
        content.ended = order_end::removed;
    } else if (content.end) {
        content.ended = order_end::given;
    }
}

// TQ1 stands behind ORC or behind RXE (v2.5 section 4.13); before 2.5 RXE-1 says it.
void read_timing(hl7v2_reading& from, const segment_view& rxe, event& fact, medication& content) {
    segment_view timing = from.following(rxe, "TQ1", {"ORC", "PID", "RXE"});
    if (timing.is_absent()) {
        timing = from.order_timing();
    }
    if (!timing.is_absent()) {
        read_pattern(timing.field(3).text(), content);
        content.as_needed = content.as_needed || upper_cased(timing.field(9).text()).starts_with("PRN");
        fact.when = from.time(timing.field(7), timing, 7);
        read_end(from, timing.field(8), timing, 8, content);
        return;
    }
    const auto quantity_timing = rxe.field(1);
    read_pattern(quantity_timing.component(2).text(), content);
    fact.when = from.time(quantity_timing.component(4), rxe, 1);
    read_end(from, quantity_timing.component(5), rxe, 1, content);
}

// HL70119: DC and its answers end an order at ORC-15, else when it was asked (ORC-9), else when that was sent, unless the
// order was over by then.
void read_order_control(hl7v2_reading& from, medication& content) {
    const segment_view& orc = from.order();
    const std::string control = upper_cased(orc.field(1).text());
    if (is_cancelled(orc)) {
        content.status = medication_status::cancelled;
    } else if (control == "DC" || control == "OD" || control == "DR") {
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

} // namespace

bool is_cancelled(const segment_view& orc) {
    const std::string control = upper_cased(orc.field(1).text());
    return control == "CA" || control == "OC" || control == "CR";
}

std::string order_number(const segment_view& orc) {
    const std::string placer = orc.field(2).text();
    return placer.empty() ? orc.field(3).text() : placer;
}

void read_rxe(hl7v2_reading& from, const segment_view& rxe) {
    medication content;
    content.kind = medication_kind::order;
    content.drug = read_codings(rxe.field(2));
    content.dose = read_amount(rxe.field(3), rxe.field(5));
    content.strength = read_amount(rxe.field(25), rxe.field(26));
    content.route = read_codings(from.following(rxe, "RXR", {"ORC", "PID", "RXE"}).field(1));
    event fact = from.start(rxe);
    read_timing(from, rxe, fact, content);
    read_order_control(from, content);
    add_order_numbers(from.order(), content);
    fact.fact_key = from.numbered(from.fact_key("RXE", order_number(from.order())));
    from.add(std::move(fact), std::move(content));
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
