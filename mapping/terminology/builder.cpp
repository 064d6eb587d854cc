#include "mapping/terminology/builder.hpp"

#include "mapping/terminology/text.hpp"

#include <algorithm>

namespace auditgate::mapping {
namespace {

constexpr std::int64_t thousand = 1'000;

std::string backticked(std::string_view word) {
    return "`" + std::string(word) + "`";
}

std::string not_a_code(std::string_view text) {
    return backticked(text) +
           " is no code: write one code (Y13.4), a beginning with * (V43.*) or, for systems with a dot, " +
           "a range of categories (C15-C26)";
}

// `12=30 62=150`, in ng/h and ug a day.
std::optional<std::map<std::int64_t, std::int64_t>> special_rates(std::string_view text) {
    std::map<std::int64_t, std::int64_t> result;
    for (const std::string_view point : words_of(text)) {
        const std::size_t equals = std::min(point.find('='), point.size() - 1);
        const auto strength = scaled_decimal(point.substr(0, equals), thousand);
        const auto amount = scaled_decimal(point.substr(equals + 1), thousand);
        if (!strength || !amount || !result.emplace(*strength, *amount).second) {
            return std::nullopt;
        }
    }
    return result;
}

std::vector<std::string_view> keys_of(const auto& all) {
    std::vector<std::string_view> keys;
    for (const auto& [key, ignored] : all) {
        keys.push_back(key);
    }
    return keys;
}

} // namespace

std::optional<code_system> terminology_builder::known_system(std::string_view name) const {
    const code_system* found = result_.find_code_system(name);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

std::string terminology_builder::unknown_system(std::string_view name) const {
    const std::vector<std::string> names = result_.code_system_names();
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string meant = yaml::suggestion(lower_cased(name), known);
    return "unknown code system " + backticked(name) +
           (meant.empty() ? "; a new one is added to the code systems file" : meant);
}

terminology_builder::refusal terminology_builder::add_code_system(std::string_view uri, std::string_view name,
                                                                  std::string_view dot_after) {
    const std::optional<std::int64_t> dot = dot_after.empty() ? 0 : whole_number(dot_after);
    if (!dot) {
        return "dot_after must be a whole number or empty, not " + backticked(dot_after);
    }
    if (uri.empty()) {
        return "a code system needs its URI in the column system";
    }
    const code_system system{std::string(uri), static_cast<std::size_t>(*dot)};
    const auto [own, added] = result_.systems_.emplace(lower_cased(uri), system);
    if (!added && own->second != system) {
        return backticked(uri) + " has been described otherwise in an earlier line (URI or dot_after)";
    }
    if (name.empty()) {
        return std::nullopt;
    }
    const auto [other, fresh] = result_.systems_.emplace(lower_cased(name), system);
    if (!fresh && other->second != system) {
        return backticked(name) + " is already a name of " + other->second.uri;
    }
    return std::nullopt;
}

terminology_builder::refusal
terminology_builder::add_to_value_set(std::string_view set, std::string_view system, std::string_view code) {
    if (set.empty()) {
        return "the value set has no name";
    }
    const std::optional<code_system> known = known_system(system);
    if (!known) {
        return unknown_system(system);
    }
    const auto patterns = parse_code_patterns(known->uri, code, known->dot_after);
    if (!patterns) {
        return not_a_code(code);
    }
    declare_value_set(set);
    value_set& target = result_.value_sets_.find(set)->second;
    for (const code_pattern& one : *patterns) {
        if (std::ranges::find(target.patterns_, one) != target.patterns_.end()) {
            return backticked(code) + " is already in the value set " + backticked(set);
        }
        target.patterns_.push_back(one);
    }
    return std::nullopt;
}

void terminology_builder::declare_value_set(std::string_view set) {
    result_.value_sets_[std::string(set)].id_ = set;
}

terminology_builder::refusal terminology_builder::add_mapping(const mapping_row& row) {
    if (row.map.empty() || row.target_code.empty()) {
        return "a mapping needs the name of its map and a target code";
    }
    const std::optional<code_system> source =
        row.source_system.empty() ? code_system{} : known_system(row.source_system);
    const std::optional<code_system> target =
        row.target_system.empty() ? code_system{} : known_system(row.target_system);
    if (!source || !target) {
        return unknown_system(source ? row.target_system : row.source_system);
    }
    const auto patterns = parse_code_patterns(source->uri, row.source_code, source->dot_after);
    if (!patterns) {
        return not_a_code(row.source_code);
    }
    concept_map& map = result_.concept_maps_[std::string(row.map)];
    map.id_ = row.map;
    const concept_code target_code{target->uri, written_form(row.target_code, target->dot_after)};
    targets_[std::string(row.map)].emplace(target_code.code, place_);
    for (const code_pattern& one : *patterns) {
        const concept_map::row wanted{one, std::string(row.sender), target_code};
        if (std::ranges::find(map.rows_, wanted) != map.rows_.end()) {
            return "the map " + backticked(row.map) + " already leads from " + backticked(row.source_code) +
                   " to " + backticked(row.target_code);
        }
        map.rows_.push_back(wanted);
    }
    return std::nullopt;
}

terminology_builder::refusal terminology_builder::add_site(std::string_view id, std::string_view region) {
    if (id.empty() || region.empty()) {
        return "a site needs an id and a region";
    }
    if (result_.site_index(id)) {
        return "the site " + backticked(id) + " is already there";
    }
    result_.sites_.push_back({std::string(id), std::string(region)});
    return std::nullopt;
}

terminology_builder::refusal terminology_builder::add_unit(std::string_view name, std::string_view dimension,
                                                           std::string_view numerator,
                                                           std::string_view denominator) {
    const std::optional<std::int64_t> top = whole_number(numerator);
    const std::optional<std::int64_t> bottom = denominator.empty() ? 1 : whole_number(denominator);
    if (name.empty() || dimension.empty()) {
        return "a unit needs a name and a dimension";
    }
    if (!top || !bottom || *top == 0 || *bottom == 0) {
        return "numerator and denominator must be whole numbers above 0";
    }
    if (!result_.units_.emplace(lower_cased(name), unit{std::string(dimension), *top, *bottom}).second) {
        return "the unit " + backticked(name) + " is already there";
    }
    return std::nullopt;
}

terminology_builder::refusal terminology_builder::add_ome_factor(const ome_row& row) {
    if (row.drug.empty() || row.route.empty()) {
        return "a factor needs a drug and a route";
    }
    ome_factor factor;
    if (row.per == "mg") {
        factor.per = ome_factor::basis::dose;
    } else if (row.per == "ug/h") {
        factor.per = ome_factor::basis::rate;
    } else if (row.per != "not-computable") {
        return "`per` must be mg, ug/h or not-computable, not " + backticked(row.per);
    }
    const bool computable = factor.per != ome_factor::basis::not_computable;
    const std::optional<std::int64_t> thousandths = scaled_decimal(row.factor, thousand);
    const auto special = special_rates(row.special);
    if (computable != thousandths.has_value() || (!computable && !row.factor.empty())) {
        return computable ? "the factor must be a number such as 2.4, not " + backticked(row.factor)
                          : "what is not computable has no factor";
    }
    if (!special || (!special->empty() && factor.per != ome_factor::basis::rate)) {
        return "special strengths are written 12=30 (ug/h = mg a day), for factors per ug/h only";
    }
    factor.thousandths = thousandths.value_or(0);
    factor.special_rates = *special;
    ome_table& table =
        result_.ome_tables_.try_emplace(std::string(row.table), std::string(row.table)).first->second;
    if (!table.add(std::string(row.drug), std::string(row.route), std::move(factor))) {
        return backticked(row.drug) + " on the route " + backticked(row.route) + " is already in this table";
    }
    ome_drugs_.emplace(row.drug, place_);
    ome_routes_.emplace(row.route, place_);
    return std::nullopt;
}

terminology_builder::refusal terminology_builder::add_wear_time(std::string_view drug,
                                                                std::string_view strengths,
                                                                std::string_view hours) {
    const std::optional<std::int64_t> worn = whole_number(hours);
    if (drug.empty() || !worn || *worn == 0 || *worn > 24 * 366) {
        return "a wear time needs a drug and a whole number of hours above 0";
    }
    wear_time row{std::string(drug), {}, static_cast<int>(*worn)};
    for (const std::string_view word : words_of(strengths)) {
        const std::optional<std::int64_t> strength = scaled_decimal(word, thousand);
        if (!strength) {
            return backticked(word) + " is no strength in ug/h";
        }
        row.nanograms_per_hour.push_back(*strength);
    }
    result_.wear_times_.push_back(std::move(row));
    return std::nullopt;
}

void terminology_builder::set_place(std::string file, yaml::position where) {
    place_ = {std::move(file), where.line, where.column, {}};
}

const terminology_builder::places& terminology_builder::targets_of(std::string_view map) const {
    static const places none;
    const auto found = targets_.find(map);
    return found == targets_.end() ? none : found->second;
}

void terminology_builder::add_unmapped(std::string_view kind, std::string_view map, const places& words,
                                       const places& targets, std::vector<yaml::problem>& to) {
    const std::vector<std::string_view> known = keys_of(targets);
    for (const auto& [word, place] : words) {
        if (targets.contains(word) || targets.empty()) {
            continue;
        }
        yaml::problem& one = to.emplace_back(place);
        one.text = "the opioid tables name the " + std::string(kind) + " " + backticked(word) +
                   ", but no code leads to it in the map " + backticked(map) + yaml::suggestion(word, known);
    }
}

void terminology_builder::add_misspelt(std::string_view map, const places& targets, const places& words,
                                       std::vector<yaml::problem>& to) {
    const std::vector<std::string_view> known = keys_of(words);
    for (const auto& [word, place] : targets) {
        const std::string meant = words.contains(word) ? std::string() : yaml::suggestion(word, known);
        if (meant.empty()) {
            continue;
        }
        yaml::problem& one = to.emplace_back(place);
        one.text = "the map " + backticked(map) + " leads to " + backticked(word) +
                   ", which no opioid table names" + meant +
                   " If not, give it a line there, with `not-computable` when it has no factor";
    }
}

std::vector<yaml::problem> terminology_builder::contradictions() const {
    std::vector<yaml::problem> result;
    const places& drugs = targets_of(drugs_map);
    const places& routes = targets_of(routes_map);
    add_unmapped("drug", drugs_map, ome_drugs_, drugs, result);
    add_unmapped("route", routes_map, ome_routes_, routes, result);
    add_misspelt(drugs_map, drugs, ome_drugs_, result);
    add_misspelt(routes_map, routes, ome_routes_, result);
    std::vector<std::string_view> sites;
    for (const body_site& one : result_.sites()) {
        sites.push_back(one.id);
    }
    for (const auto& [word, place] : targets_of(sites_map)) {
        if (!result_.site_index(word)) {
            yaml::problem& one = result.emplace_back(place);
            one.text = "the map " + backticked(sites_map) + " leads to " + backticked(word) +
                       ", which the sites file does not have" + yaml::suggestion(word, sites);
        }
    }
    return result;
}

std::shared_ptr<const terminology> terminology_builder::build() {
    auto built = std::make_shared<const terminology>(std::move(result_));
    *this = {};
    return built;
}

} // namespace auditgate::mapping
