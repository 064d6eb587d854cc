// Where segments begin and end (HL7 v2.8.2 section 2.5.2), as the standard says and as senders do it.
#include "hl7v2/dictionary.hpp"
#include "hl7v2/mark_scanner.hpp"
#include "hl7v2/message_reader.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace auditgate::hl7v2::detail {

namespace {

constexpr std::size_t findings_of_a_kind_max = 20;
constexpr std::size_t name_size = 3;

// Counts what may occur in every line, to report it once a message with the first place.
struct tally {
    std::string_view code;
    std::string_view text;
    std::size_t count = 0;
    std::size_t first_offset = 0;

    void add(std::size_t offset) {
        if (count++ == 0) {
            first_offset = offset;
        }
    }
};

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_upper_or_digit(char c) {
    return is_upper(c) || (c >= '0' && c <= '9');
}

// A name by the standard's form: a letter, then two letters or digits, all upper case.
bool is_segment_name(std::string_view name) {
    return name.size() == name_size && is_upper(name[0]) && is_upper_or_digit(name[1]) &&
           is_upper_or_digit(name[2]);
}

class segment_finder {
public:
    segment_finder(const parse_options& options, message_state& state, std::vector<finding>& findings)
        : options_(options), state_(state), bytes_(state.bytes), findings_(findings) {}

    bool find(std::size_t begin) {
        const std::size_t end = content_end(begin);
        choose_rule(begin, end);
        std::size_t position = begin;
        marks_ = mark_scanner<2>(bytes_.data() + begin, bytes_.data() + end, {'\r', '\n'});
        mark_ = static_cast<std::size_t>(marks_.next() - bytes_.data());
        while (position < end) {
            const std::size_t segment_end = next_end(position, end);
            if (!add(position, segment_end)) {
                return false;
            }
            position = after_end(segment_end, end);
        }
        report_tallies();
        return true;
    }

private:
    // Before what ends the last segment and whatever a transport left behind it (frame bytes, NUL, Ctrl-Z).
    std::size_t content_end(std::size_t begin) {
        static constexpr std::string_view padding{"\r\n\0\x1C\x1A\x0B", 6};
        std::size_t end = bytes_.find_last_not_of(padding) + 1;
        // NUL and the like before the segment's end are part of its last value, but a frame's end is not.
        const std::size_t line_end = bytes_.find_first_of("\r\n", end);
        const std::string_view before = bytes_.substr(end, line_end - end);
        if (line_end != std::string_view::npos && before.find('\x1C') == std::string_view::npos) {
            end = line_end;
        }
        end = std::max(end, begin);
        if (bytes_.find_first_not_of("\r\n", end) != std::string_view::npos) {
            report(severity::warning, "trailing-junk", end,
                   "control characters after the last segment are left out");
        }
        if (end == bytes_.size() || (bytes_[end] != '\r' && bytes_[end] != '\n')) {
            report(severity::warning, "last-segment-not-ended", end, "nothing ends the last segment");
        }
        return end;
    }

    void choose_rule(std::size_t begin, std::size_t end) {
        rule_ = options_.ends;
        if (rule_ != segment_end::automatic) {
            return;
        }
        const std::string_view content = bytes_.substr(begin, end - begin);
        // One segment without any end inside: what ends it decides.
        const bool has_return = content.find('\r') != std::string_view::npos ||
                                (end < bytes_.size() && bytes_.find('\r', end) != std::string_view::npos);
        if (!has_return && content.find('\n') != std::string_view::npos) {
            rule_ = segment_end::line_feed;
            report(severity::warning, "line-feed-ends-segment", begin + content.find('\n'),
                   "there is no carriage return: line feeds end the segments");
        }
    }

    bool known_segment_follows(std::size_t position, std::size_t end) const {
        return position + name_size < end && bytes_[position + name_size] == state_.marks.field &&
               is_known_segment(bytes_.substr(position, name_size));
    }

    // The next place of CR or LF at or behind `position`; all of it is one pass, for positions only grow.
    std::size_t next_mark(std::size_t position, std::size_t end) {
        while (mark_ < position) {
            mark_ = static_cast<std::size_t>(marks_.next() - bytes_.data());
        }
        return std::min(mark_, end);
    }

    std::size_t next_end(std::size_t position, std::size_t end) {
        if (rule_ == segment_end::carriage_return_line_feed) {
            return std::min(bytes_.find("\r\n", position), end);
        }
        for (std::size_t mark = next_mark(position, end);; mark = next_mark(mark + 1, end)) {
            if (mark == end) {
                return end;
            }
            const bool is_return = bytes_[mark] == '\r';
            if (rule_ != segment_end::automatic) {
                if (is_return == (rule_ == segment_end::carriage_return)) {
                    return mark;
                }
            } else if (is_return) {
                return mark;
            } else if (known_segment_follows(mark + 1, end)) {
                mixed_.add(mark);
                return mark;
            } else {
                data_feeds_.add(mark);
            }
        }
    }

