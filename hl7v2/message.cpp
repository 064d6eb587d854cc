#include "hl7v2/message.hpp"

#include "hl7v2/dictionary.hpp"
#include "hl7v2/message_reader.hpp"

#include <algorithm>

namespace auditgate::hl7v2 {

namespace {

constexpr std::string_view null_value = "\"\"";

std::size_t offset_in(std::string_view whole, std::string_view part) {
    return static_cast<std::size_t>(part.data() - whole.data());
}

std::string_view up_to(std::string_view bytes, char mark) {
    return mark == '\0' ? bytes : bytes.substr(0, bytes.find(mark));
}

std::optional<std::string_view> nth_part(std::string_view bytes, std::size_t number, char mark) {
    if (number == 0) {
        return std::nullopt;
    }
    for (; number > 1; --number) {
        const std::size_t end = mark == '\0' ? std::string_view::npos : bytes.find(mark);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        bytes.remove_prefix(end + 1);
    }
    return up_to(bytes, mark);
}

} // namespace

presence element_view::state() const {
    if (message_ == nullptr) {
        return presence::absent;
    }
    if (bytes_ == null_value) {
        return presence::null;
    }
    if (message_->is_literal(bytes_)) {
        return presence::present;
    }
    const delimiters& own = message_->marks;
    const bool empty = std::all_of(bytes_.begin(), bytes_.end(), [&own](char c) {
        return c == ' ' || c == '\t' || c == own.component || c == own.repetition ||
               (c == own.subcomponent && c != '\0');
    });
    return empty ? presence::empty : presence::present;
}

std::size_t element_view::offset() const {
    return message_ == nullptr ? 0 : offset_in(message_->bytes, bytes_);
}

std::string_view element_view::first_leaf() const {
    if (message_->is_literal(bytes_)) {
        return bytes_;
    }
    const delimiters& own = message_->marks;
    return up_to(up_to(up_to(bytes_, own.repetition), own.component), own.subcomponent);
}

decoded_text element_view::decode() const {
    decoded_text decoded;
    if (state() != presence::present) {
        return decoded;
    }
    const std::string_view leaf = first_leaf();
    if (message_->is_literal(bytes_)) {
        decoded.text = std::string(leaf);
    } else if (leaf != null_value) {
        decoded = hl7v2::decode(leaf, message_->marks, message_->escapes);
        for (finding& each : decoded.findings) {
            each.offset += offset();
        }
    }
    return decoded;
}

std::string element_view::text() const {
    if (message_ == nullptr) {
        return {};
    }
    // Most values are plain: a printable ASCII character in the leaf, nothing to decode, not null.
    const std::string_view leaf = first_leaf();
    const char escape = message_->marks.escape;
    const bool plain = std::all_of(leaf.begin(), leaf.end(), [escape](char c) {
        return c != escape && static_cast<unsigned char>(c) < 0x80 && c != '"';
    });
    if (plain && message_->escapes.bytes_charset.is_delimiter_safe() &&
        leaf.find_first_not_of(" \t") != std::string_view::npos) {
        return std::string(leaf);
    }
    return decode().text;
}

std::string element_view::whole_text() const {
    if (state() != presence::present || message_->is_literal(bytes_)) {
        return text();
    }
    return hl7v2::decode(bytes_, message_->marks, message_->escapes).text;
}

std::optional<std::string_view> element_view::part(std::size_t number, char mark) const {
    if (message_ == nullptr) {
        return std::nullopt;
    }
    return nth_part(bytes_, number, split_mark(mark));
}

std::size_t element_view::count(char mark) const {
    if (message_ == nullptr) {
        return 0;
    }
    const char own = split_mark(mark);
    return own == '\0' ? 1 : 1 + static_cast<std::size_t>(std::count(bytes_.begin(), bytes_.end(), own));
}

char element_view::split_mark(char mark) const {
    return message_->is_literal(bytes_) ? '\0' : mark;
}

const delimiters& element_view::marks() const {
    static constexpr delimiters standard;
    return message_ == nullptr ? standard : message_->marks;
}

subcomponent_view component_view::subcomponent(std::size_t number) const {
    const auto found = part(number, marks().subcomponent);
    return found ? subcomponent_view(message_, *found) : subcomponent_view();
}

std::size_t component_view::subcomponent_count() const {
    return count(marks().subcomponent);
}

split_range<subcomponent_view> component_view::subcomponents() const {
    return is_absent() ? split_range<subcomponent_view>()
                       : split_range<subcomponent_view>(message_, bytes_, split_mark(marks().subcomponent));
}

component_view repetition_view::component(std::size_t number) const {
    const auto found = part(number, marks().component);
    return found ? component_view(message_, *found) : component_view();
}

std::size_t repetition_view::component_count() const {
    return count(marks().component);
}

split_range<component_view> repetition_view::components() const {
    return is_absent() ? split_range<component_view>()
                       : split_range<component_view>(message_, bytes_, split_mark(marks().component));
}

repetition_view field_view::repetition(std::size_t number) const {
    const auto found = part(number, marks().repetition);
    return found ? repetition_view(message_, *found) : repetition_view();
}

std::size_t field_view::repetition_count() const {
    return count(marks().repetition);
}

split_range<repetition_view> field_view::repetitions() const {
    return is_absent() ? split_range<repetition_view>()
                       : split_range<repetition_view>(message_, bytes_, split_mark(marks().repetition));
}

component_view field_view::component(std::size_t number) const {
    return repetition(1).component(number);
}

std::size_t segment_view::offset() const {
    return message_ == nullptr ? 0 : offset_in(message_->bytes, bytes_);
}

bool segment_view::is_header() const {
    return index_ == 0; // a message begins with its MSH
}

std::string segment_view::path() const {
    if (is_absent()) {
        return {};
    }
    if (!is_known_segment(name())) {
        return "#" + std::to_string(index_ + 1);
    }
    const std::size_t occurrence = message_->segments[index_].occurrence;
    return std::string(name()) + (occurrence > 1 ? "(" + std::to_string(occurrence) + ")" : "");
}

field_view segment_view::field(std::size_t number) const {
    if (message_ == nullptr || number == 0) {
        return {};
    }
    if (is_header() && number == 1) {
        return {message_, bytes_.substr(name_size_, 1)};
    }
    const auto found = nth_part(bytes_, is_header() ? number : number + 1, message_->marks.field);
    return found ? field_view(message_, *found) : field_view();
}

std::size_t segment_view::field_count() const {
    if (message_ == nullptr) {
        return 0;
    }
    const auto separators = std::count(bytes_.begin(), bytes_.end(), message_->marks.field);
    return static_cast<std::size_t>(separators) + (is_header() ? 1 : 0);
}

field_range segment_view::fields() const {
    if (message_ == nullptr || bytes_.size() == name_size_) {
        return {};
    }
    return {message_, bytes_.substr(name_size_ + 1), message_->marks.field};
}

parse_result message::parse(std::string_view bytes, const parse_options& options) {
    auto state = std::make_shared<detail::message_state>();
    parse_result result;
    if (detail::read_message(bytes, options, *state, result.findings)) {
        result.value = message(std::move(state));
    }
    std::stable_sort(result.findings.begin(), result.findings.end(),
                     [](const finding& a, const finding& b) { return a.offset < b.offset; });
    return result;
}

std::string_view message::received() const {
    return state_->received;
}

std::string_view message::bytes() const {
    return state_->bytes;
}

std::size_t message::byte_order_mark_size() const {
    return state_->mark_size;
}

const delimiters& message::marks() const {
    return state_->marks;
}

const charset& message::declared_charset() const {
    return state_->declared;
}

std::size_t message::segment_count() const {
    return state_->segments.size();
}

segment_view message::segment(std::size_t index) const {
    segment_view view;
    if (index < state_->segments.size()) {
        const detail::segment_bounds& bounds = state_->segments[index];
        view.message_ = state_.get();
        view.bytes_ = state_->bytes.substr(bounds.offset, bounds.size);
        view.name_size_ = bounds.name_size;
        view.index_ = index;
    }
    return view;
}

segment_view message::segment(std::string_view name, std::size_t occurrence) const {
    for (std::size_t i = 0; i < segment_count() && occurrence > 0; ++i) {
        const segment_view candidate = segment(i);
        if (candidate.name() == name && --occurrence == 0) {
            return candidate;
        }
    }
    return {};
}

std::vector<segment_view> message::segments(std::string_view name) const {
    std::vector<segment_view> found;
    for (const segment_view candidate : *this) {
        if (candidate.name() == name) {
            found.push_back(candidate);
        }
    }
    return found;
}

std::size_t message::occurrence(const segment_view& segment_asked) const {
    return segment_asked.is_absent() ? 0 : state_->segments[segment_asked.index()].occurrence;
}

std::string message::message_type() const {
    return header().field(9).component(1).text();
}

std::string message::trigger_event() const {
    return header().field(9).component(2).text();
}

std::string message::message_control_id() const {
    return header().field(10).text();
}

std::string message::version() const {
    return header().field(12).component(1).text();
}

} // namespace auditgate::hl7v2
