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
    if (timing.is_absent()) {
        timing = from.order_timing();
    }
    auto start = from.time(timing.field(7), timing, 7);
    return start ? start : from.time(obr.field(27).component(4), obr, 27);
}

} // namespace

void read_ordered_service(hl7v2_reading& from, const segment_view& obr) {
    booking content;
    content.codes = read_codings(obr.field(4));
    for (coding& each : read_codings(obr.field(44))) {
        content.codes.push_back(std::move(each));
    }
    content.cancelled = is_cancelled(from.order());
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
    content.cancelled = from.trigger() == "S15" || from.trigger() == "S26"; // cancelled; patient did not come
    std::string number = schedule.field(1).text();
    if (number.empty()) {
        number = schedule.field(2).text();
    }
    event fact = from.start(ais);
    fact.when = from.time(ais.field(4), ais, 4);
    if (!fact.when) {
        fact.when = from.time(schedule.field(11).component(4), schedule, 11);
    }
    if (from.trigger() == "S17") { // the booking was an error
        fact.version = version_status::deleted;
    }
    if (!number.empty()) {
        const std::string code = content.codes.empty() ? "" : content.codes.front().code;
        fact.fact_key = from.numbered(from.fact_key("SCH", number + "|" + code));
    }
    from.add(std::move(fact), std::move(content));
}

} // namespace auditgate::mapping
