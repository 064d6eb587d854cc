#include "mapping/describe/words.hpp"

#include <algorithm>
#include <utility>

namespace auditgate::mapping::describe {

namespace {

constexpr std::string_view value_set_prefix = "value-set:";

// Codes in the order of the file, those of one system together as long as they follow each other.
class code_text {
public:
    explicit code_text(const terminology& terms) : terms_(terms) {}

    void add_written(const std::string& written) {
        if (written.starts_with(value_set_prefix)) {
            add_value_set(std::string_view(written).substr(value_set_prefix.size()));
            return;
        }
        const std::size_t bar = written.find('|');
        const code_system* system = terms_.find_code_system(std::string_view(written).substr(0, bar));
        add(system == nullptr ? std::string() : terms_.name_of_system(system->uri), written.substr(bar + 1));
    }

    [[nodiscard]] std::string text() const { return text_.empty() ? "none" : text_; }

private:
    void add_value_set(std::string_view id) {
        text_ += (text_.empty() ? "value set " : "; value set ") + code(id);
        const value_set* set = terms_.find_value_set(id);
        code_text inside(terms_);
        if (set != nullptr) {
            for (const code_pattern& one : set->patterns())
                inside.add(terms_.name_of_system(one.system), one.prefix ? one.text + '*' : one.text);
        }
        text_ += inside.text_.empty() ? " (no code counts yet)" : " (" + inside.text_ + ')';
        system_.reset();
    }

    void add(std::string system, const std::string& code_or_range) {
        if (system_ == system) {
            text_ += ", " + code_or_range;
            return;
        }
        text_ += text_.empty() ? "" : "; ";
        text_ += system.empty() ? code_or_range : system + ' ' + code_or_range;
        system_ = std::move(system);
    }

    const terminology& terms_;
    std::string text_;
    std::optional<std::string> system_; // of the code added last
};

} // namespace

std::string code(std::string_view text) {
    return '`' + std::string(text) + '`';
}

std::string code_list(const std::vector<std::string>& words) {
    std::string result;
    for (const std::string& one : words)
        result += (result.empty() ? "" : ", ") + code(one);
    return result;
}

std::string days(const day_window& window) {
    const std::string first = "day " + std::to_string(window.first);
    return window.first == window.last ? first : first + " to day " + std::to_string(window.last);
}

std::string codes(const code_set& set, const terminology& terms) {
    code_text result(terms);
    for (const std::string& one : set.written())
        result.add_written(one);
    return result.text();
}

std::string point(std::string_view name, const std::string& text) {
    return text.empty() ? std::string() : "- **" + std::string(name) + "**: " + text + '\n';
}

} // namespace auditgate::mapping::describe
