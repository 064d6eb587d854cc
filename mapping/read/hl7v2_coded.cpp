// What was coded of a visit: PR1 (procedures), DG1 (diagnoses), FT1 (charges for procedures).
#include "mapping/read/hl7v2_reading.hpp"

namespace auditgate::mapping {

using hl7v2::segment_view;

namespace {

// HL70206: segment action code.
version_status version_of(const hl7v2::field_view& action) {
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

// A segment without a code is no member of the visit's set, but the message gives the set anew by it. PR1-3 or DG1-3 `""`
// says so outright: the set has no members.
void add_no_member(hl7v2_reading& from, const segment_view& segment) {
    event fact = from.start(segment);
    fact.snapshot_set = from.snapshot_set(segment.name());
    if (!fact.snapshot_set.empty()) {
        from.add(std::move(fact), emptied_set{});
    }
    if (!segment.field(3).is_null()) {
        from.find("no-code", finding_level::warning, segment, 3, "without a code it says nothing");
    }
}

// What PR1 and DG1 share: where the fact belongs and which version of it this is.
event start_coded(hl7v2_reading& from, const segment_view& segment, std::size_t id_field,
                  const codings& codes) {
    event fact = from.start(segment);
    fact.when = from.time(segment.field(5), segment, 5);
    fact.version = version_of(segment.field(id_field + 1));
    fact.snapshot_set = from.snapshot_set(segment.name());
    fact.fact_key = from.fact_key(segment.name(), segment.field(id_field).text());
    if (fact.fact_key.empty()) {
        from.set_key_by_code(fact, segment.name(), codes);
    }
    return fact;
}

} // namespace

void read_pr1(hl7v2_reading& from, const segment_view& pr1) {
    if (!tells_what_was_done(from)) {
        return;
    }
    procedure content;
    content.codes = read_codings(pr1.field(3));
    content.body_sites = read_codings(pr1.field(16));
    if (content.codes.empty()) {
        add_no_member(from, pr1);
        return;
    }
    event fact = start_coded(from, pr1, 19, content.codes);
    from.add(std::move(fact), std::move(content));
}

void read_dg1(hl7v2_reading& from, const segment_view& dg1) {
    condition content{read_codings(dg1.field(3)), std::nullopt};
    if (content.codes.empty()) {
        add_no_member(from, dg1);
        return;
    }
    event fact = start_coded(from, dg1, 20, content.codes);
    from.add(std::move(fact), std::move(content));
}

void read_ft1(hl7v2_reading& from, const segment_view& ft1) {
    procedure content;
    content.codes = read_codings(ft1.field(25));
    content.body_sites = read_codings(ft1.field(26));
    if (content.codes.empty()) {
        return; // a charge for something that is no procedure
    }
    event fact = from.start(ft1);
    fact.when = from.time(ft1.field(4).component(1), ft1, 4);
    if (upper_cased(ft1.field(6).text()) == "CD") { // HL70017: the charge is taken back
        fact.version = version_status::deleted;
    }
    from.set_key_by_code(fact, "FT1", content.codes);
    from.add(std::move(fact), std::move(content));
}

} // namespace auditgate::mapping
