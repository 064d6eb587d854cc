#include "fhir/ndjson.hpp"

#include <algorithm>

namespace auditgate::fhir {

namespace {

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_object(std::string_view line) {
    return line.size() > 1 && line.front() == '{' && line.back() == '}';
}

} // namespace

std::vector<ndjson_line> split_ndjson(std::string_view bytes) {
    std::vector<ndjson_line> lines;
    for (std::size_t number = 1; !bytes.empty(); ++number) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        if (const std::string_view line = without_blanks(bytes.substr(0, end)); !line.empty()) {
            lines.push_back({number, line});
        }
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return lines;
}

bool is_ndjson(std::string_view bytes) {
    bytes.remove_prefix(std::min(bytes.find('{'), bytes.size())); // a byte order mark
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos || !is_object(without_blanks(bytes.substr(0, end)))) {
        return false;
    }
    const std::string_view rest = bytes.substr(end + 1);
    const std::size_t next = rest.find_first_not_of(" \t\r\n");
    return next != std::string_view::npos && rest[next] == '{';
}

} // namespace auditgate::fhir
