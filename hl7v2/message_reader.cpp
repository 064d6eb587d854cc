#include "hl7v2/message_reader.hpp"

#include "hl7v2/mark_scanner.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace auditgate::hl7v2::detail {

namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
// How a text in UTF-16 or UTF-32 begins: the byte order marks (those of UTF-32 first, for one of them begins as one of
// UTF-16), then the letters MSH without any.
struct wide_begin {
    std::string_view bytes;
    std::string_view set;
    bool is_mark = false;
};
constexpr auto wide_begins = std::to_array<wide_begin>({
    {{"\xFF\xFE\0\0", 4}, "UTF-32LE", true},
    {{"\0\0\xFE\xFF", 4}, "UTF-32BE", true},
    {"\xFE\xFF", "UTF-16BE", true},
    {"\xFF\xFE", "UTF-16LE", true},
    {{"M\0\0\0S\0\0\0H\0\0\0", 12}, "UTF-32LE"},
    {{"\0\0\0M\0\0\0S\0\0\0H", 12}, "UTF-32BE"},
    {{"M\0S\0H\0", 6}, "UTF-16LE"},
    {{"\0M\0S\0H", 6}, "UTF-16BE"},
});
constexpr std::size_t charset_field = 18;
// A header with more bytes, or with more halves of delimiters in its letters, is cut at the bytes of its delimiters.
constexpr std::size_t header_bytes_max = 64 * 1024;
constexpr std::size_t moved_fields_max = 32;

void report(std::vector<finding>& findings, severity level, std::string_view code, std::string_view path,
            std::size_t offset, std::string text) {
    findings.push_back({std::string(code), level, std::string(path), offset, std::move(text)});
}

