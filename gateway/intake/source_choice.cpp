#include "gateway/intake/source_choice.hpp"

#include <algorithm>

namespace auditgate::gateway::intake {
namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
    return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
               return matches_wildcard(pattern, text);
           });
}

} // namespace

bool matches_wildcard(std::string_view pattern, std::string_view text) {
    std::size_t at_pattern = 0;
    std::size_t at_text = 0;
    std::size_t star = std::string_view::npos; // the last `*` seen, and where its text may end next
    std::size_t star_end = 0;
    while (at_text < text.size()) {
        if (at_pattern < pattern.size() && pattern[at_pattern] == '*') {
            star = at_pattern++;
            star_end = at_text;
        } else if (at_pattern < pattern.size() &&
                   (pattern[at_pattern] == '?' || pattern[at_pattern] == text[at_text])) {
            ++at_pattern;
            ++at_text;
        } else if (star != std::string_view::npos) {
            at_pattern = star + 1;
            at_text = ++star_end;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at_pattern) == std::string_view::npos;
}

const source_config* choose_source(std::span<const source_config> sources, const message_origin& origin) {
    const auto fits = [&](const source_config& source) {
        return !source.only_files && (!source.listener || *source.listener == origin.listener) &&
               any_matches(source.sending_applications, origin.sending_application) &&
               any_matches(source.sending_facilities, origin.sending_facility) &&
               any_matches(source.message_types, origin.message_type);
    };
    const auto found = std::find_if(sources.begin(), sources.end(), fits);
    return found == sources.end() ? nullptr : &*found;
}

} // namespace auditgate::gateway::intake
