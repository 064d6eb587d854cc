#include "mapping/release/coarsen.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace auditgate::mapping {
namespace {

using fhir::json::value;

constexpr std::int64_t days_in_week = 7;
constexpr std::int64_t site_count_max = 4;

using effect = coarsening_setting::effect;

struct word_groups {
    std::string setting; // of `coarsen`
    std::string map;     // of the terminology: word to group
};

// What a destination chose of a setting of the definition; none when things stay as they are.
std::optional<std::string> chosen_value(const coarsening_setting& setting, const coarsening& how) {
    const auto chosen = how.named.find(setting.name);
    if (chosen == how.named.end() || chosen->second == setting.values.front()) {
        return std::nullopt;
    }
    return chosen->second;
}

bool sees_regions_only(const compiled_definition& definition, const coarsening& how) {
    return std::ranges::any_of(definition.coarsening, [&](const coarsening_setting& one) {
        return one.how == effect::regions && chosen_value(one, how);
    });
}

bool is_dropped(const compiled_definition& definition, const coarsening& how, std::string_view path) {
    return std::ranges::any_of(definition.coarsening, [&](const coarsening_setting& one) {
        return one.how == effect::drop && one.speaks_of(path) && chosen_value(one, how);
    });
}

// How the words of an item are to be grouped; none when its words leave as they are, or are no words.
std::optional<word_groups> groups_of(const item& one, const compiled_definition& definition,
                                     const coarsening& how) {
    switch (one.how) {
    case derivation::age_band:
        if (how.age == coarsening::age_form::twenty_years) {
            return word_groups{"age", "coarsen-age-20"};
        }
        break;
    case derivation::patient_sex:
        if (how.sex == coarsening::sex_form::binary_or_unknown) {
            return word_groups{"sex", "coarsen-sex-binary-or-unknown"};
        }
        break;
    case derivation::patient_ethnicity:
        if (how.ethnicity == coarsening::ethnicity_form::five_groups) {
            return word_groups{"ethnicity", "coarsen-ethnicity-5+1"};
        }
        break;
    default:
        break;
    }
    for (const coarsening_setting& setting : definition.coarsening) {
        const auto chosen = chosen_value(setting, how);
        if (setting.how == effect::groups && setting.speaks_of(one.path()) && chosen) {
            return word_groups{setting.name, "coarsen-" + setting.name + '-' + *chosen};
        }
    }
    return std::nullopt;
}

std::optional<std::string> group_of(const concept_map* map, std::string_view word) {
    return map == nullptr ? std::nullopt : map->word_for({"", std::string(word)});
}

class record_coarsener {
public:
    record_coarsener(const compiled_definition& definition, const coarsening& how)
        : definition_(definition), how_(how) {}

    value run(value record, const std::map<std::string, std::string>& provider_regions) const {
        if (how_.provider == coarsening::provider_form::region) {
            const auto region = provider_regions.find(std::string(record["provider_org"].text()));
            record.set("provider_org", region == provider_regions.end() ? value{} : value(region->second));
        }
        for (const item& one : definition_.items) {
            value* section = record.find(one.section);
            value* content = section == nullptr || one.name.empty() ? section : section->find(one.name);
            if (content != nullptr) {
                coarsen_item(one, *content);
            }
        }
        return record;
    }

private:
    void coarsen_item(const item& one, value& content) const {
        if (is_dropped(definition_, how_, one.path())) {
            content = {};
            return;
        }
        if (const auto groups = groups_of(one, definition_, how_); groups && !content.is_null()) {
            const auto group = group_of(definition_.codes->find_concept_map(groups->map), content.text());
            content = group ? value(*group) : value{};
        }
        switch (one.how) {
        case derivation::patient_ethnicity:
            if (how_.ethnicity == coarsening::ethnicity_form::drop) {
                content = {};
            }
            break;
        case derivation::period:
            if (how_.period == coarsening::period_form::year) {
                content = value(content.text().substr(0, content.text().find('-')));
            }
            break;
        case derivation::sites:
        case derivation::site_count:
        case derivation::session_codes:
            if (sees_regions_only(definition_, how_)) {
                coarsen_sites(one, content);
            }
            break;
        case derivation::days_since_event:
        case derivation::last_contact:
            coarsen_day(content);
            break;
        case derivation::time_points:
            for (value& row : content.items()) {
                coarsen_row(one, row);
            }
            break;
        case derivation::adverse_events:
            if (how_.days != coarsening::day_form::exact) {
                coarsen_events(content);
            }
            break;
        default:
            break; // says nothing finer than the settings allow
        }
    }

