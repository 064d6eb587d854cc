#include "tests/support/canaries.hpp"

#include <cstring>
#include <stdexcept>

namespace auditgate::test {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What of the base64 form of "..text..." is the same whatever stands around it, when `skip` bytes of the text
// (0 to 2) belong to a group of three that began before it.
std::string base64_core(std::string_view text, std::size_t skip) {
    std::string result;
    for (std::size_t at = skip; at + 3 <= text.size(); at += 3) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
        const unsigned group = static_cast<unsigned>(byte(0) << 16U | byte(1) << 8U | byte(2));
        for (const unsigned shift : {18U, 12U, 6U, 0U})
            result += base64_alphabet[group >> shift & 63U];
    }
    return result;
}

// Two hexadecimal digits for each byte, with `before` in front of each.
std::string hexadecimal(std::string_view text, std::string_view before, bool upper_case) {
    const std::string_view digits = upper_case ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result += before;
        result += digits[byte >> 4U];
        result += digits[byte & 15U];
    }
    return result;
}

std::string utf16(std::string_view text, bool big_endian) {
    std::string result;
    for (const char c : text)
        result += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
    return result;
}

} // namespace

canary_search::canary_search(std::vector<std::string> canaries) {
    for (std::string& text : canaries) {
        if (text.size() < 8)
            throw std::invalid_argument("canary too short");
        std::vector<form> forms{{"clear text", text},
                                {"base64", base64_core(text, 0)},
                                {"base64", base64_core(text, 1)},
                                {"base64", base64_core(text, 2)},
                                {"hexadecimal", hexadecimal(text, "", false)},
                                {"hexadecimal", hexadecimal(text, "", true)},
                                {"percent encoding", hexadecimal(text, "%", false)},
                                {"percent encoding", hexadecimal(text, "%", true)},
                                {"JSON escapes", hexadecimal(text, "\\u00", false)},
                                {"JSON escapes", hexadecimal(text, "\\u00", true)},
                                {"UTF-16", utf16(text, false)},
                                {"UTF-16", utf16(text, true)}};
        canaries_.push_back({std::move(text), std::move(forms)});
    }
}

std::vector<std::string> canary_search::find_in(std::string_view bytes) const {
    std::vector<std::string> found;
    for (const canary& one : canaries_) {
        for (const form& candidate : one.forms) {
            if (::memmem(bytes.data(), bytes.size(), candidate.bytes.data(), candidate.bytes.size()) !=
                nullptr) {
                found.push_back("canary " + one.text + " as " + candidate.name);
                break;
            }
        }
    }
    return found;
}

} // namespace auditgate::test
