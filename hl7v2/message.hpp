// A message as a view: nothing is copied and no tree is built. Reading finds where the segments begin and
// end; fields, repetitions, components and subcomponents are found when they are asked for.
//
// Lifetime: a message looks into bytes that the caller keeps (and never writes to them); every view looks
// into its message's state and into those bytes. Moving or copying the message does not disturb views. All of
// it is immutable and may be read from several threads.
//
// No accessor throws or fails: what is not there is a view whose state is `presence::absent`, and looking
// further into an absent view gives absent views again. All numbers begin at 1, as in the standard.
#pragma once

#include "hl7v2/charset.hpp"
#include "hl7v2/delimiters.hpp"
#include "hl7v2/escape.hpp"
#include "hl7v2/finding.hpp"
#include "hl7v2/mark_scanner.hpp"

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2 {

// absent: the sender wrote nothing at all there (the segment or the value ends before it); empty: the place
// is there without content (no bytes, blanks only, or delimiters only), the receiver keeps what it has; null:
// `""`, the receiver deletes what it has (v2.8.2 section 2.5.3); present: all else.
enum class presence { absent, empty, null, present };

// What ends a segment. The standard says CR. `automatic`: if the message has a CR, CR and CRLF end segments,
// and LF does so only before a known segment name and the field separator; if it has no CR, LF does. What was
// assumed is a finding.
enum class segment_end { automatic, carriage_return, line_feed, carriage_return_line_feed };

struct parse_options {
    segment_end ends = segment_end::automatic;
    std::string default_charset = "UTF-8"; // when MSH-18 is blank
    // Wins over MSH-18: from an HTTP header, or for a sender that declares wrongly. Empty: none.
    std::string forced_charset = {};
    hex_reading hex = hex_reading::charset_bytes;
    std::size_t segments_max = 100'000; // more: fatal finding too-many-segments

    bool operator==(const parse_options&) const = default;
};

namespace detail {
struct message_state;
}

// What all levels below the segment have in common.
class element_view {
public:
    element_view() = default;

    [[nodiscard]] presence state() const;
    [[nodiscard]] bool is_absent() const { return message_ == nullptr; }
    [[nodiscard]] bool is_null() const { return state() == presence::null; }
    [[nodiscard]] bool has_value() const { return state() == presence::present; }

    // The bytes as received, with all delimiters and escape sequences.
    [[nodiscard]] std::string_view raw() const { return bytes_; }

    // Where raw() begins, from the start of message::bytes(). 0 for an absent view.
    [[nodiscard]] std::size_t offset() const;

    // The value as UTF-8, escapes decoded. Of a view with parts it is the first repetition's first
    // component's first subcomponent (a receiver ignores components that it does not expect, section 2.8.2).
    // Empty unless state() is present. Bytes that are wrong in the message's character set are U+FFFD here:
    // decode() and check_content() (check.hpp) report them.
    [[nodiscard]] std::string text() const;

    // As text(), but of all of raw(), with delimiters left as they are: for senders that write `^` or `&` in
    // plain text.
    [[nodiscard]] std::string whole_text() const;

    // As text(), with what there is to say about it (offsets from the start of the message, no paths).
    [[nodiscard]] decoded_text decode() const;

protected:
    element_view(const detail::message_state* message, std::string_view bytes)
        : message_(message), bytes_(bytes) {}

    [[nodiscard]] std::string_view first_leaf() const;
    // The part with this number (from 1) between `mark`; none past the end.
    [[nodiscard]] std::optional<std::string_view> part(std::size_t number, char mark) const;
    [[nodiscard]] std::size_t count(char mark) const;
    [[nodiscard]] const delimiters& marks() const;
    // `mark`, or NUL (one part) in MSH-1 and MSH-2, which are never split.
    [[nodiscard]] char split_mark(char mark) const;

    const detail::message_state* message_ = nullptr;
    std::string_view bytes_;
};

// A lazily split run of parts: for (field_view field : segment.fields()).
template <class View>
class split_range {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = View;
        using difference_type = std::ptrdiff_t;
        using pointer = const View*;
        using reference = View;

        iterator() = default;
        iterator(const detail::message_state* message, std::string_view rest, char mark)
            : message_(message), rest_(rest), mark_(mark), at_end_(false) {
            find_end();
        }

        View operator*() const { return View(message_, rest_.substr(0, size_)); }
        iterator& operator++() {
            if (size_ == rest_.size()) {
                at_end_ = true;
            } else {
                rest_.remove_prefix(size_ + 1);
                find_end();
            }
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(const iterator& other) const {
            return at_end_ == other.at_end_ && (at_end_ || rest_.data() == other.rest_.data());
        }

    private:
        void find_end() {
            const std::size_t found = mark_ == '\0' ? std::string_view::npos : rest_.find(mark_);
            size_ = found == std::string_view::npos ? rest_.size() : found;
        }

        const detail::message_state* message_ = nullptr;
        std::string_view rest_;
        std::size_t size_ = 0;
        char mark_ = '\0';
        bool at_end_ = true;
    };

    split_range() = default;
    split_range(const detail::message_state* message, std::string_view bytes, char mark)
        : begin_(message, bytes, mark) {}

    [[nodiscard]] iterator begin() const { return begin_; }
    [[nodiscard]] iterator end() const { return {}; }

private:
    iterator begin_;
};

class subcomponent_view : public element_view {
public:
    subcomponent_view() = default;
    subcomponent_view(const detail::message_state* message, std::string_view bytes)
        : element_view(message, bytes) {}
};

class component_view : public element_view {
public:
    component_view() = default;
    component_view(const detail::message_state* message, std::string_view bytes)
        : element_view(message, bytes) {}

    [[nodiscard]] subcomponent_view subcomponent(std::size_t number) const;
    [[nodiscard]] std::size_t subcomponent_count() const; // 0 when absent, else at least 1
    [[nodiscard]] split_range<subcomponent_view> subcomponents() const;
};

class repetition_view : public element_view {
public:
    repetition_view() = default;
    repetition_view(const detail::message_state* message, std::string_view bytes)
        : element_view(message, bytes) {}

    [[nodiscard]] component_view component(std::size_t number) const;
    [[nodiscard]] std::size_t component_count() const;
    [[nodiscard]] split_range<component_view> components() const;
};

class field_view : public element_view {
public:
    field_view() = default;
    field_view(const detail::message_state* message, std::string_view bytes) : element_view(message, bytes) {}

    [[nodiscard]] repetition_view repetition(std::size_t number) const;
    [[nodiscard]] std::size_t repetition_count() const;
    [[nodiscard]] split_range<repetition_view> repetitions() const;

    // Of the first repetition.
    [[nodiscard]] component_view component(std::size_t number) const;
};

// As split_range, for what is long: the fields of a segment, many bytes at a time.
class field_range {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = field_view;
        using difference_type = std::ptrdiff_t;
        using pointer = const field_view*;
        using reference = field_view;

        iterator() = default;
        iterator(const detail::message_state* message, std::string_view bytes, char mark)
            : message_(message), begin_(bytes.data()), all_end_(begin_ + bytes.size()),
              marks_(begin_, all_end_, {mark}), end_(marks_.next()) {}

        field_view operator*() const {
            return {message_, std::string_view(begin_, static_cast<std::size_t>(end_ - begin_))};
        }
        iterator& operator++() {
            if (end_ == all_end_) {
                begin_ = nullptr;
            } else {
                begin_ = end_ + 1;
                end_ = marks_.next();
            }
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(const iterator& other) const { return begin_ == other.begin_; }

    private:
        const detail::message_state* message_ = nullptr;
        const char* begin_ = nullptr; // of the field; none behind the last
        const char* all_end_ = nullptr;
        detail::mark_scanner<1> marks_;
        const char* end_ = nullptr;
    };

    field_range() = default;
    field_range(const detail::message_state* message, std::string_view bytes, char mark)
        : message_(message), bytes_(bytes), mark_(mark) {}

    [[nodiscard]] iterator begin() const {
        return message_ == nullptr ? iterator() : iterator(message_, bytes_, mark_);
    }
    [[nodiscard]] iterator end() const { return {}; }

private:
    const detail::message_state* message_ = nullptr;
    std::string_view bytes_;
    char mark_ = '\0';
};

class segment_view {
public:
    segment_view() = default;

    [[nodiscard]] bool is_absent() const { return message_ == nullptr; }
    // The three characters before the first field separator, as written; whatever stands there when it is a
    // bad name.
    [[nodiscard]] std::string_view name() const { return bytes_.substr(0, name_size_); }
    // All bytes of the segment from its name on, without what ends it.
    [[nodiscard]] std::string_view raw() const { return bytes_; }
    [[nodiscard]] std::size_t offset() const;
    [[nodiscard]] std::size_t index() const {
        return index_;
    } // place among all segments of the message, from 0

    // Its place in the message for people and findings: PID, OBX(3); #7 for the 7th line of a message when it begins with no
    // segment's name: it may hold anything then, somebody's text too.
    [[nodiscard]] std::string path() const;

    // Field 1 is the first after the name; in MSH (FHS, BHS) field 1 is the separator itself and field 2 the
    // encoding characters, which are one value each and never split or decoded.
    [[nodiscard]] field_view field(std::size_t number) const;
    [[nodiscard]] std::size_t field_count() const;

    // All fields in order, in linear time. In MSH the first is field 2.
    [[nodiscard]] field_range fields() const;

private:
    friend class message;

    [[nodiscard]] bool is_header() const;

    const detail::message_state* message_ = nullptr;
    std::string_view bytes_;
    std::size_t name_size_ = 0;
    std::size_t index_ = 0;
};

struct parse_result;

class message {
public:
    // Reads `bytes`, which must outlive the message and its views. Never throws on input; time is linear,
    // memory is that of the segment bounds (and a converted copy where the character set is not
    // delimiter-safe). The findings:
    //   fatal    no-msh, bad-delimiters, unknown-charset-forced, too-many-segments
    //   error    bad-segment-name, second-header, unknown-charset, charset-contradicted, wrong-bytes (of a
    //   conversion) warning  byte-order-mark, junk-before-msh, trailing-junk, last-segment-not-ended,
    //   line-feed-ends-segment,
    //            line-feed-before-segment, line-feed-in-data, carriage-return-line-feed, blank-line,
    //            blank-before-segment, charset-assumed, charset-converted
    // What is odd inside of values is told by check_content() (check.hpp).
    [[nodiscard]] static parse_result parse(std::string_view bytes, const parse_options& options = {});

    // What was received: the argument of parse().
    [[nodiscard]] std::string_view received() const;
    // What views look into and offsets count from: received(), or its conversion to UTF-8 (finding
    // charset-converted).
    [[nodiscard]] std::string_view bytes() const;
    // Bytes of the byte order mark that received() begins with and bytes() lacks: only of a converted message.
    [[nodiscard]] std::size_t byte_order_mark_size() const;
    [[nodiscard]] const delimiters& marks() const;
    [[nodiscard]] const charset& declared_charset() const; // in force: forced, MSH-18 or default

    [[nodiscard]] std::size_t segment_count() const;
    [[nodiscard]] segment_view segment(std::size_t index) const; // in order, from 0; absent past the end
    // The n-th segment (from 1) with this name.
    [[nodiscard]] segment_view segment(std::string_view name, std::size_t occurrence = 1) const;
    [[nodiscard]] std::vector<segment_view> segments(std::string_view name) const;
    // 1 for the first segment of its name, 2 for the second ...: the index in `OBX(2)`.
    [[nodiscard]] std::size_t occurrence(const segment_view& segment) const;

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = segment_view;
        using difference_type = std::ptrdiff_t;
        using pointer = const segment_view*;
        using reference = segment_view;

        iterator() = default;
        iterator(const message* owner, std::size_t index) : owner_(owner), index_(index) {}
        segment_view operator*() const { return owner_->segment(index_); }
        iterator& operator++() {
            ++index_;
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(const iterator&) const = default;

    private:
        const message* owner_ = nullptr;
        std::size_t index_ = 0;
    };
    [[nodiscard]] iterator begin() const { return {this, 0}; }
    [[nodiscard]] iterator end() const { return {this, segment_count()}; }

    // The header's fields that everybody asks for.
    [[nodiscard]] segment_view header() const { return segment(std::size_t{0}); }
    [[nodiscard]] std::string message_type() const;       // MSH-9.1
    [[nodiscard]] std::string trigger_event() const;      // MSH-9.2
    [[nodiscard]] std::string message_control_id() const; // MSH-10
    [[nodiscard]] std::string version() const;            // MSH-12.1

private:
    explicit message(std::shared_ptr<const detail::message_state> state) : state_(std::move(state)) {}

    std::shared_ptr<const detail::message_state> state_;
};

struct parse_result {
    std::optional<message> value;
    std::vector<finding> findings; // in order of offset; a fatal one exactly when there is no value
};

} // namespace auditgate::hl7v2