    // Behind what ended a segment, and behind empty lines.
    std::size_t after_end(std::size_t position, std::size_t end) {
        if (position >= end) {
            return end;
        }
        if (rule_ == segment_end::carriage_return_line_feed) {
            return position + 2;
        }
        const bool pair = bytes_[position] == '\r' && position + 1 < end && bytes_[position + 1] == '\n';
        if (pair && rule_ == segment_end::automatic) {
            pairs_.add(position);
            return position + 2;
        }
        return position + 1;
    }

    bool add(std::size_t begin, std::size_t end) {
        const std::string_view line = bytes_.substr(begin, end - begin);
        const bool is_indented = line.empty() || line[0] == ' ' || line[0] == '\t';
        const std::size_t indent = is_indented ? std::min(line.find_first_not_of(" \t"), line.size()) : 0;
        const bool ends_with_return = rule_ == segment_end::line_feed && line.ends_with('\r');
        if (indent == line.size()) {
            blank_lines_.add(begin);
            return true;
        }
        if (state_.segments.size() == options_.segments_max) {
            report(severity::fatal, "too-many-segments", begin,
                   "more than " + std::to_string(options_.segments_max) + " segments");
            return false;
        }
        segment_bounds bounds{begin, line.size() - (ends_with_return ? 1 : 0), 0, 0};
        if (indent > 0 && is_known_segment(line.substr(indent, name_size))) {
            indents_.add(begin);
            bounds.offset += indent;
            bounds.size -= indent;
        }
        const std::string_view raw = bytes_.substr(bounds.offset, bounds.size);
        // Letters and digits are no delimiters.
        const bool is_named = is_segment_name(raw.substr(0, name_size)) &&
                              (raw.size() == name_size || raw[name_size] == state_.marks.field);
        bounds.name_size = is_named ? name_size : std::min(raw.find(state_.marks.field), raw.size());
        const std::string_view name = raw.substr(0, bounds.name_size);
        if (!is_named) {
            bad_name(bounds.offset);
        } else if (name == "MSH" && !state_.segments.empty()) {
            report(severity::error, "second-header", bounds.offset,
                   "another MSH in the message: split the batch first");
        }
        bounds.occurrence = count(name);
        state_.segments.push_back(bounds);
        return true;
    }

    // The how many-th of this name. Most often it is that of the segment before.
    std::size_t count(std::string_view name) {
        if (last_counted_ == occurrences_.end() || last_counted_->first != name) {
            last_counted_ = occurrences_.try_emplace(name, 0).first;
        }
        return ++last_counted_->second;
    }

    void bad_name(std::size_t offset) {
        if (++bad_names_ <= findings_of_a_kind_max) {
            report(severity::error, "bad-segment-name", offset,
                   "the line begins with no segment name; it is kept in its place and not read");
        }
    }

    void report(severity level, std::string_view code, std::size_t offset, std::string text) {
        findings_.push_back({std::string(code), level, {}, offset, std::move(text)});
    }

    void report_tallies() {
        for (const tally& each : {pairs_, mixed_, data_feeds_, blank_lines_, indents_}) {
            if (each.count > 0) {
                report(severity::warning, each.code, each.first_offset,
                       std::string(each.text) + ", " + std::to_string(each.count) + " times");
            }
        }
    }

    const parse_options& options_;
    message_state& state_;
    std::string_view bytes_;
    std::vector<finding>& findings_;
    segment_end rule_ = segment_end::automatic;
    mark_scanner<2> marks_;
    std::size_t mark_ = 0; // the place of CR or LF that marks_ has told last
    std::size_t bad_names_ = 0;
    std::map<std::string_view, std::size_t> occurrences_; // of each segment name so far
    std::map<std::string_view, std::size_t>::iterator last_counted_ = occurrences_.end();
    tally pairs_{"carriage-return-line-feed", "CRLF ends segments"};
    tally mixed_{"line-feed-before-segment", "a line feed before a known segment name ends the segment"};
    tally data_feeds_{"line-feed-in-data", "a line feed is part of a value"};
    tally blank_lines_{"blank-line", "empty lines are left out"};
    tally indents_{"blank-before-segment", "blanks before a segment name are left out"};
};

} // namespace

bool find_segments(const parse_options& options, std::size_t header_offset, message_state& state,
                   std::vector<finding>& findings) {
    return segment_finder(options, state, findings).find(header_offset);
}

} // namespace auditgate::hl7v2::detail
