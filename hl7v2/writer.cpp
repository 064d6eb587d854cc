#include "hl7v2/writer.hpp"

#include <algorithm>

namespace auditgate::hl7v2 {

namespace {

constexpr std::size_t name_size = 3;
constexpr std::string_view segment_end_bytes = "\r";

bool is_segment_name(std::string_view name) {
    return name.size() == name_size && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

struct span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The part with this number (from 1) within `whole` of `bytes`, made by adding marks where there are too few.
span nth_part(std::string& bytes, span whole, std::size_t number, char mark) {
    std::size_t begin = whole.begin;
    for (; number > 1; --number) {
        const std::size_t found = bytes.find(mark, begin);
        if (found >= whole.end) {
            bytes.insert(whole.end, number - 1, mark);
            const std::size_t end = whole.end + number - 1;
            return {end, end};
        }
        begin = found + 1;
    }
    return {begin, std::min(bytes.find(mark, begin), whole.end)};
}

// Bytes of the CR, LF or CRLF that the text begins with.
std::size_t line_end_size(std::string_view text) {
    if (text.starts_with("\r\n")) {
        return 2;
    }
    return text.starts_with('\r') || text.starts_with('\n') ? 1 : 0;
}

} // namespace

message_writer::message_writer(const delimiters& marks, const charset& set)
    : marks_(marks), charset_(set), converts_(!set.is_delimiter_safe()) {
    segments_.push_back(
        {"MSH" + std::string(1, marks.field) + marks.encoding_characters(), std::string(segment_end_bytes)});
}

message_writer::message_writer(const message& received)
    : marks_(received.marks()), charset_(received.declared_charset()),
      converts_(received.bytes().data() != received.received().data()) {
    if (converts_) {
        unchanged_ = std::string(received.received());
        mark_ = std::string(received.received().substr(0, received.byte_order_mark_size()));
        wrong_characters_ = charset_.to_utf8(received.received().substr(mark_.size())).wrong_count;
    } else if (!charset_.is_delimiter_safe()) {
        charset_ = charset(); // plain ASCII in fact, whatever it declares
        converts_ = false;
    }
    const std::string_view bytes = received.bytes();
    for (const segment_view segment : received) {
        const segment_view next = received.segment(segment.index() + 1);
        const std::size_t end = segment.offset() + segment.raw().size();
        const std::size_t next_begin = next.is_absent() ? bytes.size() : next.offset();
        segments_.push_back({std::string(segment.raw()), std::string(bytes.substr(end, next_begin - end))});
    }
    before_ = std::string(bytes.substr(0, received.header().offset()));
    // Whatever stands behind the last segment's end stays behind segments that are added.
    std::string& last_end = segments_.back().end;
    const std::size_t end_size = line_end_size(last_end);
    after_ = last_end.substr(end_size);
    last_end.resize(end_size);
}

message_writer::line* message_writer::target(const path& where) {
    const bool plain = where.steps.size() == 1 && where.steps[0].occurrence != path::every_one &&
                       where.repetition != path::every_one && where.field > 0;
    const bool needs_subcomponents = where.subcomponent.value_or(1) > 1;
    if (!plain || (needs_subcomponents && marks_.subcomponent == '\0')) {
        return nullptr;
    }
    const std::size_t index = find_segment(where.steps[0].segment, where.steps[0].occurrence);
    if (index == segments_.size() || (index == 0 && where.field <= 2)) {
        return nullptr;
    }
    return &segments_[index];
}

bool message_writer::set_raw(const path& where, std::string_view raw) {
    line* const segment = target(where);
    const std::string_view forbidden{"\r\n"};
    if (segment == nullptr || raw.find_first_of(forbidden) != std::string_view::npos ||
        raw.find(marks_.field) != std::string_view::npos) {
        return false;
    }
    std::string& bytes = segment->bytes;
    const bool is_header = segment == &segments_.front();
    span place = nth_part(bytes, {0, bytes.size()}, is_header ? where.field : where.field + 1, marks_.field);
    if (where.repetition || where.component) {
        place = nth_part(bytes, place, where.repetition.value_or(1), marks_.repetition);
    }
    if (where.component) {
        place = nth_part(bytes, place, *where.component, marks_.component);
    }
    if (where.subcomponent && marks_.subcomponent != '\0') {
        place = nth_part(bytes, place, *where.subcomponent, marks_.subcomponent);
    }
    bytes.replace(place.begin, place.end - place.begin, raw);
    unchanged_.clear();
    return true;
}

bool message_writer::set_text(const path& where, std::string_view text) {
    const encoded_text encoded = hl7v2::encode(text, marks_, converts_ ? charset() : charset_);
    if (!set_raw(where, encoded.bytes)) {
        return false;
    }
    wrong_characters_ += converts_ ? charset_.from_utf8(text).wrong_count : encoded.wrong_count;
    return true;
}

bool message_writer::set_text(std::string_view where, std::string_view text) {
    const path_result parsed = parse_path(where);
    return parsed.value && set_text(*parsed.value, text);
}

bool message_writer::set_raw(std::string_view where, std::string_view raw) {
    const path_result parsed = parse_path(where);
    return parsed.value && set_raw(*parsed.value, raw);
}

bool message_writer::append_segment(std::string_view name) {
    return insert_segment(segments_.size(), name);
}

bool message_writer::insert_segment(std::size_t before, std::string_view name) {
    if (!is_segment_name(name) || before == 0 || before > segments_.size()) {
        return false;
    }
    // The segment before must be ended, by what the message uses.
    line& previous = segments_[before - 1];
    const std::size_t end_size = line_end_size(segments_.front().end);
    const std::string end =
        end_size == 0 ? std::string(segment_end_bytes) : segments_.front().end.substr(0, end_size);
    if (previous.end.empty()) {
        previous.end = end;
    }
    segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(before), {std::string(name), end});
    unchanged_.clear();
    return true;
}

bool message_writer::remove_segment(std::size_t index) {
    if (index == 0 || index >= segments_.size()) {
        return false;
    }
    segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(index));
    unchanged_.clear();
    return true;
}

std::size_t message_writer::find_segment(std::string_view name, std::size_t occurrence) const {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const std::string_view own = segments_[i].bytes;
        if (own.substr(0, own.find(marks_.field)) == name && --occurrence == 0) {
            return i;
        }
    }
    return segments_.size();
}

std::string message_writer::encode() const {
    if (!unchanged_.empty()) {
        return unchanged_;
    }
    std::string bytes = before_;
    for (const line& segment : segments_) {
        bytes += segment.bytes;
        bytes += segment.end;
    }
    bytes += after_;
    return converts_ ? mark_ + charset_.from_utf8(bytes).text : bytes;
}

} // namespace auditgate::hl7v2
