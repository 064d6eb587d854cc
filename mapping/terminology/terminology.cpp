#include "mapping/terminology/terminology.hpp"

#include "mapping/terminology/text.hpp"

#include <algorithm>

namespace auditgate::mapping {
namespace {

template <class Map>
auto find_in(const Map& map, std::string_view id) -> const typename Map::mapped_type* {
    const auto found = map.find(id);
    return found == map.end() ? nullptr : &found->second;
}

template <class Map>
std::vector<std::string> ids_of(const Map& map) {
    std::vector<std::string> result;
    for (const auto& [id, value] : map) {
        result.push_back(id);
    }
    return result;
}

} // namespace

std::optional<std::size_t> value_set::position(const concept_code& code) const {
    const auto found =
        std::ranges::find_if(patterns_, [&](const code_pattern& one) { return one.matches(code); });
    if (found == patterns_.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - patterns_.begin());
}

std::vector<concept_code> concept_map::translate(const concept_code& code, std::string_view sender) const {
    // Limited to the sender beats general, then the most specific pattern wins.
    const auto rank = [](const row& one) { return std::pair{!one.sender.empty(), one.source.specificity()}; };
    std::vector<const row*> best;
    for (const row& one : rows_) {
        if ((!one.sender.empty() && one.sender != sender) || !one.source.matches(code)) {
            continue;
        }
        if (!best.empty() && rank(one) < rank(*best.front())) {
            continue;
        }
        if (!best.empty() && rank(one) > rank(*best.front())) {
            best.clear();
        }
        best.push_back(&one);
    }
    std::vector<concept_code> result;
    for (const row* one : best) {
        if (std::ranges::find(result, one->target) == result.end()) {
            result.push_back(one->target);
        }
    }
    return result;
}

std::optional<std::string> concept_map::word_for(const concept_code& code, std::string_view sender) const {
    std::vector<concept_code> targets = translate(code, sender);
    if (targets.empty()) {
        return std::nullopt;
    }
    return std::move(targets.front().code);
}

const code_system* terminology::find_code_system(std::string_view as_sent) const {
    return find_in(systems_, lower_cased(trimmed(as_sent)));
}

std::string terminology::canonical_system(std::string_view as_sent) const {
    const code_system* system = find_code_system(as_sent);
    return system == nullptr ? std::string(trimmed(as_sent)) : system->uri;
}

concept_code terminology::normalise(const coding& as_sent) const {
    const code_system* system = find_code_system(as_sent.system);
    return {system == nullptr ? std::string(trimmed(as_sent.system)) : system->uri,
            written_form(as_sent.code, system == nullptr ? 0 : system->dot_after)};
}

std::vector<concept_code> terminology::expand(const coding& as_sent, std::string_view sender) const {
    std::vector<concept_code> result{normalise(as_sent)};
    const concept_map* local_codes = find_concept_map(local_codes_map);
    if (local_codes == nullptr) {
        return result;
    }
    for (std::size_t i = 0; i < result.size();
         ++i) { // grows as it is walked; a circle ends because each goes in once
        for (concept_code& target : local_codes->translate(result[i], sender)) {
            if (std::ranges::find(result, target) == result.end()) {
                result.push_back(std::move(target));
            }
        }
    }
    return result;
}

const value_set* terminology::find_value_set(std::string_view id) const {
    return find_in(value_sets_, id);
}

const concept_map* terminology::find_concept_map(std::string_view id) const {
    return find_in(concept_maps_, id);
}

std::string terminology::name_of_system(std::string_view uri) const {
    std::string longest;
    for (const auto& [name, system] : systems_) {
        if (system.uri == uri && name != lower_cased(uri) && name.size() > longest.size()) {
            longest = name;
        }
    }
    std::ranges::transform(longest, longest.begin(), [](char one) {
        return one >= 'a' && one <= 'z' ? static_cast<char>(one - 'a' + 'A') : one;
    });
    return longest.empty() ? std::string(uri) : longest;
}

const ome_table* terminology::find_ome_table(std::string_view id) const {
    return find_in(ome_tables_, id);
}

std::vector<std::string> terminology::code_system_names() const {
    return ids_of(systems_);
}

std::vector<std::string> terminology::value_set_ids() const {
    return ids_of(value_sets_);
}

std::vector<std::string> terminology::concept_map_ids() const {
    return ids_of(concept_maps_);
}

std::vector<std::string> terminology::ome_table_ids() const {
    return ids_of(ome_tables_);
}

std::optional<std::size_t> terminology::site_index(std::string_view id) const {
    const std::string wanted = lower_cased(trimmed(id));
    const auto found =
        std::ranges::find_if(sites_, [&](const body_site& site) { return lower_cased(site.id) == wanted; });
    if (found == sites_.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - sites_.begin());
}

std::vector<std::size_t> terminology::sites_of(const concept_code& code, std::string_view sender) const {
    std::vector<concept_code> named;
    if (const concept_map* map = find_concept_map(sites_map); map != nullptr) {
        named = map->translate(code, sender);
    }
    if (named.empty()) {
        named.push_back(code);
    }
    std::vector<std::size_t> places;
    for (const concept_code& one : named) {
        if (const std::optional<std::size_t> place = site_index(one.code)) {
            places.push_back(*place);
        }
    }
    return places;
}

const unit* terminology::find_unit(std::string_view as_sent) const {
    return find_in(units_, lower_cased(trimmed(as_sent)));
}

std::optional<std::int64_t> terminology::in_base_unit(std::string_view amount, std::string_view unit_as_sent,
                                                      std::string_view dimension) const {
    const unit* known = find_unit(unit_as_sent);
    if (known == nullptr || known->dimension != dimension) {
        return std::nullopt;
    }
    return scaled_decimal(amount, known->numerator, known->denominator);
}

std::optional<int> terminology::wear_hours(std::string_view drug,
                                           std::optional<std::int64_t> nanograms_per_hour) const {
    std::optional<int> general;
    for (const wear_time& one : wear_times_) {
        if (one.drug != drug) {
            continue;
        }
        if (one.nanograms_per_hour.empty()) {
            general = one.hours;
        } else if (nanograms_per_hour && std::ranges::find(one.nanograms_per_hour, *nanograms_per_hour) !=
                                             one.nanograms_per_hour.end()) {
            return one.hours;
        }
    }
    return general;
}

} // namespace auditgate::mapping
