#include "hl7v2/delimiters.hpp"

#include <algorithm>

namespace auditgate::hl7v2 {

namespace {

constexpr std::size_t segment_name_size = 3;
constexpr std::size_t encoding_characters_min = 3;
constexpr std::size_t encoding_characters_max = 5;

bool can_delimit(char character) {
    const auto byte = static_cast<unsigned char>(character);
    const bool letter_or_digit =
        (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    return byte > ' ' && byte < 0x7F && !letter_or_digit;
}

bool has_repeat(std::string_view characters) {
    for (std::size_t i = 0; i < characters.size(); ++i) {
        if (characters.find(characters[i], i + 1) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

} // namespace

std::string delimiters::encoding_characters() const {
    std::string written{component, repetition, escape};
    if (subcomponent != '\0') {
        written += subcomponent;
    }
    if (truncation != '\0') {
        written += truncation;
    }
    return written;
}

delimiters_result read_delimiters(std::string_view header_segment) {
    delimiters_result result;
    if (header_segment.size() <= segment_name_size) {
        result.problem = "the segment ends before its field separator";
        return result;
    }
    const char field = header_segment[segment_name_size];
    if (!can_delimit(field)) {
        result.problem = "the field separator is a letter, a digit, a blank or no printable character";
        return result;
    }
    result.value.field = field;
    result.is_field_separator_usable = true;
    std::string_view encoding = header_segment.substr(segment_name_size + 1);
    const auto end = std::find_if(encoding.begin(), encoding.end(),
                                  [field](char c) { return c == field || c == '\r' || c == '\n'; });
    encoding = encoding.substr(0, static_cast<std::size_t>(end - encoding.begin()));
    result.encoding_characters_size = encoding.size();
    if (encoding.size() < encoding_characters_min || encoding.size() > encoding_characters_max) {
        result.problem = "there are not three to five encoding characters";
        return result;
    }
    if (!std::all_of(encoding.begin(), encoding.end(), can_delimit)) {
        result.problem = "an encoding character is a letter, a digit, a blank or no printable character";
        return result;
    }
    if (has_repeat(encoding)) {
        // Test files and programs that write the message as a text of their own language do it.
        const bool is_doubled_backslash = encoding.find("\\\\") != std::string_view::npos;
        result.problem = is_doubled_backslash ? "the backslash stands twice: it is written once, as in ^~\\&"
                                              : "a character stands for two encoding characters";
        return result;
    }
    result.value.component = encoding[0];
    result.value.repetition = encoding[1];
    result.value.escape = encoding[2];
    result.value.subcomponent = encoding.size() > 3 ? encoding[3] : '\0';
    result.value.truncation = encoding.size() > 4 ? encoding[4] : '\0';
    return result;
}

} // namespace auditgate::hl7v2
