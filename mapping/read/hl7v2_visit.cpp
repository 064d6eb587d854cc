// PV1: the visit. CON: consent.
#include "mapping/read/hl7v2_reading.hpp"

namespace auditgate::mapping {

using hl7v2::segment_view;

namespace {

// When the event happened: EVN-6, else EVN-2 (recorded).
std::optional<event_time> occurred_at(hl7v2_reading& from) {
    const segment_view& evn = from.event_segment();
    auto occurred = from.time(evn.field(6), evn, 6);
    return occurred ? occurred : from.time(evn.field(2), evn, 2);
}

void read_end(hl7v2_reading& from, const segment_view& pv1, visit& content) {
    const auto discharged = pv1.field(45);
    if (from.trigger() == "A13" || discharged.is_null()) {
        content.ended = assertion::removed;
        return;
    }
    content.end = from.time(discharged, pv1, 45);
    if (!content.end && from.trigger() == "A03") {
        content.end = occurred_at(from);
    }
    content.ended = content.end ? assertion::given : assertion::absent;
}

} // namespace

void read_pv1(hl7v2_reading& from, const segment_view& pv1) {
    from.enter_visit(pv1);
    const std::string number = pv1.field(19).text();
    if (number.empty()) {
        from.note(
            pv1, 19,
            "without a visit number only patient class and organisation are used, for what stands with it");
        return;
    }
    const bool begins = from.trigger() == "A01" || from.trigger() == "A04";
    event fact = from.start(pv1);
    fact.fact_key = from.fact_key("PV1", number);
    fact.when = from.time(pv1.field(44), pv1, 44);
    if (!fact.when && begins) {
        fact.when = occurred_at(from);
    }
    visit content;
    // A pre-admission (A05) or pending admission (A14) is no visit yet, whatever class it will have.
    if (!from.has_trigger({"A05", "A14", "A27", "A38"})) {
        content.patient_class = from.patient_class();
    }
    content.intended_management = trimmed(from.uk_visit().field(2).text());
    read_end(from, pv1, content);
    if (from.trigger() == "A11") {
        content.cancelled = assertion::given;
    } else if (begins) {
        content.cancelled = assertion::removed;
    }
    if (from.trigger() == "A23") {
        from.note(
            pv1, 19,
            "A23 makes room in the sender's archive, and takes nothing back: a visit that was entered in "
            "error is cancelled by A11");
    }
    if (pv1.field(36).has_value()) {
        from.note(pv1, 36,
                  "each site has its own codes here: a death counts where PID-29 or PID-30 tells it");
    }
    from.add(std::move(fact), std::move(content));
}

void read_con(hl7v2_reading& from, const segment_view& con) {
    consent content;
    content.policy = read_codings(con.field(2));
    content.active = upper_cased(con.field(11).text()) == "A";
    content.first = from.time(con.field(13), con, 13);
    content.last = from.time(con.field(14), con, 14);
    event fact = from.start(con);
    fact.when = content.first;
    from.add(std::move(fact), std::move(content));
}

} // namespace auditgate::mapping
