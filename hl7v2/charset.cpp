// The one file of the library that knows ICU.
#include "hl7v2/charset.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <unicode/ucnv.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

namespace auditgate::hl7v2 {

namespace {

struct converter_closer {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using converter_handle = std::unique_ptr<UConverter, converter_closer>;

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// HL7 table 0211 and what senders write instead, in lower case, to ICU names.
struct charset_alias {
    std::string_view written;
    std::string_view icu_name;
};
constexpr auto aliases = std::to_array<charset_alias>({
    {"ascii", "US-ASCII"},
    {"8859/1", "ISO-8859-1"},
    {"8859/2", "ISO-8859-2"},
    {"8859/3", "ISO-8859-3"},
    {"8859/4", "ISO-8859-4"},
    {"8859/5", "ISO-8859-5"},
    {"8859/6", "ISO-8859-6"},
    {"8859/7", "ISO-8859-7"},
    {"8859/8", "ISO-8859-8"},
    {"8859/9", "ISO-8859-9"},
    {"8859/15", "ISO-8859-15"},
    {"iso ir6", "US-ASCII"},
    {"iso ir14", "Shift_JIS"}, // JIS X 0201 is its single bytes; ICU has no set of these alone
    {"iso ir87", "ISO-2022-JP-2"},
    {"iso ir159", "ISO-2022-JP-2"},
    {"gb 18030-2000", "GB18030"},
    {"gb 18030", "GB18030"},
    {"ks x 1001", "EUC-KR"},
    {"cns 11643-1992", "EUC-TW"},
    {"big-5", "Big5"},
    {"unicode", "UTF-16"},
    {"unicode utf-8", "UTF-8"},
    {"unicode utf-16", "UTF-16"},
    {"unicode utf-32", "UTF-32"},
    {"utf8", "UTF-8"},
    {"utf-8", "UTF-8"},
    {"unicode-utf-8", "UTF-8"},
    {"unicode utf8", "UTF-8"},
    {"8859-1", "ISO-8859-1"},
    {"iso-8859-1", "ISO-8859-1"},
    {"iso8859-1", "ISO-8859-1"},
    {"iso8859/1", "ISO-8859-1"},
    {"iso 8859/1", "ISO-8859-1"},
    {"iso 8859-1", "ISO-8859-1"},
    {"iso-8859/1", "ISO-8859-1"},
    {"latin1", "ISO-8859-1"},
});

std::string normalised(std::string_view name) {
    const std::size_t begin = name.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    std::string lower(name.substr(begin, name.find_last_not_of(" \t") - begin + 1));
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

converter_handle open(const std::string& name) {
    UErrorCode status = U_ZERO_ERROR;
    converter_handle converter(ucnv_open(name.c_str(), &status));
    return U_SUCCESS(status) ? std::move(converter) : nullptr;
}

// The name that mail and web use, else the registered one, else ICU's.
std::string public_name(const std::string& icu_name) {
    for (const char* const standard : {"MIME", "IANA"}) {
        UErrorCode status = U_ZERO_ERROR;
        const char* const name = ucnv_getStandardName(icu_name.c_str(), standard, &status);
        if (U_SUCCESS(status) && name != nullptr) {
            return name;
        }
    }
    return icu_name;
}

// Whether bytes below 128 are ASCII everywhere: single-byte sets on ASCII, and EUC, whose further bytes are
// above 127.
bool keeps_ascii(UConverter& converter, std::string_view name) {
    const UConverterType type = ucnv_getType(&converter);
    if (type == UCNV_UTF8 || name.starts_with("EUC") || name.starts_with("euc")) {
        return true;
    }
    if (type != UCNV_SBCS && type != UCNV_LATIN_1 && type != UCNV_US_ASCII) {
        return false;
    }
    std::array<char, 8> bytes{};
    UErrorCode status = U_ZERO_ERROR;
    const std::array<UChar, 2> letters{u'A', u'|'};
    ucnv_fromUChars(&converter, bytes.data(), static_cast<int32_t>(bytes.size()), letters.data(), 2, &status);
    return U_SUCCESS(status) && bytes[0] == 'A' && bytes[1] == '|';
}

void wrong_at(converted_text& result, std::size_t offset) {
    if (result.wrong_offsets.size() < converted_text::wrong_offsets_max) {
        result.wrong_offsets.push_back(offset);
    }
    ++result.wrong_count;
}

converted_text checked_utf8(std::string_view bytes) {
    converted_text result;
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    std::size_t good_from = 0;
    std::size_t position = 0;
    while (position < bytes.size()) {
        if (data[position] < 0x80) {
            ++position;
            continue;
        }
        // ICU counts in 32 bits: give it a window, which holds any one character.
        const auto window = static_cast<int32_t>(std::min<std::size_t>(bytes.size() - position, 8));
        int32_t used = 0;
        UChar32 character = 0;
        U8_NEXT(data + position, used, window, character);
        if (character < 0) {
            result.text += bytes.substr(good_from, position - good_from);
            result.text += replacement;
            wrong_at(result, position);
            good_from = position + static_cast<std::size_t>(used);
        }
        position += static_cast<std::size_t>(used);
    }
    result.text += bytes.substr(good_from);
    return result;
}

void append_utf8(std::string& text, std::uint32_t character) {
    const auto tail = [character](unsigned shift) {
        return static_cast<char>(0x80U | ((character >> shift) & 0x3FU));
    };
    if (character < 0x80) {
        text += static_cast<char>(character);
    } else if (character < 0x800) {
        text += {static_cast<char>(0xC0U | (character >> 6U)), tail(0)};
    } else if (character < 0x10000) {
        text += {static_cast<char>(0xE0U | (character >> 12U)), tail(6), tail(0)};
    } else {
        text += {static_cast<char>(0xF0U | (character >> 18U)), tail(12), tail(6), tail(0)};
    }
}

converted_text from_single_bytes(std::string_view bytes, bool is_ascii) {
    converted_text result;
    result.text.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (byte < 0x80) {
            result.text += bytes[i];
        } else if (is_ascii) {
            result.text += replacement;
            wrong_at(result, i);
        } else {
            append_utf8(result.text, byte);
        }
    }
    return result;
}

// Appends all units but a last one that is half of a pair; returns how many that are (0 or 1).
std::size_t append_utf16(converted_text& result, const UChar* begin, const UChar* end) {
    for (const UChar* unit = begin; unit != end; ++unit) {
        std::uint32_t character = *unit;
        if (U16_IS_LEAD(character)) {
            if (unit + 1 == end) {
                return 1;
            }
            character = static_cast<std::uint32_t>(U16_GET_SUPPLEMENTARY(unit[0], unit[1]));
            ++unit;
        }
        append_utf8(result.text, character);
    }
    return 0;
}

// Converts with ICU, stopping at wrong bytes to note their place.
converted_text from_icu(const std::string& name, std::string_view bytes) {
    converted_text result;
    const converter_handle converter = open(name);
    if (!converter) {
        wrong_at(result, 0);
        return result;
    }
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    std::array<UChar, 1024> buffer{};
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    std::size_t carried = 0; // a first half of a pair at the buffer's begin
    while (true) {
        UChar* target = buffer.data() + carried;
        status = U_ZERO_ERROR;
        ucnv_toUnicode(converter.get(), &target, buffer.data() + buffer.size(), &source, end, nullptr, 1,
                       &status);
        carried = append_utf16(result, buffer.data(), target);
        if (carried > 0) {
            buffer[0] = *(target - 1);
        }
        if (status == U_BUFFER_OVERFLOW_ERROR) {
            continue;
        }
        if (U_SUCCESS(status)) {
            return result;
        }
        std::array<char, 32> invalid{};
        auto invalid_size = static_cast<int8_t>(invalid.size());
        UErrorCode asked = U_ZERO_ERROR;
        ucnv_getInvalidChars(converter.get(), invalid.data(), &invalid_size, &asked);
        const auto consumed = static_cast<std::size_t>(source - bytes.data());
        wrong_at(result,
                 consumed - std::min(consumed, static_cast<std::size_t>(std::max<int8_t>(invalid_size, 0))));
        result.text += replacement;
        if (source == end) {
            return result;
        }
    }
}

// Walks UTF-8 text by characters: visit(offset, character), which is negative where the text is no UTF-8.
template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
    const auto* data = reinterpret_cast<const uint8_t*>(text.data());
    for (std::size_t position = 0; position < text.size();) {
        const auto window = static_cast<int32_t>(std::min<std::size_t>(text.size() - position, 8));
        int32_t used = 0;
        UChar32 character = 0;
        U8_NEXT(data + position, used, window, character);
        visit(position, character);
        position += static_cast<std::size_t>(used);
    }
}

converted_text to_single_bytes(std::string_view text, UChar32 limit) {
    converted_text result;
    for_each_character(text, [&](std::size_t offset, UChar32 character) {
        if (character < 0 || character >= limit) {
            wrong_at(result, offset);
            result.text += '?';
        } else {
            result.text += static_cast<char>(character);
        }
    });
    return result;
}

// One converter for the whole text, fed by characters: sets with shift states keep theirs.
converted_text to_icu(const std::string& name, std::string_view text) {
    converted_text result;
    const converter_handle converter = open(name);
    if (!converter) {
        wrong_at(result, 0);
        return result;
    }
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    const auto feed = [&](UChar32 character, bool last) {
        std::array<UChar, 2> units{};
        int32_t size = 0;
        if (character >= 0) {
            U16_APPEND_UNSAFE(units.data(), size, static_cast<std::uint32_t>(character));
        }
        std::array<char, 64> buffer{};
        char* target = buffer.data();
        const UChar* source = units.data();
        UErrorCode problem = U_ZERO_ERROR;
        ucnv_fromUnicode(converter.get(), &target, buffer.data() + buffer.size(), &source,
                         units.data() + size, nullptr, last ? 1 : 0, &problem);
        result.text.append(buffer.data(), static_cast<std::size_t>(target - buffer.data()));
        return U_SUCCESS(problem);
    };
    for_each_character(text, [&](std::size_t offset, UChar32 character) {
        if (character < 0 || !feed(character, false)) {
            wrong_at(result, offset);
            feed('?', false);
        }
    });
    feed(-1, true);
    return result;
}

} // namespace

std::optional<charset> charset::find(std::string_view name) {
    const std::string written = normalised(name);
    if (written.empty()) {
        return std::nullopt;
    }
    const auto alias = std::find_if(aliases.begin(), aliases.end(),
                                    [&](const charset_alias& each) { return each.written == written; });
    const std::string icu_name = alias == aliases.end() ? written : std::string(alias->icu_name);
    if (icu_name == "UTF-8") {
        return charset();
    }
    if (icu_name == "US-ASCII") {
        return charset(icu_name, kind::ascii);
    }
    if (icu_name == "ISO-8859-1") {
        return charset(icu_name, kind::latin1);
    }
    const converter_handle converter = open(icu_name);
    if (!converter) {
        return std::nullopt;
    }
    const std::string found = public_name(icu_name);
    if (found == "UTF-8") {
        return charset();
    }
    return charset(found, keeps_ascii(*converter, found) ? kind::other : kind::converted_first);
}

std::string charset::only_ascii(std::string_view bytes) const {
    std::string result(bytes.size(), '\0');
    const converter_handle converter = open(name_);
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    while (converter && source < end) {
        const char* const begin = source;
        UErrorCode status = U_ZERO_ERROR;
        const UChar32 character = ucnv_getNextUChar(converter.get(), &source, end, &status);
        if (source == begin) {
            break;
        }
        // What switches between sets (ISO 2022) is consumed with the character behind it.
        if (U_SUCCESS(status) && character < 0x80) {
            result[static_cast<std::size_t>(source - bytes.data()) - 1] = static_cast<char>(character);
        }
    }
    return result;
}

converted_text charset::to_utf8(std::string_view bytes) const {
    switch (kind_) {
    case kind::utf8:
        return checked_utf8(bytes);
    case kind::ascii:
    case kind::latin1:
        return from_single_bytes(bytes, kind_ == kind::ascii);
    case kind::other:
    case kind::converted_first:
        break;
    }
    return from_icu(name_, bytes);
}

converted_text charset::from_utf8(std::string_view text) const {
    switch (kind_) {
    case kind::utf8: {
        return checked_utf8(text);
    }
    case kind::ascii:
        return to_single_bytes(text, 0x80);
    case kind::latin1:
        return to_single_bytes(text, 0x100);
    case kind::other:
    case kind::converted_first:
        break;
    }
    return to_icu(name_, text);
}

} // namespace auditgate::hl7v2
