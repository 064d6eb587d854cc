#include "hl7v2/check.hpp"

#include <algorithm>

namespace auditgate::hl7v2 {

namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n') || byte == 0x7F;
}

// Plain printable ASCII without escape sequences: nothing can be odd in it.
bool needs_decoding(std::string_view raw, char escape) {
    return std::any_of(raw.begin(), raw.end(),
                       [escape](char c) { return c == escape || static_cast<unsigned char>(c) >= 0x80; });
}

class checker {
public:
    checker(const message& from, const check_options& options) : from_(from), options_(options) {}

    std::vector<finding> run() {
        for (const segment_view segment : from_) {
            std::size_t number = segment.index() == 0 ? 2 : 1;
            for (const field_view field : segment.fields()) {
                if (findings_.size() >= options_.findings_max) {
                    return std::move(findings_);
                }
                check(segment, number++, field);
            }
        }
        return std::move(findings_);
    }

private:
    void check(const segment_view& segment, std::size_t number, const field_view& field) {
        const std::string_view raw = field.raw();
        if (raw.empty() || (segment.index() == 0 && number == 2)) {
            return;
        }
        if (raw.find_first_not_of(" \t") == std::string_view::npos) {
            report(segment, number, severity::warning, "blank-value", field.offset(),
                   "blanks alone, read as empty");
            return;
        }
        const auto control = std::find_if(raw.begin(), raw.end(), is_control);
        if (control != raw.end()) {
            const auto place = static_cast<std::size_t>(control - raw.begin());
            report(segment, number, severity::warning, "control-character", field.offset() + place,
                   "a control character within a value");
        }
        if (needs_decoding(raw, from_.marks().escape)) {
            check_text(segment, number, field);
        }
    }

    void check_text(const segment_view& segment, std::size_t number, const field_view& field) {
        for (const repetition_view repetition : field.repetitions()) {
            for (const component_view component : repetition.components()) {
                for (const subcomponent_view part : component.subcomponents()) {
                    for (finding& each : part.decode().findings) {
                        report(segment, number, each.level, each.code, each.offset, std::move(each.text));
                    }
                }
            }
        }
    }

    void report(const segment_view& segment, std::size_t number, severity level, std::string_view code,
                std::size_t offset, std::string text) {
        if (findings_.size() < options_.findings_max) {
            findings_.push_back({std::string(code), level, segment.path() + "-" + std::to_string(number),
                                 offset, std::move(text)});
        }
    }

    const message& from_;
    const check_options& options_;
    std::vector<finding> findings_;
};

} // namespace

std::vector<finding> check_content(const message& from, const check_options& options) {
    return checker(from, options).run();
}

} // namespace auditgate::hl7v2
