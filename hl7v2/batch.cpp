#include "hl7v2/batch.hpp"

#include "hl7v2/escape.hpp"
#include "hl7v2/mark_scanner.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace auditgate::hl7v2 {

namespace {

constexpr std::size_t name_size = 3;
constexpr std::size_t findings_max = 200;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

enum class line_kind { other, message_header, file_header, batch_header, batch_trailer, file_trailer };

bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}

// What may stand around messages without being part of one: a frame's VT, NUL, blanks.
bool is_padding(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}

constexpr std::string_view outside_code = "text-outside-message";

class batch_splitter {
public:
    explicit batch_splitter(std::string_view bytes) : bytes_(bytes) {}

    batch_result run() {
        std::size_t position = 0;
        while (position < bytes_.size()) {
            const std::size_t begin = line_content(position);
            const std::size_t end = detail::find_either(bytes_, '\r', '\n', begin);
            line_begin_ = position;
            line(begin, bytes_.substr(begin, end - begin));
            position = end + 1;
        }
        line_begin_ = bytes_.size();
        end_message();
        if (in_batch_) {
            report(severity::error, "batch-not-ended", bytes_.size(), "there is no BTS");
        }
        if (in_file_) {
            report(severity::error, "file-not-ended", bytes_.size(), "there is no FTS");
        }
        return std::move(result_);
    }

private:
    // A frame's VT and a byte order mark may come before a header.
    std::size_t line_content(std::size_t position) const {
        std::size_t content = position;
        while (content < bytes_.size()) {
            if (bytes_.substr(content).starts_with(byte_order_mark)) {
                content += byte_order_mark.size();
            } else if (is_padding(bytes_[content]) && !is_line_end(bytes_[content])) {
                ++content;
            } else {
                break;
            }
        }
        return kind_of(bytes_.substr(content, name_size + 1)) == line_kind::other ? position : content;
    }

    line_kind kind_of(std::string_view line) const {
        const std::string_view name = line.substr(0, name_size);
        const bool is_header = name == "MSH" || name == "FHS" || name == "BHS";
        if (is_header) {
            if (!read_delimiters(line).is_field_separator_usable) {
                return line_kind::other;
            }
            return name == "MSH"   ? line_kind::message_header
                   : name == "FHS" ? line_kind::file_header
                                   : line_kind::batch_header;
        }
        if (name != "BTS" && name != "FTS") {
            return line_kind::other;
        }
        const bool ends =
            line.size() == name_size || is_line_end(line[name_size]) || line[name_size] == separator_;
        if (!ends) {
            return line_kind::other;
        }
        return name == "BTS" ? line_kind::batch_trailer : line_kind::file_trailer;
    }

    void line(std::size_t begin, std::string_view content) {
        switch (kind_of(content)) {
        case line_kind::message_header:
            end_message();
            message_begin_ = begin;
            // Only a batch's own header says what separates the fields of its trailer.
            separator_ = in_batch_ || in_file_ ? separator_ : content[name_size];
            break;
        case line_kind::file_header:
            end_message();
            result_.has_file_header = in_file_ = true;
            result_.file_header = begin;
            file_batches_ = 0;
            separator_ = content[name_size];
            break;
        case line_kind::batch_header:
            begin_batch(begin, content);
            break;
        case line_kind::batch_trailer:
            end_batch(begin, content);
            break;
        case line_kind::file_trailer:
            end_file(begin, content);
            break;
        case line_kind::other:
            other(begin, content);
            break;
        }
    }

    void begin_batch(std::size_t begin, std::string_view content) {
        end_message();
        if (in_batch_) {
            report(severity::error, "batch-not-ended", begin, "a batch begins before the last one has ended");
        }
        in_batch_ = true;
        ++result_.batches;
        result_.headers.push_back(begin);
        ++file_batches_;
        batch_messages_ = 0;
        separator_ = content[name_size];
    }

    void end_batch(std::size_t begin, std::string_view content) {
        end_message();
        if (!in_batch_) {
            report(severity::warning, "trailer-without-header", begin, "BTS without BHS");
        } else {
            compare_count(begin, content, batch_messages_, "batch-count-differs", "BTS-1");
        }
        in_batch_ = false;
    }

    void end_file(std::size_t begin, std::string_view content) {
        end_message();
        if (in_batch_) {
            report(severity::error, "batch-not-ended", begin, "the file ends before its batch");
            in_batch_ = false;
        }
        if (!in_file_) {
            report(severity::warning, "trailer-without-header", begin, "FTS without FHS");
        } else {
            compare_count(begin, content, file_batches_, "file-count-differs", "FTS-1");
        }
        in_file_ = false;
    }

    void compare_count(std::size_t offset, std::string_view trailer, std::size_t counted,
                       std::string_view code, std::string_view place) {
        std::string_view written = trailer.substr(std::min(name_size + 1, trailer.size()));
        written = written.substr(0, written.find(separator_));
        while (!written.empty() && is_padding(written.back())) {
            written.remove_suffix(1);
        }
        if (written.empty()) {
            report(severity::warning, "batch-count-missing", offset, std::string(place) + " has no count");
            return;
        }
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
        if (error != std::errc() || end != written.data() + written.size() || number != counted) {
            report(severity::error, code, offset,
                   std::string(place) + " differs from the " + std::to_string(counted) + " counted");
        }
    }