    // Towards 0: day -8 is -7, day 13 is 7.
    void coarsen_day(value& day) const {
        const std::optional<std::int64_t> exact = day.as_integer();
        if (how_.days == coarsening::day_form::week && exact) {
            day = value(*exact / days_in_week * days_in_week);
        } else if (how_.days == coarsening::day_form::window_only) {
            day = {};
        }
    }

    void coarsen_sites(const item& one, value& content) const {
        const terminology& codes = *definition_.codes;
        if (one.how == derivation::site_count) {
            if (const std::optional<std::int64_t> count = content.as_integer()) {
                content = value(std::min(*count, site_count_max));
            }
            return;
        }
        value kept = value::array();
        for (const value& entry : content.items()) {
            if (one.how == derivation::sites) {
                const std::optional<std::size_t> site = codes.site_index(entry.text());
                const value region = site ? value(codes.sites()[*site].region) : value{};
                if (site && (kept.size() == 0 || !(kept[kept.size() - 1] == region))) { // sites come in order
                    kept.push_back(region);
                }
            } else if (!names_site(one, entry.text())) {
                kept.push_back(entry);
            }
        }
        content = std::move(kept);
    }

    // The record shows a code without its system, which the item's own codes tell.
    bool names_site(const item& one, std::string_view code) const {
        const value_set* site_codes = definition_.codes->find_value_set(site_codes_set);
        if (site_codes == nullptr || site_codes->empty()) {
            return true; // for all that is known
        }
        for (const std::string& name : definition_.codes->code_system_names()) {
            const concept_code candidate = definition_.codes->normalise({name, std::string(code)});
            if (one.codes.contains(candidate) &&
                (site_codes->contains(candidate) || definition_.selection.site_codes.contains(candidate))) {
                return true;
            }
        }
        return false;
    }

    void coarsen_row(const item& rows, value& row) const {
        for (const assessment_block& block : definition_.blocks) {
            value* content = row.find(block.name);
            if (content == nullptr) {
                continue;
            }
            coarsen_member_day(*content, "day");
            for (const std::string& name : block.shown) {
                if (is_dropped(definition_, how_, rows.path() + '.' + block.name + '.' + name)) {
                    content->set(name, {});
                }
            }
        }
        if (value* opioid = row.find(definition_.opioid.name)) {
            coarsen_member_day(*opioid, "day");
        }
    }

    void coarsen_member_day(value& object, std::string_view name) const {
        if (value* day = object.find(name)) {
            coarsen_day(*day);
        }
    }

    void coarsen_events(value& events) const {
        value merged = value::array();
        for (value& event : events.items()) {
            coarsen_member_day(event, "onset_day");
            const auto same = std::ranges::find_if(merged.items(), [&](const value& other) {
                return other["category"] == event["category"] && other["onset_day"] == event["onset_day"];
            });
            if (same == merged.items().end()) {
                merged.push_back(event);
            } else {
                merge_event(*same, event);
            }
        }
        std::ranges::stable_sort(merged.items(), {}, [](const value& event) {
            return std::pair(event["onset_day"].as_integer().value_or(0), event["category"].text());
        });
        events = std::move(merged);
    }

    void merge_event(value& into, const value& other) const {
        if (other["ctcae_grade"].as_integer().value_or(0) > into["ctcae_grade"].as_integer().value_or(0)) {
            into.set("ctcae_grade", other["ctcae_grade"]);
        }
        const auto rank = [&](const value& event) {
            return std::ranges::find(definition_.safety.relatedness, event["relatedness"].text());
        };
        if (rank(other) < rank(into)) {
            into.set("relatedness", other["relatedness"]);
        }
    }

