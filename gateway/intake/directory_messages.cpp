#include "gateway/intake/directory_messages.hpp"

#include "fhir/json.hpp"
#include "hl7v2/batch.hpp"

#include <algorithm>
#include <array>

namespace auditgate::gateway::intake {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view without_begin(std::string_view content) {
    if (content.starts_with(byte_order_mark))
        content.remove_prefix(byte_order_mark.size());
    const std::size_t first = content.find_first_not_of(" \t\r\n\v");
    return content.substr(std::min(first, content.size()));
}

bool is_letter_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_hl7v2_header(std::string_view content) {
    constexpr std::size_t name_bytes = 3;
    const auto named = [&](std::string_view name) { return content.starts_with(name); };
    return (named("MSH") || named("FHS") || named("BHS")) && content.size() > name_bytes &&
           !is_letter_or_digit(content[name_bytes]) && content[name_bytes] != '_';
}

// The first line is a whole document, and there is more behind it.
bool is_one_a_line(std::string_view content) {
    const std::size_t end = content.find('\n');
    if (end == std::string_view::npos || content.find_first_not_of(blanks, end) == std::string_view::npos)
        return false;
    return fhir::json::parse(content.substr(0, end)).document.has_value();
}

std::vector<file_message> lines_of(std::string_view content) {
    std::vector<file_message> messages;
    std::size_t number = 0;
    while (!content.empty()) {
        const std::size_t end = std::min(content.find('\n'), content.size());
        std::string_view line = content.substr(0, end);
        content.remove_prefix(std::min(end + 1, content.size()));
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.find_first_not_of(blanks) != std::string_view::npos)
            messages.push_back({line, "fhir-json", number});
    }
    return messages;
}

bool is_type_name(std::string_view text) {
    constexpr std::size_t type_bytes_max = 40;
    return !text.empty() && text.size() <= type_bytes_max &&
           std::all_of(text.begin(), text.end(), is_letter_or_digit);
}

// The name of the root element, behind prolog and comments.
std::string_view root_element(std::string_view content) {
    while (true) {
        const std::size_t open = content.find('<');
        if (open == std::string_view::npos)
            return {};
        content.remove_prefix(open + 1);
        if (content.starts_with('?') || content.starts_with('!'))
            continue;
        const auto end = std::find_if_not(content.begin(), content.end(), is_letter_or_digit);
        return content.substr(0, static_cast<std::size_t>(end - content.begin()));
    }
}

} // namespace

file_kind kind_of_file(std::string_view begin, std::string_view name, bool sends_tables) {
    const std::string_view content = without_begin(begin);
    if (content.empty())
        return file_kind::empty;
    if (content.starts_with('{')) {
        const bool by_name = name.ends_with(".ndjson") || name.ends_with(".jsonl");
        return by_name || is_one_a_line(content) ? file_kind::fhir_ndjson : file_kind::fhir_json;
    }
    if (content.starts_with('<'))
        return file_kind::fhir_xml;
    if (is_hl7v2_header(content))
        return file_kind::hl7v2;
    return sends_tables ? file_kind::table : file_kind::unknown;
}

file_content split_file(std::string_view content, file_kind kind) {
    file_content result;
    switch (kind) {
    case file_kind::hl7v2: {
        hl7v2::batch_result batch = hl7v2::split_batch(content);
        std::size_t number = 0;
        for (const hl7v2::batch_message& one : batch.messages)
            result.messages.push_back({content.substr(one.offset, one.size), "hl7v2", ++number});
        result.findings = std::move(batch.findings);
        break;
    }
    case file_kind::fhir_ndjson:
        result.messages = lines_of(content);
        break;
    case file_kind::fhir_json:
        result.messages.push_back({content, "fhir-json", 1});
        break;
    case file_kind::fhir_xml:
        result.messages.push_back({content, "fhir-xml", 1});
        break;
    case file_kind::empty:
    case file_kind::table:
    case file_kind::unknown:
        break;
    }
    return result;
}

std::string resource_type_of(std::string_view content, std::string_view format) {
    if (format == "fhir-xml") {
        const std::string_view root = root_element(content);
        return is_type_name(root) ? std::string(root) : "";
    }
    const fhir::json::parse_result parsed = fhir::json::parse(content);
    if (!parsed.document)
        return {};
    const std::string_view type = (*parsed.document)["resourceType"].text();
    return is_type_name(type) ? std::string(type) : "";
}

} // namespace auditgate::gateway::intake