    void other(std::size_t begin, std::string_view content) {
        const bool blank =
            content == byte_order_mark ||
            std::all_of(content.begin(), content.end(), [](char c) { return is_padding(c) || c == '\x1C'; });
        if (!message_begin_ && !blank && !outside_reported_) {
            report(severity::error, "text-outside-message", begin,
                   "lines outside of any message are not read");
            outside_reported_ = true;
        }
    }

    // The message ends where the line at hand begins.
    void end_message() {
        std::size_t end = line_begin_;
        outside_reported_ = false;
        if (!message_begin_) {
            return;
        }
        // A frame's end and whatever pads it belong to no message; the last segment's end does.
        while (end > *message_begin_ && is_padding(bytes_[end - 1]) && !is_line_end(bytes_[end - 1])) {
            --end;
        }
        const std::size_t frame_end = bytes_.substr(0, end).find('\x1C', *message_begin_);
        if (frame_end != std::string_view::npos &&
            std::all_of(bytes_.begin() + static_cast<std::ptrdiff_t>(frame_end),
                        bytes_.begin() + static_cast<std::ptrdiff_t>(end), is_padding)) {
            end = frame_end;
        }
        result_.messages.push_back({*message_begin_, end - *message_begin_, in_batch_ ? result_.batches : 0});
        ++batch_messages_;
        message_begin_.reset();
    }

    // Of bytes that are no batch at all there would be one for every line.
    void report(severity level, std::string_view code, std::size_t offset, std::string text) {
        const bool is_outside = code == outside_code;
        if (result_.findings.size() >= findings_max && (!is_outside || outside_ever_))
            return;
        outside_ever_ = outside_ever_ || is_outside;
        result_.findings.push_back({std::string(code), level, {}, offset, std::move(text)});
    }

    std::string_view bytes_;
    batch_result result_;
    std::optional<std::size_t> message_begin_;
    std::size_t line_begin_ = 0; // of the line at hand, with whatever stands before its header
    char separator_ = '|';
    bool in_file_ = false;
    bool in_batch_ = false;
    bool outside_reported_ = false;
    bool outside_ever_ = false;
    std::size_t batch_messages_ = 0;
    std::size_t file_batches_ = 0;
};

// A header and its trailer around the parts; `name` is BHS or FHS.
std::string build_answer(std::string_view name, std::string_view trailer, const batch_header& to,
                         const batch_acknowledgement_content& content) {
    const char field = to.marks.field;
    std::string text(name);
    text += field;
    text += to.marks.encoding_characters();
    const auto fields = std::to_array<std::string_view>(
        {to.receiving_application, to.receiving_facility, to.sending_application, to.sending_facility,
         content.time, "", to.name, "", content.control_id, to.control_id});
    for (const std::string_view each : fields) {
        (text += field) += each;
    }
    text += '\r';
    for (const std::string& part : content.parts) {
        text += part;
    }
    text += trailer;
    (text += field) += std::to_string(content.parts.size());
    if (!content.comment.empty()) {
        (text += field) += encode(content.comment, to.marks).bytes;
    }
    return text += '\r';
}

} // namespace

batch_header read_batch_header(std::string_view bytes) {
    batch_header header;
    const std::string_view segment = bytes.substr(0, detail::find_either(bytes, '\r', '\n'));
    const delimiters_result read = read_delimiters(segment);
    if (!read.is_field_separator_usable) {
        return header;
    }
    if (read.problem.empty()) {
        header.marks = read.value;
    }
    const auto wanted = std::to_array<std::string*>(
        {nullptr, &header.sending_application, &header.sending_facility, &header.receiving_application,
         &header.receiving_facility, nullptr, nullptr, &header.name, nullptr, &header.control_id});
    const char separator = segment[name_size];
    std::size_t begin = name_size + 1;
    for (std::string* const field : wanted) { // from BHS-2 on
        const std::size_t end = segment.find(separator, begin);
        if (field != nullptr) {
            *field = std::string(segment.substr(begin, end - begin));
        }
        if (end == std::string_view::npos) {
            break;
        }
        begin = end + 1;
    }
    return header;
}

std::string build_batch_acknowledgement(const batch_header& to,
                                        const batch_acknowledgement_content& content) {
    return build_answer("BHS", "BTS", to, content);
}

std::string build_file_acknowledgement(const batch_header& to, const batch_acknowledgement_content& content) {
    return build_answer("FHS", "FTS", to, content);
}

batch_result split_batch(std::string_view bytes) {
    return batch_splitter(bytes).run();
}

bool is_batch(std::string_view bytes) {
    // Nearly all bytes are one message: MSH stands nowhere behind its begin.
    const std::size_t first = bytes.find("MSH");
    const auto stands = [&](std::string_view name, std::size_t from) {
        return bytes.find(name, from) != std::string_view::npos;
    };
    if (first != std::string_view::npos && !stands("MSH", first + name_size) && !stands("BHS", 0) &&
        !stands("FHS", 0)) {
        return false;
    }
    const batch_result split = split_batch(bytes);
    return split.messages.size() > 1 || split.batches > 0 || split.has_file_header;
}

} // namespace auditgate::hl7v2
