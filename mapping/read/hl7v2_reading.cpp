#include "mapping/read/hl7v2_reading.hpp"

#include "hl7v2/timestamp.hpp"

#include <algorithm>
#include <charconv>

namespace auditgate::mapping {

using hl7v2::field_view;
using hl7v2::repetition_view;
using hl7v2::segment_view;

namespace {

void add_coding(codings& to, const repetition_view& coded, std::size_t code, std::size_t system) {
    const std::string text(trimmed(coded.component(code).text()));
    if (!text.empty()) {
        to.push_back({std::string(trimmed(coded.component(system).text())), text});
    }
}

time_precision precision_of(hl7v2::precision known_to) {
    switch (known_to) {
    case hl7v2::precision::year:
        return time_precision::year;
    case hl7v2::precision::month:
        return time_precision::month;
    case hl7v2::precision::day:
        return time_precision::day;
    case hl7v2::precision::hour:
    case hl7v2::precision::minute:
        return time_precision::minute;
    default:
        return time_precision::second;
    }
}

std::chrono::local_time<std::chrono::milliseconds> wall_clock(const hl7v2::timestamp& from) {
    using namespace std::chrono;
    const year_month_day date{year{from.year}, month{from.month}, day{from.day}};
    const unsigned second = std::min(from.second, 59U); // a leap second is the end of its minute
    return local_days(date) + hours(from.hour) + minutes(from.minute) + seconds(second) +
           floor<milliseconds>(nanoseconds(from.nanosecond));
}

// An offset behind a date without a time says nothing about the day.
event_time to_event_time(const hl7v2::timestamp& from, const civil_time& zone) {
    const auto local = wall_clock(from);
    const time_precision precision = precision_of(from.known_to);
    if (!from.offset_minutes || precision < time_precision::minute) {
        return zone.from_local(local, precision);
    }
    return zone.from_instant(std::chrono::sys_time<std::chrono::milliseconds>(
                                 local.time_since_epoch() - std::chrono::minutes(*from.offset_minutes)),
                             precision);
}

void add_unless_empty(std::vector<std::string>& keys, std::string key) {
    if (!key.empty() && std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(std::move(key));
    }
}

} // namespace

codings read_codings(const repetition_view& coded) {
    codings result;
    add_coding(result, coded, 1, 3);
    add_coding(result, coded, 4, 6);
    return result;
}

codings read_codings(const field_view& coded) {
    codings result;
    for (const repetition_view each : coded.repetitions()) {
        const codings read = read_codings(each);
        result.insert(result.end(), read.begin(), read.end());
    }
    return result;
}

std::optional<amount> read_amount(const field_view& number, const field_view& unit) {
    const std::string text(trimmed(number.text()));
    return text.empty() ? std::nullopt : std::optional(amount{text, std::string(trimmed(unit.text()))});
}

hl7v2_reading::hl7v2_reading(reading& all, const hl7v2::message& message)
    : all_(all), message_(message), family_(message.message_type()), trigger_(message.trigger_event()),
      event_segment_(message.segment("EVN")), uk_visit_(message.segment("ZU1")) {
    if (family_ == "MDM") {
        document_ = message.segment("TXA");
    }
    if (trigger_.empty()) {
        trigger_ = event_segment_.field(1).text();
    }
    const segment_view header = message.header();
    sender_ =
        profile().sender.empty() ? header.field(3).text() + "|" + header.field(4).text() : profile().sender;
    feed_ = "hl7v2-" + lower_cased(family_);
    const auto sent_at = time(header.field(7), header, 7);
    sent_at_ =
        sent_at ? *sent_at : all.zone().from_instant(all.message().received_at, time_precision::second);
    document_key_ = document_key(document_.field(12).text());
    enter_visit(segment_view());
    enter_report(segment_view());
}

bool hl7v2_reading::is_order_message() const {
    static constexpr std::string_view families[] = {"ORM", "OMI", "OMG", "OML", "OMP", "OMN", "OMS", "OMD"};
    return std::find(std::begin(families), std::end(families), family_) != std::end(families);
}

bool hl7v2_reading::is_answer() const {
    return !message_.segment("MSA").is_absent();
}

bool hl7v2_reading::has_trigger(std::initializer_list<std::string_view> triggers) const {
    return std::find(triggers.begin(), triggers.end(), trigger_) != triggers.end();
}

// HL70273: CA deleted, OB obsolete.
bool hl7v2_reading::is_document_cancelled() const {
    const std::string availability = upper_cased(document_.field(19).text());
    return !document_.is_absent() && (trigger_ == "T11" || availability == "CA" || availability == "OB");
}

bool hl7v2_reading::has_version_before_2_5() const {
    const std::string version = message_.version();
    int minor = 0;
    return version.starts_with("2.") &&
           std::from_chars(version.data() + 2, version.data() + version.size(), minor).ec == std::errc() &&
           minor < 5;
}

void hl7v2_reading::enter_patient(const segment_view& pid) {
    patient_keys_ = identity_keys(pid, 3);
    local_authorities_.clear();
    for (const repetition_view each : pid.field(3).repetitions()) {
        if (is_refused()) {
            break; // too many numbers
        }
        if (each.component(1).has_value() &&
            is_one_of(each.component(5).text(), profile().identifiers.local_types)) {
            add_unless_empty(local_authorities_, each.component(4).text());
        }
    }
    enter_visit(segment_view());
    enter_order(segment_view());
}

void hl7v2_reading::enter_visit(const segment_view& pv1) {
    visit_number_ = trimmed(pv1.field(19).text());
    patient_class_ = trimmed(pv1.field(2).text());
    organisation_ = pv1.field(3).component(4).text();
    if (organisation_.empty()) {
        organisation_ = message_.header().field(4).text();
    }
}

void hl7v2_reading::enter_order(const segment_view& orc) {
    order_ = orc;
    order_timings_ = timings_behind(orc);
    prescribed_route_ = segment_view();
    if (family_ != "OUL") { // in which ORC stands behind the OBR that it belongs to (v2.5.1 section 7.3.8)
        enter_report(segment_view());
    }
}

bool hl7v2_reading::has_replacing_order() {
    if (!has_replacing_order_) {
        const std::vector<segment_view> orders = message_.segments("ORC");
        has_replacing_order_ = std::any_of(orders.begin(), orders.end(), [](const segment_view& each) {
            return upper_cased(each.field(1).text()) == "RO";
        });
    }
    return *has_replacing_order_;
}

void hl7v2_reading::enter_prescription(const segment_view& rxo) {
    prescribed_route_ = following(rxo, "RXR", {"ORC", "PID", "RXO", "RXE", "RXD", "RXG", "RXA"});
}

std::vector<segment_view> hl7v2_reading::timings_behind(const segment_view& from) const {
    std::vector<segment_view> found;
    if (from.is_absent()) {
        return found;
    }
    static const std::vector<std::string> ends = {"ORC", "PID", "OBR", "RXO", "RXE", "RXD", "RXG", "RXA"};
    for (std::size_t i = search(from, "TQ1", ends);
         i < message_.segment_count() && message_.segment(i).name() == "TQ1";
         i = search(message_.segment(i), "TQ1", ends)) {
        found.push_back(message_.segment(i));
    }
    return found;
}

void hl7v2_reading::enter_report(const segment_view& obr) {
    report_ = obr;
    report_number_ = obr.field(3).text();
    if (report_number_.empty()) {
        report_number_ = obr.field(2).text();
    }
    if (report_number_.empty()) {
        report_number_ = document_.field(12).text();
    }
    reported_at_ = time(obr.field(7), obr, 7);
}

std::size_t hl7v2_reading::search(const segment_view& from, std::string_view name,
                                  const std::vector<std::string>& ends) const {
    std::size_t i = from.index() + 1;
    while (i < message_.segment_count() && message_.segment(i).name() != name &&
           !is_one_of(message_.segment(i).name(), ends)) {
        ++i;
    }
    return i;
}

segment_view hl7v2_reading::following(const segment_view& from, std::string_view name,
                                      const std::vector<std::string>& ends) const {
    const segment_view found = message_.segment(search(from, name, ends));
    return found.name() == name ? found : segment_view();
}

const segment_view& hl7v2_reading::administration_route(const segment_view& rxa) {
    if (rxa.index() >= route_searched_to_) {
        route_searched_to_ = search(rxa, "RXR", {"ORC", "PID"});
        const segment_view found = message_.segment(route_searched_to_);
        administration_route_ = found.name() == "RXR" ? found : segment_view();
    }
    return administration_route_;
}

event hl7v2_reading::start(const segment_view& at) const {
    event result;
    result.message = all_.message().reference;
    result.path = at.path();
    result.sender = sender_;
    result.feed = feed_;
    result.subject = patient_keys_;
    result.recorded = sent_at_.instant;
    result.visit_number = visit_number_;
    result.organisation = organisation_;
    return result;
}

std::string hl7v2_reading::fact_key(std::string_view what, std::string_view identity) const {
    const std::string_view number = trimmed(identity);
    return number.empty()
               ? ""
               : escaped(sender_ + "|" + feed_ + "|" + std::string(what) + "|" + std::string(number));
}

void hl7v2_reading::set_key_by_code(event& fact, std::string_view what, const codings& codes) {
    if (codes.empty() || !fact.when) {
        return;
    }
    std::string code = upper_cased(codes.front().code);
    std::erase(code, '.'); // one sender may write V43.8 and V438
    const auto day = fact.when->date().time_since_epoch().count();
    fact.fact_key = numbered(fact_key(what, code + "|" + std::to_string(day)));
    fact.fact_scope = event::key_scope::patient;
}

std::string hl7v2_reading::snapshot_set(std::string_view segment) const {
    const set_mode mode = profile().sets;
    const bool complete =
        mode == set_mode::snapshot || (mode == set_mode::by_version && has_version_before_2_5());
    return complete && !visit_number_.empty()
               ? sender_ + "|" + feed_ + "|" + visit_number_ + "|" + std::string(segment)
               : "";
}

void hl7v2_reading::add(event fact, event_payload payload) {
    fact.payload = std::move(payload);
    all_.add(std::move(fact));
}

std::optional<event_time> hl7v2_reading::time(const hl7v2::element_view& content, const segment_view& at,
                                              std::size_t field) {
    if (!content.has_value()) {
        return std::nullopt;
    }
    const hl7v2::timestamp_result parsed = hl7v2::parse_timestamp(content.text());
    if (!parsed.value) {
        find("invalid-time", finding_level::error, at, field, "this is no date or time of HL7 v2");
        return std::nullopt;
    }
    return to_event_time(*parsed.value, all_.zone());
}

void hl7v2_reading::set_missing_systems(codings& codes, const field_view& system) {
    const std::string name(trimmed(system.text()));
    for (coding& each : codes) {
        if (each.system.empty()) {
            each.system = name;
        }
    }
}

std::vector<std::string> hl7v2_reading::identity_keys(const segment_view& at, std::size_t field,
                                                      bool like_pid) {
    const identifier_types& types = profile().identifiers;
    std::vector<std::string> keys;
    for (const repetition_view each : at.field(field).repetitions()) {
        const std::string number = each.component(1).text();
        const std::string authority = each.component(4).text();
        const std::string type = each.component(5).text();
        if (is_one_of(type, types.nhs_types) || is_one_of(authority, types.nhs_authorities)) {
            add_unless_empty(keys, nhs_key(number));
        } else if (is_one_of(type, types.local_types) ||
                   (like_pid && type.empty() && is_one_of(authority, local_authorities_))) {
            add_unless_empty(keys, local_key(authority, number));
        }
        if (keys.size() > identifiers_of_a_patient_max) {
            find("too-many-identifiers", finding_level::fatal, at, field,
                 "one patient may have " + std::to_string(identifiers_of_a_patient_max) + " numbers");
            break;
        }
    }
    return keys;
}

void hl7v2_reading::note(const segment_view& at, std::size_t field, std::string text) {
    all_.add(part_note{at.path() + "-" + std::to_string(field), std::move(text)});
}

void hl7v2_reading::find(std::string code, finding_level level, const segment_view& at, std::size_t field,
                         std::string text) {
    all_.add(read_finding{std::move(code), level, at.path() + "-" + std::to_string(field), std::move(text)});
}

} // namespace auditgate::mapping