    const compiled_definition& definition_;
    const coarsening& how_;
};

} // namespace

value coarsened(value record, const compiled_definition& definition, const coarsening& how,
                const std::map<std::string, std::string>& provider_regions) {
    return record_coarsener(definition, how).run(std::move(record), provider_regions);
}

namespace {

// Tells problems at the settings of one destination.
class coarsening_checker {
public:
    coarsening_checker(const destination_settings& destination, yaml::problem_sink& problems)
        : destination_(destination), problems_(problems) {}

    void settings(std::span<const std::shared_ptr<const compiled_definition>> definitions) {
        std::vector<std::string_view> known(general_coarsening.begin(), general_coarsening.end());
        for (const auto& definition : definitions) {
            for (const coarsening_setting& one : definition->coarsening) {
                known.push_back(one.name);
                value_of(one);
            }
        }
        for (const auto& [name, chosen] : destination_.coarsen.named) {
            if (std::ranges::find(known, name) == known.end()) {
                problems_.add(where(name), "unknown key `" + name + "` in coarsen" +
                                               yaml::suggestion(name, known) +
                                               "; no dataset of this destination has such a setting");
            }
        }
    }

    void terminology_of(const compiled_definition& definition) {
        for (const item& one : definition.items) {
            if (const auto groups = groups_of(one, definition, destination_.coarsen)) {
                map_of(definition, one, *groups);
            }
        }
        const value_set* site_codes = definition.codes->find_value_set(site_codes_set);
        if (definition.find(derivation::session_codes) == nullptr ||
            (site_codes != nullptr && !site_codes->empty())) {
            return;
        }
        for (const coarsening_setting& one : definition.coarsening) {
            if (one.how == effect::regions && chosen_value(one, destination_.coarsen)) {
                lacks(one.name, "the terminology needs a value set `" + std::string(site_codes_set) +
                                    "` with the codes that tell a site");
            }
        }
    }

private:
    [[nodiscard]] yaml::position where(std::string_view setting) const {
        const auto at = destination_.coarsen_at.find(setting);
        return at == destination_.coarsen_at.end() ? yaml::position{} : at->second;
    }

    void lacks(std::string_view setting, const std::string& what) {
        problems_.add(where(setting), "to coarsen `" + std::string(setting) + "` so, " + what);
    }

    void value_of(const coarsening_setting& setting) {
        const auto chosen = destination_.coarsen.named.find(setting.name);
        if (chosen == destination_.coarsen.named.end() ||
            std::ranges::find(setting.values, chosen->second) != setting.values.end() ||
            !without_value_.insert(setting.name).second) {
            return;
        }
        std::string allowed;
        for (const std::string& one : setting.values) {
            allowed += (allowed.empty() ? "`" : ", `") + one + '`';
        }
        const std::vector<std::string_view> known(setting.values.begin(), setting.values.end());
        problems_.add(where(setting.name), '`' + setting.name + "` must be one of " + allowed +
                                               yaml::suggestion(chosen->second, known));
    }

    void map_of(const compiled_definition& definition, const item& one, const word_groups& groups) {
        if (without_value_.contains(groups.setting)) {
            return; // told already
        }
        const concept_map* map = definition.codes->find_concept_map(groups.map);
        if (map == nullptr) {
            lacks(groups.setting, "the terminology needs a map `" + groups.map + "`");
            return;
        }
        for (const std::string& word : one.possible_words()) {
            if (!group_of(map, word)) {
                lacks(groups.setting, "the map `" + groups.map + "` of the terminology needs a line for `" +
                                          word + "`, a word of " + one.path());
            }
        }
    }

    const destination_settings& destination_;
    yaml::problem_sink& problems_;
    std::set<std::string> without_value_; // settings whose value is none of theirs
};

} // namespace

void check_coarsening(const destination_settings& destination,
                      std::span<const std::shared_ptr<const compiled_definition>> definitions,
                      yaml::problem_sink& problems) {
    coarsening_checker checker(destination, problems);
    checker.settings(definitions);
    for (const auto& definition : definitions) {
        checker.terminology_of(*definition);
    }
}

} // namespace auditgate::mapping