bool is_plain_ascii(std::string_view bytes) {
    constexpr std::size_t words = 8;
    std::size_t i = 0;
    for (; i + words * sizeof(std::uint64_t) <= bytes.size(); i += words * sizeof(std::uint64_t)) {
        std::array<std::uint64_t, words> block{};
        std::memcpy(block.data(), bytes.data() + i, sizeof block);
        std::uint64_t all = 0;
        for (const std::uint64_t word : block) {
            all |= word;
        }
        if ((all & 0x8080808080808080U) != 0) {
            return false;
        }
    }
    return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The field of this number in the header segment, cut where `delimited` has its separators.
std::string_view header_field(std::string_view segment, std::string_view delimited, std::size_t wanted,
                              char separator) {
    const char* const end = delimited.data() + delimited.size();
    mark_scanner<1> separators(delimited.data(), end, {separator});
    const char* begin = delimited.data();
    for (std::size_t number = 1; number < wanted; ++number) {
        const char* const place = separators.next();
        if (place == end) {
            return {};
        }
        begin = place + 1;
    }
    return segment.substr(static_cast<std::size_t>(begin - delimited.data()),
                          static_cast<std::size_t>(separators.next() - begin));
}

// The first repetition is the set in force; the others are switched to within the text. Japanese senders
// leave the first blank and switch by ISO 2022 sequences; a set that holds ASCII wins over plain ASCII before
// it.
declared_charset choose_charset(std::string_view field, char repetition_mark) {
    declared_charset choice;
    choice.written = field;
    for (std::string_view written = field;;) {
        const std::size_t end = written.find(repetition_mark);
        const std::string_view name = trimmed(written.substr(0, end));
        if (!name.empty() && name != "\"\"") {
            choice.is_blank = false;
            const std::optional<charset> set = charset::find(name);
            choice.is_unknown = choice.is_unknown || !set;
            const bool replaces = !choice.found || choice.found->name() == "US-ASCII" || name == "ISO IR87" ||
                                  name == "ISO IR159";
            if (set && replaces) {
                choice.found = set;
            }
        }
        if (end == std::string_view::npos) {
            return choice;
        }
        written.remove_prefix(end + 1);
    }
}

void convert(const charset& from, std::size_t offset, message_state& state, std::vector<finding>& findings) {
    converted_text converted = from.to_utf8(state.received.substr(offset));
    state.converted = std::move(converted.text);
    state.bytes = state.converted;
    report(findings, severity::warning, "charset-converted", {}, 0,
           "converted from " + from.name() + " as a whole; positions count in the converted message");
    if (converted.wrong_count > 0) {
        report(findings, severity::error, "wrong-bytes", {}, 0,
               std::to_string(converted.wrong_count) + " places are no text in " + from.name() +
                   ", the first at received byte " +
                   std::to_string(offset + converted.wrong_offsets.front()));
    }
}

// UTF-16 and the like hide MSH itself: converts when the bytes or the settings say so.
bool convert_hidden(const parse_options& options, message_state& state, std::vector<finding>& findings) {
    const std::optional<hiding_charset> from = find_hiding_charset(state.received, options);
    if (!from) {
        return false;
    }
    if (from->mark_size > 0) {
        report(findings, severity::warning, "byte-order-mark", {}, 0,
               "begins with a byte order mark of " + from->set.name());
    }
    if (!from->is_declared) {
        report(findings, severity::warning, "charset-assumed", {}, 0,
               "MSH stands there in " + from->set.name() + "; read as that");
    }
    convert(from->set, from->mark_size, state, findings);
    state.mark_size = from->mark_size;
    state.declared = from->set;
    return true;
}

// Settles the character set once the header is readable as bytes, and converts where delimiters could be
// parts of letters. True when the bytes were replaced, so that the header must be looked for again.
bool settle_charset(const parse_options& options, std::size_t header_offset, message_state& state,
                    std::vector<finding>& findings) {
    const std::string_view header = state.bytes.substr(header_offset);
    declared_charset choice =
        find_declared_charset(header.substr(0, find_either(header, '\r', '\n')), state.marks);
    // Looks at every byte: only asked where it matters.
    const auto is_ascii = [header] { return is_plain_ascii(header); };
    if (choice.is_blank && state.bytes.starts_with(utf8_mark)) {
        choice.found = charset();
        choice.is_blank = false;
    }
    if (!options.forced_charset.empty()) {
        choice.found = charset::find(options.forced_charset);
    } else if (choice.is_unknown) {
        const auto offset = static_cast<std::size_t>(choice.written.data() - state.bytes.data());
        report(findings, severity::error, "unknown-charset", "MSH-18", offset,
               choice.found ? "one of the character sets is not known"
                            : "read as " + options.default_charset);
    } else if (choice.is_blank && !is_ascii()) {
        report(findings, severity::warning, "charset-assumed", "MSH-18", header_offset,
               "no character set is declared; read as " + options.default_charset);
    }
    state.declared =
        choice.found ? *choice.found : charset::find(options.default_charset).value_or(charset());
    if (state.declared.name().starts_with("UTF-16") || state.declared.name().starts_with("UTF-32")) {
        report(findings, severity::error, "charset-contradicted", "MSH-18", header_offset,
               "declares " + state.declared.name() + " but the bytes are not; read as UTF-8");
        state.declared = charset();
        return false;
    }
    if (state.declared.is_delimiter_safe() ||
        (is_ascii() && state.bytes.find('\x1B') == std::string_view::npos)) {
        return false;
    }
    convert(state.declared, 0, state, findings);
    return true;
}

bool refuse_no_header(std::string_view bytes, std::vector<finding>& findings) {
    const bool batch = bytes.starts_with("FHS") || bytes.starts_with("BHS");
    report(findings, severity::fatal, "no-msh", {}, 0,
           bytes.empty() ? "there are no bytes"
           : batch       ? "a batch, not a message: split it first"
                         : "does not begin with MSH");
    return false;
}

bool read_header(std::size_t header_offset, message_state& state, std::vector<finding>& findings) {
    const delimiters_result read = read_delimiters(state.bytes.substr(header_offset));
    if (!read.problem.empty()) {
        report(findings, severity::fatal, "bad-delimiters", "MSH-2", header_offset + 3,
               std::string(read.problem));
        return false;
    }
    state.marks = read.value;
    return true;
}

} // namespace

