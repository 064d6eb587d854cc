// Character sets: MSH-18 to a converter, bytes to UTF-8 and back. Wrong bytes are always reported by
// position.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2 {

// What a conversion gave. Each wrong byte (or character that the target set lacks) becomes U+FFFD (on the way
// out `?`, in UTF-8 U+FFFD) and is counted; the offsets of the first `wrong_offsets_max` are kept, so that
// memory stays bounded.
struct converted_text {
    static constexpr std::size_t wrong_offsets_max = 16;

    std::string text;
    std::size_t wrong_count = 0;
    std::vector<std::size_t> wrong_offsets; // in the input, ascending
};

// A character set. A value: cheap to copy, safe to use from any thread. The default is UTF-8.
class charset {
public:
    charset() = default;

    // Finds a set by any of its names: those of HL7 table 0211 (8859/1, UNICODE UTF-8, GB 18030-2000, ISO
    // IR87 ...), the aliases that senders write (UTF-8, UTF8, ISO-8859-1, ...), and every name that ICU
    // knows. Blanks around the name and case do not matter. None when nobody knows the name.
    [[nodiscard]] static std::optional<charset> find(std::string_view name);

    // The IANA or ICU name, for findings and settings.
    [[nodiscard]] const std::string& name() const { return name_; }

    // True when a byte below 128 always is the ASCII character, wherever it stands. In other sets (UTF-16,
    // GB18030, Big5, ISO-2022-JP ...) a delimiter may be half of a letter: text must be converted before it
    // is split.
    [[nodiscard]] bool is_delimiter_safe() const { return kind_ != kind::converted_first; }

    // As long as `bytes`, with NUL for every byte that is not an ASCII character by itself: what is a delimiter here is one, and
    // not half of a letter. For looking where the header's fields are before it is converted.
    [[nodiscard]] std::string only_ascii(std::string_view bytes) const;

    [[nodiscard]] converted_text to_utf8(std::string_view bytes) const;
    [[nodiscard]] converted_text from_utf8(std::string_view text) const;

    bool operator==(const charset&) const = default;

private:
    enum class kind { utf8, ascii, latin1, other, converted_first };

    charset(std::string name, kind how) : name_(std::move(name)), kind_(how) {}

    std::string name_ = "UTF-8";
    kind kind_ = kind::utf8;
};

} // namespace auditgate::hl7v2
