// What was coded of a visit: PR1 (procedures), DG1 (diagnoses), FT1 (charges, with both), PRB (problems).
#include "mapping/read/hl7v2_reading.hpp"

namespace auditgate::mapping {

using hl7v2::field_view;
using hl7v2::segment_view;

namespace {

// HL70206: segment action code.
version_status version_of(const field_view& action) {
    const std::string code = upper_cased(action.text());
    if (code == "D") {
        return version_status::deleted;
    }
    return code == "U" ? version_status::corrected : version_status::first;
}

// PR1 of a referral, a request or an appointment (REF, RPA ...) is what somebody asks for.
bool tells_what_was_done(const hl7v2_reading& from) {
    return from.family() == "ADT" || from.family() == "BAR" || from.family() == "DFT";
}

// PR1 of a patient who has not been admitted yet (A05 pre-admission, A14 pending admission), or will not be (A38, A27).
bool tells_what_is_planned(const hl7v2_reading& from) {
    return from.family() == "ADT" && from.has_trigger({"A05", "A14", "A27", "A38"});
}

// PR1-2, DG1-2: the coding method, which names the system of codes that are sent without one.
codings read_codes(const segment_view& segment) {
    codings codes = read_codings(segment.field(3));
    hl7v2_reading::set_missing_systems(codes, segment.field(2));
    return codes;
}

// A segment without a code is no member of the visit's set, but the message gives the set anew by it. PR1-3 or DG1-3 `""`
// says so outright: the set has no members.
void add_no_member(hl7v2_reading& from, const segment_view& segment) {
    event fact = from.start(segment);
    fact.snapshot_set = from.snapshot_set(segment.name());
    const bool is_set = !fact.snapshot_set.empty();
    if (is_set) {
        from.add(std::move(fact), emptied_set{});
    }
    if (!segment.field(3).is_null()) {
        from.find("no-code", finding_level::warning, segment, 3,
                  is_set ? "without a code it says nothing, but it replaces what the visit had before"
                         : "without a code it says nothing");
    }
}

// It names the fact by its number alone to take it back: action code D, or `""` for the code.
bool is_taken_back_by_number(const hl7v2_reading& from, const segment_view& segment, std::size_t id_field) {
    if (!segment.field(id_field).has_value()) {
        return false;
    }
    const bool is_emptied = segment.field(3).is_null() && from.snapshot_set(segment.name()).empty();
    return is_emptied || version_of(segment.field(id_field + 1)) == version_status::deleted;
}

// What PR1 and DG1 share: where the fact belongs and which version of it this is.
event start_coded(hl7v2_reading& from, const segment_view& segment, std::size_t id_field,
                  const codings& codes) {
    event fact = from.start(segment);
    fact.when = from.time(segment.field(5), segment, 5);
    fact.version = codes.empty() ? version_status::deleted : version_of(segment.field(id_field + 1));
    fact.snapshot_set = from.snapshot_set(segment.name());
    fact.fact_key = from.fact_key(segment.name(), segment.field(id_field).text());
    if (fact.fact_key.empty()) {
        from.set_key_by_code(fact, segment.name(), codes);
    }
    return fact;
}

// Under a key of its own and in no set: it says nothing of what was done, then or later.
void add_planned(hl7v2_reading& from, const segment_view& pr1, const codings& codes) {
    booking content;
    content.codes = codes;
    content.body_sites = read_codings(pr1.field(16));
    content.cancelled = from.has_trigger({"A27", "A38"});
    event fact = from.start(pr1);
    fact.when = from.time(pr1.field(5), pr1, 5);
    fact.version = version_of(pr1.field(20));
    fact.fact_key = from.fact_key("planned", pr1.field(19).text());
    if (fact.fact_key.empty()) {
        from.set_key_by_code(fact, "planned", codes);
    }
    from.note(pr1, 3, "planned: the patient is not admitted yet (" + from.trigger() + ")");
    from.add(std::move(fact), std::move(content));
}

void note_missing_date(hl7v2_reading& from, const segment_view& segment, std::size_t field,
                       const event& fact) {
    if (!fact.when && fact.version != version_status::deleted && !segment.field(field).has_value()) {
        from.find("no-date", finding_level::warning, segment, field,
                  "a procedure without a date belongs to no day and gives no record");
    }
}

} // namespace

void read_pr1(hl7v2_reading& from, const segment_view& pr1) {
    if (!tells_what_was_done(from)) {
        from.note(pr1, 3, "in " + from.family() + " a procedure is asked for, not done");
        return;
    }
    procedure content;
    content.codes = read_codes(pr1);
    content.body_sites = read_codings(pr1.field(16));
    if (tells_what_is_planned(from) && !content.codes.empty()) {
        add_planned(from, pr1, content.codes);
        return;
    }
    if (content.codes.empty() && !is_taken_back_by_number(from, pr1, 19)) {
        add_no_member(from, pr1);
        return;
    }
    event fact = start_coded(from, pr1, 19, content.codes);
    note_missing_date(from, pr1, 5, fact);
    from.add(std::move(fact), std::move(content));
}

void read_dg1(hl7v2_reading& from, const segment_view& dg1) {
    condition content{read_codes(dg1), std::nullopt};
    if (content.codes.empty() && !is_taken_back_by_number(from, dg1, 20)) {
        add_no_member(from, dg1);
        return;
    }
    event fact = start_coded(from, dg1, 20, content.codes);
    from.add(std::move(fact), std::move(content));
}

namespace {

// FT1-19: why the charge was made.
void read_charge_diagnoses(hl7v2_reading& from, const segment_view& ft1, const event& base) {
    for (const hl7v2::repetition_view each : ft1.field(19).repetitions()) {
        condition content{read_codings(each), std::nullopt};
        if (content.codes.empty() || from.is_refused()) {
            continue;
        }
        event fact = base;
        from.set_key_by_code(fact, "FT1-19", content.codes);
        from.add(std::move(fact), std::move(content));
    }
}

} // namespace

void read_ft1(hl7v2_reading& from, const segment_view& ft1) {
    if (from.family() != "DFT" && from.family() != "BAR") {
        from.note(ft1, 25, "in " + from.family() + " a charge goes with an order, and is no evidence");
        return;
    }
    const std::string type = upper_cased(ft1.field(6).text()); // HL70017
    if (type == "PY" || type == "AJ" || type == "CO") {
        from.note(ft1, 6, "a payment or an adjustment, of which nobody knows more than of its charge");
        return;
    }
    event fact = from.start(ft1);
    fact.when = from.time(ft1.field(4).component(1), ft1, 4);
    if (type == "CD") { // the charge is taken back
        fact.version = version_status::deleted;
    }
    read_charge_diagnoses(from, ft1, fact);
    procedure content;
    content.codes = read_codings(ft1.field(25));
    content.body_sites = read_codings(ft1.field(26));
    if (content.codes.empty()) {
        from.note(ft1, 25, "a charge for something that is no coded procedure");
        return;
    }
    note_missing_date(from, ft1, 4, fact);
    from.set_key_by_code(fact, "FT1", content.codes);
    from.add(std::move(fact), std::move(content));
}

// v2.5.1 section 12.4.2; HL70287: DE takes the problem back, CO and UP tell it anew.
void read_prb(hl7v2_reading& from, const segment_view& prb) {
    condition content{read_codings(prb.field(3)), std::nullopt};
    const std::string action = upper_cased(prb.field(1).text());
    const std::string number = prb.field(4).text();
    if (content.codes.empty() && !(action == "DE" && !number.empty())) {
        from.find("no-code", finding_level::warning, prb, 3, "without a code it says nothing");
        return;
    }
    event fact = from.start(prb);
    fact.when = from.time(prb.field(16), prb, 16);
    if (!fact.when) {
        fact.when = from.time(prb.field(7), prb, 7);
    }
    if (action == "DE") {
        fact.version = version_status::deleted;
    } else if (action == "CO" || action == "UP") {
        fact.version = version_status::corrected;
    }
    fact.fact_key = from.fact_key("PRB", number);
    if (fact.fact_key.empty()) {
        from.set_key_by_code(fact, "PRB", content.codes);
    }
    from.add(std::move(fact), std::move(content));
}

} // namespace auditgate::mapping
