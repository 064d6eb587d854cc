#include "hl7v2/escape.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace auditgate::hl7v2 {

namespace {

constexpr std::size_t findings_of_a_value_max = 20;
constexpr unsigned long blanks_of_a_command_max = 200;
constexpr std::size_t unknown_sequence_size_max = 20;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_not_ascii(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}

std::optional<unsigned> hex_digit(char c) {
    if (is_digit(c)) {
        return static_cast<unsigned>(c - '0');
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<unsigned>(c - 'A' + 10);
    }
    if (c >= 'a' && c <= 'f') {
        return static_cast<unsigned>(c - 'a' + 10);
    }
    return std::nullopt;
}

// None unless it is a whole number of pairs of hexadecimal digits.
std::optional<std::string> hex_bytes(std::string_view digits) {
    if (digits.empty() || digits.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = hex_digit(digits[i]);
        const auto low = hex_digit(digits[i + 1]);
        if (!high || !low) {
            return std::nullopt;
        }
        bytes += static_cast<char>(*high * 16 + *low);
    }
    return bytes;
}

// UTF-16 code units of four digits each to UTF-8; none when they are no such thing.
std::optional<std::string> code_points(std::string_view digits) {
    if (digits.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::optional<std::string> bytes = hex_bytes(digits);
    const std::optional<charset> utf16 = charset::find("UTF-16BE");
    if (!bytes || !utf16) {
        return std::nullopt;
    }
    converted_text converted = utf16->to_utf8(*bytes);
    return converted.wrong_count == 0 ? std::optional(std::move(converted.text)) : std::nullopt;
}

// What a formatting command (".br", ".sp3", ".in+4") becomes as plain text; none when it is no known command.
std::optional<std::string> formatted(std::string_view command) {
    const std::string_view name = command.substr(0, 3);
    std::string_view argument = command.substr(std::min<std::size_t>(3, command.size()));
    if (argument.starts_with(' ')) {
        argument.remove_prefix(1);
    }
    const bool negative = argument.starts_with('-');
    if (negative || argument.starts_with('+')) {
        argument.remove_prefix(1);
    }
    if (!std::all_of(argument.begin(), argument.end(), is_digit) || argument.size() > 4) {
        return std::nullopt;
    }
    unsigned long number = argument.empty() ? 1 : 0;
    for (const char digit : argument) {
        number = number * 10 + static_cast<unsigned long>(digit - '0');
    }
    number = negative ? 0 : std::min(number, blanks_of_a_command_max);
    if (name == ".br" || name == ".ce") {
        return "\n";
    }
    if (name == ".sp") {
        return std::string(number, '\n');
    }
    if (name == ".sk" || name == ".in" || name == ".ti") {
        return std::string(number, ' ');
    }
    if (name == ".fi" || name == ".nf") {
        return "";
    }
    return std::nullopt;
}

class decoder {
public:
    decoder(std::string_view raw, const delimiters& marks, const escape_options& options)
        : raw_(raw), marks_(marks), options_(options) {}

    decoded_text run() {
        result_.text.reserve(raw_.size());
        while (position_ < raw_.size()) {
            const std::size_t found = std::min(raw_.find(marks_.escape, position_), raw_.size());
            plain(position_, found - position_);
            position_ = found;
            if (found < raw_.size()) {
                sequence();
            }
        }
        flush();
        return std::move(result_);
    }

private:
    // Plain bytes wait, because a letter of several bytes may be written partly as bytes and partly as \X..\.
    void plain(std::size_t offset, std::size_t size) {
        if (size == 0) {
            return;
        }
        if (pending_.empty()) {
            pending_offset_ = offset;
        }
        pending_ += raw_.substr(offset, size);
    }

    void flush() {
        if (pending_.empty()) {
            return;
        }
        converted_text converted = pending_charset().to_utf8(pending_);
        for (const std::size_t wrong : converted.wrong_offsets) {
            // With hex bytes among them the place is only near: never past the value.
            report(severity::error, "wrong-bytes", std::min(pending_offset_ + wrong, raw_.size() - 1),
                   "no text in " + pending_charset().name());
        }
        result_.text += converted.text;
        pending_.clear();
    }

    const charset& pending_charset() const { return options_.bytes_charset; }

    void emit(std::string_view utf8) {
        flush();
        result_.text += utf8;
    }

    // At an escape character: decodes the sequence that begins here, or keeps what is none.
    void sequence() {
        const std::size_t close = raw_.find(marks_.escape, position_ + 1);
        if (close == std::string_view::npos) {
            report(severity::warning, "lone-escape", position_,
                   "an escape character without a second one is kept");
            plain(position_, raw_.size() - position_);
            position_ = raw_.size();
            return;
        }
        const std::string_view content = raw_.substr(position_ + 1, close - position_ - 1);
        if (decode_content(content)) {
            position_ = close + 1;
        } else if (is_sequence(content)) {
            const bool is_switch = content.front() == 'C' || content.front() == 'M';
            report(severity::warning, is_switch ? "charset-switch-kept" : "unknown-escape", position_,
                   "the escape sequence is kept as written");
            plain(position_, close + 1 - position_);
            position_ = close + 1;
        } else {
            report(severity::warning, "lone-escape", position_,
                   "an escape character that begins no sequence is kept");
            plain(position_, 1);
            ++position_;
        }
    }

    // Whether it has the form of a sequence: a capital letter or a dot, then letters and digits.
    static bool is_sequence(std::string_view content) {
        if (content.empty() || content.size() > unknown_sequence_size_max) {
            return false;
        }
        const bool head = (content.front() >= 'A' && content.front() <= 'Z') || content.front() == '.';
        return head && std::all_of(content.begin() + 1, content.end(), is_letter_or_digit);
    }

    bool decode_content(std::string_view content) {
        if (content.empty()) {
            return false;
        }
        if (content.front() == '.') {
            return emit_if(formatted(content));
        }
        if (content.front() == 'X') {
            return decode_hex(content.substr(1));
        }
        return content.size() == 1 && emit_if(letter(content.front()));
    }

    bool emit_if(const std::optional<std::string>& text) {
        if (text) {
            emit(*text);
        }
        return text.has_value();
    }

    std::optional<std::string> letter(char name) const {
        switch (name) {
        case 'F':
            return std::string(1, marks_.field);
        case 'S':
            return std::string(1, marks_.component);
        case 'T':
            return std::string(1, marks_.subcomponent == '\0' ? '&' : marks_.subcomponent);
        case 'R':
            return std::string(1, marks_.repetition);
        case 'E':
            return std::string(1, marks_.escape);
        case 'P':
            return std::string(1, marks_.truncation == '\0' ? '#' : marks_.truncation);
        case 'H':
        case 'N':
            return std::string();
        default:
            return std::nullopt;
        }
    }

    bool decode_hex(std::string_view digits) {
        if (options_.hex == hex_reading::code_points) {
            return emit_if(code_points(digits));
        }
        std::optional<std::string> bytes = hex_bytes(digits);
        if (!bytes) {
            return false;
        }
        const charset set = options_.hex == hex_reading::utf8_bytes ? charset() : options_.hex_charset;
        if (set == options_.bytes_charset) {
            if (pending_.empty()) {
                pending_offset_ = position_;
            }
            pending_ += *bytes;
            return true;
        }
        converted_text converted = set.to_utf8(*bytes);
        if (converted.wrong_count > 0 && std::none_of(bytes->begin(), bytes->end(), is_not_ascii)) {
            // \X0D\ in UTF-16, as encode() writes it too: no text in units of two bytes, so the one character it can mean.
            emit(*bytes);
            return true;
        }
        if (converted.wrong_count > 0) {
            report(severity::error, "wrong-bytes", position_,
                   "the hexadecimal bytes are no text in " + set.name());
        }
        emit(converted.text);
        return true;
    }

    void report(severity level, std::string_view code, std::size_t offset, std::string text) {
        if (result_.findings.size() < findings_of_a_value_max) {
            result_.findings.push_back({std::string(code), level, {}, offset, std::move(text)});
        }
    }

    std::string_view raw_;
    const delimiters& marks_;
    const escape_options& options_;
    decoded_text result_;
    std::size_t position_ = 0;
    std::string pending_;
    std::size_t pending_offset_ = 0;
};

std::optional<char> letter_for(char c, const delimiters& marks) {
    if (c == marks.field) {
        return 'F';
    }
    if (c == marks.component) {
        return 'S';
    }
    if (c == marks.repetition) {
        return 'R';
    }
    if (c == marks.escape) {
        return 'E';
    }
    if (c == marks.subcomponent) {
        return 'T';
    }
    if (c == marks.truncation) {
        return 'P';
    }
    return std::nullopt;
}

} // namespace

decoded_text decode(std::string_view raw, const delimiters& marks, const escape_options& options) {
    return decoder(raw, marks, options).run();
}

encoded_text encode(std::string_view text, const delimiters& marks, const charset& target) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_control = byte < 0x20 || byte == 0x7F;
        if (is_control) {
            escaped += {marks.escape, 'X', digits[byte >> 4U], digits[byte & 0x0FU], marks.escape};
        } else if (const std::optional<char> name = letter_for(c, marks)) {
            escaped += {marks.escape, *name, marks.escape};
        } else {
            escaped += c;
        }
    }
    converted_text converted = target.from_utf8(escaped);
    return {std::move(converted.text), converted.wrong_count};
}

} // namespace auditgate::hl7v2
