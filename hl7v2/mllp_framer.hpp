// Minimal Lower Layer Protocol without input or output (HL7 v2 transport specification, MLLP release 1 and 2): bytes go
// in as they arrive, frames and whatever went wrong come out in order. A frame is VT content FS CR.
//
//   any split of the bytes          gives the same events
//   bytes before VT                 skipped and counted (NUL, line ends, garbage)
//   FS and then another byte than CR or VT   is part of the content
//   FS and then VT                  ends the frame although CR is missing
//   FS and then nothing             the caller ends it after a short time: is_waiting_for_carriage_return()
//   VT inside a frame               begins it anew; what came before is given out as restarted
//   a frame larger than the limit   is read to its end, kept as a prefix and given out as too_large
//   close inside a frame            gives it out as cut, never as a frame, whatever is in it
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace auditgate::hl7v2 {

struct mllp_limits {
    std::size_t frame_bytes_max = 16 * 1024 * 1024;      // content of a frame that is given out
    std::size_t kept_bytes_max = 64 * 1024;              // of what is no frame: the beginning, for quarantine
    std::size_t junk_bytes_max = 64 * 1024;              // between two frames; more: overrun
    std::size_t discarded_bytes_max = 256 * 1024 * 1024; // content of a frame too large; more: overrun
};

enum class mllp_event_kind {
    frame,     // bytes: the whole content
    junk,      // bytes between frames were skipped; comes before the frame that they precede
    restarted, // a frame was begun anew before its end
    too_large, // a frame above the limit has ended; answer it as refused
    cut,       // the connection was closed inside a frame
    overrun,   // junk or content without end: close the connection; nothing follows
};

struct mllp_event {
    mllp_event_kind kind = mllp_event_kind::frame;
    std::string bytes;    // the content, or of what is no frame at most kept_bytes_max from its beginning
    std::size_t size = 0; // bytes of all of it
    bool without_carriage_return = false; // FS alone ended the frame
};

// One connection's incoming side. Not for several threads at once.
class mllp_framer {
public:
    explicit mllp_framer(mllp_limits limits = {}) : limits_(limits) {}

    // Takes the next bytes of the connection; ignored after close() or an overrun. Take all events before feeding more:
    // they hold the only copy of the frames.
    void feed(std::string_view bytes);

    // The next event, none when all are taken.
    [[nodiscard]] std::optional<mllp_event> next();

    // FS was the last byte: if nothing follows within a short time, call end_wait(), which ends the frame.
    [[nodiscard]] bool is_waiting_for_carriage_return() const { return state_ == state::after_separator; }
    void end_wait();

    // The peer has closed, or the connection is given up.
    void close();

    [[nodiscard]] bool is_inside_frame() const {
        return state_ == state::inside || state_ == state::after_separator;
    }
    // Content received of a frame that has not ended: "bytes waiting, no end of frame".
    [[nodiscard]] std::size_t waiting_bytes() const { return is_inside_frame() ? size_ : 0; }

private:
    enum class state { outside, inside, after_separator, stopped };

    std::size_t skip_junk(std::string_view bytes);
    std::size_t read_content(std::string_view bytes);
    std::size_t read_after_separator(char next);
    void append(std::string_view content);
    void end_frame(bool without_carriage_return);
    void give(mllp_event_kind kind, bool without_carriage_return = false);

    mllp_limits limits_;
    state state_ = state::outside;
    std::string buffer_;   // of the frame, or of the junk between frames: its kept beginning
    std::size_t size_ = 0; // of the frame or junk, with what is not kept
    bool too_large_ = false;
    std::deque<mllp_event> events_;
};

// VT content FS CR. None when the content holds VT or FS and could so break the frame.
[[nodiscard]] std::optional<std::string> encode_frame(std::string_view content);

} // namespace auditgate::hl7v2
