// The table of HL7 v2 segments that give events, and the walk over a message.
#include "hl7v2/check.hpp"
#include "hl7v2/dictionary.hpp"
#include "mapping/read/hl7v2_reading.hpp"

#include <algorithm>
#include <array>

namespace auditgate::mapping {

namespace {

struct segment_reader {
    std::string_view name;
    void (*read)(hl7v2_reading&, const hl7v2::segment_view&);
};

constexpr std::array readers{
    segment_reader{"PID", read_pid}, segment_reader{"MRG", read_mrg}, segment_reader{"PV1", read_pv1},
    segment_reader{"CON", read_con}, segment_reader{"PR1", read_pr1}, segment_reader{"DG1", read_dg1},
    segment_reader{"FT1", read_ft1}, segment_reader{"PRB", read_prb}, segment_reader{"TXA", read_txa},
    segment_reader{"ORC", read_orc}, segment_reader{"OBR", read_obr}, segment_reader{"OBX", read_obx},
    segment_reader{"RXO", read_rxo}, segment_reader{"RXE", read_rxe}, segment_reader{"RXA", read_rxa},
    segment_reader{"SCH", read_sch}, segment_reader{"AIS", read_ais},
};

// Read by those above as context of their events.
constexpr std::array<std::string_view, 11> context = {"MSH", "EVN", "PV1", "ZU1", "ORC", "SCH",
                                                      "TQ1", "RXO", "RXR", "RXC", "TXA"};

read_finding from_wire(const hl7v2::finding& found) {
    const finding_level level = found.level == hl7v2::severity::fatal   ? finding_level::fatal
                                : found.level == hl7v2::severity::error ? finding_level::error
                                                                        : finding_level::warning;
    return {found.code, level, found.path, found.text};
}

// Only the site knows what is in it.
bool is_site_specific(std::string_view name) {
    return name.starts_with('Z');
}

part_use use_of(std::string_view name, std::size_t events, bool has_errors) {
    if (events > 0) {
        return part_use::used;
    }
    if (has_errors) {
        return part_use::unreadable;
    }
    if (std::find(context.begin(), context.end(), name) != context.end()) {
        return part_use::used;
    }
    return hl7v2::is_known_segment(name) && !is_site_specific(name) ? part_use::not_used : part_use::unknown;
}

// Why a segment that no reader is made for gave nothing.
std::string_view reason_of(std::string_view name) {
    if (!hl7v2::is_known_segment(name)) {
        return "no segment of HL7 v2: perhaps a text with a line end in it, which the sender must escape "
               "(\\.br\\)";
    }
    return is_site_specific(name) ? "made by the site, and only the site knows what is in it: what the audit "
                                    "needs must come in a segment "
                                    "of the standard"
                                  : "no audit dataset asks for it";
}

void read_segment(reading& all, hl7v2_reading& from, const hl7v2::segment_view& segment) {
    const std::size_t events_before = all.events();
    const std::size_t findings_before = all.findings();
    const auto reader = std::find_if(readers.begin(), readers.end(), [&segment](const segment_reader& each) {
        return each.name == segment.name();
    });
    const bool is_context = std::find(context.begin(), context.end(), segment.name()) != context.end();
    if (reader != readers.end()) {
        reader->read(from, segment);
    } else if (!is_context) {
        all.add(part_note{segment.path(), std::string(reason_of(segment.name()))});
    }
    const std::size_t events = all.events() - events_before;
    const bool is_named = hl7v2::is_known_segment(segment.name());
    all.add(part_report{segment.path(), is_named ? std::string(segment.name()) : segment.path(),
                        use_of(segment.name(), events, all.findings() > findings_before), events});
}

} // namespace

read_result read_hl7v2(const message_to_read& message, const source_profile& profile, civil_time zone) {
    read_result result;
    hl7v2::parse_options options = profile.wire;
    if (options.forced_charset.empty()) // the profile knows its sender
        options.forced_charset = message.charset;
    const hl7v2::parse_result parsed = hl7v2::message::parse(message.bytes, options);
    for (const hl7v2::finding& each : parsed.findings) {
        result.findings.push_back(from_wire(each));
    }
    if (!parsed.value) {
        return result;
    }
    for (const hl7v2::finding& each : hl7v2::check_content(*parsed.value)) {
        result.findings.push_back(from_wire(each));
    }
    result.message_type = parsed.value->message_type() + "^" + parsed.value->trigger_event();
    reading all(message, profile, zone, result);
    hl7v2_reading from(all, *parsed.value);
    for (const hl7v2::segment_view segment : *parsed.value) {
        if (all.is_refused()) {
            break;
        }
        read_segment(all, from, segment);
    }
    return result;
}

} // namespace auditgate::mapping
