#include "mapping/definition/definition.hpp"

#include <algorithm>

namespace auditgate::mapping {

void code_set::add(const code_set& other) {
    entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
    written_.insert(written_.end(), other.written_.begin(), other.written_.end());
}

std::optional<std::size_t> code_set::position(const concept_code& code) const {
    const auto holds = [&](const auto& entry) {
        if (const auto* set = std::get_if<const value_set*>(&entry))
            return (*set)->contains(code);
        return std::get<code_pattern>(entry).matches(code);
    };
    const auto found = std::ranges::find_if(entries_, holds);
    if (found == entries_.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - entries_.begin());
}

std::string item::age_band_word(std::size_t place) const {
    const std::string from = std::to_string(bounds[place]);
    const bool is_last = place + 1 == bounds.size();
    return is_last ? from + '+' : from + '-' + std::to_string(bounds[place + 1] - 1);
}

std::set<std::string> item::possible_words() const {
    if (how == derivation::follow_up_status)
        return {}; // and those of follow_up.ending_words
    std::set<std::string> result(words.begin(), words.end());
    for (const coded_word& one : coded)
        result.insert(one.word);
    for (const auto& [sent, word] : map)
        result.insert(word);
    if (how == derivation::age_band) {
        for (std::size_t place = 0; place < bounds.size(); ++place)
            result.insert(age_band_word(place));
    }
    if (!result.empty() && !otherwise.empty())
        result.insert(otherwise);
    return result;
}

bool assessment_block::names_instruments() const {
    return std::ranges::any_of(instruments, [](const instrument& one) { return !one.name.empty(); });
}

bool coarsening_setting::speaks_of(std::string_view path) const {
    return std::ranges::find(items, path) != items.end();
}

const item* compiled_definition::find(derivation how) const {
    const auto found = std::ranges::find(items, how, &item::how);
    return found == items.end() ? nullptr : &*found;
}

const item* compiled_definition::find(std::string_view path) const {
    const auto found = std::ranges::find_if(items, [&](const item& one) { return one.path() == path; });
    return found == items.end() ? nullptr : &*found;
}

} // namespace auditgate::mapping
