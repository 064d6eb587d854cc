// TXA, OBR and OBX of results and documents (ORU, MDM): what was done and what was observed.
#include "mapping/read/hl7v2_reading.hpp"

#include <algorithm>
#include <set>

namespace auditgate::mapping {

using hl7v2::field_view;
using hl7v2::repetition_view;
using hl7v2::segment_view;

namespace {

// What binds the observations of one OBX-4. Sub-ids begin anew in every report, and one without a number is known by its
// message and its place there only.
std::string group_of(const hl7v2_reading& from, const std::string& sub_id) {
    if (sub_id.empty()) {
        return {};
    }
    std::string report = from.report_number();
    if (report.empty()) {
        report = from.message().message_control_id() + "|" + from.report().path();
    }
    return from.fact_key("group", report + "|" + sub_id);
}

bool is_any_of(std::string_view type, std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

// SN: comparator, number, separator, second number.
std::string structured_number(const repetition_view& content) {
    std::string result;
    for (std::size_t component = 1; component <= 4; ++component) {
        result += trimmed(content.component(component).text());
    }
    return result;
}

// Types whose values are no result that could be read: documents, pictures and waveforms, numbers and names of persons and
// things (v2.8.2 chapter 2A). A PDF in base 64 would be millions of characters of text.
bool is_no_result(const std::string& type) {
    return is_any_of(type, {"ED",  "RP", "MA",  "NA",  "CD", "AD", "XAD", "PN", "XPN", "CN",  "XCN",
                            "PPN", "TN", "XTN", "XON", "CK", "CX", "EI",  "HD", "PL",  "JCC", "DLN"});
}

observed_value read_value(hl7v2_reading& from, const segment_view& obx, const repetition_view& content) {
    observed_value value;
    value.unit = trimmed(obx.field(6).text());
    const std::string type = upper_cased(obx.field(2).text());
    if (content.is_null()) {
        value.kind = value_kind::emptied;
    } else if (!content.has_value() || is_no_result(type)) {
        value.kind = value_kind::absent;
    } else if (type == "NM") {
        value.kind = value_kind::number;
        value.text = trimmed(content.text());
    } else if (type == "SN") {
        value.kind = value_kind::number;
        value.text = structured_number(content);
    } else if (is_any_of(type, {"CE", "CWE", "CNE", "CF", "IS", "ID"})) {
        value.kind = value_kind::coded;
        value.codes = read_codings(content);
    } else if (is_any_of(type, {"DT", "TS", "DTM"})) {
        value.time = from.time(content, obx, 5);
        value.kind = value.time ? value_kind::date : value_kind::absent;
    } else {
        value.kind = value_kind::text;
        value.text = trimmed(content.whole_text());
    }
    return value;
}

// OBX-7 as `low-high`; other forms say nothing here.
void read_range(const field_view& range, observation& content) {
    const std::string text(trimmed(range.text()));
    const std::size_t dash = text.find('-', 1);
    if (dash == std::string::npos) {
        return;
    }
    const auto is_number = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789.") == std::string_view::npos;
    };
    const std::string_view low = trimmed(std::string_view(text).substr(0, dash));
    const std::string_view high = trimmed(std::string_view(text).substr(dash + 1));
    if (is_number(low) && is_number(high)) {
        content.range_low = low;
        content.range_high = high;
    }
}

bool reports(const hl7v2_reading& from) {
    return is_any_of(from.family(), {"ORU", "OUL", "MDM"});
}

// OBR of other messages (ORR, ORG, REF ...) answer an order or go with a referral: they say nothing of what was done.
bool tells_what_was_done(const hl7v2_reading& from, const segment_view& obr) {
    // HL70123: received, scheduled or under way; no such order, no such patient.
    const std::string status = upper_cased(obr.field(25).text());
    return reports(from) && !is_any_of(status, {"O", "S", "I", "Y", "Z"});
}

// HL70085: D and W take the result back, X says that there will be none; C and A replace it.
version_status version_of(const hl7v2_reading& from, const std::string& status) {
    if (from.is_document_cancelled() || is_any_of(status, {"D", "W", "X"})) {
        return version_status::deleted;
    }
    return is_any_of(status, {"C", "A"}) ? version_status::corrected : version_status::first;
}

// Codes of both fields, each once.
codings codes_of(const segment_view& obr) {
    codings all = read_codings(obr.field(4));
    std::set<coding> known(all.begin(), all.end());
    for (coding& each : read_codings(obr.field(44))) {
        if (known.insert(each).second) {
            all.push_back(std::move(each));
        }
    }
    return all;
}

// What the document said until now is void.
void withdraw(hl7v2_reading& from, const segment_view& txa, const std::string& number, version_status how) {
    event fact = from.start(txa);
    fact.document = from.document_key(number);
    fact.version = how;
    if (!fact.document.empty()) {
        from.add(std::move(fact), emptied_set{});
    }
}

std::optional<event_time> observed_at(hl7v2_reading& from, const segment_view& obx) {
    auto at = from.time(obx.field(14), obx, 14);
    return at ? at : from.reported_at();
}

// One fact for each repetition of OBX-5. Those behind the first are parts of it: what replaces the OBX, or takes it back,
// does so with all of them.
void read_values(hl7v2_reading& from, const segment_view& obx, const event& base, const observation& common) {
    const auto add = [&](const event& fact, const repetition_view& value) {
        observation content = common;
        content.value = read_value(from, obx, value);
        from.add(fact, std::move(content));
    };
    const field_view values = obx.field(5);
    if (values.is_absent()) {
        add(base, repetition_view());
    }
    std::size_t number = 0;
    for (const repetition_view value : values.repetitions()) {
        if (from.is_refused()) {
            return;
        }
        event fact = base;
        if (++number > 1) {
            if (value.state() == hl7v2::presence::empty) {
                continue;
            }
            if (!base.fact_key.empty()) {
                fact.fact_key += "#" + std::to_string(number);
            }
        }
        add(fact, value);
    }
}

} // namespace

// v2.8.2 section 9.6: T08 gives a document anew, T10 (T09 without its content) replaces TXA-13 by TXA-12, T11 cancels it.
void read_txa(hl7v2_reading& from, const segment_view& txa) {
    const std::string number = txa.field(12).text();
    const std::string parent = txa.field(13).text();
    if (from.is_document_cancelled()) {
        withdraw(from, txa, number, version_status::deleted);
    } else if (from.has_trigger({"T09", "T10"})) {
        withdraw(from, txa, parent.empty() ? number : parent, version_status::first);
    } else if (from.has_trigger({"T08"})) {
        withdraw(from, txa, number, version_status::first);
    }
}

void read_orc(hl7v2_reading& from, const segment_view& orc) {
    from.enter_order(orc);
}

void read_obr(hl7v2_reading& from, const segment_view& obr) {
    from.enter_report(obr);
    if (from.is_order_message()) {
        read_ordered_service(from, obr);
        return;
    }
    if (!tells_what_was_done(from, obr)) {
        if (reports(from)) {
            from.note(obr, 25,
                      "the status says that nothing is done yet, or that there is no such order or patient");
        } else {
            from.note(obr, 4,
                      "in " + from.family() +
                          " it answers or asks for something: it is no report of what was done");
        }
        return;
    }
    procedure content;
    content.codes = codes_of(obr);
    event fact = from.start(obr);
    fact.document = from.document_key();
    fact.when = from.reported_at();
    fact.fact_key = from.numbered(from.fact_key("OBR", from.report_number()));
    const std::string status = upper_cased(obr.field(25).text()); // HL70123
    if (status == "X" || from.is_document_cancelled()) {
        fact.version = version_status::deleted;
    } else if (status == "C") {
        fact.version = version_status::corrected;
    }
    from.add(std::move(fact), std::move(content));
}

void read_obx(hl7v2_reading& from, const segment_view& obx) {
    if (from.is_order_message()) {
        from.note(obx, 5, "a detail of what is asked for: nobody has observed it yet");
        return;
    }
    const std::string status = upper_cased(obx.field(11).text());
    if (is_any_of(status, {"I", "N", "O"})) {
        from.note(obx, 11, "pending, not asked for, or a description of the order: there is no result");
        return;
    }
    if (is_no_result(upper_cased(obx.field(2).text()))) {
        from.note(obx, 5, "a document, a picture, or the number or name of somebody or something: not read");
    }
    observation common;
    common.codes = read_codings(obx.field(3));
    read_range(obx.field(7), common);
    const bool inpatient = upper_cased(from.patient_class()) == "I";
    common.source = inpatient ? observation_source::ward : observation_source::clinic;
    event base = from.start(obx);
    base.document = from.document_key();
    base.when = observed_at(from, obx);
    base.version = version_of(from, status);
    const std::string& report = from.report_number();
    const std::string sub_id = obx.field(4).text();
    const std::string code = common.codes.empty() ? "" : common.codes.front().code;
    common.group = group_of(from, sub_id);
    if (!report.empty()) {
        base.fact_key = from.numbered(from.fact_key("OBX", report + "|" + code + "|" + sub_id));
    }
    read_values(from, obx, base, common);
}

} // namespace auditgate::mapping
