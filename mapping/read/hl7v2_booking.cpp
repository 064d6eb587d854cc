// What should be done: SCH with AIS (appointments), OBR of orders.
#include "mapping/read/hl7v2_reading.hpp"

namespace auditgate::mapping {

using hl7v2::segment_view;

namespace {

// OBR-36, else the start that TQ1-7 or, before 2.5, OBR-27.4 gives.
std::optional<event_time> planned_for(hl7v2_reading& from, const segment_view& obr) {
    if (auto scheduled = from.time(obr.field(36), obr, 36)) {
        return scheduled;
    }
    segment_view timing = from.following(obr, "TQ1", {"ORC", "PID", "OBR"});
    if (timing.is_absent() && !from.order_timings().empty()) {
        timing = from.order_timings().front();
    }
    auto start = from.time(timing.field(7), timing, 7);
    return start ? start : from.time(obr.field(27).component(4), obr, 27);
}

// What is booked at SCH itself: TQ1-7, before version 2.5 SCH-11.4.
std::optional<event_time> scheduled_for(hl7v2_reading& from, const segment_view& schedule) {
    const segment_view timing =
        schedule.is_absent() ? segment_view() : from.following(schedule, "TQ1", {"PID", "RGS", "AIS", "SCH"});
    auto start = from.time(timing.field(7), timing, 7);
    return start ? start : from.time(schedule.field(11).component(4), schedule, 11);
}

// Cancelled (S15), discontinued (S16), not kept (S26), and the same of one service of it (S20, S21); or SCH-25, AIS-10 say
// so (HL70278).
bool is_called_off(const hl7v2_reading& from, const segment_view& schedule, const segment_view& ais) {
    const auto says_so = [](const hl7v2::field_view& status) {
        const std::string word = upper_cased(status.text());
        return word == "CANCELLED" || word == "CANCELED" || word == "NOSHOW" || word == "DISCONTINUED" ||
               word == "DC";
    };
    return from.has_trigger({"S15", "S16", "S20", "S21", "S26"}) || says_so(schedule.field(25)) ||
           says_so(ais.field(10));
}

// The booking was an error (S17, S22), or AIS-2 (HL70206) takes this service out of it.
bool is_deleted(const hl7v2_reading& from, const segment_view& ais) {
    return from.has_trigger({"S17", "S22"}) || upper_cased(ais.field(2).text()) == "D";
}

} // namespace

void read_ordered_service(hl7v2_reading& from, const segment_view& obr) {
    booking content;
    content.codes = read_codings(obr.field(4));
    for (coding& each : read_codings(obr.field(44))) {
        content.codes.push_back(std::move(each));
    }
    content.cancelled = is_cancelled(from.order()) || upper_cased(obr.field(25).text()) == "X"; // HL70123
    std::string number = order_number(from.order());
    if (number.empty()) {
        number = obr.field(2).text();
    }
    event fact = from.start(obr);
    fact.when = planned_for(from, obr);
    fact.fact_key = from.numbered(from.fact_key("order", number));
    from.add(std::move(fact), std::move(content));
}

void read_sch(hl7v2_reading& from, const segment_view& sch) {
    from.enter_schedule(sch);
}

void read_ais(hl7v2_reading& from, const segment_view& ais) {
    const segment_view& schedule = from.schedule();
    booking content;
    content.codes = read_codings(ais.field(3));
    content.cancelled = is_called_off(from, schedule, ais);
    std::string number = schedule.field(1).text();
    if (number.empty()) {
        number = schedule.field(2).text();
    }
    event fact = from.start(ais);
    fact.when = from.time(ais.field(4), ais, 4);
    if (!fact.when) {
        fact.when = scheduled_for(from, schedule);
    }
    if (is_deleted(from, ais)) {
        fact.version = version_status::deleted;
    }
    if (!number.empty()) {
        const std::string code = content.codes.empty() ? "" : content.codes.front().code;
        fact.fact_key = from.numbered(from.fact_key("SCH", number + "|" + code));
    }
    from.add(std::move(fact), std::move(content));
}

} // namespace auditgate::mapping