std::optional<hiding_charset> find_hiding_charset(std::string_view received, const parse_options& options) {
    const std::optional<charset> set =
        charset::find(options.forced_charset.empty() ? options.default_charset : options.forced_charset);
    const auto begin = std::find_if(wide_begins.begin(), wide_begins.end(),
                                    [&](const wide_begin& each) { return received.starts_with(each.bytes); });
    if (begin != wide_begins.end()) {
        // `UTF-16` of the settings does not say in which order its bytes come.
        const bool is_set = set && set->name().starts_with("UTF-") && !set->is_delimiter_safe();
        return hiding_charset{charset::find(begin->set).value_or(charset()),
                              begin->is_mark ? begin->bytes.size() : 0, begin->is_mark || is_set};
    }
    return set && !set->is_delimiter_safe() ? std::optional(hiding_charset{*set, 0, true}) : std::nullopt;
}

bool may_hide_delimiters(std::string_view header_segment) {
    return header_segment.size() <= header_bytes_max &&
           (!is_plain_ascii(header_segment) || header_segment.find('\x1B') != std::string_view::npos);
}

declared_charset find_declared_charset(std::string_view header_segment, const delimiters& marks) {
    declared_charset by_bytes = choose_charset(
        header_field(header_segment, header_segment, charset_field, marks.field), marks.repetition);
    if (!may_hide_delimiters(header_segment) || (by_bytes.found && by_bytes.found->is_delimiter_safe())) {
        return by_bytes;
    }
    for (std::size_t moved_by = 0; moved_by <= moved_fields_max; ++moved_by) {
        const std::string_view field =
            header_field(header_segment, header_segment, charset_field + moved_by, marks.field);
        declared_charset choice = choose_charset(field, marks.repetition);
        if (!choice.found || choice.found->is_delimiter_safe()) {
            continue;
        }
        choice.where_ascii = choice.found->only_ascii(header_segment);
        // It is MSH-18 when it is the 18th in its own set.
        if (header_field(header_segment, choice.where_ascii, charset_field, marks.field).data() ==
            field.data()) {
            return choice;
        }
    }
    return by_bytes;
}

std::optional<std::size_t> find_header(std::string_view bytes) {
    std::size_t offset = bytes.starts_with(utf8_mark) ? utf8_mark.size() : 0;
    while (offset < bytes.size() && static_cast<unsigned char>(bytes[offset]) <= ' ') {
        ++offset;
    }
    if (!bytes.substr(offset).starts_with("MSH")) {
        return std::nullopt;
    }
    return offset;
}

bool read_message(std::string_view received, const parse_options& options, message_state& state,
                  std::vector<finding>& findings) {
    state.received = received;
    state.bytes = received;
    if (!options.forced_charset.empty() && !charset::find(options.forced_charset)) {
        report(findings, severity::fatal, "unknown-charset-forced", {}, 0,
               "the forced character set is not known");
        return false;
    }
    std::optional<std::size_t> header_offset = find_header(state.bytes);
    const bool hidden = !header_offset && convert_hidden(options, state, findings);
    if (hidden) {
        header_offset = find_header(state.bytes);
    }
    if (!header_offset) {
        return refuse_no_header(state.bytes, findings);
    }
    if (!read_header(*header_offset, state, findings)) {
        return false;
    }
    if (!hidden && settle_charset(options, *header_offset, state, findings)) {
        header_offset = find_header(state.bytes);
        if (!header_offset || !read_header(*header_offset, state, findings)) {
            return refuse_no_header(state.bytes, findings);
        }
    }
    // Bytes in a set that is not delimiter-safe are UTF-8 by now, or were plain ASCII from the start.
    state.escapes = {state.declared.is_delimiter_safe() ? state.declared : charset(), state.declared,
                     options.hex};
    const bool has_mark = state.bytes.starts_with(utf8_mark);
    if (has_mark) {
        report(findings, severity::warning, "byte-order-mark", {}, 0, "begins with a UTF-8 byte order mark");
    }
    if (*header_offset > (has_mark ? utf8_mark.size() : 0)) {
        report(findings, severity::warning, "junk-before-msh", {}, 0,
               "blank or control characters before MSH are left out");
    }
    state.literal_begin = state.bytes.data() + *header_offset + 3;
    return find_segments(options, *header_offset, state, findings);
}

} // namespace auditgate::hl7v2::detail
