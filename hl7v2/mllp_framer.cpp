#include "hl7v2/mllp_framer.hpp"

#include "hl7v2/mark_scanner.hpp"

#include <algorithm>

namespace auditgate::hl7v2 {

namespace {

constexpr char vertical_tab = '\x0B';
constexpr char file_separator = '\x1C';
constexpr char carriage_return = '\r';
constexpr std::string_view file_separator_text = "\x1C";

} // namespace

void mllp_framer::feed(std::string_view bytes) {
    while (!bytes.empty() && state_ != state::stopped) {
        switch (state_) {
        case state::outside:
            bytes.remove_prefix(skip_junk(bytes));
            break;
        case state::inside:
            bytes.remove_prefix(read_content(bytes));
            break;
        case state::after_separator:
            bytes.remove_prefix(read_after_separator(bytes.front()));
            break;
        case state::stopped:
            break;
        }
    }
}

std::optional<mllp_event> mllp_framer::next() {
    if (events_.empty()) {
        return std::nullopt;
    }
    mllp_event event = std::move(events_.front());
    events_.pop_front();
    return event;
}

void mllp_framer::end_wait() {
    if (is_waiting_for_carriage_return()) {
        end_frame(true);
    }
}

void mllp_framer::close() {
    if (is_inside_frame()) {
        give(mllp_event_kind::cut);
    } else if (state_ == state::outside && size_ > 0) {
        give(mllp_event_kind::junk);
    }
    state_ = state::stopped;
}

std::size_t mllp_framer::skip_junk(std::string_view bytes) {
    const std::size_t junk = std::min(bytes.find(vertical_tab), bytes.size());
    size_ += junk;
    buffer_ += bytes.substr(
        0, std::min(junk, limits_.kept_bytes_max - std::min(limits_.kept_bytes_max, buffer_.size())));
    if (size_ > limits_.junk_bytes_max) {
        give(mllp_event_kind::overrun);
        state_ = state::stopped;
        return bytes.size();
    }
    if (junk == bytes.size()) {
        return junk;
    }
    if (size_ > 0) {
        give(mllp_event_kind::junk);
    }
    state_ = state::inside;
    return junk + 1;
}

std::size_t mllp_framer::read_content(std::string_view bytes) {
    const std::string_view before_separator = bytes.substr(0, bytes.find(file_separator));
    const std::size_t restart = before_separator.find(vertical_tab);
    append(bytes.substr(0, std::min(restart, before_separator.size())));
    if (state_ == state::stopped) {
        return bytes.size();
    }
    if (restart != std::string_view::npos) {
        give(mllp_event_kind::restarted);
        return restart + 1;
    }
    if (before_separator.size() == bytes.size()) {
        return bytes.size();
    }
    state_ = state::after_separator;
    return before_separator.size() + 1;
}

std::size_t mllp_framer::read_after_separator(char next) {
    if (next == carriage_return) {
        end_frame(false);
        return 1;
    }
    if (next == vertical_tab) {
        end_frame(true);
        return 0;
    }
    state_ = state::inside;
    append(file_separator_text);
    return 0;
}

void mllp_framer::append(std::string_view content) {
    size_ += content.size();
    if (!too_large_ && size_ <= limits_.frame_bytes_max) {
        buffer_ += content;
        return;
    }
    if (!too_large_) {
        too_large_ = true;
        buffer_ +=
            content.substr(0, limits_.kept_bytes_max - std::min(limits_.kept_bytes_max, buffer_.size()));
        buffer_.resize(std::min(buffer_.size(), limits_.kept_bytes_max));
        buffer_.shrink_to_fit();
    }
    if (size_ > limits_.discarded_bytes_max) {
        give(mllp_event_kind::overrun);
        state_ = state::stopped;
    }
}

void mllp_framer::end_frame(bool without_carriage_return) {
    give(too_large_ ? mllp_event_kind::too_large : mllp_event_kind::frame, without_carriage_return);
    state_ = state::outside;
}

void mllp_framer::give(mllp_event_kind kind, bool without_carriage_return) {
    if (kind != mllp_event_kind::frame) {
        buffer_.resize(std::min(buffer_.size(), limits_.kept_bytes_max));
    }
    events_.push_back({kind, std::move(buffer_), size_, without_carriage_return});
    buffer_.clear();
    size_ = 0;
    too_large_ = false;
}

std::optional<std::string> encode_frame(std::string_view content) {
    if (detail::find_either(content, vertical_tab, file_separator) != content.size()) {
        return std::nullopt;
    }
    std::string frame;
    frame.reserve(content.size() + 3);
    frame += vertical_tab;
    frame += content;
    frame += file_separator;
    frame += carriage_return;
    return frame;
}

} // namespace auditgate::hl7v2
