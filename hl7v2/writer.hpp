// Building messages and changing received ones (HL7 v2.8.2 sections 2.5 to 2.7). What is not changed stays as it is, byte for
// byte, segment ends and all.
//
//   message_writer order;                               // MSH|^~\&
//   order.set_raw("MSH-9", "ORM^O01");
//   order.set_text("MSH-10", "4711");
//   order.append_segment("PID");
//   order.set_text("PID-3[2].1", "9000 & 1");           // PID|||~9000 \T\ 1
//   order.set_raw("PID-8", "\"\"");                   // null: the receiver deletes what it has
//   const std::string bytes = order.encode();           // segments end by CR
#pragma once

#include "hl7v2/message.hpp"
#include "hl7v2/path.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace auditgate::hl7v2 {

// A message that can be changed. A value; owns its bytes. Paths must name one place: no wildcards and no groups.
class message_writer {
public:
    // A new message: MSH-1 and MSH-2 by `marks`, nothing else. It is encoded in `set`; naming it in MSH-18 is up to the
    // caller.
    explicit message_writer(const delimiters& marks = {}, const charset& set = {});

    // A received message. encode() gives what was received, byte for byte, until something is changed; of a message that
    // was converted to be read (UTF-16, GB 18030 ...) all of it is then written in its own character set again, with its
    // byte order mark.
    explicit message_writer(const message& received);

    // Sets a place to a text, escaped as needed. Missing fields, repetitions, components and subcomponents before it are
    // made as empty ones; setting a whole (PID-3, PID-3[2]) replaces all of its parts. False, and nothing is changed, when
    // the path does not name one place of an existing segment, names MSH-1 or MSH-2, or reaches below the subcomponents
    // that the message's delimiters have.
    bool set_text(const path& where, std::string_view text);
    bool set_text(std::string_view where, std::string_view text);

    // As set_text(), with bytes that are written as they are: delimiters make parts, `""` is null, nothing is empty. False
    // also when they hold CR, LF, or the field separator.
    bool set_raw(const path& where, std::string_view raw);
    bool set_raw(std::string_view where, std::string_view raw);

    // Adds an empty segment at the end or before the segment with this index; false when the name is none of three capital
    // letters or digits, or the index is beyond the end or that of the header.
    bool append_segment(std::string_view name);
    bool insert_segment(std::size_t before, std::string_view name);

    // Takes the segment with this index out, with what ends it; false for the header or beyond the end.
    bool remove_segment(std::size_t index);

    [[nodiscard]] std::size_t segment_count() const { return segments_.size(); }
    // The index of the n-th segment (from 1) with this name; segment_count() when there is none.
    [[nodiscard]] std::size_t find_segment(std::string_view name, std::size_t occurrence = 1) const;

    [[nodiscard]] std::string encode() const;

    // Characters that are written as '?' because the character set lacks them, over all calls. Bytes of the received message
    // that were no text in its set count, too, if it was converted: they are lost when anything is changed.
    [[nodiscard]] std::size_t wrong_characters() const { return wrong_characters_; }

private:
    struct line {
        std::string bytes;
        std::string end; // what ends the segment, and all that follows it up to the next one
    };

    [[nodiscard]] line* target(const path& where);

    delimiters marks_;
    charset charset_; // of the message
    // A set in which delimiters may be halves of letters is written at the end: the parts below are UTF-8 then.
    bool converts_ = false;
    std::string unchanged_; // what was received, until something is changed; only if converts_
    std::string mark_;      // byte order mark that encode() begins with
    std::string before_;    // bytes before the header
    std::vector<line> segments_;
    std::string after_; // bytes behind the last segment's end
    std::size_t wrong_characters_ = 0;
};

} // namespace auditgate::hl7v2
