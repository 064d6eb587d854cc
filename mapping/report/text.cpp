#include "mapping/report/render.hpp"
#include "mapping/report/tables.hpp"

#include <algorithm>

namespace auditgate::mapping::report {

namespace {

constexpr std::size_t line_width = 100;

// Characters as a terminal shows them: one for each code point.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char one) { return (static_cast<unsigned char>(one) & 0xC0U) != 0x80U; }));
}

std::string wrapped(std::string_view text, std::string_view indent) {
    std::string result;
    std::size_t used = line_width;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (used + 1 + width_of(word) > line_width) {
            result += (result.empty() ? "" : "\n") + std::string(indent);
            used = indent.size();
        } else {
            result += ' ';
            ++used;
        }
        result += word;
        used += width_of(word);
    }
    return result + '\n';
}

std::string aligned(const table& of) {
    std::vector<std::size_t> widths;
    for (const std::string& column : of.columns)
        widths.push_back(width_of(column));
    for (const auto& cells : of.rows) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], width_of(cells[i]));
    }
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string result = " ";
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string blank(widths[i] - width_of(cells[i]), ' ');
            result += i == 0 ? " " + cells[i] + blank : "  " + blank + cells[i];
        }
        return result.substr(0, result.find_last_not_of(' ') + 1) + '\n';
    };
    std::string result = line(of.columns);
    for (const auto& cells : of.rows)
        result += line(cells);
    return result;
}

} // namespace

std::string to_text(const audit_report& of) {
    std::string out = of.title + '\n' + of.dataset + ' ' + of.dataset_version + ", as of " + of.as_of + '\n' +
                      of.source + "\n\n";
    for (const std::string& sentence : kind_of(of))
        out += wrapped(sentence, "");
    for (const section& one : sections_of(of)) {
        out += "\n== " + one.title + '\n';
        for (const std::string& sentence : one.text)
            out += wrapped(sentence, "");
        for (const table& each : one.tables)
            out += '\n' + each.title + '\n' + (each.rows.empty() ? "  none\n" : aligned(each));
        for (const std::string& sentence : one.notes)
            out += '\n' + wrapped(sentence, "");
    }
    out += "\n== Notes\n";
    for (const std::string& sentence : footnotes_of(of))
        out += wrapped(sentence, "  ").replace(0, 2, "- ");
    return out;
}

} // namespace auditgate::mapping::report
