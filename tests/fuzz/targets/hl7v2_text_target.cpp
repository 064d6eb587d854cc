#include "hl7v2/charset.hpp"
#include "hl7v2/escape.hpp"
#include "hl7v2/timestamp.hpp"
#include "tests/fuzz/targets/targets.hpp"

#include <algorithm>
#include <array>

namespace auditgate::fuzz {

namespace {

constexpr auto sets = std::to_array<std::string_view>(
    {"UTF-8", "ASCII", "8859/1", "8859/15", "GB 18030-2000", "BIG-5", "ISO IR87", "KS X 1001",
     "CNS 11643-1992", "UTF-16", "UTF-16LE", "UTF-32", "Shift_JIS", "windows-1252", "ISO-2022-KR", "UTF-7"});

unsigned char take_first(std::string_view& bytes) {
    if (bytes.empty()) {
        return 0;
    }
    const auto first = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    return first;
}

const hl7v2::charset& set_from(unsigned char choice) {
    static const auto found = [] {
        std::array<hl7v2::charset, sets.size()> all;
        std::transform(sets.begin(), sets.end(), all.begin(),
                       [](std::string_view name) { return hl7v2::charset::find(name).value(); });
        return all;
    }();
    return found[choice % found.size()];
}

bool is_utf8(std::string_view text) {
    return hl7v2::charset().to_utf8(text).wrong_count == 0;
}

} // namespace

void run_charset(std::string_view bytes) {
    static_cast<void>(hl7v2::charset::find(bytes.substr(0, 20)));
    const hl7v2::charset& set = set_from(take_first(bytes));
    const hl7v2::converted_text converted = set.to_utf8(bytes);
    require(is_utf8(converted.text));
    require(converted.wrong_offsets.size() ==
            std::min(converted.wrong_count, hl7v2::converted_text::wrong_offsets_max));
    require(std::is_sorted(converted.wrong_offsets.begin(), converted.wrong_offsets.end()));
    require(converted.wrong_offsets.empty() || converted.wrong_offsets.back() < bytes.size());
    const hl7v2::converted_text back = set.from_utf8(converted.text);
    if (back.wrong_count == 0 && converted.wrong_count == 0) {
        const hl7v2::converted_text again = set.to_utf8(back.text);
        require(again.wrong_count == 0);
    }
    static_cast<void>(set.from_utf8(bytes));
}

void run_escape(std::string_view bytes) {
    const unsigned char choice = take_first(bytes);
    hl7v2::delimiters marks;
    marks.truncation = (choice & 1U) != 0 ? '#' : '\0';
    marks.subcomponent = (choice & 2U) != 0 ? '\0' : '&';
    hl7v2::escape_options options;
    options.hex = static_cast<hl7v2::hex_reading>(choice / 4 % 3);
    options.hex_charset = set_from(choice / 16);
    options.bytes_charset = options.hex_charset.is_delimiter_safe() ? options.hex_charset : hl7v2::charset();
    const hl7v2::decoded_text decoded = hl7v2::decode(bytes, marks, options);
    require(is_utf8(decoded.text));
    for (const hl7v2::finding& each : decoded.findings) {
        require(each.offset < bytes.size());
    }
    const hl7v2::encoded_text encoded = hl7v2::encode(bytes, marks);
    require(encoded.bytes.find_first_of("|^~\r\n\v\x1C") == std::string::npos);
    if (is_utf8(bytes)) {
        require(encoded.wrong_count == 0 && hl7v2::decode(encoded.bytes, marks).text == bytes);
    }
}

void run_timestamp(std::string_view bytes) {
    const hl7v2::timestamp_result read = hl7v2::parse_timestamp(bytes);
    require(read.error_offset <= bytes.size());
    if (read.value) {
        require(hl7v2::parse_timestamp(hl7v2::to_string(*read.value)).value == read.value);
    } else {
        require(read.problem != hl7v2::timestamp_problem::none);
    }
    const hl7v2::time_of_day_result time = hl7v2::parse_time_of_day(bytes);
    require(time.value.has_value() || time.problem != hl7v2::timestamp_problem::none);
}

} // namespace auditgate::fuzz
