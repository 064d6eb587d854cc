#include "hl7v2/check.hpp"
#include "hl7v2/dictionary.hpp"
#include "hl7v2/message.hpp"
#include "hl7v2/path.hpp"
#include "hl7v2/writer.hpp"
#include "tests/fuzz/targets/targets.hpp"

#include <algorithm>
#include <array>

namespace auditgate::fuzz {

namespace {

bool is_within(std::string_view whole, std::string_view part) {
    return part.empty() ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void visit(const hl7v2::message& read, const hl7v2::element_view& part) {
    require(is_within(read.bytes(), part.raw()));
    require(read.bytes().substr(part.offset(), part.raw().size()) == part.raw());
    require(part.has_value() || part.text().empty());
    static_cast<void>(part.whole_text());
}

void visit_all(const hl7v2::message& read) {
    for (const hl7v2::segment_view segment : read) {
        std::size_t fields = 0;
        for (const hl7v2::field_view field : segment.fields()) {
            ++fields;
            visit(read, field);
            std::size_t repetitions = 0;
            for (const hl7v2::repetition_view repetition : field.repetitions()) {
                ++repetitions;
                for (const hl7v2::component_view component : repetition.components()) {
                    visit(read, component);
                    static_cast<void>(component.subcomponent(component.subcomponent_count() + 1));
                }
            }
            require(repetitions == field.repetition_count());
        }
        require(fields + (segment.index() == 0 ? 1 : 0) == segment.field_count());
        require(segment.field(segment.field_count() + 1).is_absent());
    }
}

// The first byte chooses the options, so that the fuzzer finds them all.
hl7v2::parse_options options_from(unsigned char choice) {
    static constexpr std::array<const char*, 4> sets{"UTF-8", "8859/1", "GB18030", "UTF-16LE"};
    hl7v2::parse_options options;
    options.ends = static_cast<hl7v2::segment_end>(choice % 4);
    options.default_charset = sets[choice / 4 % 4];
    options.forced_charset = choice / 64 == 3 ? options.default_charset : "";
    options.hex = static_cast<hl7v2::hex_reading>(choice / 16 % 4 % 3);
    options.segments_max = 1000;
    return options;
}

} // namespace

void run_message(std::string_view bytes) {
    const hl7v2::parse_options options =
        bytes.empty() ? hl7v2::parse_options() : options_from(static_cast<unsigned char>(bytes.front()));
    bytes.remove_prefix(bytes.empty() ? 0 : 1);
    const hl7v2::parse_result result = hl7v2::message::parse(bytes, options);
    const bool fatal =
        std::any_of(result.findings.begin(), result.findings.end(),
                    [](const hl7v2::finding& each) { return each.level == hl7v2::severity::fatal; });
    require(fatal != result.value.has_value());
    if (!result.value) {
        return;
    }
    const hl7v2::message& read = *result.value;
    require(read.received() == bytes);
    require(read.segment_count() > 0);
    visit_all(read);
    for (const hl7v2::finding& each : hl7v2::check_content(read)) {
        require(each.offset <= read.bytes().size());
    }
    hl7v2::message_writer writer(read);
    require(writer.encode() == bytes);
    require(writer.append_segment("ZX9"));
    const std::string changed = writer.encode();
    const hl7v2::parse_result again = hl7v2::message::parse(changed, options);
    // Bytes that are no text in a set that must be converted first are lost, and the header may be among them.
    const bool is_whole = read.bytes().data() == read.received().data();
    require(!is_whole || (again.value && again.value->segment("ZX9").raw() == "ZX9"));
    static_cast<void>(hl7v2::get(read, "PID-3[2].4.1").text());
}

void run_path(std::string_view bytes) {
    static const std::string text = "MSH|^~\\&|a\rPID|1||1^a~2^b&c\rOBX|1\rOBX|2|x|y\rPID|2\rOBX|3\r";
    static const hl7v2::message read = hl7v2::message::parse(text).value.value();
    const hl7v2::path_result parsed = hl7v2::parse_path(bytes);
    if (!parsed.value) {
        require(!parsed.error.empty() && parsed.error_offset <= bytes.size());
        return;
    }
    require(hl7v2::parse_path(hl7v2::to_string(*parsed.value)).value == parsed.value);
    const auto all = hl7v2::get_all(read, *parsed.value);
    require(all.empty() == hl7v2::get(read, *parsed.value).is_absent());
    for (const hl7v2::located_value& each : all) {
        require(hl7v2::get(read, each.where).raw().data() == each.value.raw().data());
    }
    if (parsed.value->field < 1000 && parsed.value->component.value_or(1) < 1000) {
        hl7v2::message_writer writer(read);
        if (writer.set_text(*parsed.value, "new|text")) {
            const std::string changed = writer.encode();
            const hl7v2::parse_result again = hl7v2::message::parse(changed);
            require(again.value && hl7v2::get(*again.value, *parsed.value).text() == "new|text");
        }
    }
}

} // namespace auditgate::fuzz
